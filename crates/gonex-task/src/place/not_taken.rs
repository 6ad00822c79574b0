use std::borrow::Cow;
use std::fmt;

use crate::TaskError;
use crate::work::Task;

/// A task that a place did not take, whole and not begun; made by [`Task::not_taken`].
///
/// It can be handed in elsewhere. Dropped, it tells its handle that the task is lost.
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_task::place::{Inline, NotTaken, Place, PlaceExt, Why};
/// use gonex_task::work::Task;
/// use gonex_task::{TaskError, TaskOptions};
///
/// struct Closed;
/// impl Place for Closed {
///     fn name(&self) -> &str {
///         "closed"
///     }
///     fn parallelism(&self) -> NonZeroUsize {
///         NonZeroUsize::MIN
///     }
///     fn submit(&self, task: Task) -> Result<(), NotTaken> {
///         Err(task.not_taken(Why::Unavailable, "closed on Sundays; come again tomorrow"))
///     }
/// }
///
/// let refused = Closed.go(|| 6 * 7).join().block();
/// assert!(matches!(refused, Err(TaskError::Refused { reason, .. }) if reason.contains("tomorrow")));
///
/// // Somewhere else, then.
/// let (task, mut handle) = Task::new(|| 6 * 7, &TaskOptions::new());
/// let not_taken = Closed.submit(task).unwrap_err();
/// assert_eq!(not_taken.why(), Why::Unavailable);
/// assert!(Inline.submit(not_taken.into_task()).is_ok());
/// assert_eq!(handle.join().block(), Ok(42));
/// ```
#[must_use = "a task that is dropped is lost; hand it in elsewhere, or end it with the reason"]
pub struct NotTaken {
    task: Task,
    why: Why,
    reason: Cow<'static, str>,
}

/// Why a place did not take a task.
///
/// With each of them the task has not begun, so it may be handed in at another place, or here again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The place is there and does not take this task: it has no room for it now, or takes no work of this
    /// kind, as a closure where memory is not shared.
    Refused,
    /// The place is not there: it has ended, or cannot be reached.
    Unavailable,
    /// The place took the task, and went down before the task began.
    NotStarted,
}

impl fmt::Debug for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotTaken")
            .field("why", &self.why)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the task was not taken: {}", self.reason)
    }
}

impl NotTaken {
    pub(crate) fn new(task: Task, why: Why, reason: Cow<'static, str>) -> Self {
        Self { task, why, reason }
    }

    /// What kind of reason it is.
    #[must_use]
    pub fn why(&self) -> Why {
        self.why
    }

    /// The reason in words, and what would help.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The task, for another place.
    pub fn into_task(self) -> Task {
        self.task
    }

    /// Drops the work, and has the task's handle say why: [`TaskError::Refused`], or
    /// [`TaskError::Lost`] for what was taken and not started.
    pub fn end(self) {
        let Self { task, why, reason } = self;
        task.end(match why {
            Why::Refused | Why::Unavailable => TaskError::refused_for(reason),
            Why::NotStarted => TaskError::lost(false),
        });
    }
}
