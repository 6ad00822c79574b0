use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::{Parker, Seam, Timer, TimerQueue};
use crate::primitive::lock_std;

/// The seam of plain threads: the system's clock, real parking, and one thread for all timers.
///
/// That thread starts with the first timer and ends with the seam.
#[derive(Debug, Default)]
pub struct Threads {
    driver: OnceLock<Driver>,
}

impl Threads {
    /// Makes a seam; the free functions use a shared one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn start(
        name: String,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name(name).spawn(body)
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
        self.driver.get_or_init(Driver::start).add(at, waker)
    }

    fn random(&self) -> u64 {
        // Each `RandomState` has keys of its own, drawn by the standard library.
        RandomState::new().hash_one(0)
    }

    fn spawn_thread(
        &self,
        name: String,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<JoinHandle<()>> {
        Self::start(name, body)
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
pub(super) fn split_mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The thread that fires timers.
#[derive(Debug)]
struct Driver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Arc<Mutex<TimerQueue>>,
    /// Notified when the earliest time may have changed, and at the end.
    changed: Condvar,
    /// Set under the lock of `queue`.
    ended: std::sync::atomic::AtomicBool,
}

impl Driver {
    /// # Panics
    /// If the system has no thread left for the timers of the whole process.
    fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let thread = Threads::start("gonex-timer".to_owned(), Box::new(move || theirs.run()))
            .expect("the system has a thread for gonex's timers");
        Self { shared, thread: Some(thread) }
    }

    fn add(&self, at: Instant, waker: Waker) -> Timer {
        let mut queue = lock_std(&self.shared.queue);
        let earliest = queue.next().is_none_or(|next| at < next);
        let key = queue.insert(at, waker);
        drop(queue);
        if earliest {
            self.shared.changed.notify_one();
        }
        Timer::new(self.shared.queue.clone(), key)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        {
            let _queue = lock_std(&self.shared.queue);
            self.shared.ended.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        self.shared.changed.notify_one();
        // On the driver's own thread (a waker held the last reference) there is nobody to wait for.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut queue = lock_std(&self.queue);
        while !self.ended.load(std::sync::atomic::Ordering::Relaxed) {
            let now = Instant::now();
            let due = queue.take_due(now);
            if !due.is_empty() {
                drop(queue);
                due.into_iter().for_each(Waker::wake);
                queue = lock_std(&self.queue);
                continue;
            }
            queue = match queue.next() {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let wait = at.saturating_duration_since(now);
                    let woken = self.changed.wait_timeout(queue, wait);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}
