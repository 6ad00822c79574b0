//! Cooperation: a task whose operations are always ready lets others go on all the same.
//!
//! Whoever polls a task gives it a [budget](with_budget) for that poll. Each operation that is ready
//! spends one of it; when it is spent, operations wake themselves and say that they are not ready,
//! until the next poll brings a new one. Where nobody gave a budget, none is spent, but with the
//! feature `tokio`, operations spend that of tokio's task.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Stop;
use crate::op::{Kind, Limited, Op, Subject};

/// So many operations of a task can be ready in one poll of it.
pub const BUDGET: u8 = 128;

thread_local! {
    /// What is left of the budget; `None` where nobody gave one.
    static LEFT: Cell<Option<u8>> = const { Cell::new(None) };
}

/// Runs a poll of a task with a new [`BUDGET`], and puts the one before back, also if it panics.
///
/// ```
/// use std::pin::pin;
/// use std::future::Future;
/// use std::task::{Context, Waker};
/// use gonex_core::rt::{self, coop};
///
/// let mut busy = pin!(async {
///     loop {
///         rt::sleep_until(rt::now()).await; // always ready
///     }
/// });
/// let mut cx = Context::from_waker(Waker::noop());
/// assert!(coop::with_budget(|| busy.as_mut().poll(&mut cx)).is_pending());
/// ```
pub fn with_budget<T>(poll: impl FnOnce() -> T) -> T {
    struct PutBack(Option<u8>);
    impl Drop for PutBack {
        fn drop(&mut self) {
            LEFT.set(self.0);
        }
    }
    let _before = PutBack(LEFT.replace(Some(BUDGET)));
    poll()
}

/// Polls an operation within the budget, and spends one of it if it is ready.
#[inline]
pub(crate) fn poll<T>(
    cx: &mut Context<'_>,
    op: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    LEFT.with(|left| match left.get() {
        Some(0) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(some) => {
            let polled = op(cx);
            if polled.is_ready() {
                left.set(Some(some - 1));
            }
            polled
        }
        None => poll_without(cx, op),
    })
}

#[cfg(not(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown")))))]
fn poll_without<T>(cx: &mut Context<'_>, op: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    op(cx)
}

#[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
fn poll_without<T>(cx: &mut Context<'_>, op: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let restore = std::task::ready!(::tokio::task::coop::poll_proceed(cx));
    let polled = op(cx);
    if polled.is_ready() {
        restore.made_progress();
    }
    polled
}

/// Lets others go first: an async task goes to the end of the queue, a blocking thread gives its
/// core away if another wants it.
///
/// # Cancel safety
/// Dropping it leaves nothing behind. Where the ambient context has been stopped, a future unwinds to
/// the border of its task, and under explicit limits it yields `Err`; a blocking thread does not
/// wait, and so is not stopped.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
/// use gonex_core::rt::yield_now;
///
/// let mut cx = Context::from_waker(Waker::noop());
/// let mut others = pin!(yield_now());
/// assert_eq!(others.as_mut().poll(&mut cx), Poll::Pending);
/// assert_eq!(others.poll(&mut cx), Poll::Ready(()));
/// yield_now().block();
/// ```
#[track_caller]
pub fn yield_now() -> Op<YieldNow> {
    Op::new(YieldNow { yielded: false })
}

/// The kind of [`yield_now`].
#[derive(Debug)]
pub struct YieldNow {
    yielded: bool,
}

impl Kind for YieldNow {
    type Output = ();
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        std::thread::yield_now();
        Some(())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("let others go first")
    }
}
