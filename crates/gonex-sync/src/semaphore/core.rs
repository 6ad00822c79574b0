//! Permits, and one line of those who wait for them.
//!
//! # How it works
//! `word` holds the free permits. While nobody waits, taking and giving back is one change of it.
//! Who has to wait says [`SLOW`] there, under the lock, and stands in line; from then on the word
//! changes only under the lock. Permits that come back go to the first in line as soon as they
//! suffice for it, and to nobody else before. So nobody is overtaken, however much it wants.
//!
//! # Invariants
//! - free + out - debt = capacity, where *debt* is what is still to be taken out of permits that come
//!   back, after the capacity was made smaller than what was out.
//! - `SLOW` is set as long as somebody stands in line or there is debt; under the lock only.
//! - Whoever has an answer stands in no line.
//!
//! # No permit is lost
//! A waiter that goes away after it got permits gives them back, to the next in line.
//!
//! # Deadlock safety
//! One lock. Under it wakers are moved, but neither dropped, nor cloned, nor woken.

use std::task::{Poll, Waker};

use crate::constant::constant;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Entries, Key, Line, renew};

/// The word changes under the lock only.
const SLOW: usize = 1;
/// Nobody gets in any more.
const CLOSED: usize = 1 << 1;
/// One free permit.
const ONE: usize = 1 << 2;

/// The most permits there can be.
pub(crate) const MAX: usize = usize::MAX / ONE;

#[derive(Debug)]
pub(crate) struct Core {
    /// Free permits times [`ONE`], and the signals. Acquire when permits are taken, Release when
    /// they come back: what was done with a permit is seen by who gets it next.
    word: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    entries: Entries<Entry>,
    line: Line,
    capacity: usize,
    debt: usize,
}

#[derive(Debug)]
struct Entry {
    waker: Option<Waker>,
    wants: usize,
    answer: Option<Result<(), Refused>>,
}

/// Why there will be no permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    TooMany { capacity: usize },
}

/// Why there are no permits at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotNow {
    Never(Refused),
    Busy,
}

/// Where a newcomer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Back,
    /// For one who holds permits already and would else wait for those who wait for it.
    Front,
}

impl Core {
    constant! {
        /// # Panics
        /// With more than [`MAX`] permits.
        pub(crate) const fn new(capacity: usize) -> Self {
            assert!(capacity <= MAX, "a semaphore has at most `Semaphore::MAX_PERMITS` permits");
            let state = State { entries: Entries::new(), line: Line::new(), capacity, debt: 0 };
            Self { word: AtomicUsize::new(capacity * ONE), state: Mutex::new(state) }
        }
    }

    /// Takes permits if so many are free and nobody waits.
    #[inline]
    pub(crate) fn take(&self, wants: usize) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & (SLOW | CLOSED) == 0 && word / ONE >= wants {
            let less = word - wants * ONE;
            match self.word.compare_exchange_weak(word, less, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    pub(crate) fn try_acquire(&self, wants: usize) -> Result<(), NotNow> {
        if self.take(wants) { Ok(()) } else { Err(self.why_not(wants)) }
    }

    #[cold]
    fn why_not(&self, wants: usize) -> NotNow {
        if self.is_closed() {
            return NotNow::Never(Refused::Closed);
        }
        let capacity = self.capacity();
        if wants > capacity { NotNow::Never(Refused::TooMany { capacity }) } else { NotNow::Busy }
    }

    /// Waits for permits; `key` is the place in line meanwhile, and empty again in the end.
    #[inline]
    pub(crate) fn poll_acquire(
        &self,
        wants: usize,
        place: Place,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Refused>> {
        if key.is_none() && place == Place::Back && self.take(wants) {
            return Poll::Ready(Ok(()));
        }
        self.wait(wants, place, key, waker)
    }

    #[cold]
    fn wait(
        &self,
        wants: usize,
        place: Place,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Refused>> {
        let mut mine = Some(waker.clone());
        let mut state = lock(&self.state);
        let state = &mut *state;
        let at = match *key {
            Some(at) => at,
            None => {
                if let Some(answer) = self.before_lining_up(state, wants, place) {
                    return Poll::Ready(answer);
                }
                let at = state.entries.insert(Entry { waker: None, wants, answer: None });
                match place {
                    Place::Back => state.entries.push_back(&mut state.line, at),
                    Place::Front => state.entries.push_front(&mut state.line, at),
                }
                *key.insert(at)
            }
        };
        if let Some(answer) = state.entries.get(at).answer {
            *key = None;
            // Its waker was taken when the answer came.
            state.entries.remove(at);
            return Poll::Ready(answer);
        }
        renew(&mut state.entries.get_mut(at).waker, &mut mine);
        Poll::Pending
    }

    /// Tries once more, or makes the word slow so that no permit comes back unseen.
    fn before_lining_up(
        &self,
        state: &State,
        wants: usize,
        place: Place,
    ) -> Option<Result<(), Refused>> {
        if wants > state.capacity {
            return Some(Err(Refused::TooMany { capacity: state.capacity }));
        }
        let first = state.debt == 0 && (state.line.is_empty() || place == Place::Front);
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & CLOSED != 0 {
                return Some(Err(Refused::Closed));
            }
            let gets = first && word / ONE >= wants;
            let next = if gets { word - wants * ONE } else { word | SLOW };
            match self.word.compare_exchange(word, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return gets.then_some(Ok(())),
                Err(now) => word = now,
            }
        }
    }

    /// Gives permits back.
    #[inline]
    pub(crate) fn release(&self, permits: usize) {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & SLOW == 0 {
            let more = word + permits * ONE;
            match self.word.compare_exchange_weak(word, more, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
        self.locked(|state, calls| self.give_back(state, permits, calls));
    }

    /// Waits no longer: leaves the line, or gives back what was got just now.
    #[cold]
    pub(crate) fn leave(&self, key: Key) {
        let entry = self.locked(|state, calls| {
            let entry = match state.entries.get(key).answer {
                None => {
                    state.entries.unlink(&mut state.line, key);
                    state.entries.remove(key)
                }
                Some(_) => state.entries.remove(key),
            };
            let got = if entry.answer == Some(Ok(())) { entry.wants } else { 0 };
            // Who stood behind may be first now, and want less.
            self.give_back(state, got, calls);
            entry
        });
        drop(entry);
    }

    /// The answer to a waiter, if there is one by now; then it waits no longer.
    pub(crate) fn finish(&self, key: &mut Option<Key>) -> Option<Result<(), Refused>> {
        let at = (*key)?;
        let mut state = lock(&self.state);
        let answer = state.entries.get(at).answer?;
        *key = None;
        state.entries.remove(at);
        Some(answer)
    }

    /// Takes permits that are out away for good.
    pub(crate) fn forget(&self, permits: usize) {
        self.locked(|state, calls| {
            let paid = permits.min(state.debt);
            state.debt -= paid;
            state.capacity -= permits - paid;
            self.refuse_what_is_too_large(state, calls);
            self.hand_out(state, calls);
        });
    }

    pub(crate) fn resize(&self, capacity: usize) {
        self.locked(|state, calls| {
            let before = std::mem::replace(&mut state.capacity, capacity);
            if capacity >= before {
                self.give_back(state, capacity - before, calls);
                return;
            }
            // From here on the word stands still.
            let free = self.word.fetch_or(SLOW, Ordering::AcqRel) / ONE;
            let taken = free.min(before - capacity);
            self.word.fetch_sub(taken * ONE, Ordering::AcqRel);
            state.debt += before - capacity - taken;
            self.refuse_what_is_too_large(state, calls);
            self.hand_out(state, calls);
        });
    }

    /// Refuses all who wait and all who come. Whether it was open.
    pub(crate) fn close(&self) -> bool {
        self.locked(|state, calls| {
            let before = self.word.fetch_or(CLOSED, Ordering::AcqRel);
            while let Some(key) = state.line.first() {
                state.answer(key, Err(Refused::Closed), calls);
            }
            self.hand_out(state, calls);
            before & CLOSED == 0
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(Ordering::Acquire) & CLOSED != 0
    }

    pub(crate) fn available(&self) -> usize {
        self.word.load(Ordering::Acquire) / ONE
    }

    pub(crate) fn capacity(&self) -> usize {
        lock(&self.state).capacity
    }

    pub(crate) fn waiting(&self) -> usize {
        lock(&self.state).line.len()
    }

    fn give_back(&self, state: &mut State, permits: usize, calls: &mut Calls) {
        let paid = permits.min(state.debt);
        state.debt -= paid;
        self.word.fetch_add((permits - paid) * ONE, Ordering::AcqRel);
        self.hand_out(state, calls);
    }

    fn hand_out(&self, state: &mut State, calls: &mut Calls) {
        while let Some(key) = state.line.first() {
            let wants = state.entries.get(key).wants;
            if state.debt > 0 || self.word.load(Ordering::Acquire) / ONE < wants {
                return;
            }
            self.word.fetch_sub(wants * ONE, Ordering::AcqRel);
            state.answer(key, Ok(()), calls);
        }
        if state.debt == 0 {
            self.word.fetch_and(!SLOW, Ordering::AcqRel);
        }
    }

    /// Those who want more than there is would wait for ever, and hold up all behind them.
    fn refuse_what_is_too_large(&self, state: &mut State, calls: &mut Calls) {
        let capacity = state.capacity;
        while let Some(key) = state.entries.find(&state.line, |entry| entry.wants > capacity) {
            state.answer(key, Err(Refused::TooMany { capacity }), calls);
        }
    }

    fn locked<R>(&self, body: impl FnOnce(&mut State, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = body(&mut lock(&self.state), &mut calls);
        calls.wake();
        result
    }
}

impl State {
    fn answer(&mut self, key: Key, answer: Result<(), Refused>, calls: &mut Calls) {
        self.entries.unlink(&mut self.line, key);
        let entry = self.entries.get_mut(key);
        entry.answer = Some(answer);
        calls.add(entry.waker.take());
    }
}
