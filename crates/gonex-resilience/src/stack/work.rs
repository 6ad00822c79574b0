//! Work with a policy around it, which is work again. It is cloned for each attempt of a retry outside,
//! and shares what it does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::Op;

use crate::adaptive::AdaptiveGuard;
use crate::breaker::BreakerGuard;
use crate::bulkhead::BulkheadGuard;
use crate::call::{Admission, Attempted, CallError, Guarded, Settle};
use crate::chaos::ChaosGuard;
use crate::fallback::{FallbackCall, Recover};
use crate::hedge::HedgeCall;
use crate::limit::{LimiterGuard, Meter};
use crate::retry::{Attempt, Call, IntoAttempt, RetryError, Rules, Work};
use crate::shed::{Ranked, RankedCall, ShedGuard};
use crate::timeout::{TimeoutCall, TimeoutError};
use crate::{
    AdaptiveLimit, Bulkhead, Chaos, CircuitBreaker, Fallback, Hedge, Limiter, Retry, Timeout,
};

/// A closure that several attempts share.
pub struct SharedWork<F, M> {
    work: Arc<F>,
    marker: PhantomData<fn() -> M>,
}

impl<F, M> SharedWork<F, M> {
    pub(super) fn new(work: F) -> Self {
        Self { work: Arc::new(work), marker: PhantomData }
    }
}

impl<F, M> Clone for SharedWork<F, M> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone(), marker: PhantomData }
    }
}

impl<F, M> fmt::Debug for SharedWork<F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedWork")
    }
}

impl<F, M, O> Work for SharedWork<F, M>
where
    F: Fn() -> O,
    O: IntoAttempt<M>,
{
    type Value = O::Value;
    type Error = O::Error;
    type Attempt = O::Attempt;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> O::Attempt {
        (self.work)().into_attempt()
    }

    #[inline]
    fn attempt_at_once(&mut self, _: &Attempt) -> Result<Result<O::Value, O::Error>, O::Attempt> {
        (self.work)().at_once()
    }
}

/// Work with retries around it.
#[derive(Clone, Debug)]
pub struct RetryWork<W, R> {
    pub(super) inner: W,
    pub(super) retry: Retry<R>,
}

impl<W: Work + Clone, R: Rules<W::Error> + Clone> Work for RetryWork<W, R> {
    type Value = W::Value;
    type Error = RetryError<W::Error>;
    type Attempt = Op<Call<W, R>>;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> Self::Attempt {
        self.retry.run(self.inner.clone())
    }
}

/// Work with hedges around it.
#[derive(Clone, Debug)]
pub struct HedgeWork<W> {
    pub(super) inner: W,
    pub(super) hedge: Hedge,
}

impl<W: Work + Clone> Work for HedgeWork<W> {
    type Value = W::Value;
    type Error = W::Error;
    type Attempt = Op<HedgeCall<W>>;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> Self::Attempt {
        self.hedge.run(self.inner.clone())
    }
}

/// What lets calls in.
pub trait Guards {
    /// What lets one call in.
    type Admission: Admission;

    /// Begins to let one in.
    fn admit(&self) -> Self::Admission;
}

impl<C: Clone> Guards for CircuitBreaker<C> {
    type Admission = BreakerGuard<C>;

    fn admit(&self) -> BreakerGuard<C> {
        BreakerGuard::new(self)
    }
}

/// Refuses at once where there is no token.
impl<M: Meter> Guards for Limiter<M> {
    type Admission = LimiterGuard<M>;

    fn admit(&self) -> LimiterGuard<M> {
        LimiterGuard::tries(self)
    }
}

impl Guards for Bulkhead {
    type Admission = BulkheadGuard;

    fn admit(&self) -> BulkheadGuard {
        BulkheadGuard::waits(self, 1)
    }
}

/// Waits in line where its settings allow that.
impl<C: Clone> Guards for AdaptiveLimit<C> {
    type Admission = AdaptiveGuard<C>;

    fn admit(&self) -> AdaptiveGuard<C> {
        AdaptiveGuard::new(self)
    }
}

/// Each call is as old as its admission.
impl Guards for Ranked {
    type Admission = ShedGuard;

    fn admit(&self) -> ShedGuard {
        ShedGuard::new(&self.shedder, self.priority, Duration::ZERO)
    }
}

impl Guards for RankedCall {
    type Admission = ShedGuard;

    fn admit(&self) -> ShedGuard {
        self.attempt()
    }
}

impl Guards for Chaos {
    type Admission = ChaosGuard;

    fn admit(&self) -> ChaosGuard {
        ChaosGuard::new(self)
    }
}

/// A limiter that has calls wait for their token.
#[derive(Debug)]
pub struct Paced<M: Meter>(pub(super) Limiter<M>);

#[cfg(feature = "tower")]
impl<M: Meter> Paced<M> {
    pub(crate) fn new(limiter: Limiter<M>) -> Self {
        Self(limiter)
    }
}

impl<M: Meter> Clone for Paced<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Meter> Guards for Paced<M> {
    type Admission = LimiterGuard<M>;

    fn admit(&self) -> LimiterGuard<M> {
        LimiterGuard::waits(&self.0)
    }
}

/// Work that something lets in.
#[derive(Clone, Debug)]
pub struct GuardWork<W, G> {
    pub(super) inner: W,
    pub(super) guards: G,
}

impl<W, G> Work for GuardWork<W, G>
where
    W: Work + Clone,
    G: Guards,
    <G::Admission as Admission>::Permit: Settle<W::Value, W::Error>,
{
    type Value = W::Value;
    type Error = CallError<<G::Admission as Admission>::Refusal, W::Error>;
    type Attempt = Op<Guarded<G::Admission, Attempted<W>>>;

    const LOOKS: bool = W::LOOKS;

    fn attempt(&mut self, attempt: &Attempt) -> Self::Attempt {
        let start = Attempted { work: self.inner.clone(), attempt: attempt.clone() };
        Op::new(Guarded::new(self.guards.admit(), start))
    }
}

/// Work with a time-out around it.
#[derive(Clone, Debug)]
pub struct TimeoutWork<W> {
    pub(super) inner: W,
    pub(super) timeout: Timeout,
}

impl<W: Work + Clone> Work for TimeoutWork<W> {
    type Value = W::Value;
    type Error = TimeoutError<W::Error>;
    type Attempt = Op<TimeoutCall<Attempted<W>>>;

    const LOOKS: bool = W::LOOKS;

    fn attempt(&mut self, attempt: &Attempt) -> Self::Attempt {
        self.timeout.run(Attempted { work: self.inner.clone(), attempt: attempt.clone() })
    }
}

/// Work with a fallback around it.
#[derive(Clone, Debug)]
pub struct FallbackWork<W, R> {
    pub(super) inner: W,
    pub(super) fallback: Fallback<R>,
}

impl<W, R> Work for FallbackWork<W, R>
where
    W: Work + Clone,
    R: Recover<W::Value, W::Error> + Clone,
{
    type Value = W::Value;
    type Error = R::Error;
    type Attempt = Op<FallbackCall<Attempted<W>, R>>;

    fn attempt(&mut self, attempt: &Attempt) -> Self::Attempt {
        let start = Attempted { work: self.inner.clone(), attempt: attempt.clone() };
        Op::new(FallbackCall::new(&self.fallback, start))
    }
}
