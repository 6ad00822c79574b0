use std::fmt;
use std::sync::Arc;

use gonex_core::Stop;

use super::policy::{Admitted, Shared};
use super::{Classify, Outcome};
use crate::call::Settle;

/// One call that a breaker has let in; made by
/// [`CircuitBreaker::try_acquire`](super::CircuitBreaker::try_acquire).
///
/// Dropped without a word, its call has ended without a result: see [`Dropped`](super::Dropped).
#[must_use = "a permit that is dropped says that its call ended without a result"]
pub struct BreakerPermit {
    /// Taken when it ends.
    shared: Option<Arc<Shared>>,
    call: Admitted,
}

impl fmt::Debug for BreakerPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerPermit")
            .field("generation", &self.call.generation)
            .finish_non_exhaustive()
    }
}

impl BreakerPermit {
    pub(super) fn new(shared: Arc<Shared>, call: Admitted) -> Self {
        Self { shared: Some(shared), call }
    }

    /// Says that the call succeeded.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().success();
    /// assert_eq!(breaker.metrics().succeeded, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn success(self) {
        self.end(Outcome::Success);
    }

    /// Says that the call failed.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().failure();
    /// assert_eq!(breaker.metrics().failed, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn failure(self) {
        self.end(Outcome::Failure);
    }

    /// Says that the result does not count.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().ignore();
    /// assert_eq!(breaker.metrics().ignored, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn ignore(self) {
        self.end(Outcome::Ignored);
    }

    pub(super) fn end(mut self, outcome: Outcome) {
        if let Some(shared) = self.shared.take() {
            shared.ended(self.call, outcome);
        }
    }
}

impl Drop for BreakerPermit {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.dropped(self.call);
        }
    }
}

/// The permit of a call, with what tells failures from successes.
#[derive(Debug)]
pub struct CallPermit<C> {
    pub(super) permit: BreakerPermit,
    pub(super) classify: C,
}

impl<T, E, C: Classify<T, E>> Settle<T, E> for CallPermit<C> {
    fn settle(self, result: &Result<T, E>) {
        let Self { permit, classify } = self;
        // Of the program's own, and under no lock; should it panic, the permit is dropped.
        let outcome = classify.classify(result);
        permit.end(outcome);
    }

    fn stopped(self, stop: &Stop) {
        if *stop == Stop::Timeout {
            self.permit.end(Outcome::Failure);
        }
    }
}
