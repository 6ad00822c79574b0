use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_service::Service;

use crate::retry::{Attempt, Work};

/// A request that is made again and again.
#[derive(Debug)]
pub struct ServiceWork<S, Q> {
    /// The instance that is ready, for the first attempt.
    ready: Option<S>,
    service: S,
    request: Q,
}

impl<S: Clone, Q> ServiceWork<S, Q> {
    /// Takes the instance that is ready, and leaves a clone.
    pub(super) fn take(service: &mut S, request: Q) -> Self {
        let clone = service.clone();
        let ready = std::mem::replace(service, clone.clone());
        Self { ready: Some(ready), service: clone, request }
    }
}

impl<S: Service<Q> + Clone, Q: Clone> Work for ServiceWork<S, Q> {
    type Value = S::Response;
    type Error = S::Error;
    type Attempt = ServiceAttempt<S, Q>;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> ServiceAttempt<S, Q> {
        let request = self.request.clone();
        match self.ready.take() {
            Some(ready) => ServiceAttempt::ready(ready, request),
            None => ServiceAttempt::waits(self.service.clone(), request),
        }
    }
}

pin_project! {
    /// An attempt, which waits for its service to be ready unless it is.
    pub struct ServiceAttempt<S: Service<Q>, Q> {
        // Until the request is made.
        waiting: Option<(S, Q)>,
        // Why there is no request to make.
        failed: Option<S::Error>,
        #[pin]
        running: Option<S::Future>,
    }
}

impl<S: Service<Q>, Q> ServiceAttempt<S, Q> {
    pub(super) fn ready(mut service: S, request: Q) -> Self {
        Self { waiting: None, failed: None, running: Some(service.call(request)) }
    }

    pub(super) fn waits(service: S, request: Q) -> Self {
        Self { waiting: Some((service, request)), failed: None, running: None }
    }

    pub(super) fn failed(error: S::Error) -> Self {
        Self { waiting: None, failed: Some(error), running: None }
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
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Err(error));
        }
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
