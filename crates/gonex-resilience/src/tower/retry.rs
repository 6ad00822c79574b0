use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::Op;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::Retry;
use crate::retry::{Attempt, Call, RetryError, Rules, Work};

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
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone.clone());
        self.retry.run(ServiceWork { ready: Some(ready), service: clone, request })
    }
}

/// A request that is made again and again.
#[derive(Debug)]
pub struct ServiceWork<S, Q> {
    /// The instance that is ready, for the first attempt.
    ready: Option<S>,
    service: S,
    request: Q,
}

impl<S: Service<Q> + Clone, Q: Clone> Work for ServiceWork<S, Q> {
    type Value = S::Response;
    type Error = S::Error;
    type Attempt = ServiceAttempt<S, Q>;

    fn attempt(&mut self, _: &Attempt) -> ServiceAttempt<S, Q> {
        let request = self.request.clone();
        match self.ready.take() {
            Some(mut ready) => ServiceAttempt { waiting: None, running: Some(ready.call(request)) },
            None => {
                let waiting = Some((self.service.clone(), request));
                ServiceAttempt { waiting, running: None }
            }
        }
    }
}

pin_project! {
    /// An attempt, which waits for its service to be ready unless it is.
    pub struct ServiceAttempt<S: Service<Q>, Q> {
        // Until the request is made.
        waiting: Option<(S, Q)>,
        #[pin]
        running: Option<S::Future>,
    }
}

impl<S: Service<Q>, Q> std::fmt::Debug for ServiceAttempt<S, Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waits = self.waiting.is_some();
        f.debug_struct("ServiceAttempt").field("waits", &waits).finish_non_exhaustive()
    }
}

impl<S: Service<Q>, Q> Future for ServiceAttempt<S, Q> {
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some((service, _)) = this.waiting {
            match service.poll_ready(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => {}
            }
        }
        if let Some((mut service, request)) = this.waiting.take() {
            this.running.set(Some(service.call(request)));
        }
        match this.running.as_pin_mut() {
            Some(running) => running.poll(cx),
            None => unreachable!("an attempt waits or runs"),
        }
    }
}
