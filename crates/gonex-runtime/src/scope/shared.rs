use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, Blocked};
use gonex_core::{Canceller, Kind};
use gonex_sync::WaitGroup;
use gonex_task::TaskError;
use gonex_task::batch::Collect;

/// What a scope and its tasks share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Counts the tasks that have not ended, and the body.
    tasks: WaitGroup,
    started: AtomicUsize,
    /// The tasks that failed, in order, until somebody has been told.
    failures: Mutex<Vec<(usize, TaskError)>>,
    canceller: Canceller,
}

impl Shared {
    pub(super) fn new(canceller: Canceller) -> Self {
        let tasks = WaitGroup::new();
        // The body: the count comes to nothing once only.
        rt::unseen(|| tasks.add(1));
        Self { tasks, started: AtomicUsize::new(0), failures: Mutex::default(), canceller }
    }

    pub(super) fn canceller(&self) -> &Canceller {
        &self.canceller
    }

    /// Counts a task that starts; yields its number.
    pub(super) fn enter(&self) -> usize {
        rt::unseen(|| self.tasks.add(1));
        self.started.fetch_add(1, Ordering::Relaxed)
    }

    /// A task, or the body, has ended, and nothing that it borrowed is left.
    pub(super) fn leave(&self) {
        rt::unseen(|| self.tasks.done());
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
        let mut wait = pin!(self.tasks.wait().into_kind());
        rt::block(|cx| match wait.as_mut().poll(cx) {
            Poll::Ready(()) => Blocked::Done(()),
            Poll::Pending => Blocked::Until(None),
        });
    }
}

impl Collect<()> for Shared {
    fn collect(&self, number: usize, result: Result<(), TaskError>) {
        if let Err(error) = result {
            self.failed(number, error);
            self.canceller.cancel("another task of the scope failed");
        }
        self.leave();
    }
}
