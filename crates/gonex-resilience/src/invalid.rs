use std::fmt;

/// Says what is wrong with a configuration: all of it at once.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::RetryConfig;
///
/// let config =
///     RetryConfig { max_attempts: Some(0), max_delay: Duration::ZERO, ..RetryConfig::default() };
/// let invalid = config.validate().unwrap_err();
/// let fields: Vec<_> = invalid.problems().iter().map(|problem| problem.field()).collect();
/// assert_eq!(fields, ["max_delay", "max_attempts"]);
/// assert!(invalid.to_string().contains("`max_attempts` = 0: "), "{invalid}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConfig {
    problems: Vec<Problem>,
}

impl InvalidConfig {
    /// What is wrong, field by field; at least one.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert_eq!(invalid.problems().len(), 1);
    /// ```
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether this field is among those that are wrong.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert!(invalid.names("max_attempts") && !invalid.names("jitter"));
    /// ```
    #[must_use]
    pub fn names(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used: ")?;
        for (index, problem) in self.problems.iter().enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidConfig {}

/// Says what is wrong with one field: its value, why, and what would do.
///
/// ```
/// use gonex_resilience::Problems;
///
/// let mut problems = Problems::default();
/// problems.add("max_attempts", 0, "no call would ever be made", "at least 1, the first call");
/// let invalid = problems.finish().unwrap_err();
/// assert_eq!(
///     invalid.problems()[0].to_string(),
///     "`max_attempts` = 0: no call would ever be made; what would do: at least 1, the first call",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: String,
    value: String,
    reason: String,
    remedy: String,
}

impl Problem {
    /// The field's name.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert_eq!(invalid.problems()[0].field(), "max_attempts");
    /// ```
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Its value, as it is written.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert_eq!(invalid.problems()[0].value(), "0");
    /// ```
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Why it cannot be used.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert_eq!(invalid.problems()[0].reason(), "no call would ever be made");
    /// ```
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What would do instead.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let invalid = Retry::fixed().max_attempts(0).validate().unwrap_err();
    /// assert_eq!(invalid.problems()[0].remedy(), "at least 1, which is the first call");
    /// ```
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, value, reason, remedy } = self;
        write!(f, "`{field}` = {value}: {reason}; what would do: {remedy}")
    }
}

/// Collects what is wrong with a configuration; for those who write one.
///
/// ```
/// use gonex_resilience::Problems;
///
/// assert!(Problems::default().finish().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "problems that nobody finishes are forgotten"]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Adds a field that is wrong, unless something has been said about it before: what follows from
    /// a wrong value is no news.
    ///
    /// ```
    /// use gonex_resilience::Problems;
    ///
    /// let mut problems = Problems::default();
    /// problems.add("size", -1, "it is negative", "0 or more");
    /// problems.add("size", -1, "it is odd", "an even one");
    /// assert_eq!(problems.finish().unwrap_err().problems().len(), 1);
    /// ```
    pub fn add(
        &mut self,
        field: &str,
        value: impl fmt::Display,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if !self.found.iter().any(|problem| problem.field == field) {
            self.found.push(Problem {
                field: field.to_owned(),
                value: value.to_string(),
                reason: reason.into(),
                remedy: remedy.into(),
            });
        }
    }

    /// Adds all that is wrong with a part, or with the same configuration looked at in another way.
    ///
    /// ```
    /// use gonex_resilience::{Problems, Retry};
    ///
    /// let mut problems = Problems::default();
    /// problems.add_all(Retry::fixed().max_attempts(0).validate());
    /// assert!(problems.finish().unwrap_err().names("max_attempts"));
    /// ```
    pub fn add_all(&mut self, checked: Result<(), InvalidConfig>) {
        for problem in checked.err().into_iter().flat_map(|invalid| invalid.problems) {
            self.add(&problem.field, problem.value, problem.reason, problem.remedy);
        }
    }

    /// Says whether nothing was wrong.
    ///
    /// # Errors
    /// All that was added, in that order.
    ///
    /// ```
    /// use gonex_resilience::Problems;
    ///
    /// let mut problems = Problems::default();
    /// problems.add("size", -1, "it is negative", "0 or more");
    /// assert!(problems.finish().is_err());
    /// ```
    pub fn finish(self) -> Result<(), InvalidConfig> {
        if self.found.is_empty() { Ok(()) } else { Err(InvalidConfig { problems: self.found }) }
    }
}
