use std::fmt;
use std::str::FromStr;

/// How much a call matters, where not all can be served.
///
/// ```
/// use gonex_resilience::shed::Priority;
///
/// assert!(Priority::Critical > Priority::Low);
/// assert_eq!("high".parse(), Ok(Priority::High));
/// assert_eq!(Priority::default(), Priority::Normal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Priority {
    /// Can wait or be left out: prefetching, reports.
    Low,
    /// As most are.
    #[default]
    Normal,
    /// Somebody waits for it, or pays for it.
    High,
    /// The rest is worth nothing without it: health checks, logins, payments.
    Critical,
}

impl Priority {
    /// All of them, the lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Critical];

    /// How many are below it.
    pub(super) fn rank(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

impl FromStr for Priority {
    /// What would have been understood, in words.
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|priority| priority.to_string() == name);
        named.ok_or_else(|| "one of low, normal, high, critical".to_owned())
    }
}
