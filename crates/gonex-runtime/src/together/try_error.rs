use std::error::Error;
use std::fmt;

use gonex_task::TaskError;

/// How a task that may fail by itself ended without a value.
///
/// ```
/// use gonex_runtime::{TryError, try_go_all};
///
/// let parsed = try_go_all(["1", "two"].map(|text| move || text.parse::<u32>())).block();
/// assert!(matches!(parsed, Err(TryError::Failed(error)) if error.to_string().contains("digit")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryError<E> {
    /// The task yielded this error.
    Failed(E),
    /// The task was lost, or the wait for it was stopped.
    Task(TaskError),
}

impl<E> TryError<E> {
    /// The task's own error, if it is one.
    ///
    /// ```
    /// use gonex_runtime::TryError;
    /// use gonex_task::TaskError;
    ///
    /// assert_eq!(TryError::Failed(7).failed(), Some(7));
    /// assert_eq!(TryError::<u8>::Task(TaskError::Timeout).failed(), None);
    /// ```
    #[must_use]
    pub fn failed(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Task(_) => None,
        }
    }
}

impl<E> From<TaskError> for TryError<E> {
    fn from(error: TaskError) -> Self {
        Self::Task(error)
    }
}

impl<E: fmt::Display> fmt::Display for TryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Task(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for TryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The error itself is what this one says already.
        match self {
            Self::Failed(error) => error.source(),
            Self::Task(error) => error.source(),
        }
    }
}

/// What came of a task that may fail by itself.
pub(super) fn flatten<T, E>(ended: Result<Result<T, E>, TaskError>) -> Result<T, TryError<E>> {
    match ended {
        Ok(result) => result.map_err(TryError::Failed),
        Err(error) => Err(TryError::Task(error)),
    }
}
