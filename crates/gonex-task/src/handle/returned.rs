use std::fmt;
use std::panic;
use std::sync::Arc;

use gonex_core::context::{Done, Reached};
use gonex_core::insight::TaskGuard;
use gonex_core::primitive::discard;
use tokio::task::JoinError;

use crate::TaskError;

/// How a task has ended, on its way through tokio to the [`Handle`](crate::Handle): what a
/// [`Returning`](crate::work::Returning) yields.
pub struct Returned<T> {
    pub(crate) result: Result<T, TaskError>,
    /// What must go on until the handle has seen the result, or longer.
    pub(crate) extra: Option<Box<Extra>>,
}

impl<T> fmt::Debug for Returned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returned").field("ok", &self.result.is_ok()).finish_non_exhaustive()
    }
}

/// What few tasks have, or only once they wait. All in one box, so that the rest are small.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) name: Option<Arc<str>>,
    // The kind and not an operation: of the contexts in force only the task's own matters here.
    pub(crate) stopped: Option<Done>,
    pub(crate) watched: Option<Box<TaskGuard>>,
    /// The context of a task that has ended.
    pub(crate) context: Option<Reached>,
}

impl Extra {
    pub(crate) fn named(name: Arc<str>) -> Self {
        Self { name: Some(name), ..Self::default() }
    }

    /// What is left of it when the result has been seen.
    pub(super) fn seen(mut self: Box<Self>) -> Box<Self> {
        self.watched = None;
        self
    }
}

/// Tells the handle of a task that is dropped while it waits that it had started.
///
/// tokio drops a task where it catches panics, and hands the payload to the task's handle: this is one of
/// them. No panic hook runs.
pub(crate) fn say_that_it_had_started() {
    if cfg!(panic = "unwind") {
        panic::resume_unwind(Box::new(HadStarted));
    }
}

struct HadStarted;

/// What the handle says of a task that tokio has dropped.
pub(super) fn lost(dropped: JoinError) -> TaskError {
    match dropped.try_into_panic() {
        Ok(payload) => {
            // Nothing else gets past the border of the task.
            discard(payload);
            TaskError::lost(true)
        }
        // Without unwinding nobody knows, and it may have started.
        Err(_cancelled) => TaskError::lost(cfg!(panic = "abort")),
    }
}
