use std::io;
use std::sync::{Arc, OnceLock};

use gonex_core::{Context, Op};
use gonex_task::work::ClosureWork;
use gonex_task::{Handle, IntoTask, IntoTasks, Job, PanicHook, TaskError, Verdict, Work};

use super::builder::RuntimeBuilder;
use super::current::WeakRuntime;
use super::polling::Polling;
use crate::workers::{Config, PushError, Queued, Workers};

/// Runs tasks: closures on threads of its own, futures on tokio; cheap to clone.
///
/// Inside an existing tokio runtime its futures are polled there; else on one that it starts with
/// the first future and ends with itself. Dropping the last clone runs the closures that are
/// queued to the end and waits for them; futures of its own tokio runtime are dropped.
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
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    closures: Workers<ClosureWork>,
    polling: Polling,
    hook: PanicHook,
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

    pub(super) fn start(config: &Config, hook: PanicHook) -> io::Result<Self> {
        let polling = Polling::new(&config.name, config.threads);
        // Threads come before the runtime that owns them, and work only after it.
        let own = Arc::new(OnceLock::<WeakRuntime>::new());
        let theirs = own.clone();
        let run = move |work: ClosureWork| match theirs.get() {
            Some(runtime) => runtime.enter(|| work(Verdict::Run(hook))),
            None => work(Verdict::Run(hook)),
        };
        let closures = Workers::start(config, run)?;
        let runtime = Self { inner: Arc::new(Inner { closures, polling, hook }) };
        // Set here only, so it cannot have been set.
        own.set(runtime.downgrade()).ok();
        Ok(runtime)
    }

    pub(super) fn from_inner(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    pub(super) fn downgrade(&self) -> WeakRuntime {
        WeakRuntime(Arc::downgrade(&self.inner))
    }

    /// Starts a task and returns at once.
    ///
    /// A closure runs on a thread of the runtime and may compute as long as it likes; a future is
    /// polled on tokio and must not block. The task's context is a child of the one that is
    /// current here. When too many closures are queued the task is refused, and so its handle
    /// says.
    #[track_caller]
    pub fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        let (job, handle) = Job::new(work.into_task(), &Context::current(), self.inner.hook);
        self.spawn(job);
        handle
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
        work.start(&Context::current(), self.inner.hook, &mut |job| self.spawn(job))
    }

    fn spawn(&self, job: Job) {
        match job.into_work() {
            Work::Future(future) => {
                let future = self.downgrade().wrap(future);
                // On failure the future is dropped, which tells its handle that it is lost.
                self.inner.polling.spawn(future).ok();
            }
            Work::Closure(closure) => {
                let queue = self.inner.closures.queue();
                if let Err(error) = queue.try_push(Queued::now(closure)) {
                    refuse(error);
                }
            }
        }
    }
}

fn refuse(error: PushError<Queued<ClosureWork>>) {
    let (work, reason) = match error {
        PushError::Full(work) => {
            (work, "too many closures are queued; wait for some, or raise max_queued")
        }
        PushError::Closed(work) => (work, "the runtime has ended"),
    };
    work.into_inner()(Verdict::End(TaskError::Refused { reason }));
}
