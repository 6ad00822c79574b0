use std::panic::Location;

use gonex_core::context::Deferred;

use crate::TaskError;

/// Where the results of several tasks go: for owners of tasks, such as a batch, a group or a scope.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use gonex_core::Context;
/// use gonex_core::context::Deferred;
/// use gonex_task::batch::{Collect, Member};
/// use gonex_task::handle::Completer;
/// use gonex_task::{Job, PanicHook, TaskError};
///
/// struct Sum(Mutex<u32>, Deferred);
/// impl Collect<u32> for Sum {
///     fn collect(&self, _index: usize, result: Result<u32, TaskError>) {
///         *self.0.lock().unwrap() += result.unwrap_or(0);
///     }
///     fn context(&self) -> &Deferred {
///         &self.1
///     }
///     fn of(&self) -> &'static str {
///         "sum"
///     }
/// }
///
/// let sum = Arc::new(Sum(Mutex::new(0), Deferred::child_of(Context::current())));
/// for n in 1..=3 {
///     let completer = Completer::to_many(sum.clone(), Member::new(n));
///     Job::with_completer(move || n as u32, completer).run(PanicHook::Untouched, &|_| ());
/// }
/// assert_eq!(*sum.0.lock().unwrap(), 6);
/// ```
pub trait Collect<T>: Send + Sync {
    /// Takes the result of a task: once for each, at its end, on the thread that it ended on.
    fn collect(&self, index: usize, result: Result<T, TaskError>);

    /// The context that the tasks share.
    fn context(&self) -> &Deferred;

    /// What they are together: "batch", "group".
    fn of(&self) -> &'static str;

    /// What a panic's report calls one of them; by default its number of the whole, and where it was handed
    /// in.
    fn called(&self, member: Member) -> Option<String> {
        let _ = member;
        None
    }
}

/// A task as one of several.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub(crate) index: usize,
    /// Where it was handed in.
    pub(crate) origin: &'static Location<'static>,
}

impl Member {
    /// The task with this number, handed in by the caller.
    #[must_use]
    #[track_caller]
    pub fn new(index: usize) -> Self {
        Self { index, origin: Location::caller() }
    }

    /// The same, handed in elsewhere.
    #[must_use]
    pub fn from(mut self, origin: &'static Location<'static>) -> Self {
        self.origin = origin;
        self
    }
}
