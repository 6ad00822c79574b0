//! The policies as layers.

use super::chain::Layer;
use super::described as say;
use super::work::{FallbackWork, GuardWork, Guards, HedgeWork, Paced, RetryWork, TimeoutWork};
use crate::breaker::BreakerState;
use crate::limit::{Gcra, LimiterGuard, Meter};
use crate::shed::{Ranked, RankedCall};
use crate::{
    AdaptiveLimit, Bulkhead, Chaos, CircuitBreaker, Fallback, Hedge, Limiter, Retry, Timeout,
    TokenBucket,
};

impl<W, R: Clone> Layer<W> for Retry<R> {
    type Work = RetryWork<W, R>;

    fn wrap(&self, inner: W) -> RetryWork<W, R> {
        RetryWork { inner, retry: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec![say::retry(&self.config())]
    }
}

impl<W> Layer<W> for Hedge {
    type Work = HedgeWork<W>;

    fn wrap(&self, inner: W) -> HedgeWork<W> {
        HedgeWork { inner, hedge: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec![say::hedge(&self.config())]
    }
}

impl<W, C: Clone> Layer<W> for AdaptiveLimit<C> {
    type Work = GuardWork<W, Self>;

    fn wrap(&self, inner: W) -> GuardWork<W, Self> {
        GuardWork { inner, guards: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec![say::adaptive(&self.config())]
    }
}

/// A call is wrapped when it is made, so its delay begins here.
impl<W> Layer<W> for Ranked {
    type Work = GuardWork<W, RankedCall>;

    fn wrap(&self, inner: W) -> GuardWork<W, RankedCall> {
        GuardWork { inner, guards: RankedCall::new(self) }
    }

    fn describe(&self) -> Vec<String> {
        vec![say::shed(&self.shedder.config(), self.priority)]
    }
}

impl<W> Layer<W> for Chaos {
    type Work = GuardWork<W, Self>;

    fn wrap(&self, inner: W) -> GuardWork<W, Self> {
        GuardWork { inner, guards: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec![if self.is_on() { say::chaos(&self.config()) } else { "chaos: off".to_owned() }]
    }
}

impl<W, C: Clone> Layer<W> for CircuitBreaker<C> {
    type Work = GuardWork<W, Self>;

    fn wrap(&self, inner: W) -> GuardWork<W, Self> {
        GuardWork { inner, guards: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        match self.state() {
            BreakerState::Disabled => vec!["breaker: none".to_owned()],
            _ => vec![say::breaker(&self.config())],
        }
    }
}

impl<W> Layer<W> for Timeout {
    type Work = TimeoutWork<W>;

    fn wrap(&self, inner: W) -> TimeoutWork<W> {
        TimeoutWork { inner, timeout: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        match self.limit_if_any() {
            Some(limit) => vec![format!("time-out: {} for each call", crate::span::show(limit))],
            None => vec!["time-out: none".to_owned()],
        }
    }
}

/// A fallback as a layer.
#[derive(Clone, Debug)]
pub struct FallbackLayer<R>(pub(super) Fallback<R>);

impl<W, R: Clone> Layer<W> for FallbackLayer<R> {
    type Work = FallbackWork<W, R>;

    fn wrap(&self, inner: W) -> FallbackWork<W, R> {
        FallbackWork { inner, fallback: self.0.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec!["fallback: what fails is made up for in another way".to_owned()]
    }
}

/// A limiter as a layer that refuses at once where there is no token.
#[derive(Debug)]
pub struct LimiterLayer<M: Meter>(pub(super) Limiter<M>);

impl<M: Meter> Clone for LimiterLayer<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W, M: Meter> Layer<W> for LimiterLayer<M> {
    type Work = GuardWork<W, Limiter<M>>;

    fn wrap(&self, inner: W) -> GuardWork<W, Limiter<M>> {
        GuardWork { inner, guards: self.0.clone() }
    }

    fn describe(&self) -> Vec<String> {
        vec![format!("limiter: refuses at once what is beyond {:?}", self.0.config())]
    }
}

/// A limiter as a layer that has calls wait for their token.
#[derive(Debug)]
pub struct PacerLayer<M: Meter>(pub(super) Limiter<M>);

impl<M: Meter> Clone for PacerLayer<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W, M: Meter> Layer<W> for PacerLayer<M> {
    type Work = GuardWork<W, Paced<M>>;

    fn wrap(&self, inner: W) -> GuardWork<W, Paced<M>> {
        GuardWork { inner, guards: Paced(self.0.clone()) }
    }

    fn describe(&self) -> Vec<String> {
        vec![format!("pacer: calls wait so as to keep to {:?}", self.0.config())]
    }
}

/// A bulkhead as a layer.
#[derive(Clone, Debug)]
pub struct BulkheadLayer(pub(super) Bulkhead);

impl<W> Layer<W> for BulkheadLayer {
    type Work = GuardWork<W, Bulkhead>;

    fn wrap(&self, inner: W) -> GuardWork<W, Bulkhead> {
        GuardWork { inner, guards: self.0.clone() }
    }

    fn describe(&self) -> Vec<String> {
        let config = self.0.config();
        let (inside, queue) = (config.max_concurrent, config.max_queue);
        vec![format!("bulkhead: {inside} at once, and {queue} may wait")]
    }
}

/// A limiter that may be missing, as a layer that refuses at once where there is no token.
#[derive(Clone, Debug)]
pub struct OptionalLimiter(pub(super) Option<TokenBucket>);

impl Guards for OptionalLimiter {
    type Admission = LimiterGuard<Gcra>;

    fn admit(&self) -> LimiterGuard<Gcra> {
        self.0.as_ref().map_or_else(LimiterGuard::free, LimiterGuard::tries)
    }
}

impl<W> Layer<W> for OptionalLimiter {
    type Work = GuardWork<W, Self>;

    fn wrap(&self, inner: W) -> GuardWork<W, Self> {
        GuardWork { inner, guards: self.clone() }
    }

    fn describe(&self) -> Vec<String> {
        match &self.0 {
            Some(limiter) => Layer::<W>::describe(&LimiterLayer(limiter.clone())),
            None => vec!["limiter: none".to_owned()],
        }
    }
}
