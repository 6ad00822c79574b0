use std::sync::Arc;

use gonex_core::rt::{self, Seam};
use gonex_core::{Border, Context, Stop};

/// What code inherits from whoever has it run on another thread: context, seam, and whether there is a
/// task's border that a stop can unwind to.
///
/// A worker that helps out runs one caller's work in the middle of another's, so it must be entered also
/// where there is nothing to inherit.
#[derive(Clone, Debug)]
pub(super) struct Ambient {
    context: Context,
    seam: Option<Arc<dyn Seam>>,
    border: Border,
}

impl Ambient {
    /// That of this thread.
    pub(super) fn here() -> Self {
        Self::of(Context::current())
    }

    /// That of this thread, but for the context.
    pub(super) fn of(context: Context) -> Self {
        Self { context, seam: rt::entered(), border: Stop::border() }
    }

    /// Runs a closure as if on the thread this was seen on. Who calls it resumes there what it throws.
    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        let body = || self.border.carry(|| self.context.run(body));
        match &self.seam {
            Some(seam) => rt::enter(seam.clone(), body),
            None => rt::enter_shared(body),
        }
    }
}
