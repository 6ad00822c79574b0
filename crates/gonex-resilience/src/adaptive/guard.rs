use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::policy::Shared;
use super::{AdaptiveLimit, AdaptivePermit, SampledPermit};
use crate::breaker::Classify;
use crate::bulkhead::{BulkheadPermit, EnterBulkhead, Full};
use crate::call::{Admission, Guarded, Once};
use crate::retry::IntoAttempt;

/// The kind of [`AdaptiveLimit::acquire`].
///
/// # Cancel safety
/// Dropped before it is done, it has taken nothing and has left the line.
#[must_use = "nothing is waited for until it is awaited or blocked on"]
pub struct EnterAdaptive {
    shared: Arc<Shared>,
    enter: EnterBulkhead,
}

impl fmt::Debug for EnterAdaptive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterAdaptive").field("enter", &self.enter).finish_non_exhaustive()
    }
}

impl EnterAdaptive {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let enter = shared.entry.acquire(1).into_kind();
        Self { shared, enter }
    }

    fn admitted(&self, entered: Result<BulkheadPermit, Full>) -> Result<AdaptivePermit, Full> {
        self.shared.admitted(entered)
    }
}

impl Kind for EnterAdaptive {
    type Output = Result<AdaptivePermit, Full>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let entered = self.enter.attempt()?;
        Some(self.admitted(entered))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Poll::Ready(entered) = Pin::new(&mut self.enter).poll(cx) else { return Poll::Pending };
        Poll::Ready(self.admitted(entered))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let entered = Pin::new(&mut self.enter).stop(stop);
        self.admitted(entered)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.enter.subject()
    }
}

/// Lets a call through an [`AdaptiveLimit`] in.
#[derive(Debug)]
pub struct AdaptiveGuard<C> {
    enter: EnterAdaptive,
    /// Taken when it is let in.
    classify: Option<C>,
}

impl<C: Clone> AdaptiveGuard<C> {
    pub(crate) fn new(limit: &AdaptiveLimit<C>) -> Self {
        let enter = EnterAdaptive::new(limit.shared.clone());
        Self { enter, classify: Some(limit.classify.clone()) }
    }
}

/// What tells results apart is only moved.
impl<C> Unpin for AdaptiveGuard<C> {}

impl<C> Admission for AdaptiveGuard<C> {
    type Permit = SampledPermit<C>;
    type Refusal = Full;

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<SampledPermit<C>, Full>> {
        let Poll::Ready(entered) = Pin::new(&mut self.enter).poll(cx) else { return Poll::Pending };
        let permit = match entered {
            Ok(permit) => permit,
            Err(full) => return Poll::Ready(Err(full)),
        };
        let Some(classify) = self.classify.take() else { unreachable!("a call is let in once") };
        Poll::Ready(Ok(SampledPermit { permit, classify }))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Full {
        // A place that came just now is given back: the call has not begun.
        match Pin::new(&mut self.enter).stop(stop.clone()) {
            Err(full) => full,
            Ok(_) => Full::Stopped(stop),
        }
    }

    fn subject(&self) -> Subject {
        self.enter.subject()
    }
}

/// Calls.
impl<C: Clone> AdaptiveLimit<C> {
    /// Calls a closure if it is let in, for which it waits as the settings allow. It returns a `Result`, or a
    /// future of one.
    ///
    /// # Cancel safety
    /// Dropped while it waits, it leaves the line. A call that is dropped or cancelled while it runs does not
    /// count, and one that a time-out of the operation ends was too much for the service.
    ///
    /// # Errors
    /// [`CallError::Refused`](crate::CallError) as [`acquire`](Self::acquire) says, and what the call itself
    /// fails with.
    ///
    /// # Panics
    /// A panic of the closure goes through, and does not count.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// assert_eq!(limit.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// assert_eq!(limit.call(|| async { "8".parse::<u32>() }).block(), Ok(8));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<Guarded<AdaptiveGuard<C>, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
        C: Classify<O::Value, O::Error>,
    {
        Op::new(Guarded::new(AdaptiveGuard::new(self), Once::new(work)))
    }
}
