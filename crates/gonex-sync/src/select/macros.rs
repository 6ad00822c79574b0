//! The macros' faces, and what they expand to.

/// Waits until one of several things can happen, and does just that one. For async code; threads use
/// [`select_block!`](crate::select_block).
///
/// ```
/// use std::time::Duration;
/// use gonex_sync::{channel, select};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (jobs_in, jobs) = channel::<u32>(4);
/// let (results, results_out) = channel::<u32>(4);
/// jobs_in.send(6).await.unwrap();
///
/// // Takes a job when there is one, and delivers a result when there is room.
/// let mut result = None;
/// for _ in 0..2 {
///     select! {
///         recv(jobs) -> job, if result.is_none() => result = job.ok().map(|job| job * 7),
///         send(results, &mut result) => assert_eq!(result, None),
///         after(Duration::from_secs(60)) => panic!("nothing to do for a minute"),
///     }
/// }
/// assert_eq!(results_out.recv().await, Ok(42));
/// # }
/// ```
///
/// # Arms
/// - `recv(receiver) -> message => …` receives; the message is a
///   `Result<T, `[`RecvError`](crate::RecvError)`>`. A channel that is closed and empty is always
///   ready, with `Err`.
/// - `send(sender, &mut slot) => …` sends what is in the slot, an `Option`. It is taken when the arm
///   happens and stays when another does. A closed channel is always ready, and leaves the value in
///   its slot; `send(…) -> outcome => …` gives the `Result<(), `[`SendError<()>`](crate::SendError)`>`.
/// - `op(operation) -> output => …` awaits an operation or any other future. It is dropped when
///   another arm happens.
/// - `after(duration) => …` and `at(instant) => …` wait for a time.
/// - `default => …` happens when nothing else can, so the select never waits. Then there was a
///   moment at which no arm could happen. A future is asked once.
///
/// Operands are evaluated once, in the order of writing. An arm is left out when `, if condition`
/// behind it is false, when its receiver or sender is an `Option` that is `None`, and when its slot
/// is empty. If no arm is left and there is no default, the select waits for ever.
///
/// # Order
/// Of several arms that can happen each is as likely as any other. With `biased;` in front the first
/// one written happens; then see to it that a busy arm does not starve those behind it. With
/// `, weight n` behind an arm, it is tried first with a chance in proportion to its weight (1 where
/// none is given).
///
/// Only one thing happens, also when two selects could serve one another, and a select that both
/// sends to a channel and receives from it never serves itself.
///
/// # Cancel safety
/// A select that is dropped while it waits has done nothing: no value is lost, and slots are as they
/// were. One exception: what a slot held may have been let into its channel just before; then it is
/// sent, and the slot is empty. When the ambient context stops, the select unwinds to the border of the task; an
/// arm `op(context.done())` comes before that.
///
/// # Panics
/// With more than 255 arms.
#[macro_export]
macro_rules! select {
    ($($arms:tt)*) => {
        $crate::__private::select_impl! { $crate, await, $($arms)* }
    };
}

/// Waits on this thread until one of several things can happen, and does just that one: the same as
/// [`select!`](crate::select!) for blocking code.
///
/// ```
/// use std::time::Duration;
/// use gonex_sync::{channel, select_block};
///
/// let (tx, rx) = channel(0);
/// std::thread::spawn(move || tx.send("hello").block());
/// let greeting = select_block! {
///     recv(rx) -> greeting => greeting.ok(),
///     after(Duration::from_secs(60)) => None,
/// };
/// assert_eq!(greeting, Some("hello"));
///
/// let nobody = select_block! {
///     recv(rx) -> greeting => greeting.is_ok(),
///     default => false,
/// };
/// assert!(!nobody);
/// ```
///
/// # Panics
/// With more than 255 arms; and where blocking is forbidden, as all that blocks.
#[macro_export]
macro_rules! select_block {
    ($($arms:tt)*) => {
        $crate::__private::select_impl! { $crate, block, $($arms)* }
    };
}

/// What the macros expand to. Not for users.
#[doc(hidden)]
pub mod private {
    pub use std::time::Duration;

    pub use gonex_core::rt::{sleep, sleep_until};
    pub use gonex_core::{Instant, Op};
    pub use gonex_macros::select_impl;

    pub use super::happened;
    pub use crate::select::glance;
    pub use crate::select::{AsReceiver, AsSender, Choose, OpArm, Order, RecvArm, SendArm};
}

/// What the arm that happened yielded.
///
/// # Panics
/// Never: the machinery has filled it.
#[doc(hidden)]
pub fn happened<T>(outcome: Option<T>) -> T {
    outcome.expect("the arm that happened has an outcome")
}
