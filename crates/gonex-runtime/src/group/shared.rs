use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use gonex_core::Canceller;
use gonex_core::context::Deferred;
use gonex_core::primitive::{lock_std, wake};
use gonex_sync::{Semaphore, SemaphorePermit};
use gonex_task::batch::Collect;
use gonex_task::{TaskError, drop_unwanted};

use super::OnFailure;

/// What a group and its tasks share.
///
/// # Invariants
/// `results` has a place for each task that has started and whose result has not been taken; those of
/// tasks that run are `None`, and `running` counts them.
///
/// # Deadlock safety
/// Wakers run, contexts are cancelled and values are dropped outside the lock.
pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
    context: Deferred,
    on_failure: OnFailure,
    /// Whether a value counts as a failure.
    is_failure: fn(&T) -> bool,
}

struct State<T> {
    results: VecDeque<Option<Result<T, TaskError>>>,
    /// The number of the task at the front.
    first: usize,
    running: usize,
    /// The number of the task that failed first.
    failed: Option<usize>,
    /// The slots of the tasks that run; which one is whose does not matter.
    slots: Vec<SemaphorePermit<Arc<Semaphore>>>,
    waker: Option<Waker>,
}

impl<T> Shared<T> {
    pub(super) fn new(
        context: Deferred,
        on_failure: OnFailure,
        is_failure: fn(&T) -> bool,
    ) -> Self {
        let state = State {
            results: VecDeque::new(),
            first: 0,
            running: 0,
            failed: None,
            slots: Vec::new(),
            waker: None,
        };
        Self { state: Mutex::new(state), context, on_failure, is_failure }
    }

    pub(super) fn canceller(&self) -> &Canceller {
        self.context.canceller()
    }

    /// Makes a place for a task that starts; yields its number.
    pub(super) fn enter(&self, slot: Option<SemaphorePermit<Arc<Semaphore>>>) -> usize {
        let mut state = lock_std(&self.state);
        state.results.push_back(None);
        state.running += 1;
        state.slots.extend(slot);
        state.first + state.results.len() - 1
    }

    pub(super) fn running(&self) -> usize {
        lock_std(&self.state).running
    }

    /// How many tasks have started and not been waited for.
    pub(super) fn len(&self) -> usize {
        lock_std(&self.state).results.len()
    }

    /// Takes what is there once all tasks have ended: their results in order, and the place among
    /// them of the one that failed first.
    pub(super) fn poll_all(&self, waker: &Waker) -> Poll<All<T>> {
        self.poll(waker, |state| {
            (state.running == 0).then(|| {
                let failed = state.failed.take().map(|number| number - state.first);
                state.first += state.results.len();
                (mem::take(&mut state.results), failed)
            })
        })
    }

    /// Takes the result of the task that started first; `None` when there is none.
    pub(super) fn poll_next(&self, waker: &Waker) -> Poll<Option<Result<T, TaskError>>> {
        self.poll(waker, |state| match state.results.front_mut() {
            None => Some(None),
            Some(front) => {
                let result = front.take()?;
                state.results.pop_front();
                // Whoever takes the failure knows of it.
                state.failed = state.failed.filter(|number| *number != state.first);
                state.first += 1;
                Some(Some(result))
            }
        })
    }

    fn poll<R>(&self, waker: &Waker, take: impl FnOnce(&mut State<T>) -> Option<R>) -> Poll<R> {
        let mut mine = Some(waker.clone());
        let mut state = lock_std(&self.state);
        let outcome = match take(&mut state) {
            Some(taken) => Poll::Ready(taken),
            None => {
                mine = mem::replace(&mut state.waker, mine);
                Poll::Pending
            }
        };
        drop(state);
        drop(mine);
        outcome
    }

    pub(super) fn forget_waker(&self) {
        let waker = lock_std(&self.state).waker.take();
        drop(waker);
    }
}

/// The results of all tasks, and the place of the one that failed first.
pub(super) type All<T> = (VecDeque<Option<Result<T, TaskError>>>, Option<usize>);

impl<T: Send> Collect<T> for Shared<T> {
    fn collect(&self, number: usize, result: Result<T, TaskError>) {
        let failed = result.as_ref().map_or(true, self.is_failure);
        let mut state = lock_std(&self.state);
        let is_first_failure = failed && state.failed.is_none();
        if is_first_failure {
            state.failed = Some(number);
        }
        let place = number - state.first;
        state.results[place] = Some(result);
        state.running -= 1;
        let slot = state.slots.pop();
        // Who waits for the next one waits for the front, and who waits for all for the last.
        let is_news = place == 0 || state.running == 0;
        let waker = if is_news { state.waker.take() } else { None };
        drop(state);
        if is_first_failure && self.on_failure == OnFailure::CancelRest {
            self.canceller().cancel("another task of the group failed");
        }
        drop(slot);
        waker.into_iter().for_each(wake);
    }

    fn context(&self) -> &Deferred {
        &self.context
    }

    fn of(&self) -> &'static str {
        "group"
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut state.results).into_iter().for_each(drop_unwanted);
    }
}
