use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::policy::{around_park, check_blocking};
use super::{Spin, current};
use crate::Instant;
use crate::insight::Blocking;

/// A thread's place to wait, which can be notified from elsewhere.
///
/// A notification that comes before the wait is kept, so none is lost.
///
/// ```
/// use std::thread;
/// use gonex_core::rt::Parker;
///
/// let parker = Parker::new();
/// let notifier = parker.clone();
/// let other = thread::spawn(move || notifier.notify());
/// assert!(parker.park(None), "notified, before or after it parked");
/// other.join().unwrap();
/// ```
#[derive(Debug)]
pub struct Parker {
    thread: Thread,
    /// Set by whoever notifies, cleared by the parked thread. Release and Acquire: what the
    /// notifier did before is seen by the thread it wakes.
    notified: AtomicBool,
}

impl Parker {
    /// Makes a parker for this thread.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt::Parker;
    ///
    /// let parker = Parker::new();
    /// assert!(!parker.park(Some(Duration::ZERO)));
    /// parker.notify();
    /// assert!(parker.park(None));
    /// ```
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { thread: thread::current(), notified: AtomicBool::new(false) })
    }

    /// Waits until notified, or for at most `limit`. Returns whether it was notified.
    ///
    /// # Panics
    /// On another thread than the one it was made on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt::Parker;
    ///
    /// let parker = Parker::new();
    /// parker.notify();
    /// assert!(parker.park(Some(Duration::ZERO)), "what was notified before counts");
    /// assert!(!parker.park(Some(Duration::ZERO)), "and counts once");
    /// ```
    #[track_caller]
    pub fn park(&self, limit: Option<Duration>) -> bool {
        assert_eq!(thread::current().id(), self.thread.id(), "a parker parks its own thread");
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        // std's token can be left over from another user of it, hence the flag and the loop.
        while !self.notified.swap(false, Ordering::Acquire) {
            match end {
                None => thread::park(),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    thread::park_timeout(left);
                }
            }
        }
        true
    }

    /// Waits in a loop for a moment. Whether it was notified.
    fn spin(&self) -> bool {
        let mut spin = Spin::without_yielding();
        // Looked at before it is written: the line stays with whoever is about to notify.
        while !self.notified.load(Ordering::Relaxed) {
            if !spin.turn() {
                return false;
            }
        }
        self.notified.swap(false, Ordering::Acquire)
    }

    /// Whether a notification is kept for the next wait; for those who write a [`Seam`](super::Seam).
    ///
    /// ```
    /// use gonex_core::rt::Parker;
    ///
    /// let parker = Parker::new();
    /// parker.notify();
    /// assert!(parker.is_notified());
    /// parker.park(None);
    /// assert!(!parker.is_notified());
    /// ```
    #[must_use]
    pub fn is_notified(&self) -> bool {
        self.notified.load(Ordering::Acquire)
    }

    /// Ends the wait of this parker's thread, now or when it next begins.
    ///
    /// ```
    /// use std::task::Waker;
    /// use std::time::Duration;
    /// use gonex_core::rt::Parker;
    ///
    /// let parker = Parker::new();
    /// parker.notify();
    /// Waker::from(parker.clone()).wake(); // the same, for what wants a waker
    /// assert!(parker.park(None));
    /// assert!(!parker.park(Some(Duration::ZERO)), "two before a wait are one");
    /// ```
    pub fn notify(&self) {
        self.notified.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.notify();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.notify();
    }
}

/// What one step of a blocking wait says.
///
/// ```
/// use gonex_core::rt::{self, Blocked};
///
/// let mut tries = 0;
/// let tries = rt::block(|_| {
///     tries += 1;
///     // Tries again at an instant that has come already.
///     if tries == 2 { Blocked::Done(tries) } else { Blocked::Until(Some(rt::now())) }
/// });
/// assert_eq!(tries, 2);
/// ```
#[derive(Debug)]
pub enum Blocked<T> {
    /// The wait is over.
    Done(T),
    /// Try again when woken, or at this instant.
    Until(Option<Instant>),
}

thread_local! {
    /// This thread's parker while nobody waits on it. A wait inside a wait makes one of its own:
    /// it must not eat the notification of the outer one.
    static SPARE: Cell<Option<Arc<Parker>>> = const { Cell::new(None) };
}

/// Repeats `step` on this thread until it is done, parking in between.
///
/// The waker in its argument ends a park.
///
/// # Panics
/// Where blocking is [forbidden](super::Policy::Forbidden).
///
/// ```
/// use gonex_core::rt::{self, Blocked};
///
/// let mut left = 3;
/// let steps = rt::block(|cx| {
///     left -= 1;
///     cx.waker().wake_by_ref();
///     if left == 0 { Blocked::Done("three") } else { Blocked::Until(None) }
/// });
/// assert_eq!(steps, "three");
/// ```
#[track_caller]
pub fn block<T>(step: impl FnMut(&mut Context<'_>) -> Blocked<T>) -> T {
    block_spinning(false, step)
}

/// The same as [`block`]; with `spins`, each wait begins in a [loop](Spin).
#[track_caller]
pub(crate) fn block_spinning<T>(
    spins: bool,
    mut step: impl FnMut(&mut Context<'_>) -> Blocked<T>,
) -> T {
    check_blocking();
    // A thread that ends may have no such variable any more.
    let spare = SPARE.try_with(Cell::take).unwrap_or_default();
    let parker = spare.unwrap_or_else(Parker::new);
    let waker = Waker::from(parker.clone());
    let mut watched = None;
    loop {
        watched = Blocking::begin(watched, &waker);
        let waker = watched.as_ref().map_or(&waker, Blocking::waker);
        match step(&mut Context::from_waker(waker)) {
            Blocked::Done(output) => {
                watched.iter().for_each(Blocking::end);
                // Its next user may find an old notification and looks once more than needed.
                SPARE.try_with(|spare| spare.set(Some(parker))).ok();
                return output;
            }
            Blocked::Until(_) if spins && parker.spin() => {}
            Blocked::Until(deadline) => {
                let park = || around_park(|| current().park(&parker, deadline));
                match &watched {
                    Some(watched) => watched.park(park),
                    None => park(),
                }
            }
        }
    }
}
