use std::task::{Context, Poll};

use gonex_core::Op;
use tower_layer::Layer;
use tower_service::Service;

use super::ServiceWork;
use crate::Retry;
use crate::retry::{Call, RetryError, Rules};

/// A service whose calls are retried. Requests are cloned for each attempt.
#[derive(Clone, Debug)]
pub struct RetryService<S, R> {
    inner: S,
    retry: Retry<R>,
}

impl<S, R: Clone> Layer<S> for Retry<R> {
    type Service = RetryService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        RetryService { inner, retry: self.clone() }
    }
}

impl<S, Q, R> Service<Q> for RetryService<S, R>
where
    S: Service<Q> + Clone,
    Q: Clone,
    R: Rules<S::Error> + Clone,
{
    type Response = S::Response;
    type Error = RetryError<S::Error>;
    type Future = Op<Call<ServiceWork<S, Q>, R>>;

    /// A service that will never be ready again has failed without an attempt.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let failed = |last| RetryError::Rejected { attempts: 0, last };
        self.inner.poll_ready(cx).map_err(failed)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        self.retry.run(ServiceWork::take(&mut self.inner, request))
    }
}
