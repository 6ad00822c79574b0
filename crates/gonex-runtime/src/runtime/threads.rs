use std::num::NonZeroUsize;

use gonex_task::place::{NotTaken, Place};
use gonex_task::work::EndableFuture;
use gonex_task::{Handle, Job, PanicHook, Priority, Spec, Task};

use super::Runtime;
use super::current::with_current;
use super::runtime::Core;

/// The place where [`go`](crate::go) runs tasks: the threads of the [current runtime](Runtime::current),
/// and tokio for futures.
///
/// Which runtime that is, each task that is handed in finds anew. To keep to one, take that: a
/// [`Runtime`] is a place, too. A task is refused when too many are queued, or the runtime has ended, and
/// is handed back then.
///
/// ```
/// use gonex_runtime::{Runtime, Threads};
/// use gonex_task::place::{Place, PlaceExt};
///
/// assert_eq!(Threads.go(|| 6 * 7).join().block(), Ok(42));
/// assert_eq!(Threads.parallelism(), Runtime::current().threads());
/// ```
///
/// # Panics
/// If the shared runtime is needed and cannot be started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Threads {
    /// Takes a future that a thread waits for: one that is polled elsewhere than on a runtime around,
    /// which may need that very thread.
    pub(crate) fn submit_future_of_scope(&self, future: impl EndableFuture + Send + 'static) {
        with_current(|core| core.submit_future_on_own(future));
    }
}

impl Place for Threads {
    fn name(&self) -> &str {
        "threads"
    }

    fn parallelism(&self) -> NonZeroUsize {
        with_current(Core::threads)
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        with_current(|core| core.submit(task))
    }

    fn hook(&self) -> PanicHook {
        with_current(Place::hook)
    }

    fn submit_future(&self, future: impl EndableFuture + Send + 'static, priority: Priority) {
        with_current(|core| core.submit_future(future, priority));
    }

    #[inline]
    fn submit_closure(&self, job: Job, priority: Priority) {
        with_current(|core| core.submit_closure(job, priority));
    }

    fn start_future<F>(&self, future: F, spec: Spec) -> Handle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        with_current(|core| core.start_future(future, spec))
    }

    fn start_future_detached<F>(&self, future: F, spec: Spec)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        with_current(|core| core.start_future_detached(future, spec));
    }
}

/// Its own threads, and tokio for futures.
impl Place for Runtime {
    fn name(&self) -> &str {
        self.core().name()
    }

    fn parallelism(&self) -> NonZeroUsize {
        self.threads()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        self.core().submit(task)
    }

    fn hook(&self) -> PanicHook {
        self.core().hook()
    }

    fn submit_future(&self, future: impl EndableFuture + Send + 'static, priority: Priority) {
        self.core().submit_future(future, priority);
    }

    #[inline]
    fn submit_closure(&self, job: Job, priority: Priority) {
        self.core().submit_closure(job, priority);
    }

    fn start_future<F>(&self, future: F, spec: Spec) -> Handle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.core().start_future(future, spec)
    }

    fn start_future_detached<F>(&self, future: F, spec: Spec)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.core().start_future_detached(future, spec);
    }
}
