use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::Op;
use gonex_core::primitive::{Mutex, lock};
use tower_layer::Layer;
use tower_service::Service;

use super::ServiceAttempt;
use crate::Policy;
use crate::retry::{Attempt, Work};
use crate::stack::{self, PolicyCall};

/// A service with several policies around its calls. Requests are cloned for each attempt.
///
/// It is ready when the service inside is. One that says it will never be ready again fails the next call:
/// its error goes through the policies as that of an attempt does.
pub struct PolicyService<S, L, E> {
    inner: S,
    policy: Policy<L>,
    /// Why the service inside will never be ready, until a call takes it.
    failed: Option<E>,
}

// Not derived: that would ask the same of errors.
impl<S: Clone, L: Clone, E> Clone for PolicyService<S, L, E> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), policy: self.policy.clone(), failed: None }
    }
}

impl<S: fmt::Debug, L, E> fmt::Debug for PolicyService<S, L, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// A policy as a layer; made by [`Policy::into_layer`].
pub struct PolicyLayer<L, E> {
    policy: Policy<L>,
    marker: std::marker::PhantomData<fn() -> E>,
}

impl<L: Clone, E> Clone for PolicyLayer<L, E> {
    fn clone(&self) -> Self {
        Self { policy: self.policy.clone(), marker: std::marker::PhantomData }
    }
}

impl<L, E> fmt::Debug for PolicyLayer<L, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PolicyLayer")
    }
}

impl<L> Policy<L> {
    /// As a layer for services of tower that fail with `E`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::{Policy, Retry, Timeout};
    ///
    /// let timeout = Timeout::new(Duration::from_secs(5))?;
    /// let layer = Policy::new().retry(Retry::fixed()).timeout(timeout).into_layer::<std::io::Error>();
    /// assert_eq!(format!("{layer:?}"), "PolicyLayer");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn into_layer<E>(self) -> PolicyLayer<L, E> {
        PolicyLayer { policy: self, marker: std::marker::PhantomData }
    }
}

impl<S, L: Clone, E> Layer<S> for PolicyLayer<L, E> {
    type Service = PolicyService<S, L, E>;

    fn layer(&self, inner: S) -> Self::Service {
        PolicyService { inner, policy: self.policy.clone(), failed: None }
    }
}

impl<S, Q, L> Service<Q> for PolicyService<S, L, S::Error>
where
    S: Service<Q> + Clone,
    Q: Clone,
    L: stack::Layer<RequestWork<S, Q>>,
    L::Work: Work,
{
    type Response = <L::Work as Work>::Value;
    type Error = <L::Work as Work>::Error;
    type Future = Op<PolicyCall<L::Work>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if self.failed.is_none() {
            match self.inner.poll_ready(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                // As an error of the policies it has no type here; the call that follows has.
                Poll::Ready(Err(error)) => self.failed = Some(error),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone.clone());
        let first = match self.failed.take() {
            None => Ok(ready),
            Some(error) => Err(error),
        };
        let work =
            RequestWork { first: Arc::new(Mutex::new(Some(first))), service: clone, request };
        self.policy.run(work)
    }
}

/// The instance that is ready, or why none will be.
type First<S, Q> = Result<S, <S as Service<Q>>::Error>;

/// A request that policies make again and again; its clones are the same request.
pub struct RequestWork<S: Service<Q>, Q> {
    /// The instance that is ready, for whichever attempt is the first one; or why none will be. It is only
    /// moved under the lock.
    first: Arc<Mutex<Option<First<S, Q>>>>,
    service: S,
    request: Q,
}

impl<S: Service<Q> + Clone, Q: Clone> Clone for RequestWork<S, Q> {
    fn clone(&self) -> Self {
        let first = self.first.clone();
        Self { first, service: self.service.clone(), request: self.request.clone() }
    }
}

impl<S: Service<Q>, Q> fmt::Debug for RequestWork<S, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestWork")
    }
}

impl<S: Service<Q> + Clone, Q: Clone> Work for RequestWork<S, Q> {
    type Value = S::Response;
    type Error = S::Error;
    type Attempt = ServiceAttempt<S, Q>;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> ServiceAttempt<S, Q> {
        let first = lock(&self.first).take();
        let request = self.request.clone();
        match first {
            Some(Ok(ready)) => ServiceAttempt::ready(ready, request),
            Some(Err(error)) => ServiceAttempt::failed(error),
            None => ServiceAttempt::waits(self.service.clone(), request),
        }
    }
}
