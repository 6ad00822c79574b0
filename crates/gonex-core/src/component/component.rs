use std::sync::Arc;

use super::{Health, Lifecycle, Metrics, Snapshot};
use crate::{Instant, Op};

/// A long-lived part of a program: a pool, a server, a cache.
///
/// What asks a component may do so from any thread, at any time, and expects an answer at once: all
/// methods but the operations of [`start`](Self::start) and [`stop`](Self::stop) must not wait.
///
/// Limits of the work itself (how many at once, how long, how often again) are settings of the part
/// that does it, and no business of this trait.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
/// use gonex_core::component::{Component, Health, Lifecycle, Metrics, Registry};
/// use gonex_core::{Instant, Op};
///
/// #[derive(Default)]
/// struct Cache {
///     stopped: AtomicBool,
///     hits: AtomicU64,
/// }
///
/// impl Component for Cache {
///     fn name(&self) -> &str {
///         "pages"
///     }
///     fn kind(&self) -> &str {
///         "cache"
///     }
///     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
///         self.stopped.store(true, Ordering::Relaxed);
///         Lifecycle::done()
///     }
///     fn is_running(&self) -> bool {
///         !self.stopped.load(Ordering::Relaxed)
///     }
///     fn metrics(&self) -> Metrics {
///         Metrics::new().with_count("hits", self.hits.load(Ordering::Relaxed))
///     }
/// }
///
/// let (cache, registry) = (Arc::new(Cache::default()), Registry::new());
/// let _registration = registry.register(cache.clone())?;
/// cache.hits.fetch_add(3, Ordering::Relaxed);
/// assert_eq!(registry.metrics().count("hits"), Some(3));
/// assert_eq!(registry.health(), Health::Healthy);
/// # Ok::<(), gonex_core::component::RegisterError>(())
/// ```
pub trait Component: Send + Sync {
    /// The name, by which a [registry](super::Registry) tells components apart. Asked once, when it
    /// is registered.
    fn name(&self) -> &str;

    /// What it is: `pool`, `runtime`. Asked once, when it is registered.
    fn kind(&self) -> &str;

    /// Begins to run; to start what runs already does nothing.
    ///
    /// By default a component runs from the moment it is made, and there is nothing to do.
    ///
    /// # Errors
    /// The operation yields why it could not start.
    fn start(self: Arc<Self>) -> Op<Lifecycle> {
        Lifecycle::done()
    }

    /// Takes no more work, and ends what is at work; to stop what has ended already does nothing.
    ///
    /// The deadline is when nobody waits for it any more: what cannot be finished by then is better
    /// given up before. An operation that is dropped before it is done leaves the component stopping.
    ///
    /// # Errors
    /// The operation yields what went wrong meanwhile; the component has ended nevertheless.
    fn stop(self: Arc<Self>, deadline: Instant) -> Op<Lifecycle>;

    /// Whether it runs: it has been started, and has not ended.
    fn is_running(&self) -> bool;

    /// How well it works; by default it is healthy as long as it runs.
    fn health(&self) -> Health {
        if self.is_running() { Health::Healthy } else { Health::unhealthy("it does not run") }
    }

    /// What can be seen of its state now, for people and dashboards; by default nothing.
    fn snapshot(&self) -> Snapshot {
        Snapshot::None
    }

    /// Its numbers since it was made, or since they were last reset; by default none.
    fn metrics(&self) -> Metrics {
        Metrics::new()
    }

    /// Begins to count anew. By default there is nothing to count.
    fn reset_metrics(&self) {}
}

/// It must stay usable as `dyn`.
const _: Option<&dyn Component> = None;
