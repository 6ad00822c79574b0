use gonex_core::component::Metrics;

use super::Priority;
use crate::counted::Counter;

/// A number for each priority.
///
/// ```
/// use gonex_resilience::shed::{ByPriority, Priority};
///
/// let counted = ByPriority { low: 3, critical: 1, ..ByPriority::default() };
/// assert_eq!((counted.of(Priority::Low), counted.total()), (3, 4));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ByPriority {
    /// Of low priority.
    pub low: u64,
    /// Of normal priority.
    pub normal: u64,
    /// Of high priority.
    pub high: u64,
    /// Critical.
    pub critical: u64,
}

impl ByPriority {
    /// That of a priority.
    ///
    /// ```
    /// use gonex_resilience::shed::{ByPriority, Priority};
    ///
    /// assert_eq!(ByPriority { high: 3, ..ByPriority::default() }.of(Priority::High), 3);
    /// ```
    #[must_use]
    pub fn of(&self, priority: Priority) -> u64 {
        match priority {
            Priority::Low => self.low,
            Priority::Normal => self.normal,
            Priority::High => self.high,
            Priority::Critical => self.critical,
        }
    }

    /// All together.
    ///
    /// ```
    /// use gonex_resilience::shed::ByPriority;
    ///
    /// assert_eq!(ByPriority { high: 3, low: 1, ..ByPriority::default() }.total(), 4);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.low + self.normal + self.high + self.critical
    }
}

/// What a load shedder has counted, all its clones together.
///
/// ```
/// use gonex_resilience::LoadShedder;
/// use gonex_resilience::shed::{Priority, ShedConfig};
///
/// let shedder = LoadShedder::new(ShedConfig::default())?;
/// drop(shedder.try_acquire(Priority::High));
/// assert_eq!((shedder.metrics().admitted.high, shedder.metrics().shed().total()), (1, 0));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ShedMetrics {
    /// Calls that were let in.
    pub admitted: ByPriority,
    /// Calls that were refused because too many ran.
    pub full: ByPriority,
    /// Calls that were refused because calls waited for too long.
    pub late: ByPriority,
}

impl ShedMetrics {
    /// Calls that were refused, for whatever reason.
    ///
    /// ```
    /// use gonex_resilience::shed::ShedMetrics;
    ///
    /// assert_eq!(ShedMetrics::default().shed().total(), 0);
    /// ```
    #[must_use]
    pub fn shed(&self) -> ByPriority {
        let sum = |priority| self.full.of(priority) + self.late.of(priority);
        ByPriority {
            low: sum(Priority::Low),
            normal: sum(Priority::Normal),
            high: sum(Priority::High),
            critical: sum(Priority::Critical),
        }
    }

    pub(super) fn named(&self) -> Metrics {
        let mut named = Metrics::new();
        for (what, counted) in
            [("admitted", self.admitted), ("shed_full", self.full), ("shed_late", self.late)]
        {
            for priority in Priority::ALL {
                named = named.with_count(format!("{what}_{priority}"), counted.of(priority));
            }
        }
        named
    }
}

/// One counter for each priority.
#[derive(Debug, Default)]
pub(super) struct Counted([Counter; 4]);

impl Counted {
    pub(super) fn add(&self, priority: Priority) {
        self.0[priority.rank()].add(1);
    }

    fn read(&self) -> ByPriority {
        let [low, normal, high, critical] = &self.0;
        ByPriority {
            low: low.read(),
            normal: normal.read(),
            high: high.read(),
            critical: critical.read(),
        }
    }
}

/// The counters behind.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) admitted: Counted,
    pub(super) full: Counted,
    pub(super) late: Counted,
}

impl Counters {
    pub(super) fn read(&self) -> ShedMetrics {
        let Self { admitted, full, late } = self;
        ShedMetrics { admitted: admitted.read(), full: full.read(), late: late.read() }
    }

    pub(super) fn reset(&self) {
        let Self { admitted, full, late } = self;
        [admitted, full, late].into_iter().flat_map(|counted| &counted.0).for_each(Counter::reset);
    }
}
