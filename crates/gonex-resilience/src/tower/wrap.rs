use std::task::{Context, Poll};

use gonex_core::Op;
use tower_layer::Layer;
use tower_service::Service;

use super::Calls;
use crate::fallback::{FallbackCall, Recover};
use crate::timeout::{TimeoutCall, TimeoutError};
use crate::{Fallback, Timeout};

/// A service whose calls are cut off when they take too long.
#[derive(Clone, Debug)]
pub struct TimeoutService<S> {
    inner: S,
    timeout: Timeout,
}

impl<S> Layer<S> for Timeout {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimeoutService { inner, timeout: self.clone() }
    }
}

impl<S: Service<Q> + Clone, Q> Service<Q> for TimeoutService<S> {
    type Response = S::Response;
    type Error = TimeoutError<S::Error>;
    type Future = Op<TimeoutCall<Calls<S, Q>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(TimeoutError::Failed)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        self.timeout.run(Calls::take(&mut self.inner, request))
    }
}

/// A service whose failures are made up for in another way.
///
/// One that says it will never be ready again is not: there is no call to make up for.
#[derive(Clone, Debug)]
pub struct FallbackService<S, R> {
    inner: S,
    fallback: Fallback<R>,
}

impl<S, R: Clone> Layer<S> for Fallback<R> {
    type Service = FallbackService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        FallbackService { inner, fallback: self.clone() }
    }
}

impl<S, Q, R> Service<Q> for FallbackService<S, R>
where
    S: Service<Q> + Clone,
    R: Recover<S::Response, S::Error, Error = S::Error> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Op<FallbackCall<Calls<S, Q>, R>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        Op::new(FallbackCall::new(&self.fallback, Calls::take(&mut self.inner, request)))
    }
}
