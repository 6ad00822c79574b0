use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::rt::Inside;

/// Why an operation was stopped before it was done.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Context, Stop};
///
/// let (context, canceller) = Context::background().with_cancel();
/// assert_eq!(context.done().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
/// canceller.cancel("enough");
/// assert_eq!(context.stopped().unwrap().to_string(), "cancelled: enough");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Its time-out or deadline, or that of its context, passed.
    #[error("timed out")]
    Timeout,
    /// Its context was cancelled.
    #[error("cancelled: {0}")]
    Cancelled(Cause),
}

thread_local! {
    /// Whether a task's border is below on this thread's stack.
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// Payload of an unwind that carries a [`Stop`] to the border of the task.
struct Unwinding(Stop);

impl Stop {
    /// Unwinds to the border of the running task, which then ends as stopped.
    ///
    /// For operations that have no error to return: locks, sleeps. No panic hook runs and nothing
    /// is printed.
    ///
    /// # Panics
    /// Always, that is its purpose. Outside a gonex task there is no border to unwind to, and it is
    /// a panic with a message.
    ///
    /// ```
    /// use gonex_core::Stop;
    ///
    /// let lock = || -> &str { Stop::Timeout.unwind() };
    /// let caught = std::panic::catch_unwind(|| Stop::inside_border(lock)).unwrap_err();
    /// assert_eq!(Stop::from_unwind(caught).unwrap(), Stop::Timeout);
    /// ```
    #[track_caller]
    pub fn unwind(self) -> ! {
        assert!(
            IN_TASK.try_with(Cell::get).unwrap_or(false),
            "an operation that cannot fail was stopped outside a task: {self}; give it a limit \
             of its own, so that it yields a `Result`"
        );
        std::panic::resume_unwind(Box::new(Unwinding(self)))
    }

    /// Runs a step of a task, inside which [`unwind`](Self::unwind) has a border to unwind to; for
    /// those who catch what it throws.
    ///
    /// ```
    /// use gonex_core::Stop;
    ///
    /// assert_eq!(Stop::inside_border(|| 1 + 1), 2);
    ///
    /// // Elsewhere there is no border, and a stop is a panic.
    /// let caught = std::panic::catch_unwind(|| Stop::Timeout.unwind()).unwrap_err();
    /// assert!(Stop::from_unwind(caught).is_err());
    /// ```
    pub fn inside_border<T>(body: impl FnOnce() -> T) -> T {
        Border { around: true }.carry(body)
    }

    /// Whether this thread runs a step of a task, as a value that others can run a part of the step in.
    ///
    /// ```
    /// use gonex_core::Stop;
    ///
    /// let border = Stop::inside_border(Stop::border);
    /// let part = move || border.carry(|| Stop::Timeout.unwind());
    /// let thrown = std::thread::spawn(part).join().unwrap_err();
    /// assert_eq!(Stop::from_unwind(thrown).unwrap(), Stop::Timeout);
    /// ```
    #[must_use]
    #[inline]
    pub fn border() -> Border {
        Border { around: IN_TASK.try_with(Cell::get).unwrap_or(false) }
    }

    /// Tells whether a caught panic is a stop on its way to the border of the task.
    ///
    /// # Errors
    /// Gives back the payload of a real panic.
    ///
    /// ```
    /// use gonex_core::Stop;
    /// let unwinding = || Stop::inside_border(|| Stop::Timeout.unwind());
    /// let caught = std::panic::catch_unwind(unwinding).unwrap_err();
    /// assert_eq!(Stop::from_unwind(caught).unwrap(), Stop::Timeout);
    /// ```
    pub fn from_unwind(
        payload: Box<dyn std::any::Any + Send>,
    ) -> Result<Self, Box<dyn std::any::Any + Send>> {
        payload.downcast::<Unwinding>().map(|unwinding| unwinding.0)
    }
}

/// Whether a task's border is around; made by [`Stop::border`].
///
/// ```
/// use gonex_core::Stop;
///
/// assert_ne!(Stop::border(), Stop::inside_border(Stop::border));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    around: bool,
}

impl Border {
    /// The absence of one, as on a thread that nobody runs a task on.
    ///
    /// ```
    /// use gonex_core::{Border, Stop};
    ///
    /// assert_eq!(Stop::border(), Border::none());
    /// ```
    #[must_use]
    pub const fn none() -> Self {
        Self { around: false }
    }

    /// Runs a part of a step on whatever thread this is. Who calls it resumes what the part throws on the
    /// thread that the border was seen on, so that it gets there.
    ///
    /// ```
    /// use gonex_core::Stop;
    ///
    /// let outside = Stop::border();
    /// // A thread that helps others meanwhile is inside the border of those, and not of its own.
    /// assert_eq!(Stop::inside_border(|| outside.carry(Stop::border)), outside);
    /// ```
    pub fn carry<T>(self, body: impl FnOnce() -> T) -> T {
        struct PutBack(bool);
        impl Drop for PutBack {
            fn drop(&mut self) {
                IN_TASK.set(self.0);
            }
        }
        let _inside = Inside::new();
        let _before = PutBack(IN_TASK.replace(self.around));
        body()
    }
}

/// Why something was cancelled; cheap to clone.
///
/// Two causes are equal when they are clones of one another.
///
/// ```
/// use gonex_core::Cause;
///
/// let cause = Cause::from("enough");
/// assert_eq!(cause, cause.clone());
/// assert_ne!(cause, Cause::from("enough"), "another cause, though it says the same");
/// ```
#[derive(Clone)]
pub struct Cause(
    // One word, so that results which may hold a cause stay small: they are moved about a lot.
    Arc<Box<dyn Error + Send + Sync>>,
);

impl Cause {
    /// Makes a cause of an error, or of a message.
    ///
    /// ```
    /// use gonex_core::Cause;
    /// let cause = Cause::new("the user pressed Escape");
    /// assert_eq!(cause.to_string(), "the user pressed Escape");
    /// ```
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::new(cause.into()))
    }

    /// The error behind the cause, to be downcast.
    ///
    /// ```
    /// use gonex_core::Cause;
    ///
    /// let cause = Cause::new(std::io::Error::from(std::io::ErrorKind::NotFound));
    /// let error = cause.error().downcast_ref::<std::io::Error>().unwrap();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// ```
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &**self.0
    }
}

// The error is only ever lent, to whoever asks.
impl UnwindSafe for Cause {}
impl RefUnwindSafe for Cause {}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({:?})", self.0)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Cause {}

impl From<&str> for Cause {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<String> for Cause {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
