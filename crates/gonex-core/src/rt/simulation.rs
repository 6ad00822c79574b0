//! What a simulator sees of a program, beside what the seam shows it anyway.
//!
//! A simulator lets one thread at a time run, and decides at *steps* whose turn it is next. So an
//! operation says that it begins, before it touches anything, and that it waits. All of that is for
//! programs that are compiled with `--cfg gonex_sim`: elsewhere these functions are empty, and what they
//! are handed is never called.
//!
//! # Deadlock safety
//! A step may end the turn of its thread. So it stands where no lock of the standard library is held, at
//! the outermost entry of what users call: else another thread would wait for that lock in the system,
//! where no simulator sees it.

use std::panic::Location;
#[cfg(gonex_sim)]
use std::{
    cell::Cell,
    sync::Arc,
    thread::{self, ThreadId},
};

use crate::op::{Name, Subject};

/// What a simulator is told; found by [`Seam::simulation`](super::Seam::simulation).
///
/// ```
/// use std::io;
/// use std::panic::Location;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
/// use std::task::Waker;
/// use std::thread::ThreadId;
/// use gonex_core::Instant;
/// use gonex_core::op::{Name, Subject};
/// use gonex_core::rt::{self, Manual, Parker, Seam, Simulation, Thread, ThreadOptions, Timer};
///
/// /// Counts steps, and leaves threads to the system.
/// #[derive(Debug, Default)]
/// struct Counting(Manual, AtomicUsize);
///
/// impl Simulation for Counting {
///     fn step(&self, _: Subject, _: &'static Location<'static>) {
///         self.1.fetch_add(1, Ordering::Relaxed);
///     }
///     fn pause(&self) {}
///     fn waits(&self, _: Subject, _: &'static Location<'static>) {}
///     fn join(&self, _: ThreadId) {}
///     fn runs(&self, _: Name, _: Option<u64>, _: &'static Location<'static>) {}
/// }
///
/// impl Seam for Counting {
///     fn simulation(&self) -> Option<&dyn Simulation> {
///         Some(self)
///     }
///     # fn now(&self) -> Instant {
///     #     self.0.now()
///     # }
///     # fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
///     #     self.0.park(parker, deadline);
///     # }
///     # fn timer(&self, at: Instant, waker: Waker) -> Timer {
///     #     self.0.timer(at, waker)
///     # }
///     # fn random(&self) -> u64 {
///     #     self.0.random()
///     # }
///     # fn spawn_thread(
///     #     &self,
///     #     options: ThreadOptions,
///     #     body: Box<dyn FnOnce() + Send>,
///     # ) -> io::Result<Thread> {
///     #     self.0.spawn_thread(options, body)
///     # }
///     // and what every seam has
/// }
///
/// let counting = Arc::new(Counting::default());
/// rt::enter(counting.clone(), || rt::sleep_until(rt::now()).block());
/// assert_eq!(counting.1.load(Ordering::Relaxed), 1);
/// ```
#[cfg(gonex_sim)]
pub trait Simulation: Send + Sync {
    /// This thread is about to do something that others can see, and may give its turn to another.
    ///
    /// It may unwind, to end a run that has failed.
    fn step(&self, subject: Subject, place: &'static Location<'static>);

    /// What this thread has begun is done, and others may have their turn before it goes on.
    ///
    /// It may unwind, to end a run that has failed.
    fn pause(&self);

    /// What was begun here could not be done yet.
    fn waits(&self, subject: Subject, place: &'static Location<'static>);

    /// Waits until a thread has ended; at once for one that is not simulated.
    fn join(&self, thread: ThreadId);

    /// This thread runs a task from now on: its name, its number if it has one, and where it was handed
    /// in.
    fn runs(&self, task: Name, number: Option<u64>, from: &'static Location<'static>);
}

/// Says that something begins that other threads can see, at the place of the caller.
///
/// For what is done at once and is no operation: those say it themselves.
///
/// ```
/// use gonex_core::op::Subject;
/// use gonex_core::rt;
///
/// rt::step(|| Subject::new("look at").of("a flag"));
/// ```
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub fn step(subject: impl FnOnce() -> Subject) {
    #[cfg(gonex_sim)]
    step_at(subject(), Location::caller());
    #[cfg(not(gonex_sim))]
    let _ = subject;
}

/// The same as [`step`] for a place that is known.
#[cfg(gonex_sim)]
pub(crate) fn step_at(subject: Subject, place: &'static Location<'static>) {
    if UNSEEN.get() == 0 {
        with(|simulation| simulation.step(subject, place));
    }
}

/// Says that what this thread has begun is done.
///
/// Others may see what it holds now, a guard say, before it does the next thing, which may be none that
/// is told: to drop the guard.
///
/// ```
/// gonex_core::rt::pause();
/// ```
#[inline(always)]
pub fn pause() {
    #[cfg(gonex_sim)]
    if UNSEEN.get() == 0 {
        with(|simulation| simulation.pause());
    }
}

/// Says what this thread is about to wait for, at the place of the caller.
///
/// For what [blocks](super::block) without an operation: those say it themselves.
///
/// ```
/// use gonex_core::op::Subject;
/// use gonex_core::rt;
///
/// rt::waits(|| Subject::new("wait for the end of").of("a worker"));
/// ```
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub fn waits(subject: impl FnOnce() -> Subject) {
    #[cfg(gonex_sim)]
    waits_at(subject(), Location::caller());
    #[cfg(not(gonex_sim))]
    let _ = subject;
}

/// The same as [`waits`] for a place that is known.
#[cfg(gonex_sim)]
pub(crate) fn waits_at(subject: Subject, place: &'static Location<'static>) {
    with(|simulation| simulation.waits(subject, place));
}

/// Says which task this thread runs from now on; for those who run tasks.
///
/// ```
/// use std::panic::Location;
/// use gonex_core::op::Name;
/// use gonex_core::rt;
///
/// rt::runs(|| (Name::Kind("a task"), None, Location::caller()));
/// ```
#[inline(always)]
pub fn runs(task: impl FnOnce() -> (Name, Option<u64>, &'static Location<'static>)) {
    #[cfg(gonex_sim)]
    with(|simulation| {
        let (name, number, from) = task();
        simulation.runs(name, number, from);
    });
    #[cfg(not(gonex_sim))]
    let _ = task;
}

/// Whether the seam of this thread is a simulator: never without `--cfg gonex_sim`.
///
/// ```
/// assert!(!gonex_core::rt::is_simulated());
/// ```
#[must_use]
#[inline(always)]
pub fn is_simulated() -> bool {
    #[cfg(gonex_sim)]
    let simulated = super::entered().is_some_and(|seam| seam.simulation().is_some());
    #[cfg(not(gonex_sim))]
    let simulated = false;
    simulated
}

/// Runs a closure that a simulator must not unwind, since it would be unsound to leave before its end.
///
/// ```
/// assert_eq!(gonex_core::rt::uninterrupted(|| 1 + 1), 2);
/// ```
#[inline(always)]
pub fn uninterrupted<T>(body: impl FnOnce() -> T) -> T {
    #[cfg(gonex_sim)]
    let _inside = Inside::begin(&UNINTERRUPTED);
    body()
}

/// Runs a closure whose steps are no matter of the program: what gonex counts for itself.
///
/// ```
/// assert_eq!(gonex_core::rt::unseen(|| 1 + 1), 2);
/// ```
#[inline(always)]
pub fn unseen<T>(body: impl FnOnce() -> T) -> T {
    #[cfg(gonex_sim)]
    let _inside = Inside::begin(&UNSEEN);
    body()
}

/// Whether this thread must not be unwound: it is inside [`uninterrupted`], or panics already.
///
/// ```
/// use gonex_core::rt;
///
/// assert!(rt::uninterrupted(rt::is_uninterrupted));
/// assert!(!rt::is_uninterrupted());
/// ```
#[cfg(gonex_sim)]
#[must_use]
pub fn is_uninterrupted() -> bool {
    thread::panicking() || UNINTERRUPTED.get() > 0
}

#[cfg(gonex_sim)]
type Depth = thread::LocalKey<Cell<usize>>;

#[cfg(gonex_sim)]
thread_local! {
    static UNINTERRUPTED: Cell<usize> = const { Cell::new(0) };
    static UNSEEN: Cell<usize> = const { Cell::new(0) };
}

/// One more closure of a kind is around.
#[cfg(gonex_sim)]
struct Inside(&'static Depth);

#[cfg(gonex_sim)]
impl Inside {
    fn begin(depth: &'static Depth) -> Self {
        depth.set(depth.get() + 1);
        Self(depth)
    }
}

#[cfg(gonex_sim)]
impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Waits as the simulator has it until a thread has ended.
#[cfg(gonex_sim)]
pub(super) fn join(thread: ThreadId) {
    with(|simulation| simulation.join(thread));
}

#[cfg(gonex_sim)]
fn with(tell: impl FnOnce(&dyn Simulation)) {
    let seam: Option<Arc<dyn super::Seam>> = super::entered();
    if let Some(simulation) = seam.as_deref().and_then(super::Seam::simulation) {
        tell(simulation);
    }
}
