use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::{AcquireTokens, Denied, Limiter, Meter};
use crate::call::{Admission, Guarded, Once};
use crate::retry::IntoAttempt;

/// Lets a call through a [`Limiter`] in, for one token.
pub struct LimiterGuard<M: Meter>(Way<M>);

enum Way<M: Meter> {
    Waits(AcquireTokens<M>),
    Tries(Limiter<M>),
    /// There is no limit.
    Free,
}

impl<M: Meter> fmt::Debug for LimiterGuard<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = matches!(self.0, Way::Waits(_));
        f.debug_struct("LimiterGuard").field("waits", &waits).finish()
    }
}

impl<M: Meter> LimiterGuard<M> {
    pub(crate) fn waits(limiter: &Limiter<M>) -> Self {
        Self(Way::Waits(AcquireTokens::new(limiter.shared.clone(), 1, None)))
    }

    pub(crate) fn free() -> Self {
        Self(Way::Free)
    }

    pub(crate) fn tries(limiter: &Limiter<M>) -> Self {
        Self(Way::Tries(limiter.clone()))
    }
}

impl<M: Meter> Admission for LimiterGuard<M> {
    type Permit = ();
    type Refusal = Denied;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Denied>> {
        match &mut self.0 {
            Way::Waits(acquire) => Pin::new(acquire).poll(cx),
            Way::Tries(limiter) => Poll::Ready(limiter.try_acquire(1)),
            Way::Free => Poll::Ready(Ok(())),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Denied {
        match &mut self.0 {
            Way::Waits(acquire) => match Pin::new(acquire).stop(stop.clone()) {
                Err(denied) => denied,
                Ok(()) => Denied::Stopped(stop),
            },
            Way::Tries(_) | Way::Free => Denied::Stopped(stop),
        }
    }

    fn subject(&self) -> Subject {
        match &self.0 {
            Way::Waits(acquire) => acquire.subject(),
            Way::Tries(_) | Way::Free => Subject::new("call through").of("limiter"),
        }
    }
}

/// Calls.
impl<M: Meter> Limiter<M> {
    /// Calls a closure once a token is there, for which it waits in line. It returns a `Result`, or a
    /// future of one.
    ///
    /// # Cancel safety
    /// Dropped while it waits, it has taken nothing. A call that has begun keeps its token.
    ///
    /// # Errors
    /// [`CallError::Refused`](crate::CallError) as [`acquire`](Self::acquire) says, and what the call
    /// itself fails with.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(10))?;
    /// assert_eq!(limiter.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// assert_eq!(limiter.call(|| async { "8".parse::<u32>() }).block(), Ok(8));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<Guarded<LimiterGuard<M>, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(LimiterGuard::waits(self), Once::new(work)))
    }

    /// Calls a closure if a token is there when the operation is first tried, and does not wait for one.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`Denied::NotYet`] says when it is worth trying again.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, std::time::Duration::from_secs(60)))?;
    /// assert_eq!(limiter.try_call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// assert!(limiter.try_call(|| Ok::<_, ()>(7)).block().is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn try_call<W, O, K>(&self, work: W) -> Op<Guarded<LimiterGuard<M>, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(LimiterGuard::tries(self), Once::new(work)))
    }
}
