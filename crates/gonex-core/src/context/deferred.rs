use std::fmt;
use std::sync::OnceLock;

use super::{Canceller, Context};
use crate::Stop;

/// A context that is made when somebody first asks for it.
///
/// A task that never waits and hands nothing in needs no context of its own; most closures do not.
///
/// ```
/// use gonex_core::Context;
/// use gonex_core::context::Deferred;
///
/// let task = Deferred::child_of(Context::background());
/// task.run(|| ());
/// assert!(!task.is_made(), "nobody has asked");
/// assert!(task.run(Context::current).stopped().is_none());
/// assert!(task.is_made());
/// ```
pub struct Deferred {
    parent: Context,
    own: OnceLock<Canceller>,
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred")
            .field("made", &self.is_made())
            .field("stopped", &self.stopped())
            .finish()
    }
}

impl Deferred {
    /// A child of a context, that can be cancelled by itself.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let task = Deferred::child_of(Context::background());
    /// task.canceller().cancel("enough");
    /// assert!(task.context().stopped().is_some());
    /// ```
    #[must_use]
    pub const fn child_of(parent: Context) -> Self {
        Self { parent, own: OnceLock::new() }
    }

    /// The context, and the right to cancel it: the same one every time.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let given = Deferred::from(canceller);
    /// given.canceller().cancel("enough");
    /// assert!(context.stopped().is_some());
    /// ```
    pub fn canceller(&self) -> &Canceller {
        self.own.get_or_init(|| self.parent.with_cancel().1)
    }

    /// The context: the same one every time.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let task = Deferred::child_of(Context::background().with_value(7_u8));
    /// assert_eq!(task.context().value::<u8>(), Some(&7));
    /// ```
    pub fn context(&self) -> &Context {
        self.canceller().context()
    }

    /// Whether anybody has asked for it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let task = Deferred::child_of(Context::background());
    /// assert!(!task.is_made());
    /// ```
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.own.get().is_some()
    }

    /// Why it has stopped, if it has; asking does not make it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let (parent, canceller) = Context::background().with_cancel();
    /// let task = Deferred::child_of(parent);
    /// assert!(task.stopped().is_none());
    /// canceller.cancel("enough");
    /// assert!(task.stopped().is_some());
    /// ```
    #[must_use]
    #[inline]
    pub fn stopped(&self) -> Option<Stop> {
        match self.own.get() {
            Some(own) => own.context().stopped(),
            // Most tasks are in none, and need not ask further.
            None if self.parent.is_background() => None,
            None => self.parent.stopped(),
        }
    }

    /// One that is made already. Whoever runs in it has no right to cancel it.
    pub(super) fn made(context: Context) -> Self {
        Self::from(Canceller { context })
    }

    pub(super) fn is_background(&self) -> bool {
        self.own.get().is_some_and(|own| own.context().is_background())
    }
}

impl From<Canceller> for Deferred {
    fn from(own: Canceller) -> Self {
        Self { parent: Context::background(), own: OnceLock::from(own) }
    }
}
