use std::any::Any;
use std::fmt;
use std::time::Duration;

use super::done::Done;
use super::node::Node;
use super::values::Values;
use crate::primitive::Arc;
use crate::{Cause, Instant, Op, Stop, rt};

/// A deadline, a cancellation and values that reach all who work for one purpose; cheap to clone.
///
/// Contexts form a tree: a child is stopped with its parent and no deadline of a child is later
/// than its parent's. The root, [`background`](Self::background), never stops. Each task runs in
/// one, which [`current`](Self::current) gives, and every operation that has to wait observes it.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Context, Stop};
///
/// let request = Context::background().with_timeout(Duration::from_secs(30));
/// let (query, canceller) = request.with_cancel();
/// assert_eq!(query.deadline(), request.deadline());
///
/// canceller.cancel("the client left");
/// assert!(matches!(query.stopped(), Some(Stop::Cancelled(_))));
/// assert_eq!(request.stopped(), None);
/// ```
#[derive(Clone, Default)]
pub struct Context {
    /// `None` is the background.
    node: Option<Arc<Node>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("deadline", &self.deadline())
            .field("stopped", &self.stopped())
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Returns the root of all contexts, which never stops.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// assert_eq!(Context::background().stopped(), None);
    /// assert_eq!(Context::background().deadline(), None);
    /// ```
    #[must_use]
    pub const fn background() -> Self {
        Self { node: None }
    }

    /// Makes a child that can be cancelled apart from its parent.
    ///
    /// It can follow any other `with_…`: `context.with_timeout(limit).with_cancel()` makes one that
    /// stops at its time or when it is cancelled, whichever comes first.
    ///
    /// ```
    /// use gonex_core::{Context, Stop};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// assert_eq!(context.stopped(), None);
    /// canceller.cancel("enough");
    /// assert!(matches!(context.stopped(), Some(Stop::Cancelled(_))));
    /// ```
    #[must_use]
    pub fn with_cancel(&self) -> (Self, Canceller) {
        let child = self.child(None, None);
        let canceller = Canceller { context: child.clone() };
        (child, canceller)
    }

    /// Makes a child that stops at `at`, or earlier with its parent.
    ///
    /// ```
    /// use gonex_core::{Context, Stop, rt};
    ///
    /// let context = Context::background().with_deadline(rt::now());
    /// assert_eq!(context.stopped(), Some(Stop::Timeout));
    /// ```
    #[must_use]
    pub fn with_deadline(&self, at: Instant) -> Self {
        self.child(Some((at, None)), None)
    }

    /// Makes a child that stops at `at`, or earlier with its parent, and says why it had a deadline:
    /// [`cause`](Self::cause) tells, where this deadline and not an earlier one has passed.
    ///
    /// ```
    /// use gonex_core::{Context, rt};
    ///
    /// let late = Context::background().with_deadline_cause(rt::now(), "the shop closes");
    /// assert_eq!(late.cause().unwrap().to_string(), "the shop closes");
    /// ```
    #[must_use]
    pub fn with_deadline_cause(&self, at: Instant, cause: impl Into<Cause>) -> Self {
        self.child(Some((at, Some(cause.into()))), None)
    }

    /// Makes a child that stops when `limit` has passed from now, or earlier with its parent.
    ///
    /// A time too long to be represented is no limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Context, Stop};
    ///
    /// let context = Context::background().with_timeout(Duration::ZERO);
    /// assert_eq!(context.done().block(), Stop::Timeout);
    /// assert_eq!(Context::background().with_timeout(Duration::MAX).deadline(), None);
    /// ```
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        self.child(rt::now().checked_add(limit).map(|at| (at, None)), None)
    }

    /// Makes a child as [`with_timeout`](Self::with_timeout) does, with a cause as
    /// [`with_deadline_cause`](Self::with_deadline_cause) does.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Context, Stop};
    ///
    /// let query = Context::background().with_timeout_cause(Duration::ZERO, "the query took too long");
    /// assert_eq!(query.stopped(), Some(Stop::Timeout));
    /// assert_eq!(query.cause().unwrap().to_string(), "the query took too long");
    /// ```
    #[must_use]
    pub fn with_timeout_cause(&self, limit: Duration, cause: impl Into<Cause>) -> Self {
        self.child(rt::now().checked_add(limit).map(|at| (at, Some(cause.into()))), None)
    }

    /// Makes a child that carries a value, found again by its type.
    ///
    /// One of the same type further up is hidden. A type of your own for each purpose keeps values of
    /// different libraries apart.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// struct RequestId(u64);
    ///
    /// let request = Context::background().with_value(RequestId(7));
    /// let (query, _canceller) = request.with_cancel();
    /// assert_eq!(query.value::<RequestId>().map(|id| id.0), Some(7));
    /// assert!(query.value::<u64>().is_none());
    /// ```
    #[must_use]
    pub fn with_value<T: Any + Send + Sync>(&self, value: T) -> Self {
        let values = self.node.as_ref().map(|node| node.values());
        let values = values.unwrap_or(&Values::default()).with(value);
        self.child(None, Some(values))
    }

    /// The nearest value of this type, of this context or one above.
    ///
    /// It looks at one value after another, from the latest on; contexts without values cost nothing.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let context = Context::background().with_value(1_u8).with_value(2_u8);
    /// assert_eq!(context.value::<u8>(), Some(&2));
    /// ```
    #[must_use]
    pub fn value<T: Any>(&self) -> Option<&T> {
        self.node.as_ref()?.values().get()
    }

    /// Makes a context with the values of this one, which neither its deadline nor its cancellation
    /// reaches: for what has to be done all the same, such as cleaning up.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_value("request 7").with_cancel();
    /// canceller.cancel("enough");
    /// let cleaning = context.without_cancel();
    /// assert_eq!(cleaning.stopped(), None);
    /// assert_eq!(cleaning.value(), Some(&"request 7"));
    /// ```
    #[must_use]
    pub fn without_cancel(&self) -> Self {
        let values = self.node.as_ref().map(|node| node.values().clone()).unwrap_or_default();
        Self { node: (!values.is_empty()).then(|| Node::root(values)) }
    }

    fn child(&self, deadline: Option<(Instant, Option<Cause>)>, values: Option<Values>) -> Self {
        Self { node: Some(Node::child(self.node.as_ref(), deadline, values)) }
    }

    /// The instant at which this context stops by itself, if there is one.
    ///
    /// ```
    /// use gonex_core::{Context, rt};
    ///
    /// let soon = rt::now();
    /// let context = Context::background().with_deadline(soon).with_cancel().0;
    /// assert_eq!(context.deadline(), Some(soon));
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.node.as_ref()?.deadline()
    }

    /// Why this context has stopped, or `None` while it goes on.
    ///
    /// What came first counts: a cancellation after the deadline changes nothing, nor does the
    /// deadline after a cancellation.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// canceller.cancel("first");
    /// canceller.cancel("second");
    /// assert_eq!(context.stopped().unwrap().to_string(), "cancelled: first");
    /// ```
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.node.as_ref()?.stopped()
    }

    /// Waits until this context stops, and yields why.
    ///
    /// That of [`background`](Self::background) waits for ever.
    ///
    /// # Cancel safety
    /// Dropping it leaves nothing behind. Where the *ambient* context stops first, it unwinds to
    /// the border of the task; under explicit limits it yields `Err`.
    ///
    /// ```
    /// use gonex_core::{Context, Stop};
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let waiting = std::thread::spawn({
    ///     let context = context.clone();
    ///     move || context.done().block()
    /// });
    /// canceller.cancel("enough");
    /// assert!(matches!(waiting.join().unwrap(), Stop::Cancelled(_)));
    /// ```
    #[track_caller]
    pub fn done(&self) -> Op<Done> {
        Op::new(Done::new(self.clone()))
    }

    /// The cause of the stop, or `None` while this context goes on: what it was cancelled with, or
    /// what was given for the deadline that passed, or else [`Stop::Timeout`] itself.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::{Context, Stop};
    ///
    /// let late = Context::background().with_timeout(Duration::ZERO);
    /// assert_eq!(late.cause().unwrap().error().downcast_ref(), Some(&Stop::Timeout));
    /// assert!(Context::background().cause().is_none());
    /// ```
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        Some(match self.stopped()? {
            Stop::Cancelled(cause) => cause,
            Stop::Timeout => {
                let given = self.node.as_ref().and_then(|node| node.deadline_cause());
                given.unwrap_or_else(|| Cause::new(Stop::Timeout))
            }
        })
    }

    /// The cause, if this context was cancelled, as opposed to timed out.
    pub(crate) fn cancellation(&self) -> Option<Cause> {
        self.node.as_ref()?.cancellation()
    }

    /// How many operations and functions wait in this context, and how many children it has; for
    /// tests.
    #[doc(hidden)]
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.node.as_ref().map(|node| node.counts()).unwrap_or_default()
    }

    /// Whether it is the [`background`](Self::background), or as good as that: it has no values, and never
    /// stops.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// assert!(Context::background().is_background());
    /// assert!(!Context::background().with_value(7_u8).is_background());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_background(&self) -> bool {
        self.node.is_none()
    }

    pub(super) fn node(&self) -> Option<&Arc<Node>> {
        self.node.as_ref()
    }

    fn cancel(&self, cause: &Cause) {
        if let Some(node) = &self.node {
            node.cancel(cause);
        }
    }
}

/// Cancels the context it was made with; cheap to clone. Dropping it cancels nothing.
///
/// ```
/// use gonex_core::Context;
///
/// let (context, canceller) = Context::background().with_cancel();
/// drop(canceller.clone());
/// assert_eq!(context.stopped(), None);
/// canceller.cancel("enough");
/// assert!(context.stopped().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Canceller {
    pub(super) context: Context,
}

impl Canceller {
    /// The context that it cancels.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// canceller.cancel("enough");
    /// assert_eq!(canceller.context().stopped(), context.stopped());
    /// ```
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Cancels the context and all its children. The first cause counts, and what has timed out before
    /// has its own; a second call returns at once, perhaps before a first one on another thread has reached every child.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let child = context.with_value(1_u8);
    /// canceller.cancel("enough");
    /// assert_eq!(child.cause().unwrap().to_string(), "enough");
    /// ```
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.context.cancel(&cause.into());
    }
}
