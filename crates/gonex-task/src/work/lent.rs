use std::mem;
use std::panic::Location;
use std::sync::Arc;

use gonex_core::context::Deferred;
use gonex_core::insight;

use super::job::{Owned, ScopedJob, is_followed};
use crate::handle::Spec;
use crate::panic::catch;
use crate::{PanicHook, TaskError};

/// An owner of closures that outlives them all, and so is lent to each: what a scope is.
///
/// ```
/// use std::sync::Mutex;
/// use gonex_core::Context;
/// use gonex_core::context::Deferred;
/// use gonex_task::work::{Lender, ScopedJob};
/// use gonex_task::{PanicHook, TaskError};
///
/// struct Failures(Mutex<Vec<TaskError>>, Deferred);
/// impl Lender for Failures {
///     type Told = ();
///     fn collect(&self, result: Result<(), TaskError>) {
///         self.0.lock().unwrap().extend(result.err());
///     }
///     fn context(&self) -> &Deferred {
///         &self.1
///     }
///     fn of(&self) -> &'static str {
///         "list"
///     }
/// }
///
/// let failures = Failures(Mutex::new(Vec::new()), Deferred::child_of(Context::current()));
/// let mut sum = 0;
/// ScopedJob::lent(|| sum += 7, &failures).run(PanicHook::Untouched, &|_| ());
/// ScopedJob::lent(|| panic!("no"), &failures).run(PanicHook::Untouched, &|_| ());
/// let failures = failures.0.into_inner().unwrap();
/// assert!(matches!(&failures[..], [TaskError::Panicked(panic)] if panic.message == "no"));
/// assert_eq!(sum, 7);
/// ```
pub trait Lender: Sync {
    /// Dropping it tells the owner that the task has ended. It borrows nothing, since the owner may be gone
    /// as soon as it is told.
    type Told: 'static;

    /// Takes the result of a task: once for each, when the closure and all it held are gone.
    fn collect(&self, result: Result<(), TaskError>) -> Self::Told;

    /// The context that the tasks share.
    fn context(&self) -> &Deferred;

    /// What they are together: "scope".
    fn of(&self) -> &'static str;
}

/// A closure that an owner has been lent to. It has no number, which would be more than it can do with:
/// a small task is a cheap one.
struct Lent<'a, F, L: Lender> {
    body: F,
    end: End<'a, L>,
}

/// What tells the owner; dropped without a result, it says that the task is lost.
struct End<'a, L: Lender> {
    lender: &'a L,
    origin: &'static Location<'static>,
}

impl<L: Lender> End<'_, L> {
    /// Runs what belongs to the task in its context, and catches what it throws.
    fn inside<T>(&self, hook: PanicHook, body: impl FnOnce() -> T) -> Result<T, TaskError> {
        let Self { lender, origin } = self;
        let called = || format!("one of the {} from {origin}", lender.of());
        catch(hook, called, || lender.context().run(body))
    }

    /// What insight calls the task, and where it comes from.
    fn watched(&self) -> (Arc<str>, &'static Location<'static>) {
        (format!("one of the {}", self.lender.of()).into(), self.origin)
    }

    /// What it yields tells the owner when it is dropped: by the caller, since the owner must not end while
    /// an argument of a call still borrows it.
    fn collect(self, result: Result<(), TaskError>) -> L::Told {
        let told = self.lender.collect(result);
        mem::forget(self);
        told
    }
}

impl<L: Lender> Drop for End<'_, L> {
    fn drop(&mut self) {
        drop(self.lender.collect(Err(TaskError::lost(true))));
    }
}

impl<'a> ScopedJob<'a> {
    /// Makes a job of a closure, and lends it the owner that takes its result. While somebody
    /// [wants to know](Self::is_followed) of each task, one is to be made
    /// [with a completer](Self::with_completer) instead.
    #[track_caller]
    pub fn lent<L: Lender>(body: impl FnOnce() + Send + 'a, lender: &'a L) -> Self {
        Self::owned(Box::new(Lent { body, end: End { lender, origin: Location::caller() } }))
    }

    /// Whether insight, telemetry or a simulator wants to know of each task.
    #[must_use]
    #[inline]
    pub fn is_followed() -> bool {
        is_followed()
    }
}

impl<F, L> Owned for Lent<'_, F, L>
where
    F: FnOnce() + Send,
    L: Lender,
{
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let Self { body, end } = *self;
        // It may have been turned on meanwhile.
        let watched = insight::watch_task(|| end.watched());
        let body = || match &watched {
            Some(watched) => watched.run(body),
            None => body(),
        };
        let result = match end.lender.context().stopped() {
            None => end.inside(hook, body),
            Some(stop) => {
                // What it holds is the task's, and so are its destructors.
                end.inside(hook, || drop(body)).ok();
                Err(stop.into())
            }
        };
        ended(result.is_ok());
        drop(end.collect(result));
    }

    fn end(self: Box<Self>, error: TaskError) {
        let Self { body, end } = *self;
        end.inside(PanicHook::Untouched, || drop(body)).ok();
        drop(end.collect(Err(error)));
    }

    fn spec(&self) -> Spec {
        let context = self.end.lender.context().context().clone();
        Spec { origin: self.end.origin, ..Spec::new(context) }
    }
}
