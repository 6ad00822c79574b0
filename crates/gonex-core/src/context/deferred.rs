use std::fmt;
use std::sync::OnceLock;

use super::reached::Mark;
use super::register::Register;
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
    /// The context above, or the one itself.
    pub(super) given: Context,
    pub(super) own: OnceLock<Canceller>,
    /// The task's number, and how it is meant: see [`Mark`].
    pub(super) mark: Mark,
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
        Self { given: parent, own: OnceLock::new(), mark: Mark::NONE }
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
        self.own.get_or_init(|| {
            if self.mark.is(Mark::GIVEN) {
                return Canceller { context: self.given.clone() };
            }
            match self.mark.reached() {
                None => self.given.with_cancel().1,
                Some(number) => Register::of_process().make(number, &self.given),
            }
        })
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
        if self.mark.is(Mark::GIVEN) { &self.given } else { self.canceller().context() }
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
        self.mark.is(Mark::GIVEN) || self.own.get().is_some()
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
        match self.own.get().or_else(|| self.take_early()) {
            Some(own) => own.context().stopped(),
            None => self.given.stopped(),
        }
    }

    /// The context that the other end has made, if it was first.
    fn take_early(&self) -> Option<&Canceller> {
        if self.is_made() {
            return None;
        }
        let early = Register::of_process().take_early(self.mark.reached()?)?;
        Some(self.own.get_or_init(|| early))
    }

    /// One that is made already. Whoever runs in it has no right to cancel it.
    pub(super) const fn made(context: Context) -> Self {
        Self { given: context, own: OnceLock::new(), mark: Mark::of(0, Mark::GIVEN) }
    }

    pub(super) fn is_background(&self) -> bool {
        self.mark.is(Mark::GIVEN) && self.given.is_background()
    }
}

impl From<Canceller> for Deferred {
    fn from(own: Canceller) -> Self {
        Self::made(own.context)
    }
}
