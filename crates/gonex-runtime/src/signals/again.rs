use std::fmt;
use std::sync::Arc;

use super::Signal;

/// What a further signal does, once the first has cancelled the context.
///
/// ```
/// use gonex_runtime::signals::{Again, Signal};
///
/// let again = Again::call(|signal: Signal| eprintln!("{} again, one moment", signal.name()));
/// assert_eq!(format!("{again:?}"), "Call(..)");
/// assert!(matches!(Again::default(), Again::End));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Again {
    /// It ends the process as it does where nobody listens, even if no thread gets to run any more.
    /// On Windows the process ends with the code `0xC000013A`.
    #[default]
    End,
    /// Nothing: only what cannot be caught, or a supervisor, ends a program that does not end by itself.
    Ignore,
    /// It is handed to a function, on the thread that waits for signals, which takes no other meanwhile. A panic
    /// in it is left to the panic hook.
    Call(Arc<dyn Fn(Signal) + Send + Sync>),
}

impl Again {
    /// Has it handed to a function: see [`Again::Call`].
    ///
    /// ```
    /// use gonex_runtime::signals::Again;
    ///
    /// assert!(matches!(Again::call(|_| ()), Again::Call(_)));
    /// ```
    pub fn call(function: impl Fn(Signal) + Send + Sync + 'static) -> Self {
        Self::Call(Arc::new(function))
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "End",
            Self::Ignore => "Ignore",
            Self::Call(_) => "Call(..)",
        })
    }
}
