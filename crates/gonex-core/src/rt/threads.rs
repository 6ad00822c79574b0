use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::thread;

use super::seam::sealed::Sealed;
use super::timers::{Keeper, Key, Wheel};
use super::{Parker, Seam, Timer};
use crate::Instant;
use crate::primitive::{lock_std, wake};

/// The seam of plain threads: the system's clock, real parking, and one thread for all timers.
///
/// That thread starts with the first timer, and ends with the seam and its last timer.
#[derive(Debug, Default)]
pub struct Threads {
    driver: OnceLock<Arc<Driver>>,
}

impl Threads {
    /// Makes a seam; the free functions use a shared one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Sealed for Threads {}

impl Seam for Threads {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        parker.park(deadline.map(|at| at.saturating_duration_since(Instant::now())));
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        let driver = self.driver.get_or_init(Driver::start);
        Timer::new(driver.clone(), driver.shared.add(at, waker))
    }

    fn random(&self) -> u64 {
        // Each `RandomState` has keys of its own, drawn by the standard library.
        RandomState::new().hash_one(0)
    }

    fn spawn_thread(&self, name: String, body: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
        Thread::start(name, body)
    }
}

/// A thread that was started through a seam. Dropping it lets the thread go on by itself.
pub struct Thread {
    handle: thread::JoinHandle<()>,
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("name", &self.handle.thread().name()).finish()
    }
}

impl Thread {
    pub(super) fn start(name: String, body: Box<dyn FnOnce() + Send>) -> io::Result<Self> {
        if name.contains('\0') {
            let reason = format!("the thread name {name:?} holds a NUL character");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Ok(Self { handle: thread::Builder::new().name(name).spawn(body)? })
    }

    /// Whether it is the thread that asks.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.handle.thread().id() == thread::current().id()
    }

    /// Ends a [`thread::park_timeout`] of the thread, now or when it next begins.
    pub fn unpark(&self) {
        self.handle.thread().unpark();
    }

    /// Waits for the thread to end. A panic in it has been told by the panic hook.
    pub fn join(self) {
        self.handle.join().unwrap_or_else(crate::primitive::discard);
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
pub(super) fn split_mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Room for so many wakers is kept between two firings.
const KEPT: usize = 1 << 10;

/// The thread that fires timers. Each timer holds it, so none is left without.
#[derive(Debug)]
struct Driver {
    shared: Arc<Shared>,
    thread: Mutex<Option<Thread>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Notified when the earliest time may have changed, and at the end.
    changed: Condvar,
    /// Set under the lock of `queue`.
    ended: AtomicBool,
}

#[derive(Debug)]
struct Queue {
    timers: Wheel,
    /// When the thread will look again, at the latest; `None` if only when told.
    planned: Option<Instant>,
}

impl Driver {
    /// # Panics
    /// If the system has no thread left for the timers of the whole process.
    fn start() -> Arc<Self> {
        let queue = Queue { timers: Wheel::new(Instant::now()), planned: None };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            ended: AtomicBool::new(false),
        });
        let theirs = shared.clone();
        let thread = Thread::start("gonex-timer".to_owned(), Box::new(move || theirs.run()))
            .expect("the system has a thread for gonex's timers");
        Arc::new(Self { shared, thread: Mutex::new(Some(thread)) })
    }
}

impl Keeper for Driver {
    fn call_off(&self, key: Key) -> Option<Waker> {
        lock_std(&self.shared.queue).timers.remove(key)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        {
            let _queue = lock_std(&self.shared.queue);
            self.shared.ended.store(true, Ordering::Relaxed);
        }
        self.shared.changed.notify_one();
        // On the driver's own thread (a waker held the last timer) there is nobody to wait for.
        let thread = lock_std(&self.thread).take();
        if let Some(thread) = thread.filter(|thread| !thread.is_current()) {
            thread.join();
        }
    }
}

impl Shared {
    fn add(&self, at: Instant, waker: Waker) -> Key {
        let mut queue = lock_std(&self.queue);
        let key = queue.timers.insert(at, waker);
        // Told once: the next that is earlier still finds its own time planned.
        let too_late = queue.planned.is_none_or(|planned| at < planned);
        if too_late {
            queue.planned = Some(at);
        }
        drop(queue);
        if too_late {
            self.changed.notify_one();
        }
        key
    }

    fn run(&self) {
        let mut due = Vec::new();
        let mut queue = lock_std(&self.queue);
        while !self.ended.load(Ordering::Relaxed) {
            let now = Instant::now();
            queue.timers.take_due(now, &mut due);
            if !due.is_empty() {
                drop(queue);
                due.drain(..).for_each(wake);
                due.shrink_to(KEPT);
                queue = lock_std(&self.queue);
                continue;
            }
            let next = queue.timers.next();
            queue.planned = next;
            queue = match next {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let pause = at.saturating_duration_since(now);
                    let woken = self.changed.wait_timeout(queue, pause);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}
