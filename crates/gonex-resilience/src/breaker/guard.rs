use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Op, Stop};

use super::policy::Shared;
use super::{BreakerPermit, BreakerState, CallPermit, CircuitBreaker, Open};
use crate::CallError;
use crate::call::{Admission, Guarded, Once, Settle};
use crate::retry::IntoAttempt;

/// Why a call through a breaker did not yield a value.
pub type BreakerError<E> = CallError<Open, E>;

/// Lets a call through a [`CircuitBreaker`] in, or does not; it never waits.
pub struct BreakerGuard<C> {
    // What is needed of the breaker, without its name: each call has one.
    // Goes on to the permit.
    shared: Option<Arc<Shared>>,
    classify: C,
}

impl<C> fmt::Debug for BreakerGuard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BreakerGuard")
    }
}

impl<C> BreakerGuard<C> {
    pub(crate) fn new(breaker: &CircuitBreaker<C>) -> Self
    where
        C: Clone,
    {
        Self { shared: Some(breaker.shared.clone()), classify: breaker.classify.clone() }
    }
}

impl<C: Clone> BreakerGuard<C> {
    #[inline]
    fn admit(&mut self) -> Result<CallPermit<C>, Open> {
        let Some(shared) = self.shared.take() else { unreachable!("a call is let in once") };
        let call = shared.admit()?;
        let permit = BreakerPermit::new(shared, call);
        Ok(CallPermit { permit, classify: self.classify.clone() })
    }
}

// It points to nothing in itself; what tells failures from successes is not polled.
impl<C> Unpin for BreakerGuard<C> {}

impl<C: Clone> Admission for BreakerGuard<C> {
    type Permit = CallPermit<C>;
    type Refusal = Open;

    fn attempt(&mut self) -> Option<Result<CallPermit<C>, Open>> {
        Some(self.admit())
    }

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<CallPermit<C>, Open>> {
        Poll::Ready(self.get_mut().admit())
    }

    fn stop(self: Pin<&mut Self>, _: Stop) -> Open {
        // It never waits, so nothing can stop it before it is let in.
        Open { state: BreakerState::Closed, retry_after: None }
    }

    fn subject(&self) -> Subject {
        Subject::new("call through").of("circuit breaker")
    }
}

/// Calls.
impl<C: Clone> CircuitBreaker<C> {
    /// Calls a closure if the breaker lets it in. It returns a `Result`, or a future of one.
    ///
    /// # Cancel safety
    /// A call that is dropped or cancelled counts as [`Dropped`](super::Dropped) says, and one that a
    /// time-out of the operation ends has failed. Its place is free at once.
    ///
    /// # Errors
    /// [`CallError::Refused`] says when it is worth trying again; else what the call fails with.
    ///
    /// # Panics
    /// A panic of the closure goes through, and counts as a call that was dropped.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// assert_eq!(breaker.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// assert_eq!(breaker.call(|| async { "8".parse::<u32>() }).block(), Ok(8));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<Guarded<BreakerGuard<C>, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
        CallPermit<C>: Settle<O::Value, O::Error>,
    {
        Op::new(Guarded::new(BreakerGuard::new(self), Once::new(work)))
    }
}
