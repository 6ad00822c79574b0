use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::Op;
use tower_layer::Layer;
use tower_service::Service;

use super::Calls;
use crate::LoadShedder;
use crate::call::{CallError, Guarded};
use crate::shed::{Priority, Shed, ShedGuard};

/// A load shedder that asks each request for its priority, and for how long it has waited; made by
/// [`LoadShedder::by`].
pub struct ShedBy<F> {
    shedder: LoadShedder,
    rank: Arc<F>,
}

// Not derived: that would ask the same of the function.
impl<F> Clone for ShedBy<F> {
    fn clone(&self) -> Self {
        Self { shedder: self.shedder.clone(), rank: self.rank.clone() }
    }
}

impl<F> fmt::Debug for ShedBy<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShedBy").field("shedder", &self.shedder).finish_non_exhaustive()
    }
}

impl LoadShedder {
    /// As a layer: a function says for each request which priority it has, and how long it had waited
    /// before it came here.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// let layer = shedder.by(|path: &&str| match *path {
    ///     "/health" => (Priority::Critical, Duration::ZERO),
    ///     _ => (Priority::Normal, Duration::ZERO),
    /// });
    /// # let _ = layer;
    /// assert_eq!(shedder.metrics().admitted.total(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn by<Q, F: Fn(&Q) -> (Priority, Duration)>(&self, rank: F) -> ShedBy<F> {
        ShedBy { shedder: self.clone(), rank: Arc::new(rank) }
    }
}

/// A service of whose calls those that matter least are refused while there is too much.
#[derive(Debug)]
pub struct ShedService<S, F> {
    inner: S,
    by: ShedBy<F>,
}

// Not derived: that would ask the same of the function.
impl<S: Clone, F> Clone for ShedService<S, F> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), by: self.by.clone() }
    }
}

impl<S, F> Layer<S> for ShedBy<F> {
    type Service = ShedService<S, F>;

    fn layer(&self, inner: S) -> Self::Service {
        ShedService { inner, by: self.clone() }
    }
}

impl<S, Q, F> Service<Q> for ShedService<S, F>
where
    S: Service<Q> + Clone,
    F: Fn(&Q) -> (Priority, Duration),
{
    type Response = S::Response;
    type Error = CallError<Shed, S::Error>;
    type Future = Op<Guarded<ShedGuard, Calls<S, Q>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(CallError::Failed)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let (priority, waited) = (self.by.rank)(&request);
        let guard = ShedGuard::new(&self.by.shedder, priority, waited);
        Op::new(Guarded::new(guard, Calls::take(&mut self.inner, request)))
    }
}
