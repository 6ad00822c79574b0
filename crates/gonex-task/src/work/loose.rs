use std::mem;
use std::panic::Location;

use gonex_core::{Context, insight};

use super::job::{Job, Owned, is_followed};
use crate::handle::{Completer, Spec, TaskId};
use crate::panic::{catch, drop_unwanted};
use crate::{PanicHook, TaskError};

/// A closure that nobody waits for, in no context, without a name: all that has to be kept of it is where
/// it was handed in. Most of those that nobody waits for are such, and a small task is a cheap one.
struct Loose<F> {
    body: F,
    origin: &'static Location<'static>,
}

impl Job {
    /// Makes a job of a closure that nobody will wait for: its result is dropped.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_core::Context;
    /// use gonex_task::{Job, PanicHook, Spec};
    ///
    /// let (tell, told) = mpsc::channel();
    /// let job = Job::detached(move || tell.send(7), Spec::new(Context::background()));
    /// job.run(PanicHook::Untouched, &|completed| assert!(completed));
    /// assert_eq!(told.recv(), Ok(7));
    /// ```
    #[must_use]
    pub fn detached<T: Send + 'static>(
        body: impl FnOnce() -> T + Send + 'static,
        spec: Spec,
    ) -> Self {
        let is_plain = spec.name.is_none() && spec.parent.is_background();
        if is_plain && !is_followed() {
            return Self::owned(Box::new(Loose { body, origin: spec.origin }));
        }
        Self::with_completer(body, Completer::to_nobody(spec).followed("closure"))
    }
}

impl<F> Loose<F> {
    /// Runs what belongs to the task, and catches what it throws.
    fn inside<T>(
        origin: &'static Location<'static>,
        hook: PanicHook,
        body: impl FnOnce() -> T,
    ) -> Result<T, TaskError> {
        // Nobody has seen its number, so it gets one when somebody does.
        let called = || format!("{} from {origin}", TaskId::next());
        catch(hook, called, || match Context::current_if_any() {
            None => body(),
            Some(_) => Context::background().run(body),
        })
    }
}

impl<F, T> Owned for Loose<F>
where
    F: FnOnce() -> T + Send,
{
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let Self { body, origin } = *self;
        // It may have been turned on meanwhile.
        let watched = insight::watch_task(|| (format!("task {}", TaskId::next()).into(), origin));
        let result = Self::inside(origin, hook, || match &watched {
            Some(watched) => watched.run(body),
            None => body(),
        });
        ended(result.is_ok());
        if mem::needs_drop::<T>() || result.is_err() {
            drop_unwanted(result);
        }
    }

    fn end(self: Box<Self>, _: TaskError) {
        let Self { body, origin } = *self;
        // What it holds is the task's, and so are its destructors.
        Self::inside(origin, PanicHook::Untouched, || drop(body)).ok();
    }

    fn spec(&self) -> Spec {
        Spec { origin: self.origin, ..Spec::new(Context::background()) }
    }
}
