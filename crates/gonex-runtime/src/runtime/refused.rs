use std::pin::pin;

use gonex_task::TaskError;
use gonex_task::place::Why;
use gonex_task::work::EndableFuture;

/// A future that was not taken, and why.
pub(super) struct Refused<F> {
    pub(super) future: F,
    pub(super) why: Why,
    pub(super) reason: &'static str,
}

impl<F: EndableFuture> Refused<F> {
    /// Tells the handle of the future.
    pub(super) fn end(self) {
        pin!(self.future).end(TaskError::refused(self.reason));
    }
}
