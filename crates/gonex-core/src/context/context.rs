use std::fmt;
use std::time::Duration;

use super::done::Done;
use super::node::Node;
use crate::primitive::Arc;
use crate::{Cause, Instant, Op, Stop, rt};

/// A deadline and a cancellation that reach all who work for one purpose; cheap to clone.
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
    #[must_use]
    pub const fn background() -> Self {
        Self { node: None }
    }

    /// Makes a child that can be cancelled apart from its parent.
    #[must_use]
    pub fn with_cancel(&self) -> (Self, Canceller) {
        let child = self.child(None);
        let canceller = Canceller { context: child.clone() };
        (child, canceller)
    }

    /// Makes a child that stops at `at`, or earlier with its parent.
    #[must_use]
    pub fn with_deadline(&self, at: Instant) -> Self {
        self.child(Some(at))
    }

    /// Makes a child that stops when `limit` has passed from now, or earlier with its parent.
    ///
    /// A time too long to be represented is no limit.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        self.child(rt::now().checked_add(limit))
    }

    fn child(&self, deadline: Option<Instant>) -> Self {
        Self { node: Some(Node::child(self.node.as_ref(), deadline)) }
    }

    /// The instant at which this context stops by itself, if there is one.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.node.as_ref()?.deadline()
    }

    /// Why this context has stopped, or `None` while it goes on.
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
    #[track_caller]
    pub fn done(&self) -> Op<Done> {
        Op::new(Done::new(self.clone()))
    }

    /// The cause, if this context was cancelled, as opposed to timed out.
    pub(crate) fn cancellation(&self) -> Option<Cause> {
        self.node.as_ref()?.cause()
    }

    pub(crate) fn is_background(&self) -> bool {
        self.node.is_none()
    }

    pub(super) fn node(&self) -> Option<&Node> {
        self.node.as_deref()
    }

    fn cancel(&self, cause: &Cause) {
        if let Some(node) = &self.node {
            node.cancel(cause);
        }
    }
}

/// Cancels the context it was made with; cheap to clone. Dropping it cancels nothing.
#[derive(Clone, Debug)]
pub struct Canceller {
    context: Context,
}

impl Canceller {
    /// Cancels the context and all its children. The first cause counts; a second call returns at
    /// once, perhaps before a first one on another thread has reached every child.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.context.cancel(&cause.into());
    }
}
