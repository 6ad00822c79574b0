use std::fmt;

use gonex_core::Context;

use super::completer::Completer;
use crate::{PanicHook, TaskError};

/// The part of a task's end that runs the task, without the right to write its result; for schedulers
/// that may have to end a task while it runs. Made by [`Completer::split`].
///
/// Dropped, it says nothing: whoever holds the other part does.
pub struct Runner<T> {
    /// `None` once it was put together with the other part.
    completer: Option<Completer<T>>,
}

impl<T> Runner<T> {
    pub(super) fn new(completer: Completer<T>) -> Self {
        Self { completer: Some(completer) }
    }

    pub(super) fn into_completer(mut self) -> Completer<T> {
        self.completer.take().expect("a runner is whole until it is taken by value")
    }
}

impl<T: 'static> Runner<T> {
    /// Runs one step of the task in its context and catches what it throws.
    ///
    /// # Errors
    /// As [`Completer::step`].
    pub fn step<R>(&mut self, hook: PanicHook, body: impl FnOnce() -> R) -> Result<R, TaskError> {
        match &mut self.completer {
            Some(completer) => completer.step(hook, body),
            // Nobody has one of these: it is empty only where it is taken by value.
            None => Err(TaskError::lost(false)),
        }
    }

    /// Runs what belongs to the task, started or not, in its context and catches what it throws.
    pub fn inside<R>(&self, hook: PanicHook, body: impl FnOnce() -> R) -> Result<R, TaskError> {
        match &self.completer {
            Some(completer) => completer.inside(hook, body),
            None => Err(TaskError::lost(false)),
        }
    }

    /// The task's context.
    #[must_use]
    pub fn context(&self) -> Context {
        self.completer.as_ref().map(Completer::context).unwrap_or_default()
    }

    /// Makes it the end of a task whose result is told to somebody, who decides what becomes of it: for
    /// a task that is a future.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_core::Context;
    /// use gonex_task::handle::pair;
    /// use gonex_task::{PanicHook, Spec};
    ///
    /// let (completer, mut handle) = pair(Spec::new(Context::background()));
    /// let (runner, completer) = completer.split();
    /// let (tell, told) = mpsc::channel();
    /// let told_to = runner.telling(move |result| tell.send(result).unwrap());
    /// told_to.run(PanicHook::Untouched, || 7, &|_| ());
    /// completer.complete(told.recv().unwrap());
    /// assert_eq!(handle.join().block(), Ok(7));
    /// ```
    #[must_use]
    pub fn telling(self, tell: impl FnOnce(Result<T, TaskError>) + Send + 'static) -> Completer<T> {
        self.into_completer().telling(tell)
    }
}

impl<T> fmt::Debug for Runner<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

impl<T> Drop for Runner<T> {
    fn drop(&mut self) {
        if let Some(completer) = &mut self.completer {
            completer.forget();
        }
    }
}
