use std::mem;
use std::sync::PoisonError;
use std::task::{Poll, Waker};

use gonex_core::primitive::{Mutex, lock, wake};

use crate::panic::drop_unwanted;

/// A place for one value, written once by one side and taken once by the other.
///
/// # Invariants
/// `Waiting → Full → Taken`, or `Waiting → Full` for good. A waker is kept only while waiting, so
/// whoever writes finds the waker of the last poll, or the next poll finds the value.
///
/// # Deadlock safety
/// Wakers run, and values and wakers are dropped, outside the lock. A value that nobody took is
/// dropped with the slot, by whichever side is last, so its destructor's panic is that side's
/// no more than the other's.
#[derive(Debug)]
pub struct Slot<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
enum State<T> {
    Waiting(Option<Waker>),
    Full(T),
    Taken,
}

impl<T> Slot<T> {
    /// Makes an empty slot.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::new(State::Waiting(None)) }
    }

    /// Writes the value and wakes whoever waits for it.
    ///
    /// # Errors
    /// Gives the value back if one has been written before.
    pub fn fill(&self, value: T) -> Result<(), T> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Waiting(waker) => {
                let waker = waker.take();
                *state = State::Full(value);
                drop(state);
                waker.into_iter().for_each(wake);
                Ok(())
            }
            State::Full(_) | State::Taken => Err(value),
        }
    }

    /// Takes the value, or has `waker` told when it is there. `None` if it has been taken.
    pub fn poll_take(&self, waker: &Waker) -> Poll<Option<T>> {
        // Cloned outside the lock: a waker is user code.
        let mut mine = Some(waker.clone());
        let mut state = lock(&self.state);
        let outcome = match mem::replace(&mut *state, State::Taken) {
            State::Full(value) => Poll::Ready(Some(value)),
            State::Taken => Poll::Ready(None),
            State::Waiting(old) => {
                *state = State::Waiting(mine.take());
                mine = old;
                Poll::Pending
            }
        };
        drop(state);
        drop(mine);
        outcome
    }

    /// Takes the value if it is there.
    pub fn try_take(&self) -> Option<T> {
        let mut state = lock(&self.state);
        if !matches!(*state, State::Full(_)) {
            return None;
        }
        match mem::replace(&mut *state, State::Taken) {
            State::Full(value) => Some(value),
            State::Waiting(_) | State::Taken => None,
        }
    }

    /// Forgets the waker of the last poll.
    pub fn forget_waker(&self) {
        let waker = match &mut *lock(&self.state) {
            State::Waiting(waker) => waker.take(),
            State::Full(_) | State::Taken => None,
        };
        drop(waker);
    }

    /// Whether a value has been written, taken or not.
    #[must_use]
    pub fn is_written(&self) -> bool {
        !matches!(*lock(&self.state), State::Waiting(_))
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop_unwanted(mem::replace(state, State::Taken));
    }
}
