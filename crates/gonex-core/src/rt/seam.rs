use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use super::{Inside, Parker, Thread, ThreadOptions, Timer};
use crate::Instant;

/// One way to have time, timers, parking, chance and threads.
///
/// Others can be written outside, for simulations: what they need is [`Timer::new`], [`TimerKeeper`],
/// and [`Parker`]. Methods that are added later have a default.
///
/// [`TimerKeeper`]: super::TimerKeeper
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use std::task::Waker;
/// use gonex_core::Instant;
/// use gonex_core::rt::{self, Manual, Parker, Seam, Thread, ThreadOptions, Timer};
///
/// /// Time by hand, and dice that always show the same.
/// #[derive(Debug)]
/// struct Loaded(Manual);
///
/// impl Seam for Loaded {
///     fn now(&self) -> Instant {
///         self.0.now()
///     }
///     fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
///         self.0.park(parker, deadline);
///     }
///     fn timer(&self, at: Instant, waker: Waker) -> Timer {
///         self.0.timer(at, waker)
///     }
///     fn random(&self) -> u64 {
///         6
///     }
///     fn spawn_thread(
///         &self,
///         options: ThreadOptions,
///         body: Box<dyn FnOnce() + Send>,
///     ) -> io::Result<Thread> {
///         self.0.spawn_thread(options, body)
///     }
/// }
///
/// rt::enter(Arc::new(Loaded(Manual::new())), || {
///     assert_eq!(rt::random(), 6);
/// });
/// ```
pub trait Seam: Send + Sync + fmt::Debug {
    /// The time now. Called with the thread's seam on loan, so it must not [enter] another.
    fn now(&self) -> Instant;

    /// Parks this thread until its parker is notified or `deadline` is reached; may return early.
    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>);

    /// Wakes a waker at an instant; at once if it has passed. Dropping the timer calls it off.
    fn timer(&self, at: Instant, waker: Waker) -> Timer;

    /// A random number; not for secrets.
    fn random(&self) -> u64;

    /// Starts a thread as the options say, as far as there is such a thing here.
    ///
    /// # Errors
    /// What the system says when it has no more threads or not so much memory, or to the name.
    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread>;

    /// The simulator that this seam belongs to, if it does to one.
    #[cfg(gonex_sim)]
    fn simulation(&self) -> Option<&dyn super::Simulation> {
        None
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<dyn Seam>>> = const { RefCell::new(None) };
    /// Whether there is one in `CURRENT`. Without a destructor to see to, a look at it is one of memory.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

/// Makes a seam the one that this thread has entered; yields the one before.
fn replace(seam: Option<Arc<dyn Seam>>) -> Option<Arc<dyn Seam>> {
    ANY.set(seam.is_some());
    CURRENT.replace(seam)
}

/// The seam this thread has entered or inherited; `None` means the one that is found.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::rt::{self, Manual};
///
/// assert!(rt::entered().is_none());
/// assert!(rt::enter(Arc::new(Manual::new()), || rt::entered().is_some()));
/// ```
#[must_use]
#[inline]
pub fn entered() -> Option<Arc<dyn Seam>> {
    if ANY.get() { of_this_thread() } else { None }
}

/// Whether a thread has entered or inherited no seam, no context, no task's border and no policy for
/// blocking: whether there is nothing that work it hands to another thread would have to take along.
///
/// It costs a look at memory, and is for those who would otherwise count or copy each of these. Where the
/// background was entered, as a context or with [`enter_shared`], it says no.
///
/// ```
/// use gonex_core::{Context, rt};
///
/// assert!(rt::is_bare());
/// let context = Context::background().with_value(7_u8);
/// assert!(!context.run(rt::is_bare));
/// ```
#[must_use]
#[inline]
pub fn is_bare() -> bool {
    !Inside::any()
}

fn of_this_thread() -> Option<Arc<dyn Seam>> {
    // A thread that ends may have no such variable any more.
    CURRENT.try_with(|seam| seam.borrow().clone()).unwrap_or_default()
}

/// The seam of this thread: the one [entered](enter); or else, with the feature `tokio`, that of the
/// tokio runtime around; or else the shared one, which is [`Threads`](super::Threads), and in a
/// browser its own.
///
/// ```
/// use gonex_core::rt;
///
/// let before = rt::current().now();
/// assert!(rt::now() >= before);
/// ```
#[must_use]
pub fn current() -> Arc<dyn Seam> {
    entered().or_else(found).unwrap_or_else(|| shared().clone())
}

/// The seam of the tokio runtime around.
fn found() -> Option<Arc<dyn Seam>> {
    #[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
    return super::Tokio::current().map(|seam| seam as Arc<dyn Seam>);
    #[cfg(not(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown")))))]
    return None;
}

/// The seam of those who have no other.
pub(super) fn shared() -> &'static Arc<dyn Seam> {
    static SHARED: OnceLock<Arc<dyn Seam>> = OnceLock::new();
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    return SHARED.get_or_init(|| Arc::new(super::Threads::new()));
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    return SHARED.get_or_init(|| Arc::new(super::Browser));
}

/// Runs a closure with another seam, and puts the one before back, also if it panics.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
///
/// let manual = Arc::new(Manual::new());
/// rt::enter(manual.clone(), || {
///     let start = rt::now();
///     manual.advance(Duration::from_secs(1));
///     assert_eq!(rt::now() - start, Duration::from_secs(1));
/// });
/// ```
pub fn enter<T>(seam: Arc<dyn Seam>, body: impl FnOnce() -> T) -> T {
    swapped(Some(seam), body)
}

/// Runs a closure as if no seam had been entered around it; for what outlives the test or simulation
/// that happens to start it.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::rt::{self, Manual};
///
/// rt::enter(Arc::new(Manual::new()), || {
///     assert!(rt::enter_shared(|| rt::entered().is_none()));
/// });
/// ```
pub fn enter_shared<T>(body: impl FnOnce() -> T) -> T {
    swapped(None, body)
}

fn swapped<T>(seam: Option<Arc<dyn Seam>>, body: impl FnOnce() -> T) -> T {
    struct PutBack(Option<Arc<dyn Seam>>);
    impl Drop for PutBack {
        fn drop(&mut self) {
            drop(replace(self.0.take()));
        }
    }
    let _inside = Inside::new();
    let _before = PutBack(replace(seam));
    body()
}

/// Makes a seam, `None` for the one that is found, that of this thread for good; for the first thing a
/// thread does that others start for us.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::rt::{self, Manual};
///
/// let manual = Arc::new(Manual::new());
/// let other = std::thread::spawn(|| {
///     rt::adopt(Some(manual));
///     rt::entered().is_some()
/// });
/// assert!(other.join().unwrap());
/// ```
pub fn adopt(seam: Option<Arc<dyn Seam>>) {
    if seam.is_some() {
        Inside::forever();
    }
    drop(replace(seam));
}

/// The time now, by the current seam.
///
/// ```
/// use gonex_core::rt;
///
/// let before = rt::now();
/// assert!(rt::now() >= before);
/// ```
#[must_use]
pub fn now() -> Instant {
    if ANY.get() { now_entered() } else { now_found() }
}

fn now_entered() -> Instant {
    // On loan, since it is asked often: a clock has no reason to enter another seam.
    let told = CURRENT.try_with(|seam| seam.borrow().as_ref().map(|seam| seam.now()));
    told.ok().flatten().unwrap_or_else(now_found)
}

/// The time by the seam that is found: faster than to ask for it.
fn now_found() -> Instant {
    #[cfg(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown"))))]
    return super::Tokio::now_here();
    #[cfg(not(all(feature = "tokio", not(all(target_family = "wasm", target_os = "unknown")))))]
    return Instant::now();
}

/// Wakes a waker at an instant, by the current seam.
///
/// A timer takes 32 bytes with whoever holds it, and 48 in the wheel of its driver until it fires:
/// a million are 80 MB. Setting one and calling it off take constant time; the example `timers`
/// measures both beside tokio's, whose `Sleep` takes 112 bytes.
///
/// ```
/// use std::sync::Arc;
/// use std::task::Waker;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
///
/// let manual = Arc::new(Manual::new());
/// rt::enter(manual.clone(), || {
///     let timer = rt::timer(rt::now() + Duration::from_secs(1), Waker::noop().clone());
///     assert_eq!(manual.timers(), 1);
///     drop(timer);
///     assert_eq!(manual.timers(), 0);
/// });
/// ```
pub fn timer(at: Instant, waker: Waker) -> Timer {
    current().timer(at, waker)
}

/// A random number, by the current seam; not for secrets.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::rt::{self, Manual};
///
/// let drawn = || rt::enter(Arc::new(Manual::seeded(7)), rt::random);
/// assert_eq!(drawn(), drawn());
/// ```
#[must_use]
pub fn random() -> u64 {
    current().random()
}

/// Starts a thread, which inherits the current seam.
///
/// # Errors
/// What the system says when it has no more threads, or to the name.
///
/// ```
/// use gonex_core::rt;
///
/// let thread = rt::spawn_thread("helper".to_owned(), || ())?;
/// thread.join();
/// assert!(rt::spawn_thread("a\0b".to_owned(), || ()).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn spawn_thread(name: String, body: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
    spawn_thread_with(ThreadOptions::named(name), body)
}

/// Starts a thread as the options say, which inherits the current seam.
///
/// # Errors
/// As [`spawn_thread`], and where there is not so much memory for its stack.
///
/// ```
/// use gonex_core::rt::{self, ThreadOptions};
///
/// let options = ThreadOptions::named("helper").stack_size(1 << 20);
/// rt::spawn_thread_with(options, || {
///     assert_eq!(std::thread::current().name(), Some("helper"));
/// })?
/// .join();
/// assert!(rt::spawn_thread_with(ThreadOptions::named("a\0b"), || ()).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn spawn_thread_with(
    options: ThreadOptions,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<Thread> {
    let inherited = entered();
    let body = move || {
        adopt(inherited);
        body();
    };
    current().spawn_thread(options, Box::new(body))
}
