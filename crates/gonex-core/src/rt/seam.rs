use std::cell::RefCell;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::thread::JoinHandle;
use std::time::Instant;

use super::{Parker, Threads, Timer};

/// One way to have time, timers, parking, chance and threads.
pub trait Seam: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Instant;

    /// Parks this thread until its parker is notified or `deadline` is reached; may return early.
    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>);

    /// Wakes a waker at an instant; at once if it has passed. Dropping the timer calls it off.
    fn timer(&self, at: Instant, waker: Waker) -> Timer;

    /// A random number; not for secrets.
    fn random(&self) -> u64;

    /// Starts a thread, which inherits this seam.
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    fn spawn_thread(
        &self,
        name: String,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<JoinHandle<()>>;
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<dyn Seam>>> = const { RefCell::new(None) };
}

/// The seam of this thread: the one [entered](enter), or else the shared [`Threads`].
#[must_use]
pub fn current() -> Arc<dyn Seam> {
    static DEFAULT: OnceLock<Arc<Threads>> = OnceLock::new();
    let entered = CURRENT.with_borrow(Clone::clone);
    entered.unwrap_or_else(|| DEFAULT.get_or_init(|| Arc::new(Threads::new())).clone())
}

/// Runs a closure with another seam, and puts the one before back, also if it panics.
pub fn enter<T>(seam: Arc<dyn Seam>, body: impl FnOnce() -> T) -> T {
    struct PutBack(Option<Arc<dyn Seam>>);
    impl Drop for PutBack {
        fn drop(&mut self) {
            let mine = CURRENT.replace(self.0.take());
            drop(mine);
        }
    }
    let _before = PutBack(CURRENT.replace(Some(seam)));
    body()
}

/// The time now, by the current seam.
#[must_use]
pub fn now() -> Instant {
    // The default is asked without touching its counter: this is on hot paths.
    CURRENT.with_borrow(|seam| seam.as_ref().map(|seam| seam.now())).unwrap_or_else(Instant::now)
}

/// Wakes a waker at an instant, by the current seam.
pub fn timer(at: Instant, waker: Waker) -> Timer {
    current().timer(at, waker)
}

/// A random number, by the current seam; not for secrets.
#[must_use]
pub fn random() -> u64 {
    current().random()
}

/// Starts a thread, by the current seam.
///
/// # Errors
/// What the system says when it has no more threads.
pub fn spawn_thread(
    name: String,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    current().spawn_thread(name, Box::new(body))
}
