use std::panic::Location;

use gonex_core::Context;

use crate::TaskError;

/// Where the results of several tasks go: for owners of tasks, such as a batch, a group or a scope.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use gonex_core::Context;
/// use gonex_task::batch::{Collect, Member};
/// use gonex_task::handle::Completer;
/// use gonex_task::{Job, PanicHook, TaskError};
///
/// #[derive(Default)]
/// struct Sum(Mutex<u32>);
/// impl Collect<u32> for Sum {
///     fn collect(&self, _index: usize, result: Result<u32, TaskError>) {
///         *self.0.lock().unwrap() += result.unwrap_or(0);
///     }
/// }
///
/// let sum = Arc::new(Sum::default());
/// for n in 1..=3 {
///     let member = Member::new("sum", n, Context::current());
///     let completer = Completer::to_many(sum.clone(), member);
///     Job::with_completer(move || n as u32, completer).run(PanicHook::Untouched, &|_| ());
/// }
/// assert_eq!(*sum.0.lock().unwrap(), 6);
/// ```
pub trait Collect<T>: Send + Sync {
    /// Takes the result of a task: once for each, at its end, on the thread that it ended on.
    fn collect(&self, index: usize, result: Result<T, TaskError>);
}

/// A task as one of several.
#[derive(Clone, Debug)]
pub struct Member {
    /// What they are together: "batch", "group".
    pub(crate) of: &'static str,
    pub(crate) index: usize,
    /// Where it was handed in.
    pub(crate) origin: &'static Location<'static>,
    pub(crate) context: Context,
}

impl Member {
    /// The task with this number of what is called `of`, handed in by the caller; it runs in `context`.
    #[must_use]
    #[track_caller]
    pub fn new(of: &'static str, index: usize, context: Context) -> Self {
        Self { of, index, origin: Location::caller(), context }
    }

    /// The same, handed in elsewhere.
    #[must_use]
    pub fn from(mut self, origin: &'static Location<'static>) -> Self {
        self.origin = origin;
        self
    }

    /// Its number.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }
}
