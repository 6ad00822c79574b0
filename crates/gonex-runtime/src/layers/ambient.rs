use std::sync::Arc;

use gonex_core::rt::{self, Seam};
use gonex_core::{Border, Context, Stop};

use crate::runtime::RuntimeId;

/// What code inherits from whoever has it run on another thread: context, seam, runtime, and whether there
/// is a task's border that a stop can unwind to.
///
/// A worker that helps out runs one caller's work in the middle of another's, so it must be entered also
/// where there is nothing to inherit.
#[derive(Clone, Debug)]
pub(super) struct Ambient {
    /// `None` is the background.
    context: Option<Context>,
    seam: Option<Arc<dyn Seam>>,
    border: Border,
    runtime: RuntimeId,
}

impl Ambient {
    /// That of this thread.
    #[inline]
    pub(super) fn here() -> Self {
        let context = Context::current_if_any();
        let (seam, border) = (rt::entered(), Stop::border());
        Self { context, seam, border, runtime: RuntimeId::current() }
    }

    /// Whether that of this thread is [bare](Self::bare), and it may block.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    #[inline]
    pub(super) fn is_bare_here() -> bool {
        rt::is_bare() && RuntimeId::current() == RuntimeId::SHARED
    }

    /// That of a thread which nothing was entered on.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn bare() -> Self {
        Self { context: None, seam: None, border: Border::none(), runtime: RuntimeId::SHARED }
    }

    /// That of this thread, but for the context.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn of(context: Context) -> Self {
        Self { context: Some(context), ..Self::here() }
    }

    /// Whether this thread has the same, as far as that is quickly told.
    #[inline]
    fn is_nothing_new(&self) -> bool {
        self.context.is_none()
            && self.seam.is_none()
            && self.border == Stop::border()
            && self.runtime == RuntimeId::current()
            && Context::current_if_any().is_none()
            && rt::entered().is_none()
    }

    /// Runs a closure as if on the thread this was seen on. Who calls it resumes there what it throws.
    #[inline]
    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        // Compiled for each way by itself: a loop over items is only as good as rayon's where nothing of
        // it is reached through memory.
        if self.is_nothing_new() {
            return body();
        }
        let (mut body, mut output) = (Some(body), None);
        self.enter_to(&mut || output = body.take().map(|body| body()));
        output.expect("what is entered is run")
    }

    fn enter_to(&self, body: &mut dyn FnMut()) {
        let background = const { Context::background() };
        let context = self.context.as_ref().unwrap_or(&background);
        let body = || self.runtime.enter(|| self.border.carry(|| context.run(body)));
        match &self.seam {
            Some(seam) => rt::enter(seam.clone(), body),
            None => rt::enter_shared(body),
        }
    }
}
