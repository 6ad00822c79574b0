use std::pin::Pin;
use std::task::{Context, Poll};

use super::Subject;
use crate::Stop;

/// What one kind of operation does, and what it yields.
///
/// [`Op`](crate::Op) adds to it all that operations have in common. A kind is polled like a
/// future and, unlike one, can be *stopped*: then it withdraws and says what it yields instead.
///
/// Two families exist. A kind that has an error to put a [`Stop`] into (a send, a join) is its own
/// [`Limited`](Self::Limited), and limits do not change its type. A kind that cannot fail (a lock,
/// a wait) unwinds when the ambient context stops it, and under explicit limits becomes
/// [`Limited<Self>`](crate::Limited), which yields a `Result`.
///
/// # Cancel safety
/// Dropping a kind before it is ready must leave nothing behind: no value lost, no permit kept, no
/// waiter in a list.
pub trait Kind: Sized {
    /// What the operation yields.
    type Output;
    /// The kind this becomes under explicit limits. Limits may be added to it again without
    /// changing the type.
    type Limited: Kind<Limited = Self::Limited>;

    /// Whether [`stop`](Self::stop) unwinds instead of yielding.
    ///
    /// Such an operation does not observe the ambient context while its thread is panicking: a
    /// destructor that waits would turn the first unwind into an abort.
    const STOP_UNWINDS: bool = false;

    /// Whether [`block`](crate::Op::block) should try for a moment before it parks: for operations
    /// whose other side usually comes within the time that parking and unparking take.
    const SPINS: bool = false;

    /// Does the operation now if that needs no wait, and `None` otherwise. No waker is kept.
    ///
    /// Blocking code tries this before it prepares to park. A kind without a cheap first try leaves
    /// it out.
    fn attempt(self: Pin<&mut Self>) -> Option<Self::Output> {
        None
    }

    /// Goes on as far as possible; on `Pending`, the waker is told when more is.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output>;

    /// Withdraws, and says what the operation yields instead. If it turns out to be done just now,
    /// it yields what was done, so that nothing is lost.
    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output;

    /// Turns into the kind under explicit limits. Called before the first poll.
    fn limited(self) -> Self::Limited;

    /// What the operation waits for, for [insight](crate::insight). Asked only when that is on and
    /// the operation has to wait.
    ///
    /// A kind that sets a timer of its own says in [`Subject::until`] when it ends by that, so that no
    /// stall is seen where time will go on.
    fn subject(&self) -> Subject {
        Subject::new("wait for").of(std::any::type_name::<Self>())
    }
}
