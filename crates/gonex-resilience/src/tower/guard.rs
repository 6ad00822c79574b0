use std::task::{Context, Poll};

use gonex_core::Op;
use tower_layer::Layer;
use tower_service::Service;

use super::Calls;
use crate::call::{Admission, CallError, Guarded, Settle};
use crate::limit::Meter;
use crate::shed::Ranked;
use crate::stack::{Guards, Paced};
use crate::{AdaptiveLimit, Bulkhead, Chaos, CircuitBreaker, Limiter};

/// A service whose calls a policy lets in: a breaker, a limiter, a bulkhead, an adaptive limit, a load
/// shedder, a chaos.
#[derive(Clone, Debug)]
pub struct GuardService<S, G> {
    inner: S,
    guards: G,
}

impl<S, C: Clone> Layer<S> for CircuitBreaker<C> {
    type Service = GuardService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: self.clone() }
    }
}

/// Calls wait for their token.
impl<S, M: Meter> Layer<S> for Limiter<M> {
    type Service = GuardService<S, Paced<M>>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: Paced::new(self.clone()) }
    }
}

impl<S> Layer<S> for Bulkhead {
    type Service = GuardService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: self.clone() }
    }
}

/// Calls wait in line where the settings allow that.
impl<S, C: Clone> Layer<S> for AdaptiveLimit<C> {
    type Service = GuardService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: self.clone() }
    }
}

/// All calls have the same priority; for others, see [`ShedBy`](super::ShedBy).
impl<S> Layer<S> for Ranked {
    type Service = GuardService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: self.clone() }
    }
}

impl<S> Layer<S> for Chaos {
    type Service = GuardService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guards: self.clone() }
    }
}

impl<S, Q, G> Service<Q> for GuardService<S, G>
where
    S: Service<Q> + Clone,
    G: Guards,
    <G::Admission as Admission>::Permit: Settle<S::Response, S::Error>,
{
    type Response = S::Response;
    type Error = CallError<<G::Admission as Admission>::Refusal, S::Error>;
    type Future = Op<Guarded<G::Admission, Calls<S, Q>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(CallError::Failed)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        Op::new(Guarded::new(self.guards.admit(), Calls::take(&mut self.inner, request)))
    }
}
