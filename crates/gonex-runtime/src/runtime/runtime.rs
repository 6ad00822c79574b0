use std::fmt;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gonex_core::{Context, Op};
use gonex_sync::{Sender, TrySendError};
use gonex_task::work::ClosureWork;
use gonex_task::{Handle, IntoTask, IntoTasks, Job, PanicHook, TaskError, Verdict, Work};

use super::builder::RuntimeBuilder;
use super::current::CoreRef;
use super::polling::Polling;
use crate::workers::{Config, Queued, Workers};

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
/// A closure that waits for another keeps its thread meanwhile. When all threads do, none goes on.
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
    closures: Sender<Queued<ClosureWork>>,
    polling: Polling,
    hook: PanicHook,
}

// Its channel and its way to tokio are whole between any two steps: no user code runs under a lock.
impl UnwindSafe for Core {}
impl RefUnwindSafe for Core {}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("queued", &self.closures.len())
            .field("polling", &self.polling)
            .field("hook", &self.hook)
            .finish()
    }
}

/// What ends the runtime when the last user lets go of it.
#[derive(Debug)]
struct Owner {
    core: Arc<Core>,
    closures: Mutex<Workers<ClosureWork>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.closures.get_mut().unwrap_or_else(PoisonError::into_inner).end();
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

    pub(super) fn start(config: &Config, hook: PanicHook) -> io::Result<Self> {
        // Threads come before the core that knows their channel, and work only after it.
        let own = Arc::new(OnceLock::<CoreRef>::new());
        let theirs = own.clone();
        let run = move |work: ClosureWork, ended: &dyn Fn(bool)| {
            let run = || work(Verdict::Run { hook, ended });
            match theirs.get() {
                Some(runtime) => runtime.enter(run),
                None => run(),
            }
        };
        let closures = Workers::start(config, run)?;
        let sender = closures.sender().clone();
        let polling = Polling::new(&config.name, config.threads);
        let core = Arc::new(Core { closures: sender, polling, hook });
        // Set here only, so it cannot have been set.
        own.set(CoreRef::to(&core)).ok();
        let owner = Owner { core: core.clone(), closures: Mutex::new(closures) };
        Ok(Self { core, _owner: Some(Arc::new(owner)) })
    }

    /// The runtime as its own tasks see it.
    pub(super) fn inside(core: Arc<Core>) -> Self {
        Self { core, _owner: None }
    }

    pub(super) fn core_ref(&self) -> CoreRef {
        CoreRef::to(&self.core)
    }

    /// Starts a task and returns at once.
    ///
    /// A closure runs on a thread of the runtime and may compute as long as it likes; a future is
    /// polled on tokio and must not block: `.block()` in it panics. The task's context is a child of the one that is
    /// current here. When too many closures are queued, or the runtime has ended, the task is
    /// refused, and so its handle says.
    #[track_caller]
    pub fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        let (job, handle) = Job::new(work.into_task(), &Context::current(), self.core.hook);
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
        work.start(&Context::current(), self.core.hook, &mut |job| self.spawn(job))
    }

    fn spawn(&self, job: Job) {
        match job.into_work() {
            Work::Future(future) => self.core.polling.spawn(future, self.core_ref()),
            Work::Closure(closure) => {
                if let Err(error) = self.core.closures.try_send(Queued::now(closure)) {
                    refuse(error);
                }
            }
            // A kind of work that this runtime does not know: dropped, its handle says `Lost`.
            _ => {}
        }
    }
}

fn refuse(error: TrySendError<Queued<ClosureWork>>) {
    let reason = if error.is_closed() {
        "the runtime has ended"
    } else {
        "too many closures are queued; wait for some, or raise max_queued"
    };
    error.into_inner().into_inner()(Verdict::End(TaskError::refused(reason)));
}
