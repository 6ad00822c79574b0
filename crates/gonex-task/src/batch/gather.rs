use std::mem;
use std::sync::PoisonError;
use std::task::{Poll, Waker};

use gonex_core::Cause;
use gonex_core::context::Deferred;
use gonex_core::primitive::{Mutex, lock, wake};

use super::collect::Collect;
use crate::TaskError;
use crate::panic::drop_unwanted;

/// The place where the results of many tasks come together, in order.
///
/// # Invariants
/// `missing` counts the tasks whose result has not come. Until the results are taken, theirs are the
/// entries of `results` that are `None`. Each is written once, by its own task.
///
/// # Deadlock safety
/// Wakers run, and values are dropped, outside the lock. Results that nobody wants are dropped one
/// by one: two destructors that panic in one sweep would abort the process.
#[derive(Debug)]
pub struct Gather<T> {
    state: Mutex<State<T>>,
    context: Deferred,
}

#[derive(Debug)]
struct State<T> {
    results: Vec<Option<Result<T, TaskError>>>,
    missing: usize,
    total: usize,
    /// The first failure in time; only kept for those who stop at it.
    failed: Option<TaskError>,
    waker: Option<Waker>,
    taken: bool,
}

impl<T: Send> Collect<T> for Gather<T> {
    fn collect(&self, index: usize, result: Result<T, TaskError>) {
        self.put(index, result);
    }

    fn context(&self) -> &Deferred {
        &self.context
    }

    fn of(&self) -> &'static str {
        "batch"
    }
}

impl<T> Gather<T> {
    /// Makes room for the results of `count` tasks.
    #[must_use]
    pub fn new(count: usize, context: Deferred) -> Self {
        let results = std::iter::repeat_with(|| None).take(count).collect();
        let state = State {
            results,
            missing: count,
            total: count,
            failed: None,
            waker: None,
            taken: false,
        };
        Self { state: Mutex::new(state), context }
    }

    /// Writes the result of a task.
    pub fn put(&self, index: usize, result: Result<T, TaskError>) {
        let mut state = lock(&self.state);
        if state.taken {
            state.missing -= 1;
            drop(state);
            drop_unwanted(result);
            return;
        }
        if let Err(error) = &result
            && state.failed.is_none()
        {
            state.failed = Some(error.clone());
        }
        let old = state.results[index].replace(result);
        debug_assert!(old.is_none(), "each task writes its own result, once");
        state.missing -= 1;
        let waker =
            if state.missing == 0 || state.failed.is_some() { state.waker.take() } else { None };
        drop(state);
        waker.into_iter().for_each(wake);
    }

    /// Takes all results once they are all there. `None` if they have been taken.
    pub fn poll_each(&self, waker: &Waker) -> Poll<Option<Vec<Result<T, TaskError>>>> {
        self.poll(waker, |state| (state.missing == 0).then(|| state.take()))
    }

    /// Takes all values once they are all there, or the first failure as soon as it is.
    pub fn poll_all(&self, waker: &Waker) -> Poll<Option<Result<Vec<T>, TaskError>>> {
        let taken = self.poll(waker, |state| match state.failed.take() {
            Some(error) => Some((Some(error), state.take())),
            None => (state.missing == 0).then(|| (None, state.take())),
        });
        taken.map(|taken| {
            taken.map(|(failed, results)| match failed {
                Some(error) => {
                    results.into_iter().for_each(drop_unwanted);
                    Err(error)
                }
                None => results.into_iter().collect(),
            })
        })
    }

    fn poll<R>(
        &self,
        waker: &Waker,
        take: impl FnOnce(&mut State<T>) -> Option<R>,
    ) -> Poll<Option<R>> {
        let mut mine = Some(waker.clone());
        let mut state = lock(&self.state);
        let outcome = if state.taken {
            Poll::Ready(None)
        } else if let Some(taken) = take(&mut state) {
            Poll::Ready(Some(taken))
        } else {
            mine = mem::replace(&mut state.waker, mine);
            Poll::Pending
        };
        drop(state);
        drop(mine);
        outcome
    }

    /// Asks all tasks to stop.
    pub fn cancel(&self, cause: impl Into<Cause>) {
        self.context.canceller().cancel(cause);
    }

    /// How many tasks have ended.
    #[must_use]
    pub fn finished(&self) -> usize {
        let state = lock(&self.state);
        state.total - state.missing
    }

    /// Forgets the waker of the last poll.
    pub fn forget_waker(&self) {
        let waker = lock(&self.state).waker.take();
        drop(waker);
    }
}

impl<T> Drop for Gather<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.take().into_iter().for_each(drop_unwanted);
    }
}

impl<T> State<T> {
    fn take(&mut self) -> Vec<Result<T, TaskError>> {
        self.taken = true;
        // After a failure some may be missing; they are dropped with the rest, so the gap does
        // not show.
        mem::take(&mut self.results).into_iter().flatten().collect()
    }
}
