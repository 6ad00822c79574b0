use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use ::tokio::runtime::{Handle, Id};
use ::tokio::time::Sleep;

use super::timers::{Driven, Timer};
use super::{Parker, Seam, Thread, ThreadOptions, threads};
use crate::primitive::{discard, lock_std};

/// The seam inside a tokio runtime: time is tokio's, and one task drives all timers.
///
/// It is found where code runs inside a tokio runtime and has entered no other seam, so
/// `tokio::time::pause` and `advance` move the timers of gonex, and a paused clock goes on by itself
/// to the next of them as it does for tokio's own.
///
/// The task begins with the first use of the seam in the runtime, waits without a timer of its own
/// while none is set, since that would move a paused clock, and ends with the runtime. Timers that are
/// left then, and those of a runtime whose time is not enabled, are driven by the [shared
/// thread](super::Threads) and the system's clock.
///
/// Like tokio's, timers fire up to a millisecond late.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt;
///
/// let mut runtime = tokio::runtime::Builder::new_current_thread();
/// let runtime = runtime.enable_time().start_paused(true).build()?;
/// runtime.block_on(async {
///     let start = rt::now();
///     rt::sleep(Duration::from_secs(3600)).await; // the paused clock goes on by itself
///     assert!(rt::now() - start >= Duration::from_secs(3600));
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Tokio {
    handle: Handle,
    timers: Arc<Driven>,
}

impl fmt::Debug for Tokio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokio").field("runtime", &self.handle.id()).finish_non_exhaustive()
    }
}

/// The seams of all runtimes that have one.
fn seams() -> &'static Mutex<HashMap<Id, Arc<Tokio>>> {
    static SEAMS: OnceLock<Mutex<HashMap<Id, Arc<Tokio>>>> = OnceLock::new();
    SEAMS.get_or_init(Mutex::default)
}

impl Tokio {
    /// The seam of the runtime that this code runs in, if it does in one.
    ///
    /// ```
    /// use gonex_core::rt::Tokio;
    ///
    /// assert!(Tokio::current().is_none());
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// assert!(runtime.block_on(async { Tokio::current().is_some() }));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        Handle::try_current().ok().map(|handle| Self::of(&handle))
    }

    /// The seam of a runtime.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_core::rt::Tokio;
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let seam = Tokio::of(runtime.handle());
    /// assert!(Arc::ptr_eq(&seam, &Tokio::of(runtime.handle())), "a runtime has one");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn of(handle: &Handle) -> Arc<Self> {
        let id = handle.id();
        if let Some(known) = lock_std(seams()).get(&id) {
            return known.clone();
        }
        let timers = Arc::new(Driven::new(now_in(handle)));
        let made = Arc::new(Self { handle: handle.clone(), timers });
        // Another thread may have been faster.
        let kept = lock_std(seams()).entry(id).or_insert_with(|| made.clone()).clone();
        if Arc::ptr_eq(&kept, &made) {
            // Spawned outside the lock: a runtime that has ended drops it at once, and that takes the
            // seam out again.
            handle.spawn(Drive { timers: made.timers.clone(), id, sleep: None, gave_up: false });
        }
        kept
    }

    /// The time inside the runtime around; without one, that of the system. tokio looks for a runtime only
    /// where somebody has paused a clock.
    #[inline]
    pub(super) fn now_here() -> Instant {
        ::tokio::time::Instant::now().into_std()
    }
}

fn now_in(handle: &Handle) -> Instant {
    let _inside = handle.enter();
    ::tokio::time::Instant::now().into_std()
}

impl Seam for Tokio {
    fn now(&self) -> Instant {
        now_in(&self.handle)
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        // By both: the timer for a clock that is paused, the limit for a thread without which the
        // task that drives the timers cannot go on.
        let _timer = deadline.map(|at| self.timer(at, Waker::from(parker.clone())));
        parker.park(deadline.map(|at| at.saturating_duration_since(self.now())));
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        Timer::new(self.timers.clone(), self.timers.add(at, waker))
    }

    fn random(&self) -> u64 {
        threads::random()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        Thread::start(options, body)
    }
}

/// The task that drives the timers of a runtime.
struct Drive {
    timers: Arc<Driven>,
    id: Id,
    sleep: Option<Pin<Box<Sleep>>>,
    /// The runtime has no time, and a thread drives the timers.
    gave_up: bool,
}

impl Future for Drive {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        while !self.gave_up {
            let now = ::tokio::time::Instant::now().into_std();
            let Some(at) = self.timers.turn(now, cx.waker()) else {
                self.sleep = None;
                return Poll::Pending;
            };
            let slept = catch_unwind(AssertUnwindSafe(|| {
                let fresh = || Box::pin(::tokio::time::sleep_until(at.into()));
                let sleep = self.sleep.get_or_insert_with(fresh);
                sleep.as_mut().reset(at.into());
                sleep.as_mut().poll(cx)
            }));
            match slept {
                Ok(Poll::Ready(())) => {}
                Ok(Poll::Pending) => return Poll::Pending,
                Err(no_time) => {
                    discard(no_time);
                    self.gave_up = true;
                    ByThread::drive(&self.timers);
                }
            }
        }
        Poll::Pending
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let seam = lock_std(seams()).remove(&self.id);
        drop(seam);
        if !self.gave_up {
            ByThread::drive(&self.timers);
        }
    }
}

/// Drives timers by a timer of the shared thread; ends with them.
struct ByThread {
    timers: Weak<Driven>,
    next: Mutex<Option<(Instant, Timer)>>,
}

impl ByThread {
    fn drive(timers: &Arc<Driven>) {
        Arc::new(Self { timers: Arc::downgrade(timers), next: Mutex::default() }).wake();
    }
}

impl Wake for ByThread {
    fn wake(self: Arc<Self>) {
        let Some(timers) = self.timers.upgrade() else { return };
        let waker = Waker::from(self.clone());
        let next = timers.turn(Instant::now(), &waker);
        let mut timer = next.map(|at| (at, super::seam::shared().timer(at, waker)));
        let mut mine = lock_std(&self.next);
        // Two may come here at once: the later time must not put the earlier one off.
        let now = Instant::now();
        let is_put_off =
            |(theirs, _): &(Instant, Timer)| *theirs <= now || next.is_none_or(|at| at < *theirs);
        if mine.as_ref().is_none_or(is_put_off) {
            std::mem::swap(&mut *mine, &mut timer);
        }
        drop(mine);
        drop(timer);
    }
}
