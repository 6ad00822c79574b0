use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gonex_core::Cause;
use gonex_core::context::Deferred;
use gonex_core::op::Subject;
use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, Blocked};
use gonex_task::TaskError;
use gonex_task::batch::Collect;
use gonex_task::handle::Slot;

/// The tasks of a scope. Each of them holds a reference, and so does the body: the last one that goes
/// says that all have ended. So a task is counted in and out by what it has to hold anyway.
#[derive(Debug)]
pub(super) struct Tasks {
    pub(super) tally: Arc<Tally>,
    started: AtomicUsize,
}

/// What is left when all tasks have ended.
#[derive(Debug)]
pub(super) struct Tally {
    /// The context that the tasks share.
    pub(super) context: Deferred,
    /// The tasks that failed, in order, until somebody has been told.
    failures: Mutex<Vec<(usize, TaskError)>>,
    ended: Slot<()>,
}

impl Tasks {
    pub(super) fn new(context: Deferred) -> Self {
        let (failures, ended) = (Mutex::default(), Slot::new());
        let tally = Arc::new(Tally { context, failures, ended });
        Self { tally, started: AtomicUsize::new(0) }
    }

    /// The number of a task that starts.
    pub(super) fn number(&self) -> usize {
        self.started.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        // Nothing but this writes there.
        let told = self.tally.ended.fill(());
        debug_assert!(told.is_ok());
    }
}

impl Tally {
    pub(super) fn cancel(&self, cause: impl Into<Cause>) {
        self.context.canceller().cancel(cause);
    }

    pub(super) fn failed(&self, number: usize, error: TaskError) {
        lock_std(&self.failures).push((number, error));
    }

    /// Somebody has been told how this task failed.
    pub(super) fn is_told(&self, number: usize) {
        lock_std(&self.failures).retain(|(failed, _)| *failed != number);
    }

    /// The first failure that nobody has been told of.
    pub(super) fn failure(&self) -> Option<TaskError> {
        lock_std(&self.failures).first().map(|(_, error)| error.clone())
    }

    /// Waits until all have ended. No context stops this, and no limit.
    pub(super) fn wait(&self) {
        rt::block(|cx| {
            if self.ended.poll_take(cx.waker()).is_ready() {
                return Blocked::Done(());
            }
            rt::waits(|| Subject::new("wait for all tasks of").of("a scope"));
            Blocked::Until(None)
        });
    }
}

impl Collect<()> for Tasks {
    fn collect(&self, number: usize, result: Result<(), TaskError>) {
        if let Err(error) = result {
            self.tally.failed(number, error);
            self.tally.cancel("another task of the scope failed");
        }
    }

    fn context(&self) -> &Deferred {
        &self.tally.context
    }

    fn of(&self) -> &'static str {
        "scope"
    }
}
