use std::cell::RefCell;
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
use gonex_task::work::Lender;

use super::count::Count;
use super::home;

/// What the tasks of a scope share.
#[derive(Debug)]
pub(super) struct Tally {
    /// The context of all of them.
    pub(super) context: Deferred,
    /// How many have been given a number.
    started: AtomicUsize,
    /// The tasks that failed, in order, until somebody has been told.
    failures: Mutex<Vec<Failure>>,
    pub(super) ending: Arc<Ending>,
}

/// A task that failed.
#[derive(Debug)]
struct Failure {
    /// The number of the task, if it has one.
    number: Option<usize>,
    error: TaskError,
}

/// How many tasks have not ended, and the way to be told. Whoever tells holds it, for what else the
/// scope had may be gone by then.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) count: Count,
    ended: Slot<()>,
}

impl Ending {
    /// Counts a task out, and tells who waits if it was the last.
    fn end(&self) {
        if self.count.end() {
            // Nothing but this writes there.
            let told = self.ended.fill(());
            debug_assert!(told.is_ok());
        }
    }
}

impl Tally {
    pub(super) fn new(context: Deferred) -> Self {
        let ending = Ending { count: Count::new(), ended: Slot::new() };
        Self {
            context,
            started: AtomicUsize::new(0),
            failures: Mutex::default(),
            ending: Arc::new(ending),
        }
    }

    /// The number of a task that starts.
    pub(super) fn number(&self) -> usize {
        self.started.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a task in that is lent this until it is collected.
    #[inline]
    pub(super) fn start(&self) {
        if !home::start(self) {
            self.ending.count.start();
        }
    }

    pub(super) fn cancel(&self, cause: impl Into<Cause>) {
        self.context.canceller().cancel(cause);
    }

    /// A task has failed, which has a number if it can be joined.
    pub(super) fn failed(&self, number: Option<usize>, error: TaskError) {
        lock_std(&self.failures).push(Failure { number, error });
    }

    /// Somebody has been told how the task with this number failed.
    pub(super) fn is_told(&self, number: usize) {
        lock_std(&self.failures).retain(|failure| failure.number != Some(number));
    }

    /// The first failure that nobody has been told of; one that was stopped only if no other has failed.
    pub(super) fn failure(&self) -> Option<TaskError> {
        let failures = lock_std(&self.failures);
        let is_own =
            |error: &TaskError| !matches!(error, TaskError::Cancelled(_) | TaskError::Timeout);
        let own = failures.iter().find(|failure| is_own(&failure.error));
        own.or_else(|| failures.first()).map(|failure| failure.error.clone())
    }

    #[inline]
    fn note(&self, result: Result<(), TaskError>) {
        if let Err(error) = result {
            self.note_failure(error);
        }
    }

    #[cold]
    fn note_failure(&self, error: TaskError) {
        self.failed(None, error);
        self.cancel("another task of the scope failed");
    }

    /// Waits until all have ended, after a [`close`](Count::close) that says that some have not. No context
    /// stops this, and no limit.
    pub(super) fn wait(&self) {
        rt::block(|cx| {
            if self.ending.ended.poll_take(cx.waker()).is_ready() {
                return Blocked::Done(());
            }
            rt::waits(|| Subject::new("wait for all tasks of").of("a scope"));
            Blocked::Until(None)
        });
    }
}

thread_local! {
    /// That of the scope whose task ended here last: its tasks come many at a time, and to hold it anew for each
    /// is to write twice to what other threads write to.
    static LAST: RefCell<Option<Arc<Ending>>> = const { RefCell::new(None) };
}

/// What tells of a task that was lent the tally.
#[derive(Debug)]
pub(super) enum Told {
    /// It is told.
    Here,
    /// Dropping this tells it.
    Away(#[expect(dead_code, reason = "it is there to be dropped")] Away),
}

/// Counts a task out when it is dropped.
#[derive(Debug)]
pub(super) enum Away {
    /// What to tell by is [kept](LAST).
    Kept,
    /// On a thread that ends.
    Held { _counted: Counted },
}

impl Away {
    fn of(ending: &Arc<Ending>) -> Self {
        let keep = |last: &RefCell<Option<Arc<Ending>>>| {
            let mut last = last.borrow_mut();
            let is_it = last.as_ref().is_some_and(|last| Arc::ptr_eq(last, ending));
            if is_it { None } else { last.replace(ending.clone()) }
        };
        match LAST.try_with(keep) {
            Ok(before) => {
                drop(before);
                Self::Kept
            }
            Err(_) => Self::Held { _counted: Counted(ending.clone()) },
        }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        if matches!(self, Self::Kept) {
            LAST.with_borrow(|last| last.as_ref().map(|ending| ending.end()));
        }
    }
}

impl Lender for Tally {
    type Told = Told;

    #[inline]
    fn collect(&self, result: Result<(), TaskError>) -> Told {
        self.note(result);
        if home::end(self) { Told::Here } else { Told::Away(Away::of(&self.ending)) }
    }

    fn context(&self) -> &Deferred {
        &self.context
    }

    fn of(&self) -> &'static str {
        "scope"
    }
}

/// A task that has been counted in; dropping this counts it out.
#[derive(Debug)]
pub(super) struct Counted(Arc<Ending>);

impl Counted {
    /// Counts a task in.
    pub(super) fn new(tally: &Tally) -> Self {
        tally.ending.count.start();
        Self(tally.ending.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The end of a task that is not lent the scope's tally, but holds it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) tally: Arc<Tally>,
    _counted: Counted,
}

impl Member {
    pub(super) fn new(tally: &Arc<Tally>) -> Self {
        Self { tally: tally.clone(), _counted: Counted::new(tally) }
    }
}

impl Collect<()> for Member {
    fn collect(&self, _: usize, result: Result<(), TaskError>) {
        self.tally.note(result);
    }

    fn context(&self) -> &Deferred {
        &self.tally.context
    }

    fn of(&self) -> &'static str {
        Lender::of(&*self.tally)
    }
}
