use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Waker;

use super::timers::{Driven, TimerKeeper, TimerKey};
use super::{Parker, Seam, Thread, ThreadOptions, Timer};
use crate::Instant;
use crate::primitive::lock_std;

/// The seam of plain threads: the system's clock, real parking, and one thread for all timers.
///
/// That thread starts with the first timer, and ends with the seam and its last timer.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Threads};
///
/// rt::enter(Arc::new(Threads::new()), || {
///     let start = rt::now();
///     rt::sleep(Duration::from_millis(1)).block();
///     assert!(rt::now() - start >= Duration::from_millis(1));
/// });
/// ```
#[derive(Debug, Default)]
pub struct Threads {
    driver: OnceLock<Arc<Driver>>,
}

impl Threads {
    /// Makes a seam; the free functions use a shared one.
    ///
    /// ```
    /// use gonex_core::rt::{Seam, Threads};
    ///
    /// let threads = Threads::new();
    /// let before = threads.now();
    /// assert!(threads.now() >= before);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Seam for Threads {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        parker.park(deadline.map(|at| at.saturating_duration_since(Instant::now())));
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        let driver = self.driver.get_or_init(Driver::start);
        Timer::new(driver.clone(), driver.timers.add(at, waker))
    }

    fn random(&self) -> u64 {
        random()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        Thread::start(options, body)
    }
}

/// Chance from the standard library: each `RandomState` has keys of its own, which it draws.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
pub(super) fn split_mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The thread that fires timers. Each timer holds it, so none is left without.
#[derive(Debug)]
struct Driver {
    timers: Arc<Driven>,
    ended: Arc<AtomicBool>,
    thread: Mutex<Option<(Thread, Arc<Parker>)>>,
}

impl Driver {
    /// # Panics
    /// If the system has no thread left for the timers of the whole process.
    fn start() -> Arc<Self> {
        let timers = Arc::new(Driven::new(Instant::now()));
        let ended = Arc::new(AtomicBool::new(false));
        let (sent, parker) = std::sync::mpsc::channel();
        let (theirs, end) = (timers.clone(), ended.clone());
        let body = move || {
            let parker = Parker::new();
            // Whoever starts the driver waits for this.
            sent.send(parker.clone()).ok();
            drive(&theirs, &parker, &end);
        };
        let thread = Thread::start(ThreadOptions::named("gonex-timer"), Box::new(body))
            .expect("the system has a thread for gonex's timers");
        let parker = parker.recv().expect("the thread tells its parker before anything else");
        Arc::new(Self { timers, ended, thread: Mutex::new(Some((thread, parker))) })
    }
}

fn drive(timers: &Driven, parker: &Arc<Parker>, ended: &AtomicBool) {
    let waker = Waker::from(parker.clone());
    // Relaxed: the parker's notification comes after, and orders it.
    while !ended.load(Ordering::Relaxed) {
        let next = timers.turn(Instant::now(), &waker);
        parker.park(next.map(|at| at.saturating_duration_since(Instant::now())));
    }
}

impl TimerKeeper for Driver {
    fn call_off(&self, key: TimerKey) -> Option<Waker> {
        self.timers.call_off(key)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let Some((thread, parker)) = lock_std(&self.thread).take() else { return };
        parker.notify();
        // On the driver's own thread (a waker held the last timer) there is nobody to wait for.
        if !thread.is_current() {
            thread.join();
        }
    }
}
