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
/// ```
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
/// use gonex_core::op::Subject;
/// use gonex_core::{Kind, Limited, Op, Stop};
///
/// /// Waits for as many polls.
/// struct Countdown(u32);
///
/// impl Kind for Countdown {
///     type Output = &'static str;
///     type Limited = Limited<Self>;
///     const STOP_UNWINDS: bool = true;
///
///     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
///         if self.0 == 0 {
///             return Poll::Ready("lift-off");
///         }
///         self.0 -= 1;
///         cx.waker().wake_by_ref();
///         Poll::Pending
///     }
///
///     fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
///         stop.unwind()
///     }
///
///     fn limited(self) -> Limited<Self> {
///         Limited::new(self)
///     }
///
///     fn subject(&self) -> Subject {
///         Subject::new("count down")
///     }
/// }
///
/// assert_eq!(Op::new(Countdown(3)).block(), "lift-off");
/// let stopped = Op::new(Countdown(3)).timeout(std::time::Duration::ZERO).block();
/// assert_eq!(stopped, Err(Stop::Timeout));
/// ```
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

    /// Whether [`block`](crate::Op::block) should wait in a loop for a moment before it parks: for
    /// operations whose other side usually comes within the time that parking and unparking take.
    const SPINS: bool = false;

    /// Whether [`attempt`](Self::attempt) may come true later although nobody knows that it waits.
    /// If so, [`block`](crate::Op::block) tries again for a moment before it says so.
    fn comes_unasked(&self) -> bool {
        true
    }

    /// Does the operation now if that needs no wait, and `None` otherwise. No waker is kept.
    ///
    /// Blocking code tries this before it prepares to park, and so before the first poll. A kind
    /// without a cheap first try leaves it out.
    fn attempt(&mut self) -> Option<Self::Output> {
        None
    }

    /// Goes on as far as possible; on `Pending`, the waker is told when more is.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output>;

    /// Withdraws, and says what the operation yields instead. If it turns out to be done just now,
    /// it yields what was done, so that nothing is lost.
    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output;

    /// Withdraws when an explicit limit of a kind that cannot fail is reached, and gives the reason
    /// back; but if the operation turns out to be done just now, it yields what was done.
    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        Err(stop)
    }

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
