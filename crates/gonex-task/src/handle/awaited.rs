use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use gonex_core::Cause;
use gonex_core::context::Reach;
use gonex_core::primitive::lock_std;
use tokio::task::{AbortHandle, JoinError, JoinHandle, unconstrained};

use super::cell::{Head, TaskId};
use super::returned::{Extra, Returned, lost};
use crate::TaskError;

/// What a handle knows of a task whose result an executor keeps.
#[derive(Debug)]
pub(crate) struct Awaited {
    reach: Reach,
    name: Option<Box<Arc<str>>>,
    origin: &'static Location<'static>,
}

impl Awaited {
    pub(crate) fn new(head: Head, reach: Reach) -> Self {
        let Head { name, origin, .. } = head;
        Self { reach, name, origin }
    }
}

/// The handle of a task that is one of tokio's: tokio's own, with what it does not have.
///
/// # Invariants
/// `Going → Taken`, or, when somebody has waited who no longer does, `Going → Kept → Taken`.
pub(super) struct OnTokio<T> {
    awaited: Awaited,
    state: State<T>,
}

enum State<T> {
    Going(JoinHandle<Returned<T>>),
    /// In a mutex that nobody locks, since a value may not be shared between threads.
    Kept(Box<Mutex<Returned<T>>>),
    /// With the context of the task, which can still be cancelled for those who have inherited it.
    Taken(#[expect(dead_code, reason = "held, not looked at")] Option<Box<Extra>>),
}

impl<T> OnTokio<T> {
    pub(super) fn new(awaited: Awaited, task: JoinHandle<Returned<T>>) -> Self {
        Self { awaited, state: State::Going(task) }
    }

    pub(super) fn id(&self) -> TaskId {
        TaskId::of(self.awaited.reach.number())
    }

    pub(super) fn name(&self) -> Option<&Arc<str>> {
        self.awaited.name.as_deref()
    }

    pub(super) fn origin(&self) -> &'static Location<'static> {
        self.awaited.origin
    }

    pub(super) fn is_finished(&self) -> bool {
        match &self.state {
            State::Going(task) => task.is_finished(),
            State::Kept(_) | State::Taken(_) => true,
        }
    }

    pub(super) fn cancel(&self, cause: impl Into<Cause>) {
        self.awaited.reach.cancel(cause, || self.is_finished());
    }

    /// Takes the result, or has `waker` told when it is there.
    pub(super) fn poll_take(&mut self, waker: &Waker) -> Poll<Result<T, TaskError>> {
        let State::Going(task) = &mut self.state else { return Poll::Ready(self.take_kept()) };
        match Pin::new(task).poll(&mut Context::from_waker(waker)) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(joined) => Poll::Ready(self.take(joined)),
        }
    }

    /// Takes the result if it is there.
    pub(super) fn try_take(&mut self) -> Option<Result<T, TaskError>> {
        match &self.state {
            State::Going(task) if !task.is_finished() => None,
            State::Going(_) => self.peek().map(|joined| self.take(joined)),
            State::Kept(_) => Some(self.take_kept()),
            State::Taken(_) => None,
        }
    }

    /// Forgets the waker of the last poll.
    #[inline]
    pub(super) fn forget_waker(&mut self) {
        if let State::Going(_) = self.state {
            self.keep();
        }
    }

    #[inline(never)]
    fn keep(&mut self) {
        if let Some(joined) = self.peek() {
            let kept =
                joined.unwrap_or_else(|error| Returned { result: Err(lost(error)), extra: None });
            self.state = State::Kept(Box::new(Mutex::new(kept)));
        }
    }

    /// What tokio has, if it is there, with a waker in place that wakes nobody.
    fn peek(&mut self) -> Option<Result<Returned<T>, JoinError>> {
        let State::Going(task) = &mut self.state else { return None };
        // Whatever is left of the budget of the tokio task that this may run in.
        let polled = pin!(unconstrained(task)).poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(joined) => Some(joined),
            Poll::Pending => None,
        }
    }

    fn take(&mut self, joined: Result<Returned<T>, JoinError>) -> Result<T, TaskError> {
        let (result, extra) = match joined {
            Ok(Returned { result, extra }) => (result, extra),
            Err(error) => (Err(lost(error)), None),
        };
        self.state = State::Taken(extra.map(Extra::seen));
        result
    }

    fn take_kept(&mut self) -> Result<T, TaskError> {
        match std::mem::replace(&mut self.state, State::Taken(None)) {
            State::Kept(kept) => {
                let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
                self.take(Ok(kept))
            }
            taken => {
                self.state = taken;
                Err(TaskError::AlreadyJoined)
            }
        }
    }
}

impl<T> Drop for OnTokio<T> {
    #[inline]
    fn drop(&mut self) {
        if self.awaited.reach.has_entered() {
            self.leave();
        }
    }
}

impl<T> OnTokio<T> {
    /// Sees to the context that this end has entered.
    #[cold]
    fn leave(&self) {
        let reach = &self.awaited.reach;
        match &self.state {
            State::Going(task) if !task.is_finished() => {
                left_behind(reach.number(), task.abort_handle());
            }
            _ => Reach::forget(reach.number()),
        }
    }
}

/// Tasks that were cancelled before they needed a context and whose handles are gone. Each forgets that
/// context when it ends, unless it was cancelled in the very moment of its end: whoever comes here next
/// sees to those. So there are at most twice as many as tasks go on, or a few.
static LEFT_BEHIND: Mutex<Vec<(u64, AbortHandle)>> = Mutex::new(Vec::new());

const FEW: usize = 16;

fn left_behind(number: u64, task: AbortHandle) {
    let mut all = lock_std(&LEFT_BEHIND);
    all.push((number, task));
    if all.len() < FEW || all.len() < all.capacity() {
        return;
    }
    // Outside of the lock: the last to know of a task drops it.
    let looked_at = std::mem::take(&mut *all);
    drop(all);
    let (ended, mut going): (Vec<_>, Vec<_>) =
        looked_at.into_iter().partition(|(_, task)| task.is_finished());
    ended.iter().for_each(|(number, _)| Reach::forget(*number));
    lock_std(&LEFT_BEHIND).append(&mut going);
}
