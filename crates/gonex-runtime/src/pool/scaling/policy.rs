use super::metrics::ScalingMetrics;

/// Decides how many workers a pool should have.
///
/// It is asked by one thread at a time, outside the lock of the pool. One that panics is asked no more,
/// and the pool tells that as an event.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::Pool;
/// use gonex_runtime::pool::scaling::{Decision, ScalingMetrics, ScalingPolicy};
///
/// /// A worker for every ten tasks.
/// struct ByTens;
///
/// impl ScalingPolicy for ByTens {
///     fn name(&self) -> &str {
///         "by tens"
///     }
///
///     fn decide(&mut self, metrics: &ScalingMetrics) -> Decision {
///         let tasks = metrics.queued + metrics.running;
///         Decision::to(tasks.div_ceil(10), format!("{tasks} tasks"))
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Pool::builder().scale(1..=4).scaling(ByTens).build(|n: u32| n)?;
/// assert_eq!(pool.worker_count(), 1);
/// # Ok(())
/// # }
/// ```
pub trait ScalingPolicy: Send {
    /// What reports call it.
    fn name(&self) -> &str;

    /// Decides, from what has happened since the last time.
    fn decide(&mut self, metrics: &ScalingMetrics) -> Decision;

    /// Whether it goes by how busy the machine is, which has to be looked up then.
    fn wants_machine(&self) -> bool {
        true
    }
}

/// What a [`ScalingPolicy`] wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// As many workers as there are.
    Stay,
    /// Another number of them. The pool keeps to its bounds.
    To {
        /// How many there should be.
        workers: usize,
        /// Why, for events.
        reason: String,
    },
}

impl Decision {
    /// Wants so many workers, and says why.
    #[must_use]
    pub fn to(workers: usize, reason: impl Into<String>) -> Self {
        Self::To { workers, reason: reason.into() }
    }
}

impl ScalingPolicy for Box<dyn ScalingPolicy> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn decide(&mut self, metrics: &ScalingMetrics) -> Decision {
        (**self).decide(metrics)
    }

    fn wants_machine(&self) -> bool {
        (**self).wants_machine()
    }
}
