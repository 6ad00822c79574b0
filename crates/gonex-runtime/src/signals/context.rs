use std::fmt;
use std::ops::Deref;
use std::panic::{self, AssertUnwindSafe};

use gonex_core::insight::Outside;
use gonex_core::primitive::discard;
use gonex_core::{Canceller, Context};

use super::os::Listening;
use super::{Again, Signal};

/// A context that is cancelled when a signal comes; made by [`signals::context`](super::context()) and
/// [`Signals::context`](super::Signals::context).
///
/// Used where a [`Context`] is lent, it is one. Dropping it ends the listening and cancels nothing:
/// contexts that were made of it, and tasks that run in it, go on, and no signal reaches them any more.
///
/// ```
/// use gonex_core::Context;
/// use gonex_runtime::signals;
///
/// let asked = signals::context()?;
/// assert_eq!(asked.run(Context::current).stopped(), None);
/// assert_eq!(asked.caught(), None);
/// drop(asked); // Ctrl-C ends the process again
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "dropping it ends the listening: a signal then means what it meant before"]
pub struct SignalContext {
    context: Context,
    _listening: Listening,
    /// A signal may come whatever the tasks do.
    _outside: Outside,
}

impl SignalContext {
    pub(super) fn new(context: Context, listening: Listening) -> Self {
        Self { context, _listening: listening, _outside: Outside::new() }
    }

    /// The signal that cancelled it, if one has come; also that of a context around it.
    #[must_use]
    pub fn caught(&self) -> Option<Signal> {
        Signal::of(&self.context)
    }
}

impl Deref for SignalContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl fmt::Debug for SignalContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalContext").field("context", &self.context).finish_non_exhaustive()
    }
}

/// What the thread that waits for signals does with each.
pub(super) struct Told {
    canceller: Canceller,
    again: Again,
    first: bool,
}

impl Told {
    pub(super) fn new(canceller: Canceller, again: Again) -> Self {
        Self { canceller, again, first: true }
    }

    /// Whether a further signal should end the process, where its handler can do that.
    #[cfg(unix)]
    pub(super) fn ends_again(&self) -> bool {
        matches!(self.again, Again::End)
    }

    /// Whether a signal that comes now should end the process.
    #[cfg(windows)]
    pub(super) fn ends_now(&self) -> bool {
        !self.first && matches!(self.again, Again::End)
    }

    /// A signal has come.
    pub(super) fn of(&mut self, signal: Signal) {
        if std::mem::replace(&mut self.first, false) {
            self.canceller.cancel(signal);
        } else if let Again::Call(function) = &self.again {
            let called = panic::catch_unwind(AssertUnwindSafe(|| function(signal)));
            called.unwrap_or_else(discard);
        }
    }
}
