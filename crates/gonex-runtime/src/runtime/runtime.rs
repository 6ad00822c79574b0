use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::Arc;

use gonex_core::component::Registry;
use gonex_core::rt::{self, Seam};
use gonex_core::{Context, Op};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use gonex_core::{insight, telemetry};
use gonex_task::place::{NotTaken, Place, Why};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use gonex_task::place::{start_detached, start_shared};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use gonex_task::work::Returning;
use gonex_task::work::{EndableFuture, Work};
use gonex_task::{
    Handle, IntoTask, IntoTasks, Job, PanicHook, Priority, Spec, Task, TaskError, TaskOptions,
};

use super::builder::RuntimeBuilder;
use super::current::CoreRef;
use super::gate::Gate;
use super::known::RuntimeId;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use super::polling::Door;
use super::polling::Polling;
use crate::scheduler::{Closures, Config, RuntimeStats};

/// Runs tasks: closures on threads of its own, futures on tokio; cheap to clone.
///
/// Inside an existing tokio runtime its futures are polled there; else on one that it starts with
/// the first future and ends with itself. Dropping the last clone runs the closures that are
/// queued to the end and blocks until then, so it is not for async code; futures of its own tokio
/// runtime are dropped. On one of its own threads it waits for nothing.
///
/// A task reaches its runtime by [`current`](Self::current), which does not keep it alive: once the
/// last clone outside is gone, tasks that are handed in are refused.
///
/// A closure that has to wait in an operation keeps its thread, and another thread goes on in its
/// place: closures may wait for each other as they like, as long as no more than
/// [`max_blocked`](RuntimeBuilder::max_blocked) wait at once. For what blocks by other means, see
/// [`blocking`](crate::blocking).
///
/// In a browser futures are polled by the page's event loop, and closures are refused: a page has no
/// threads.
///
/// ```
/// use gonex_runtime::Runtime;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::new()?;
/// let mut sum = runtime.go(|| (1..=10).sum::<u32>());
/// let mut text = runtime.go(async { "done" });
/// assert_eq!((sum.join().block()?, text.join().block()?), (55, "done"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Runtime {
    core: Arc<Core>,
    /// `None` for a clone that a task made of its own runtime.
    _owner: Option<Arc<Owner>>,
}

/// What is needed to hand tasks in. It outlives the threads, so that a task that hands another in
/// while the runtime ends is told so.
pub(super) struct Core {
    pub(super) closures: Closures,
    pub(super) polling: Polling,
    hook: PanicHook,
    pub(super) registry: Registry,
    pub(super) gate: Gate,
    /// The seam it was started under, and so that of its threads; `None` for the one that is found.
    seam: Option<Arc<dyn Seam>>,
    #[cfg(gonex_sim)]
    simulated: super::simulated::Simulated,
    /// What its tasks hold.
    pub(super) own: CoreRef,
}

// Its queues and its way to tokio are whole between any two steps: no user code runs under a lock.
impl UnwindSafe for Core {}
impl RefUnwindSafe for Core {}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("closures", &self.closures)
            .field("polling", &self.polling)
            .field("hook", &self.hook)
            .finish()
    }
}

/// What ends the runtime when the last user lets go of it.
#[derive(Debug)]
struct Owner {
    core: Arc<Core>,
}

impl Drop for Core {
    fn drop(&mut self) {
        self.own.id().forget();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        #[cfg(gonex_sim)]
        if rt::is_simulated() {
            self.core.simulated.end(&self.core.own);
        }
        self.core.closures.end();
        self.core.polling.end();
    }
}

impl Runtime {
    /// Starts a runtime with the defaults of [`Runtime::builder`].
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    pub fn new() -> io::Result<Self> {
        Self::builder().build()
    }

    /// Sets up a runtime step by step.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }

    pub(super) fn start(config: Config, id: RuntimeId) -> io::Result<Self> {
        let hook = config.hook;
        let polling = Polling::new(&config.name, config.cores);
        let core = Arc::new_cyclic(|core| {
            let own = CoreRef::new(core.clone(), id);
            let theirs = own.clone();
            let closures = Closures::new(config, move || theirs.adopt());
            Core {
                closures,
                polling,
                hook,
                registry: Registry::new(),
                gate: Gate::default(),
                seam: rt::entered(),
                #[cfg(gonex_sim)]
                simulated: super::simulated::Simulated::new(),
                own,
            }
        });
        id.lead_to(core.own.clone());
        // A page has no threads: there closures are refused, one by one. Under a simulator each closure is a
        // thread.
        let has_threads = cfg!(not(all(target_family = "wasm", target_os = "unknown")));
        if has_threads && !rt::is_simulated() {
            core.closures.start()?;
        }
        let owner = Owner { core: core.clone() };
        Ok(Self { core, _owner: Some(Arc::new(owner)) })
    }

    /// The runtime as its own tasks see it.
    pub(super) fn inside(core: Arc<Core>) -> Self {
        Self { core, _owner: None }
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Starts a task and returns at once.
    ///
    /// A closure runs on a thread of the runtime and may compute as long as it likes; a future is
    /// polled on tokio and must not block: `.block()` in it panics. The task's context is a child of
    /// the one that is current here. When too many closures are queued, or the runtime has ended, the
    /// task is refused, and so its handle says.
    #[track_caller]
    pub fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        work.start(Spec::new(Context::current()), &*self.core)
    }

    /// Starts a task with options: see [`go`](Self::go).
    ///
    /// ```
    /// use gonex_runtime::Runtime;
    /// use gonex_task::TaskOptions;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::new()?;
    /// let mut task = runtime.go_with(&TaskOptions::new().name("adder"), || 1 + 1);
    /// assert_eq!(task.name(), Some("adder"));
    /// assert_eq!(task.join().block()?, 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn go_with<M, W: IntoTask<M>>(&self, options: &TaskOptions, work: W) -> Handle<W::Output> {
        work.start(options.spec(), &*self.core)
    }

    /// Starts a task that nobody will wait for, and returns at once.
    ///
    /// It does what [`go`](Self::go) does with a handle that is dropped, and spares what handle and
    /// task would share. Its result is dropped. A panic is told to the [panic hook](PanicHook) and to
    /// telemetry, and a refusal to telemetry. The task ends with the context that is current here, and
    /// not otherwise.
    ///
    /// ```
    /// use gonex_runtime::Runtime;
    /// use gonex_sync::channel;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::new()?;
    /// let (sender, receiver) = channel(1);
    /// runtime.go_detached(move || sender.send(7).block());
    /// assert_eq!(receiver.recv().block(), Ok(7));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn go_detached<M, W: IntoTask<M>>(&self, work: W) {
        work.start_detached(Spec::new(Context::current()), &*self.core);
    }

    /// Starts many tasks and waits for all: an iterator of closures or of futures, or a tuple of
    /// two to eight of either.
    ///
    /// The tasks start now, whether or not the operation is waited for.
    ///
    /// # Cancel safety
    /// Dropping the operation detaches the tasks; reaching a limit cancels them.
    ///
    /// # Errors
    /// The operation yields the first failure, as soon as it happens: a panic, a cancellation, a
    /// refusal, a loss. The other tasks are cancelled then.
    #[track_caller]
    pub fn go_all<M, W: IntoTasks<M>>(&self, work: W) -> Op<W::Joined> {
        work.start(Spec::new(Context::current()), &*self.core)
    }

    /// What its closures are doing.
    ///
    /// ```
    /// use gonex_runtime::Runtime;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::new()?;
    /// runtime.go(|| ()).join().block()?;
    /// assert_eq!(runtime.stats().completed, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stats(&self) -> RuntimeStats {
        self.core.closures.stats()
    }

    /// The long-lived parts that belong to this runtime: register them here to have them listed,
    /// watched, and stopped in order with [`Registry::shutdown_all`].
    ///
    /// The end of the runtime stops none of them by itself, since parts may need it to stop:
    /// [`shutdown`](Self::shutdown) does.
    ///
    /// ```
    /// use gonex_runtime::Runtime;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let runtime = Runtime::new()?;
    /// assert!(runtime.registry().list().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.core.registry
    }

    /// How many closures run at once: what was [asked for](RuntimeBuilder::threads), or as many as the
    /// machine runs threads at once.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use gonex_runtime::Runtime;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let three = NonZeroUsize::new(3).unwrap();
    /// assert_eq!(Runtime::builder().threads(three).build()?.threads(), three);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn threads(&self) -> NonZeroUsize {
        self.core.threads()
    }

    /// How many closures may wait in operations at once: what was
    /// [asked for](RuntimeBuilder::max_blocked), or what the system allows.
    #[must_use]
    pub fn max_blocked(&self) -> usize {
        self.core.closures.max_blocked()
    }
}

/// What the handle of a task says that comes too late.
pub(super) const SHUTTING_DOWN: &str = "the runtime is being shut down";

impl Core {
    pub(super) fn threads(&self) -> NonZeroUsize {
        self.closures.cores()
    }

    #[inline]
    pub(super) fn admits(&self) -> bool {
        self.gate.admits(|| self.own.is_inside())
    }

    /// Whether time and what waits are the same on this thread as on those of the runtime.
    pub(super) fn is_seam_here(&self) -> bool {
        match (&self.seam, rt::entered()) {
            (None, None) => tokio::runtime::Handle::try_current().is_err(),
            (Some(own), Some(here)) => Arc::ptr_eq(own, &here),
            _ => false,
        }
    }

    /// Where a future is polled whose result tokio keeps, if it can be: a simulator knows no tokio, and who
    /// is watched from outside tells its end when it comes.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    fn door_for_result(&self) -> Option<Door<'_>> {
        if telemetry::is_enabled() || insight::is_enabled() || rt::is_simulated() {
            return None;
        }
        // What is refused, the other way says.
        self.gate.is_open().then(|| self.polling.door(self).ok()).flatten()
    }

    pub(super) fn submit_future_on_own(&self, future: impl EndableFuture + Send + 'static) {
        if !self.admits() {
            return pin!(future).end(TaskError::refused(SHUTTING_DOWN));
        }
        #[cfg(gonex_sim)]
        if rt::is_simulated() {
            return self.simulated.spawn_future(future, &self.own);
        }
        if let Err(refused) = self.polling.spawn_on_own(future, self) {
            refused.end();
        }
    }
}

/// Why work of another kind is not taken.
const NOT_HERE: &str = "a runtime runs closures and futures, and this is neither";

/// Why a page takes no closure.
const NO_THREADS: &str = "a page has no threads for closures; hand in a future";

impl Place for Core {
    fn name(&self) -> &str {
        self.closures.name()
    }

    fn parallelism(&self) -> NonZeroUsize {
        self.threads()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        if !self.admits() {
            return Err(task.not_taken(Why::Unavailable, SHUTTING_DOWN));
        }
        if cfg!(all(target_family = "wasm", target_os = "unknown")) && !task.is_future() {
            return Err(task.not_taken(Why::Refused, NO_THREADS));
        }
        let priority = task.priority();
        #[cfg(gonex_sim)]
        if rt::is_simulated() {
            match task.into_work() {
                Work::Closure(job) => self.simulated.spawn_closure(job, self.hook, &self.own),
                Work::Future(future) => self.simulated.spawn_future(future, &self.own),
                work => return Err(Task::of(work, priority).not_taken(Why::Refused, NOT_HERE)),
            }
            return Ok(());
        }
        match task.into_work() {
            Work::Closure(job) => self.closures.spawn(job, priority).map_err(|(job, refusal)| {
                Task::of(Work::Closure(job), priority).not_taken(refusal.why(), refusal.reason())
            }),
            Work::Future(future) => self.polling.spawn(future, self).map_err(|refused| {
                Task::of(Work::Future(refused.future), priority)
                    .not_taken(refused.why, refused.reason)
            }),
            work => Err(Task::of(work, priority).not_taken(Why::Refused, NOT_HERE)),
        }
    }

    fn hook(&self) -> PanicHook {
        self.hook
    }

    fn submit_future(&self, future: impl EndableFuture + Send + 'static, _: Priority) {
        if !self.admits() {
            return pin!(future).end(TaskError::refused(SHUTTING_DOWN));
        }
        #[cfg(gonex_sim)]
        if rt::is_simulated() {
            return self.simulated.spawn_future(future, &self.own);
        }
        if let Err(refused) = self.polling.spawn(future, self) {
            refused.end();
        }
    }

    #[inline]
    fn submit_closure(&self, job: Job, priority: Priority) {
        let is_page = cfg!(all(target_family = "wasm", target_os = "unknown"));
        if is_page || rt::is_simulated() {
            let task = Task::of(Work::Closure(job), priority);
            return self.submit(task).unwrap_or_else(NotTaken::end);
        }
        if !self.admits() {
            job.end(TaskError::refused(SHUTTING_DOWN));
        } else if let Err((job, refusal)) = self.closures.spawn(job, priority) {
            refusal.end(job);
        }
    }

    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    fn start_future<F>(&self, future: F, spec: Spec) -> Handle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let Some(door) = self.door_for_result() else { return start_shared(self, future, spec) };
        let (task, handle) = Returning::new(future, spec, self.hook);
        handle.attach(door.spawn(task, self))
    }

    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    fn start_future_detached<F>(&self, future: F, spec: Spec)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let Some(door) = self.door_for_result() else { return start_detached(self, future, spec) };
        drop(door.spawn(Returning::detached(future, spec, self.hook), self));
    }
}
