use std::future::Future;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::Arc;

use gonex_core::context::Deferred;
use gonex_core::rt;
use gonex_core::{Cause, Context};
use gonex_task::TaskError;
use gonex_task::batch::Member;
use gonex_task::handle::Completer;
use gonex_task::place::Place;
use gonex_task::work::{ScopedJob, TaskFuture};

use super::handle::ScopedHandle;
use super::home::Home;
use super::tasks::{self, Tally};
use crate::runtime::Threads;
use crate::scheduler::wait_beyond_the_bound;

/// What starts tasks that may borrow from outside the [`scope`](scope()).
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    pub(super) tally: Arc<Tally>,
    // Invariant, so that neither can be taken for a shorter or longer one.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// Runs a closure that starts tasks, and blocks until all of them have ended.
///
/// So they may borrow what lives longer than the scope. Closures run on the current runtime, and when the
/// body has ended also on this thread, which would else only wait for them; futures on the tokio runtime that
/// the current one starts, never on one around, which this thread may be needed for. Their context is a child of the current one; when one fails that was started with [`Scope::spawn`], the
/// others are cancelled.
///
/// ```
/// use gonex_runtime::scope;
///
/// let mut left = vec![3, 1, 2];
/// let mut right = vec![9, 8];
/// let words = ["a", "b"];
/// let first = scope(|s| {
///     s.spawn(|| left.sort());
///     s.spawn_async(async { right.sort() });
///     let first = s.go(|| words[0]);
///     first.join().block().unwrap()
/// });
/// assert_eq!((left, right, first), (vec![1, 2, 3], vec![8, 9], "a"));
/// ```
///
/// # Cancel safety
/// When the context around is stopped, so are the tasks, and the scope ends when they have: one that
/// meets no gonex operation runs on until then.
///
/// # Panics
/// Where blocking is forbidden. When the closure panics, with its payload. When a task has failed and
/// nobody has joined it, with its message and place. All of it after the last task has ended. When the
/// context around was stopped, the task around ends as a cancelled one.
#[track_caller]
pub fn scope<'env, R>(body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
    rt::check_blocking();
    let tally = Arc::new(Tally::new(Deferred::child_of(Context::current())));
    let home = Home::new(tally.clone());
    let scope = Scope { tally: tally.clone(), scope: PhantomData, env: PhantomData };
    let result = home.enter(|| panic::catch_unwind(AssertUnwindSafe(|| body(&scope))));
    wait_for_all(home, &tally, result.is_err());
    match result {
        Err(payload) => panic::resume_unwind(payload),
        Ok(value) => {
            if let Some(error) = tally.failure() {
                fail(error);
            }
            value
        }
    }
}

/// Runs the closures that nobody has taken, and waits until all tasks have ended; unwinds only after that.
fn wait_for_all(home: Home, tally: &Tally, panicked: bool) {
    /// What borrows must not be left behind by an unwinding that nobody has thought of.
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            process::abort();
        }
    }
    let abort = Abort;
    if panicked {
        tally.cancel("the scope panicked");
    }
    home.run_rest();
    if home.close() {
        std::mem::forget(abort);
        return;
    }
    // A runtime may have it fail when too many wait already. Then the tasks are cancelled, and waited
    // for all the same.
    let waited = panic::catch_unwind(AssertUnwindSafe(|| tally.wait()));
    if waited.is_err() {
        tally.cancel("the scope could not wait for its tasks");
        rt::uninterrupted(|| wait_beyond_the_bound(|| tally.wait()));
    }
    // Not before: others look in it for what they can take.
    drop(home);
    std::mem::forget(abort);
    if let Err(payload) = waited {
        panic::resume_unwind(payload);
    }
}

/// A task has failed, and nobody was told.
#[track_caller]
fn fail(error: TaskError) {
    match error {
        TaskError::Cancelled(_) | TaskError::Timeout => {
            // Those that the scope itself cancelled are no failure of its own.
            if let Some(stop) = Context::current().stopped() {
                stop.unwind();
            }
        }
        error => panic!("{error}"),
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a closure. When it fails, the others are cancelled, and the scope panics in the end.
    #[track_caller]
    pub fn spawn(&'scope self, body: impl FnOnce() + Send + 'scope) {
        if ScopedJob::is_followed() {
            let completer = self.completer().followed("closure");
            return self.hand_in(ScopedJob::with_completer(body, completer));
        }
        self.tally.start();
        self.hand_in(ScopedJob::lent(body, &*self.tally));
    }

    /// Starts a future, as [`spawn`](Self::spawn) does a closure.
    #[track_caller]
    pub fn spawn_async(&'scope self, future: impl Future<Output = ()> + Send + 'scope) {
        let completer = self.completer().followed("future");
        self.hand_in_future(Box::pin(TaskFuture::new(future, completer, Threads.hook())));
    }

    /// Starts a closure, and yields a handle to join it. Its failure is the business of whoever joins
    /// it; the scope panics in the end if nobody does.
    #[track_caller]
    pub fn go<T, F>(&'scope self, body: F) -> ScopedHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let (completer, handle, fill) = ScopedHandle::new(&self.tally);
        let completer = completer.followed("closure");
        self.hand_in(ScopedJob::with_completer(move || fill.with(body()), completer));
        handle
    }

    /// The context in which its tasks run.
    #[must_use]
    pub fn context(&self) -> &Context {
        self.tally.context.context()
    }

    /// Asks all tasks to stop, and those that are started later. That is no failure of the scope.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.tally.cancel(cause);
    }

    #[track_caller]
    fn completer(&self) -> Completer<()> {
        let member = Member::new(self.tally.number());
        Completer::to_many(Arc::new(tasks::Member::new(&self.tally)), member)
    }
}
