use std::fmt;
use std::sync::Arc;

use super::border::{inside, let_go};
use super::error::OnError;
use super::parts::{Part, Parts};
use super::{Component, Failure, Health, Metrics, RegisterError, Registration, Shutdown, Snapshot};
use crate::{Instant, Op};

/// The list of the [components](Component) of a program, or of a part of one; cheap to clone.
///
/// It holds up to [`MOST_COMPONENTS`](super::MOST_COMPONENTS). Who holds whom, and what becomes of a
/// panic, is told in [the module](super).
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::component::{Component, Lifecycle, Registry};
/// use gonex_core::{Instant, Op, rt};
///
/// struct Part(&'static str);
///
/// impl Component for Part {
///     fn name(&self) -> &str {
///         self.0
///     }
///     fn kind(&self) -> &str {
///         "part"
///     }
///     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
///         Lifecycle::done()
///     }
///     fn is_running(&self) -> bool {
///         true
///     }
/// }
///
/// let registry = Registry::new();
/// registry.register(Arc::new(Part("database")))?.keep();
/// registry.register(Arc::new(Part("server")))?.keep();
/// assert!(registry.register(Arc::new(Part("server"))).is_err(), "there is one already");
///
/// let report = registry.shutdown_all(rt::now()).block();
/// let stopped: Vec<&str> = report.parts.iter().map(|part| &*part.name).collect();
/// assert_eq!(stopped, ["server", "database"], "the last one goes first");
/// # Ok::<(), gonex_core::component::RegisterError>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    parts: Arc<Parts>,
}

impl Registry {
    /// Makes a registry without components.
    ///
    /// ```
    /// assert!(gonex_core::component::Registry::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { parts: Arc::new(Parts::new()) }
    }

    /// Adds a component, until its [`Registration`] is dropped.
    ///
    /// # Errors
    /// [`RegisterError`] when the name is taken or empty, when the registry has been shut down or is
    /// full, and when the component panics instead of telling its name.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::component::{Component, Lifecycle, RegisterError, Registry};
    /// use gonex_core::{Instant, Op};
    ///
    /// struct Nameless;
    ///
    /// impl Component for Nameless {
    ///     fn name(&self) -> &str {
    ///         ""
    ///     }
    ///     fn kind(&self) -> &str {
    ///         "cache"
    ///     }
    ///     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
    ///         Lifecycle::done()
    ///     }
    ///     fn is_running(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let refused = Registry::new().register(Arc::new(Nameless)).unwrap_err();
    /// assert!(matches!(refused, RegisterError::NoName { .. }));
    /// ```
    pub fn register(&self, component: Arc<dyn Component>) -> Result<Registration, RegisterError> {
        let ask = |during, what: &dyn Fn() -> Arc<str>| {
            inside(what).map_err(|failure| RegisterError::Broken { during, failure })
        };
        let name = ask("name", &|| component.name().into())?;
        let kind = ask("kind", &|| component.kind().into())?;
        let number = self.parts.add(component, name.clone(), kind)?;
        Ok(Registration::new(&self.parts, number, name))
    }

    /// Takes a component off the list, whether it runs or not, and does not stop it: whoever holds it
    /// goes on to use it. Says whether there was one of this name.
    ///
    /// A shutdown that has begun stops it all the same.
    ///
    /// ```
    /// assert!(!gonex_core::component::Registry::new().unregister("server"));
    /// ```
    pub fn unregister(&self, name: &str) -> bool {
        self.parts.remove_named(name)
    }

    /// The component of this name.
    ///
    /// ```
    /// assert!(gonex_core::component::Registry::new().get("server").is_none());
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<dyn Component>> {
        self.parts.get(name)
    }

    /// The names of all components, in the order of registration.
    ///
    /// ```
    /// assert!(gonex_core::component::Registry::new().list().is_empty());
    /// ```
    #[must_use]
    pub fn list(&self) -> Vec<Arc<str>> {
        self.parts.names()
    }

    /// How many components there are.
    ///
    /// ```
    /// assert_eq!(gonex_core::component::Registry::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are no components.
    ///
    /// ```
    /// assert!(gonex_core::component::Registry::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of all components, added up by name. One that panics adds nothing.
    ///
    /// ```
    /// assert!(gonex_core::component::Registry::new().metrics().is_empty());
    /// ```
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let mut sum = Metrics::new();
        self.each(|part| {
            if let Ok(metrics) = self.ask(part, "metrics", |component| component.metrics()) {
                sum.add(&metrics);
            }
        });
        sum
    }

    /// Has all components count anew.
    ///
    /// ```
    /// let registry = gonex_core::component::Registry::new();
    /// registry.reset_metrics();
    /// assert!(registry.metrics().is_empty());
    /// ```
    pub fn reset_metrics(&self) {
        self.each(|part| {
            self.ask(part, "reset_metrics", |component| component.reset_metrics()).ok();
        });
    }

    /// The health of the component that works worst, with its name before the reason; of several the
    /// one that was registered first. One that panics is unhealthy.
    ///
    /// ```
    /// use gonex_core::component::{Health, Registry};
    ///
    /// assert_eq!(Registry::new().health(), Health::Healthy);
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        let mut worst = Health::Healthy;
        self.each(|part| {
            let health = self.health_of(part);
            if health.step() > worst.step() {
                worst = health.of(&part.name);
            }
        });
        worst
    }

    /// What all components say of themselves: a list, in the order of registration, of maps with
    /// `name`, `kind`, `running`, `health`, `reason`, `metrics` and `state`. What a component panics
    /// at is left out.
    ///
    /// ```
    /// use gonex_core::component::{Registry, Snapshot};
    ///
    /// assert_eq!(Registry::new().snapshot(), Snapshot::List(vec![]));
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut list = Vec::new();
        self.each(|part| {
            let health = self.health_of(part);
            let running = self.ask(part, "is_running", |component| component.is_running());
            let metrics = self.ask(part, "metrics", |component| component.metrics());
            let state = self.ask(part, "snapshot", |component| component.snapshot());
            list.push(
                Snapshot::map()
                    .with("name", part.name.to_string())
                    .with("kind", part.kind.to_string())
                    .with("running", running.ok())
                    .with("health", health.word())
                    .with("reason", health.reason().map(str::to_owned))
                    .with("metrics", metrics.ok())
                    .with("state", state.ok()),
            );
        });
        Snapshot::List(list)
    }

    /// Sets what is called when a component fails or panics, in one of its methods or in a shutdown,
    /// in place of what was called before; `None` calls nobody.
    ///
    /// It is called under no lock, on the thread that asked the component. A panic in it is left to
    /// the panic hook.
    ///
    /// ```
    /// use std::sync::{Arc, mpsc};
    /// use gonex_core::component::{Component, Lifecycle, Registry};
    /// use gonex_core::{Instant, Op, rt};
    ///
    /// struct Stubborn;
    ///
    /// impl Component for Stubborn {
    ///     fn name(&self) -> &str {
    ///         "mule"
    ///     }
    ///     fn kind(&self) -> &str {
    ///         "animal"
    ///     }
    ///     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
    ///         Lifecycle::of(async { Err("no".into()) })
    ///     }
    ///     fn is_running(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let (sent, told) = mpsc::channel();
    /// let registry = Registry::new();
    /// registry.on_error(Some(Arc::new(move |trouble| sent.send(trouble.to_string()).unwrap())));
    /// registry.register(Arc::new(Stubborn))?.keep();
    /// assert!(!registry.shutdown_all(rt::now()).block().is_clean());
    /// assert_eq!(told.recv().unwrap(), "the animal \"mule\", in `stop`: failed: no");
    /// # Ok::<(), gonex_core::component::RegisterError>(())
    /// ```
    pub fn on_error(&self, handler: Option<OnError>) {
        self.parts.set_on_error(handler);
    }

    /// Stops all components, each after those that were registered later have ended, and takes them
    /// off the list. From its first step on the registry takes no more.
    ///
    /// A component that fails or panics has ended as far as the next one is concerned. When the
    /// deadline comes, or a limit of the operation or the ambient context stops it, those that have
    /// not ended are still asked to stop, one after the other, and no longer waited for; the report
    /// says so of each. To make sure that a stopped context does not cut it short, run it in one
    /// [without cancellation](crate::Context::without_cancel).
    ///
    /// Another shutdown meanwhile stops what this one has not taken on, which is nothing.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves those that have not ended on the list, for the next
    /// shutdown. The one that was ending at the time goes on with that as it sees fit.
    ///
    /// ```
    /// use gonex_core::component::Registry;
    /// use gonex_core::rt;
    ///
    /// let registry = Registry::new();
    /// assert!(registry.shutdown_all(rt::now()).block().is_clean());
    /// assert!(registry.is_shut_down());
    /// ```
    #[track_caller]
    pub fn shutdown_all(&self, deadline: Instant) -> Op<Shutdown> {
        Op::new(Shutdown::new(self.parts.clone(), deadline))
    }

    /// Whether a shutdown has begun.
    ///
    /// ```
    /// assert!(!gonex_core::component::Registry::new().is_shut_down());
    /// ```
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.parts.is_shut_down()
    }

    /// Does something with each component, outside the lock.
    fn each(&self, mut body: impl FnMut(&Part)) {
        for part in self.parts.all() {
            body(&part);
            // It may be the last one who holds it.
            let_go(part);
        }
    }

    /// Asks a component; tells the error handler when it panics.
    fn ask<T>(
        &self,
        part: &Part,
        during: &'static str,
        question: impl FnOnce(&dyn Component) -> T,
    ) -> Result<T, Failure> {
        let answer = inside(|| question(&*part.component));
        answer.inspect_err(|failure| self.parts.tell(part, during, failure))
    }

    fn health_of(&self, part: &Part) -> Health {
        let health = self.ask(part, "health", |component| component.health());
        health.unwrap_or_else(|failure| Health::unhealthy(format!("its health() {failure}")))
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("components", &self.list())
            .field("shut_down", &self.is_shut_down())
            .finish()
    }
}
