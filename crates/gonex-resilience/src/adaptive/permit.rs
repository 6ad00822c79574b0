use std::fmt;
use std::sync::Arc;

use gonex_core::Stop;

use super::policy::Shared;
use super::window::Sample;
use crate::breaker::{Classify, Outcome};
use crate::bulkhead::BulkheadPermit;
use crate::call::Settle;

/// One call that an adaptive limit has let in. It says in the end how that went; dropped without a word it
/// does not count.
#[must_use = "a permit that is dropped says that its call does not count"]
pub struct AdaptivePermit {
    /// Goes last, when it has been said how it went: whoever comes next finds the new limit.
    _place: BulkheadPermit,
    /// Taken when it ends.
    shared: Option<Arc<Shared>>,
    began: u64,
    /// How many ran when it began, itself included.
    running: usize,
}

impl fmt::Debug for AdaptivePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptivePermit").field("running", &self.running).finish_non_exhaustive()
    }
}

impl AdaptivePermit {
    pub(super) fn new(shared: Arc<Shared>, place: BulkheadPermit) -> Self {
        let running = shared.enter();
        let began = shared.time.now();
        Self { _place: place, shared: Some(shared), began, running }
    }

    /// Says that the call succeeded: how long it took counts.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.try_acquire().unwrap().success();
    /// assert_eq!(limit.metrics().succeeded, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn success(self) {
        self.end(Outcome::Success);
    }

    /// Says that the call was too much for the service: refused for that, or not answered in time.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.try_acquire().unwrap().dropped();
    /// assert_eq!(limit.metrics().dropped, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn dropped(self) {
        self.end(Outcome::Failure);
    }

    /// Says that the call does not count.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.try_acquire().unwrap().ignore();
    /// assert_eq!(limit.metrics().ignored, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn ignore(self) {
        self.end(Outcome::Ignored);
    }

    fn end(mut self, outcome: Outcome) {
        let Some(shared) = self.shared.take() else { return };
        let now = shared.time.now();
        let took = now.saturating_sub(self.began);
        let counters = &shared.counters;
        match outcome {
            Outcome::Success => {
                counters.succeeded.add(1);
                counters.total_time.add(took);
            }
            Outcome::Failure => counters.dropped.add(1),
            Outcome::Ignored => counters.ignored.add(1),
        }
        shared.leave();
        if outcome != Outcome::Ignored {
            let dropped = outcome == Outcome::Failure;
            shared.sample(Sample { now, took, running: self.running, dropped });
        }
    }
}

impl Drop for AdaptivePermit {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.counters.ignored.add(1);
            shared.leave();
        }
    }
}

/// The permit of a call, with what tells which results count.
#[derive(Debug)]
pub struct SampledPermit<C> {
    pub(super) permit: AdaptivePermit,
    pub(super) classify: C,
}

impl<T, E, C: Classify<T, E>> Settle<T, E> for SampledPermit<C> {
    fn settle(self, result: &Result<T, E>) {
        let Self { permit, classify } = self;
        // Of the program's own, and under no lock; should it panic, the permit is dropped.
        let outcome = classify.classify(result);
        permit.end(outcome);
    }

    /// One that its time-out ends has taken too long.
    fn stopped(self, stop: &Stop) {
        if *stop == Stop::Timeout {
            self.permit.dropped();
        }
    }
}
