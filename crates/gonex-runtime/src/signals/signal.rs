use std::error::Error;
use std::fmt;

use gonex_core::{Cause, Context};

/// A signal that asks a process to end.
///
/// As the [cause](Context::cause) of a cancellation it says which one came: see
/// [`Signal::of`].
///
/// ```
/// use gonex_core::Context;
/// use gonex_runtime::signals::Signal;
///
/// let (context, canceller) = Context::background().with_cancel();
/// assert_eq!(Signal::of(&context), None);
/// canceller.cancel(Signal::Terminate);
/// assert_eq!(Signal::of(&context), Some(Signal::Terminate));
/// assert_eq!(context.stopped().unwrap().to_string(), "cancelled: asked to end by SIGTERM");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// `SIGINT`: somebody pressed Ctrl-C.
    Interrupt,
    /// `SIGTERM`: a supervisor, or `kill`, wants the process to end. Not on Windows.
    Terminate,
    /// `SIGHUP`: the terminal is gone. Not on Windows.
    Hangup,
}

impl Signal {
    /// What it is called.
    ///
    /// ```
    /// assert_eq!(gonex_runtime::signals::Signal::Hangup.name(), "SIGHUP");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }

    /// The signal that cancelled a context, if it was one: also that of a context around it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_runtime::signals::Signal;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// canceller.cancel("enough");
    /// assert_eq!(Signal::of(&context), None, "it was somebody else");
    /// ```
    #[must_use]
    pub fn of(context: &Context) -> Option<Self> {
        context.cause()?.error().downcast_ref().copied()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "asked to end by {}", self.name())
    }
}

impl Error for Signal {}

impl From<Signal> for Cause {
    fn from(signal: Signal) -> Self {
        Self::new(signal)
    }
}
