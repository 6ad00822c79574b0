use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use pin_project_lite::pin_project;

use super::is_enabled;
use super::ledger::with;
use super::watcher::Watchers;

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
#[derive(Debug)]
#[must_use = "dropping it takes the task off the register"]
pub struct TaskGuard {
    number: u64,
    watchers: Watchers,
}

/// Registers a task under a name, running: see [`TaskGuard::run`], [`TaskGuard::poll`] and
/// [`TaskGuard::wrap`].
pub fn register_task(name: impl Into<Arc<str>>) -> TaskGuard {
    let name = name.into();
    TaskGuard { number: with(|ledger| ledger.add_task(name)), watchers: Watchers::default() }
}

impl TaskGuard {
    /// Runs a closure as this task, on this thread.
    ///
    /// ```
    /// use gonex_core::insight::register_task;
    ///
    /// assert_eq!(register_task("adder").run(|| 1 + 1), 2);
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        struct PutBack(u64);
        impl Drop for PutBack {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _before = PutBack(CURRENT.replace(self.number));
        body()
    }

    /// Polls something as this task: wakes that come through the waker it is given are seen.
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
#[derive(Debug)]
#[must_use = "dropping it says that nothing outside will wake a task"]
pub struct Outside {
    _private: (),
}

impl Outside {
    /// Says that something outside may wake a task.
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
        with(|ledger| ledger.wake(self.task));
    }
}
