use std::fmt;
use std::sync::OnceLock;

use super::register::{Reach, Register};
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
    /// That of the task, doubled; the lowest bit is set if somebody shall [reach](Reach) it by that.
    number: u64,
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
        Self { parent, own: OnceLock::new(), number: 0 }
    }

    /// The same for a task that shares nothing with who may cancel it: both ends, which find each other by a
    /// number that no other has, below 2^63, when one of them needs to.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let (task, reach) = Deferred::reached(Context::background(), 7);
    /// assert!(!task.is_made());
    /// reach.cancel("enough", || false);
    /// assert_eq!(task.context().cause().unwrap().to_string(), "enough");
    /// ```
    #[must_use]
    pub fn reached(parent: Context, number: u64) -> (Self, Reach) {
        let reach = Reach::new(parent.clone(), number);
        (Self { parent, own: OnceLock::new(), number: number << 1 | 1 }, reach)
    }

    /// One whose context is this one, and which nobody cancels alone, for a task with a number.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let named = Context::background().with_value("a name");
    /// let task = Deferred::within(named, 7);
    /// assert_eq!(task.context().value(), Some(&"a name"));
    /// assert_eq!(task.number(), 7);
    /// ```
    #[must_use]
    pub fn within(context: Context, number: u64) -> Self {
        Self {
            parent: Context::background(),
            own: OnceLock::from(Canceller { context }),
            number: number << 1,
        }
    }

    /// The number that it was made with, 0 if without one.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// assert_eq!(Deferred::reached(Context::background(), 7).0.number(), 7);
    /// assert_eq!(Deferred::child_of(Context::background()).number(), 0);
    /// ```
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number >> 1
    }

    fn reached_as(&self) -> Option<u64> {
        (self.number & 1 == 1).then(|| self.number())
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
        self.own.get_or_init(|| match self.reached_as() {
            None => self.parent.with_cancel().1,
            Some(number) => Register::of_process().make(number, &self.parent),
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
    pub fn stopped(&self) -> Option<Stop> {
        match self.own.get().or_else(|| self.take_early()) {
            Some(own) => own.context().stopped(),
            None => self.parent.stopped(),
        }
    }

    /// The context that the other end has made, if it was first.
    fn take_early(&self) -> Option<&Canceller> {
        let early = Register::of_process().take_early(self.reached_as()?)?;
        Some(self.own.get_or_init(|| early))
    }

    /// One that is made already. Whoever runs in it has no right to cancel it.
    pub(super) fn made(context: Context) -> Self {
        Self::from(Canceller { context })
    }

    /// Whether it is the background, which never stops.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// assert!(Deferred::within(Context::background(), 1).is_background());
    /// assert!(!Deferred::child_of(Context::background()).is_background());
    /// ```
    #[must_use]
    pub fn is_background(&self) -> bool {
        self.own.get().is_some_and(|own| own.context().is_background())
    }
}

impl From<Canceller> for Deferred {
    fn from(own: Canceller) -> Self {
        Self { parent: Context::background(), own: OnceLock::from(own), number: 0 }
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        match (self.reached_as(), self.own.get()) {
            (None, _) => {}
            (Some(number), Some(_)) => Register::of_process().forget(number),
            (Some(number), None) => Register::of_process().forget_early(number),
        }
    }
}
