use std::fmt;

/// How well a component works, from good to bad.
///
/// ```
/// use gonex_core::component::Health;
///
/// let health = Health::degraded("1 of 4 workers is being restarted");
/// assert_eq!(health.to_string(), "degraded: 1 of 4 workers is being restarted");
/// assert!(Health::Healthy < health && health < Health::unhealthy("no worker is left"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Health {
    /// It does all it should.
    #[default]
    Healthy,
    /// It does what it should, but worse: with fewer workers, or by way of a fallback.
    Degraded(String),
    /// It does not do what it should.
    Unhealthy(String),
}

impl Health {
    /// Says that a component works worse, and why.
    ///
    /// ```
    /// use gonex_core::component::Health;
    ///
    /// assert_eq!(Health::degraded("slow disk").reason(), Some("slow disk"));
    /// ```
    #[must_use]
    pub fn degraded(reason: impl Into<String>) -> Self {
        Self::Degraded(reason.into())
    }

    /// Says that a component does not work, and why.
    ///
    /// ```
    /// use gonex_core::component::Health;
    ///
    /// assert!(!Health::unhealthy("no disk").is_healthy());
    /// ```
    #[must_use]
    pub fn unhealthy(reason: impl Into<String>) -> Self {
        Self::Unhealthy(reason.into())
    }

    /// Whether nothing is wrong.
    ///
    /// ```
    /// assert!(gonex_core::component::Health::Healthy.is_healthy());
    /// ```
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        *self == Self::Healthy
    }

    /// What is wrong, if anything is.
    ///
    /// ```
    /// assert_eq!(gonex_core::component::Health::Healthy.reason(), None);
    /// ```
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Healthy => None,
            Self::Degraded(reason) | Self::Unhealthy(reason) => Some(reason),
        }
    }

    /// The same, with the reason told of a component by name.
    pub(super) fn of(self, name: &str) -> Self {
        match self {
            Self::Healthy => Self::Healthy,
            Self::Degraded(reason) => Self::Degraded(format!("{name}: {reason}")),
            Self::Unhealthy(reason) => Self::Unhealthy(format!("{name}: {reason}")),
        }
    }

    /// Which of the three it is, without the reason.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded(_) => "degraded",
            Self::Unhealthy(_) => "unhealthy",
        }
    }

    /// The step from good to bad it stands on: reasons do not count.
    pub(super) fn step(&self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Degraded(_) => 1,
            Self::Unhealthy(_) => 2,
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self.reason() {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}
