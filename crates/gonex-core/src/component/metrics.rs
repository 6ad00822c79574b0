use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::Snapshot;

/// The numbers of a component, or of several, by name.
///
/// ```
/// use gonex_core::component::Metrics;
///
/// let one = Metrics::new().with_count("jobs", 3).with_gauge("queued", 1.0);
/// let other = Metrics::new().with_count("jobs", 4);
/// let mut both = one;
/// both.add(&other);
/// assert_eq!((both.count("jobs"), both.value("queued")), (Some(7), Some(1.0)));
/// assert_eq!(both.to_string(), "jobs 7\nqueued 1\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    values: BTreeMap<Cow<'static, str>, Metric>,
}

/// One number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// How often something has happened.
    Count(u64),
    /// How much of something there is.
    Gauge(f64),
}

impl Metric {
    /// The number, of whichever kind; counts beyond 2^53 are rounded.
    ///
    /// ```
    /// use gonex_core::component::Metric;
    ///
    /// assert_eq!(Metric::Count(7).value(), Metric::Gauge(7.0).value());
    /// ```
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Gauge(value) => value,
        }
    }

    /// The sum of two. Counts end at the largest number there is; of two kinds it is a gauge.
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(one), Self::Count(other)) => Self::Count(one.saturating_add(other)),
            (one, other) => Self::Gauge(one.value() + other.value()),
        }
    }
}

impl Metrics {
    /// No numbers.
    ///
    /// ```
    /// assert!(gonex_core::component::Metrics::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with a count added to what is there under its name.
    ///
    /// ```
    /// use gonex_core::component::Metrics;
    ///
    /// let metrics = Metrics::new().with_count("jobs", 3).with_count("jobs", 4);
    /// assert_eq!(metrics.count("jobs"), Some(7));
    /// ```
    #[must_use]
    pub fn with_count(mut self, name: impl Into<Cow<'static, str>>, count: u64) -> Self {
        self.insert(name.into(), Metric::Count(count));
        self
    }

    /// The same, with a gauge added to what is there under its name.
    ///
    /// ```
    /// use gonex_core::component::Metrics;
    ///
    /// assert_eq!(Metrics::new().with_gauge("load", 0.5).value("load"), Some(0.5));
    /// ```
    #[must_use]
    pub fn with_gauge(mut self, name: impl Into<Cow<'static, str>>, value: f64) -> Self {
        self.insert(name.into(), Metric::Gauge(value));
        self
    }

    /// Adds the numbers of another, each to the one of the same name.
    ///
    /// ```
    /// use gonex_core::component::Metrics;
    ///
    /// let mut sum = Metrics::new();
    /// for jobs in [1, 2, 3] {
    ///     sum.add(&Metrics::new().with_count("jobs", jobs));
    /// }
    /// assert_eq!(sum.count("jobs"), Some(6));
    /// ```
    pub fn add(&mut self, other: &Self) {
        for (name, metric) in &other.values {
            self.insert(name.clone(), *metric);
        }
    }

    fn insert(&mut self, name: Cow<'static, str>, metric: Metric) {
        let sum = self.values.get(&name).map_or(metric, |known| known.plus(metric));
        self.values.insert(name, sum);
    }

    /// The count of this name; `None` also for a gauge.
    ///
    /// ```
    /// assert_eq!(gonex_core::component::Metrics::new().count("jobs"), None);
    /// ```
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.values.get(name) {
            Some(Metric::Count(count)) => Some(*count),
            _ => None,
        }
    }

    /// The number of this name, of whichever kind.
    ///
    /// ```
    /// use gonex_core::component::Metrics;
    ///
    /// assert_eq!(Metrics::new().with_count("jobs", 3).value("jobs"), Some(3.0));
    /// ```
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.get(name).map(|metric| metric.value())
    }

    /// All numbers, in the order of their names.
    ///
    /// ```
    /// use gonex_core::component::{Metric, Metrics};
    ///
    /// let metrics = Metrics::new().with_count("b", 2).with_gauge("a", 1.0);
    /// let all: Vec<_> = metrics.iter().collect();
    /// assert_eq!(all, [("a", Metric::Gauge(1.0)), ("b", Metric::Count(2))]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, Metric)> {
        self.values.iter().map(|(name, metric)| (&**name, *metric))
    }

    /// How many numbers there are.
    ///
    /// ```
    /// assert_eq!(gonex_core::component::Metrics::new().with_count("jobs", 0).len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// assert!(gonex_core::component::Metrics::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn into_snapshot(self) -> Snapshot {
        let snapshot = |metric| match metric {
            Metric::Count(count) => Snapshot::UInt(count),
            Metric::Gauge(value) => Snapshot::Float(value),
        };
        let entries = self.values.into_iter();
        Snapshot::Map(entries.map(|(name, metric)| (name, snapshot(metric))).collect())
    }
}

/// A line for each number.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.iter().try_for_each(|(name, metric)| match metric {
            Metric::Count(count) => writeln!(f, "{name} {count}"),
            Metric::Gauge(value) => writeln!(f, "{name} {value}"),
        })
    }
}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Metrics {
    fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.clone().into_snapshot().serialize(to)
    }
}
