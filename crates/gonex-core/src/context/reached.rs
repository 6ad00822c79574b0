use std::fmt;
use std::sync::OnceLock;

use super::register::{Reach, Register};
use super::{Canceller, Context, Deferred};
use crate::Stop;

/// A number of less than 2^62, whether somebody shall [reach](Reach) the task by that, and whether the
/// given context is the task's own.
#[derive(Clone, Copy)]
pub(super) struct Mark(u64);

impl Mark {
    pub(super) const NONE: Self = Self(0);
    const REACHED: u64 = 1;
    pub(super) const GIVEN: u64 = 2;

    pub(super) const fn of(number: u64, how: u64) -> Self {
        Self(number << 2 | how)
    }

    const fn number(self) -> u64 {
        self.0 >> 2
    }

    pub(super) const fn is(self, how: u64) -> bool {
        self.0 & how != 0
    }

    /// The number, if it is to be reached.
    pub(super) fn reached(self) -> Option<u64> {
        self.is(Self::REACHED).then(|| self.number())
    }
}

/// The context of a task that shares nothing with who may cancel it: the end that the task holds, in two
/// words. It is made when one of the ends first needs it.
///
/// ```
/// use gonex_core::Context;
/// use gonex_core::context::{Reached, Reach};
///
/// let (mut task, reach) = Reached::new(Context::background(), 7);
/// task.run(|| ());
/// assert!(!task.is_made(), "nobody has asked");
/// reach.cancel("enough", || false);
/// assert_eq!(task.run(Context::current).cause().unwrap().to_string(), "enough");
/// ```
pub struct Reached {
    /// The context above until there is one of its own.
    context: Context,
    mark: Mark,
}

impl fmt::Debug for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reached").field("made", &self.is_made()).finish_non_exhaustive()
    }
}

impl Reached {
    /// Both ends of a child of a context, which find each other by a number below 2^62 that no other has.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let (mut task, reach) = Reached::new(Context::background(), 7);
    /// reach.cancel("enough", || false);
    /// assert!(task.stopped().is_some());
    /// ```
    #[must_use]
    #[inline]
    pub fn new(parent: Context, number: u64) -> (Self, Reach) {
        let reach = Reach::new(parent.clone(), number);
        (Self { context: parent, mark: Mark::of(number, Mark::REACHED) }, reach)
    }

    /// One that is in this context itself, and that nobody cancels alone.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let mut task = Reached::within(Context::background().with_value("a name"), 7);
    /// assert_eq!(task.context().value(), Some(&"a name"));
    /// assert_eq!(task.number(), 7);
    /// ```
    #[must_use]
    #[inline]
    pub const fn within(context: Context, number: u64) -> Self {
        Self { context, mark: Mark::of(number, Mark::GIVEN) }
    }

    /// The number that it was made with.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// assert_eq!(Reached::new(Context::background(), 7).0.number(), 7);
    /// ```
    #[must_use]
    #[inline]
    pub const fn number(&self) -> u64 {
        self.mark.number()
    }

    /// Whether it has been made.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// assert!(!Reached::new(Context::background(), 7).0.is_made());
    /// ```
    #[must_use]
    #[inline]
    pub const fn is_made(&self) -> bool {
        self.mark.is(Mark::GIVEN)
    }

    /// The context; it is made, if nobody has asked before.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let mut task = Reached::new(Context::background().with_value(7_u8), 7).0;
    /// assert_eq!(task.context().value::<u8>(), Some(&7));
    /// ```
    pub fn context(&mut self) -> &Context {
        if !self.is_made() {
            let own = Register::of_process().make(self.number(), &self.context);
            self.keep(own);
        }
        &self.context
    }

    /// Why it has stopped, if it has; asking does not make it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let (parent, canceller) = Context::background().with_cancel();
    /// let (mut task, _reach) = Reached::new(parent, 7);
    /// assert!(task.stopped().is_none());
    /// canceller.cancel("enough");
    /// assert!(task.stopped().is_some());
    /// ```
    #[inline]
    pub fn stopped(&mut self) -> Option<Stop> {
        if !self.is_made()
            && let Some(early) = Register::of_process().take_early(self.number())
        {
            self.keep(early);
        }
        if self.context.is_background() { None } else { self.context.stopped() }
    }

    /// Whether it is the background, which never stops.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// assert!(Reached::within(Context::background(), 1).is_background());
    /// assert!(!Reached::new(Context::background(), 1).0.is_background());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_background(&self) -> bool {
        self.is_made() && self.context.is_background()
    }

    /// Runs a closure in this context, which is lent to the thread meanwhile. What the closure throws must
    /// not be resumed in the task: it has lost its context.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let mut task = Reached::within(Context::background().with_value(7_u8), 1);
    /// assert_eq!(task.run(|| Context::current().value().copied()), Some(7_u8));
    /// ```
    #[inline]
    pub fn run<T>(&mut self, body: impl FnOnce() -> T) -> T {
        struct PutBack<'a>(&'a mut Reached, Deferred);
        impl Drop for PutBack<'_> {
            #[inline]
            fn drop(&mut self) {
                let Self(task, lent) = self;
                task.context = std::mem::take(&mut lent.given);
                if let Some(own) = lent.own.take()
                    && !task.is_made()
                {
                    task.keep(own);
                }
            }
        }
        let lent = std::mem::take(&mut self.context);
        let lent = Deferred { given: lent, own: OnceLock::new(), mark: self.mark };
        let lent = PutBack(self, lent);
        lent.1.run(body)
    }

    fn keep(&mut self, own: Canceller) {
        self.context = own.context;
        self.mark.0 |= Mark::GIVEN;
    }

    /// Takes it out, with what there is to do at its end, and leaves the background.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let mut task = Reached::new(Context::background(), 7).0;
    /// assert_eq!(task.take().number(), 7);
    /// assert!(task.is_background());
    /// ```
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::within(Context::background(), 0))
    }
}

impl Drop for Reached {
    #[inline]
    fn drop(&mut self) {
        if let Some(number) = self.mark.reached() {
            let register = Register::of_process();
            if self.is_made() { register.forget(number) } else { register.forget_early(number) }
        }
    }
}
