use std::sync::Arc;

use gonex_core::Context;
use gonex_task::{Handle, Job, PanicHook, Spec, TaskError};

use super::ambient::Ambient;
use crate::runtime::settled_hook;

/// What is done about panics: what the runtime of the moment has done.
///
/// No hook is installed here: that is for builders. Where one has done it, it tells the place of a panic.
pub(super) fn hook() -> PanicHook {
    settled_hook().unwrap_or(PanicHook::Untouched)
}

/// A task in a child of the current context.
#[track_caller]
pub(super) fn spec(name: Option<&str>) -> Spec {
    Spec { name: name.map(Arc::from), ..Spec::new(Context::current()) }
}

/// A closure that a thread outside of the scheduler will run as a task.
pub(super) struct Whole {
    job: Job,
    ambient: Ambient,
    hook: PanicHook,
}

impl Whole {
    #[track_caller]
    pub(super) fn new<T: Send + 'static>(
        name: Option<&str>,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> (Self, Handle<T>) {
        let (job, handle) = Job::new(body, spec(name));
        (Self { job, ambient: Ambient::here(), hook: hook() }, handle)
    }

    /// Runs it here. Nothing it throws gets out.
    pub(super) fn run(self) {
        let Self { job, ambient, hook } = self;
        ambient.enter(|| job.run(hook, &|_| ()));
    }

    /// Drops the closure, and has its handle say why.
    pub(super) fn refuse(self, reason: &'static str) {
        let Self { job, ambient, .. } = self;
        ambient.enter(|| job.end(TaskError::refused(reason)));
    }
}
