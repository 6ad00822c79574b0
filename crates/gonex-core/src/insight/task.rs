use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use pin_project_lite::pin_project;

use super::is_enabled;
use super::ledger::with;
use super::watcher::Watchers;
use crate::rt;

thread_local! {
    /// The number of the task that runs here; 0 is none.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// The number of the task that runs on this thread; 0 is none.
pub(super) fn current() -> u64 {
    // A thread that ends may have no such variable any more.
    CURRENT.try_with(Cell::get).unwrap_or_default()
}

/// A registered task; dropping it takes it off the register.
///
/// It counts as waiting while it is in no poll and its last one left an operation waiting, or while
/// its thread is parked by [`Op::block`](crate::Op::block); a wake ends that at once. A future that
/// also waits for something that is no operation of gonex should hold an [`Outside`].
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let mut task = insight::register_task("reader");
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut done = pin!(context.done());
/// let mut cx = TaskContext::from_waker(Waker::noop());
/// assert!(task.poll(&mut cx, |cx| done.as_mut().poll(cx)).is_pending());
/// assert!(insight::stalled().is_some());
/// drop(task);
/// assert!(insight::stalled().is_none(), "who is not registered does not count");
/// # insight::disable();
/// ```
#[derive(Debug)]
#[must_use = "dropping it takes the task off the register"]
pub struct TaskGuard {
    number: u64,
    watchers: Watchers,
    of_scheduler: bool,
}

/// Registers a task under a name, running: see [`TaskGuard::run`], [`TaskGuard::poll`] and
/// [`TaskGuard::wrap`].
///
/// ```
/// use gonex_core::insight;
///
/// insight::enable();
/// let task = insight::register_task("reader");
/// assert!(insight::stalled().is_none(), "it runs");
/// # drop(task);
/// # insight::disable();
/// ```
pub fn register_task(name: impl Into<Arc<str>>) -> TaskGuard {
    TaskGuard::new(name.into(), None)
}

/// Registers a task that a scheduler was handed, at `origin`, if insight is on. It is ready, not running.
///
/// Such tasks alone are no stall: see [the module](super).
///
/// ```
/// use std::panic::Location;
/// use gonex_core::insight::{self, TaskState};
///
/// assert!(insight::watch_task(|| ("adder".into(), Location::caller())).is_none(), "it is off");
/// insight::enable();
/// let task = insight::watch_task(|| ("adder".into(), Location::caller())).unwrap();
/// assert_eq!(insight::snapshot()[0].state, TaskState::Ready);
/// task.run(|| assert_eq!(insight::snapshot()[0].state, TaskState::Running));
/// # drop(task);
/// # insight::disable();
/// ```
#[inline]
pub fn watch_task(
    task: impl FnOnce() -> (Arc<str>, &'static Location<'static>),
) -> Option<Box<TaskGuard>> {
    is_enabled().then(|| {
        let (name, origin) = task();
        Box::new(TaskGuard::new(name, Some(origin)))
    })
}

impl TaskGuard {
    fn new(name: Arc<str>, origin: Option<&'static Location<'static>>) -> Self {
        let now = rt::now();
        let number = with(|ledger| ledger.add_task(name, origin, now));
        Self { number, watchers: Watchers::default(), of_scheduler: origin.is_some() }
    }

    /// Runs a closure as this task, on this thread.
    ///
    /// ```
    /// use gonex_core::insight::register_task;
    ///
    /// assert_eq!(register_task("adder").run(|| 1 + 1), 2);
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        struct PutBack<'a>(u64, &'a TaskGuard);
        impl Drop for PutBack<'_> {
            fn drop(&mut self) {
                CURRENT.set(self.0);
                self.1.step(false, self.0);
            }
        }
        let around = CURRENT.replace(self.number);
        let _before = PutBack(around, self);
        self.step(true, around);
        body()
    }

    /// A thread begins a step of a scheduler's task, or ends it, perhaps inside another task.
    fn step(&self, begins: bool, around: u64) {
        if self.of_scheduler {
            let now = rt::now();
            with(|ledger| {
                ledger.step(self.number, begins, now);
                ledger.lend(around, begins);
            });
        }
    }

    /// Polls something as this task: wakes that come through the waker it is given are seen.
    ///
    /// ```
    /// use std::task::{Context as TaskContext, Poll, Waker};
    /// use gonex_core::insight;
    ///
    /// let mut task = insight::register_task("adder");
    /// let mut cx = TaskContext::from_waker(Waker::noop());
    /// assert_eq!(task.poll(&mut cx, |_| Poll::Ready(1 + 1)), Poll::Ready(2));
    /// ```
    pub fn poll<T>(
        &mut self,
        cx: &mut TaskContext<'_>,
        body: impl FnOnce(&mut TaskContext<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if !is_enabled() {
            return self.run(|| body(cx));
        }
        let number = self.number;
        let epoch = with(|ledger| {
            ledger.begin(number);
            ledger.epoch
        });
        let watched = self.watchers.of(number, cx.waker());
        let polled = self.run(|| body(&mut TaskContext::from_waker(&watched)));
        if polled.is_pending() {
            // Insight that was turned off meanwhile has not seen all that happened.
            with(|ledger| {
                if ledger.epoch == epoch {
                    ledger.park(number);
                }
            });
        }
        polled
    }

    /// Makes a future this task.
    ///
    /// ```
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use gonex_core::insight::register_task;
    ///
    /// let adder = pin!(register_task("adder").wrap(async { 1 + 1 }));
    /// assert_eq!(adder.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(2));
    /// ```
    pub fn wrap<F: Future>(self, future: F) -> InTask<F> {
        InTask { future, task: self }
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        with(|ledger| ledger.remove_task(self.number));
    }
}

pin_project! {
    /// A future that is a registered task; made by [`TaskGuard::wrap`].
    ///
    /// ```
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use gonex_core::insight::register_task;
    ///
    /// let reader = register_task("reader").wrap(std::future::ready("a page"));
    /// let polled = pin!(reader).poll(&mut Context::from_waker(Waker::noop()));
    /// assert_eq!(polled, Poll::Ready("a page"));
    /// ```
    #[derive(Debug)]
    #[must_use = "a future does nothing until it is polled"]
    pub struct InTask<F> {
        #[pin]
        future: F,
        task: TaskGuard,
    }
}

impl<F: Future> Future for InTask<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.task.poll(cx, |cx| this.future.poll(cx))
    }
}

/// Something outside of what is registered may wake a task: while one of these lives, no stall is
/// told.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::insight::{self, Outside};
/// use gonex_core::Context;
///
/// insight::enable();
/// let socket = Outside::new();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut alone = pin!(insight::register_task("alone").wrap(context.done()));
/// assert!(alone.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert!(insight::stalled().is_none(), "the socket may wake it");
/// drop(socket);
/// assert!(insight::stalled().is_some());
/// # insight::disable();
/// ```
#[derive(Debug)]
#[must_use = "dropping it says that nothing outside will wake a task"]
pub struct Outside {
    _private: (),
}

impl Outside {
    /// Says that something outside may wake a task.
    ///
    /// ```
    /// use gonex_core::insight::{self, Outside};
    ///
    /// insight::enable();
    /// let timer_of_another_library = Outside::new();
    /// assert!(insight::stalled().is_none());
    /// # drop(timer_of_another_library);
    /// # insight::disable();
    /// ```
    pub fn new() -> Self {
        with(|ledger| ledger.outside += 1);
        Self { _private: () }
    }
}

impl Default for Outside {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        with(|ledger| ledger.outside -= 1);
    }
}

/// A thread of a registered task that blocks.
pub(crate) struct Blocking {
    task: u64,
    epoch: u64,
    watched: Waker,
}

impl Blocking {
    /// Begins a step of a wait, if insight is on and the thread is a task's.
    pub(crate) fn begin(before: Option<Self>, waker: &Waker) -> Option<Self> {
        if !is_enabled() || current() == 0 {
            return None;
        }
        let task = current();
        let epoch = with(|ledger| {
            ledger.begin(task);
            ledger.epoch
        });
        Some(match before {
            Some(before) if before.task == task => Self { epoch, ..before },
            _ => Self { task, epoch, watched: Watchers::default().of(task, waker) },
        })
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.watched
    }

    /// Parks by `park`; the task counts as waiting meanwhile.
    pub(crate) fn park(&self, park: impl FnOnce()) {
        with(|ledger| {
            if ledger.epoch == self.epoch {
                ledger.park(self.task);
            }
        });
        park();
    }

    /// The wait is over. A future that blocked in its poll may have missed wakes of its own meanwhile,
    /// so it counts as woken.
    pub(crate) fn end(&self) {
        let now = rt::now();
        with(|ledger| {
            ledger.wake(self.task);
            ledger.step(self.task, true, now);
        });
    }
}
