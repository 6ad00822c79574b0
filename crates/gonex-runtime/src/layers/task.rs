use std::panic::{self, AssertUnwindSafe};

use gonex_core::Context;
use gonex_core::primitive::discard;
use gonex_task::handle::{Completer, pair};
use gonex_task::{Handle, PanicHook, TaskError, isolate};

use super::ambient::Ambient;

/// No hook is installed here: that is for builders. Where one has done it, it tells the place of a panic
/// all the same.
pub(super) const HOOK: PanicHook = PanicHook::Untouched;

/// Makes the two ends of a task in a child of the current context.
#[track_caller]
pub(super) fn ends<T: Send + 'static>() -> (Completer<T>, Handle<T>) {
    pair(&Context::current())
}

/// A closure that some thread will run as a task.
pub(super) struct Whole<F, T> {
    body: F,
    completer: Completer<T>,
    /// What a panic is said to be in; `None` leaves it to the number and the place.
    name: Option<String>,
    ambient: Ambient,
}

impl<F, T> Whole<F, T>
where
    F: FnOnce() -> T,
    T: Send + 'static,
{
    #[track_caller]
    pub(super) fn new(name: Option<String>, body: F) -> (Self, Handle<T>) {
        let (completer, handle) = ends();
        (Self { body, completer, name, ambient: Ambient::here() }, handle)
    }

    /// Runs it here. Nothing it throws gets out.
    pub(super) fn run(self) {
        let Self { body, mut completer, name, ambient } = self;
        let step = || match name {
            Some(name) => isolate(&name, body),
            None => Ok(body()),
        };
        let ran = ambient.enter(|| completer.step(HOOK, step));
        completer.complete(ran.and_then(|ended| ended));
    }

    /// Drops it, and has its handle say why.
    pub(super) fn refuse(self, reason: &'static str) {
        let Self { body, completer, ambient, .. } = self;
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| ambient.enter(|| drop(body))));
        dropped.unwrap_or_else(discard);
        completer.complete(Err(TaskError::refused(reason)));
    }
}
