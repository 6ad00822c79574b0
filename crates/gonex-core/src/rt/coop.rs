//! Cooperation: a task whose operations are always ready lets others go on all the same.
//!
//! Whoever polls a task gives it a [budget](with_budget) for that poll. Each operation that is ready
//! spends one of it; when it is spent, operations wake themselves and say that they are not ready,
//! until the next poll brings a new one.
//!
//! Where nobody gave a budget, none is spent, but with the feature `tokio`, operations spend that of
//! tokio's task: every 16th that is ready on the thread spends one unit of it, since to ask tokio costs
//! more than many an operation. A poll of a task has 128 units, so one whose operations are always
//! ready lets others go on after at most 2,064 of them (129 times 16, since up to 16 may have been paid
//! for by an earlier task). Operations of tokio still spend a unit each.
//!
//! # How it counts
//! One number for each thread says how many operations may still be ready before somebody is asked. An
//! operation takes one of them before it is tried and gives it back if it is not ready. It does that in
//! the calling code; only to ask is out of line.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Stop;
use crate::op::{Kind, Limited, Op, Subject};

/// So many operations of a task can be ready in one poll of it.
///
/// ```
/// use std::cell::Cell;
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context, Waker};
/// use gonex_core::rt::{self, coop};
///
/// let rounds = Cell::new(0);
/// let mut busy = pin!(async {
///     loop {
///         rt::sleep_until(rt::now()).await; // always ready
///         rounds.set(rounds.get() + 1);
///     }
/// });
/// let mut cx = Context::from_waker(Waker::noop());
/// assert!(coop::with_budget(|| busy.as_mut().poll(&mut cx)).is_pending());
/// assert_eq!(rounds.get(), coop::BUDGET);
/// ```
pub const BUDGET: u8 = 128;

/// What operations of a thread may spend.
struct Purse {
    /// How many may be ready before somebody is asked. Below zero only between [`proceed`] and
    /// [`ask`].
    left: Cell<i32>,
    /// Whether `left` is a budget that was given, and so is all there is.
    given: Cell<bool>,
}

thread_local! {
    /// Needs neither a start nor an end, so each access is one of memory.
    static PURSE: Purse = const { Purse { left: Cell::new(0), given: Cell::new(false) } };
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
    struct PutBack {
        left: i32,
        given: bool,
    }
    impl Drop for PutBack {
        fn drop(&mut self) {
            PURSE.with(|purse| {
                purse.left.set(self.left);
                purse.given.set(self.given);
            });
        }
    }
    let _before = PURSE.with(|purse| PutBack {
        left: purse.left.replace(i32::from(BUDGET)),
        given: purse.given.replace(true),
    });
    poll()
}

/// Whether an operation may be tried now. If so, it has spent one of the budget and
/// [gives it back](give_back) if it turns out not to be ready; if not, its task is woken.
#[inline(always)]
pub(crate) fn proceed(cx: &mut Context<'_>) -> bool {
    let left = PURSE.with(|purse| {
        let left = purse.left.get() - 1;
        purse.left.set(left);
        left
    });
    left >= 0 || ask(cx)
}

/// Does something outside of a poll of its own if it is ready, and spends one of the budget for it.
///
/// For code that runs in the poll of a task and tries for itself what an operation would do, before it
/// makes one. `None` means that nothing is left to spend, and so `ready` was not called: then an
/// operation has to be polled, which can ask for more.
///
/// ```
/// use gonex_core::rt::coop;
///
/// coop::with_budget(|| {
///     assert_eq!(coop::at_once(|| None::<()>), Some(None));
///     let done = (0..1000).map_while(|_| coop::at_once(|| Some(()))).count();
///     assert_eq!(done, coop::BUDGET.into());
/// });
/// ```
#[inline(always)]
pub fn at_once<T>(ready: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if PURSE.with(|purse| purse.left.get()) <= 0 {
        return None;
    }
    let done = ready();
    if done.is_some() {
        // Read again, since what was done may have woken others, and so have run code of theirs.
        PURSE.with(|purse| purse.left.set(purse.left.get() - 1));
    }
    Some(done)
}

/// Puts back what [`proceed`] took for an operation that is not ready.
#[inline]
pub(crate) fn give_back() {
    PURSE.with(|purse| purse.left.set(purse.left.get() + 1));
}

/// Goes on, if that is allowed, where there was nothing left.
#[cold]
#[inline(never)]
fn ask(cx: &mut Context<'_>) -> bool {
    // Set right before anything else, for a waker may run code that comes here again.
    let given = PURSE.with(|purse| {
        purse.left.set(0);
        purse.given.get()
    });
    if given {
        cx.waker().wake_by_ref();
        return false;
    }
    let Poll::Ready(granted) = grant(cx) else { return false };
    PURSE.with(|purse| purse.left.set(granted - 1));
    true
}

/// How many operations may be ready where nobody gave a budget.
#[cfg(not(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown")))))]
fn grant(_: &mut Context<'_>) -> Poll<i32> {
    // There is no end to it; the number is some that is seldom used up.
    Poll::Ready(1 << 30)
}

/// How many operations one unit of tokio's budget pays for. If there is none left, tokio wakes the task.
#[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
fn grant(cx: &mut Context<'_>) -> Poll<i32> {
    // Spent now, whether this operation is ready or not: then it gives back what the unit has bought,
    // and the next one has it.
    ::tokio::task::coop::poll_proceed(cx).map(|unit| {
        unit.made_progress();
        16
    })
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
///
/// ```
/// use gonex_core::Op;
/// use gonex_core::rt::{self, coop::YieldNow};
///
/// let others_first: Op<YieldNow> = rt::yield_now();
/// assert_eq!(others_first.block(), ());
/// ```
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
