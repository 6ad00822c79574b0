//! A bounded queue without locks, for any number of pushers and poppers.
//!
//! After Dmitry Vyukov's bounded MPMC queue: each slot carries a stamp that says for which position
//! it is ready. Two things are added. The number of places is exact and need not be a power of two,
//! because pushers look at `head` (a remembered one, so that they seldom touch the poppers' cache
//! line). And the word with the position of the tail also counts *reserved* places and says whether
//! the queue is closed, so that one compare-and-swap decides all three together: nothing is pushed
//! after the close, and what is reserved is never given away.
//!
//! # Stamps
//! With `size` slots (a power of two, at least 2), the slot of position `p` is `p % size`. Its stamp
//! is `p` when it may be written for `p`, `p + 1` when it may be read for `p`, and then `p + size`.
//! Positions count modulo 2^48.
//!
//! # Order of memory
//! A stamp is stored with Release after the value has been written or read, and loaded with Acquire
//! before: that is what hands the slot over. `tail` and `head` are advanced, and read where the
//! answer is "full" or "empty", with `SeqCst`: see [`Ringed`](super::ringed) for who relies on it.

#![expect(unsafe_code, reason = "slots hold values that may not be there")]

use std::mem::MaybeUninit;

use crossbeam_utils::CachePadded;

use super::store::{
    NoPlace, POSITION, PopError, Position, PushError, Store, after, distance, next,
};
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::{UnsafeCell, after_loss, back_off, relax};

const ONE_RESERVED: u64 = 1 << 48;
const RESERVED: u64 = 0x3fff << 48;
const CLOSED: u64 = 1 << 63;

/// The most places that can be reserved at once.
pub(crate) const MOST_RESERVED: u64 = RESERVED / ONE_RESERVED;

pub(crate) struct Ring<T> {
    tail: CachePadded<Tail>,
    /// The position that is popped next; poppers advance it.
    head: CachePadded<AtomicU64>,
    slots: Box<[Slot<T>]>,
    /// How many values fit.
    capacity: u64,
    /// For the user of the ring.
    signals: AtomicU64,
}

struct Tail {
    /// The position that is pushed next, the number of reserved places, and the flags.
    word: AtomicU64,
    /// Some earlier value of `head`, kept here by pushers for pushers.
    head_seen: AtomicU64,
}

struct Slot<T> {
    stamp: AtomicU64,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: a value is written by the one pusher that advanced `tail` over its position and read by
// the one popper that advanced `head` over it, and the stamp makes the second wait for the first.
// So threads pass values on and never share them.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    /// Makes a ring for `capacity` values, from 1 to 2^40.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::starting_at(capacity, 0)
    }

    /// Makes a ring whose first value has the position `start`.
    fn starting_at(capacity: usize, start: Position) -> Self {
        let size = capacity.max(2).next_power_of_two();
        let slot = |index| {
            // The first position from `start` on that falls on this slot.
            let ahead = (index as u64).wrapping_sub(start) & (size as u64 - 1);
            Slot {
                stamp: AtomicU64::new((start + ahead) & POSITION),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        };
        let tail = Tail { word: AtomicU64::new(start), head_seen: AtomicU64::new(start) };
        Self {
            tail: CachePadded::new(tail),
            head: CachePadded::new(AtomicU64::new(start)),
            slots: (0..size).map(slot).collect(),
            capacity: capacity as u64,
            signals: AtomicU64::new(0),
        }
    }

    /// Changes the tail by `change`, which takes one place, if there is one. The tail was `word` when
    /// it was last seen.
    ///
    /// After a lost exchange it goes on with the word that the winner has left, as the
    /// [list](super::list) does.
    fn advance(&self, mut word: u64, change: impl Fn(u64) -> u64) -> Result<Position, NoPlace> {
        let mut lost = 0;
        loop {
            if word & CLOSED != 0 {
                return Err(NoPlace::Closed);
            }
            if !self.has_room(word) {
                let now = self.tail.word.load(Ordering::SeqCst);
                if now == word {
                    return Err(NoPlace::Full);
                }
                word = now;
                continue;
            }
            match self.tail.word.compare_exchange_weak(
                word,
                change(word),
                Ordering::SeqCst,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(word & POSITION),
                Err(now) => {
                    back_off(&mut lost);
                    word = now;
                }
            }
        }
    }

    /// Pushes a value, where the tail was `word` when it was last seen.
    #[inline(never)]
    fn push_at(&self, word: u64, value: T) -> Result<Position, PushError<T>> {
        match self.advance(word, next) {
            Ok(position) => {
                self.write(position, value);
                Ok(position)
            }
            Err(NoPlace::Full) => Err(PushError::Full(value)),
            Err(NoPlace::Closed) => Err(PushError::Closed(value)),
        }
    }

    /// Pops a value, where the head was at `head` when it was last seen; as [`advance`](Self::advance).
    #[inline(never)]
    fn pop_at(&self, mut head: Position) -> Result<(T, Position), PopError> {
        let (mut turn, mut lost) = (0, 0);
        loop {
            let slot = self.slot(head);
            if slot.stamp.load(Ordering::Acquire) == after(head) {
                match self.head.compare_exchange_weak(
                    head,
                    after(head),
                    Ordering::SeqCst,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => return Ok((self.read(slot, head), head)),
                    Err(now) => {
                        back_off(&mut lost);
                        head = now;
                    }
                }
                continue;
            }
            let word = self.tail.word.load(Ordering::SeqCst);
            let now = self.head.load(Ordering::SeqCst);
            if now != head {
                head = now;
                continue;
            }
            if word & POSITION == head {
                return Err(if word & CLOSED == 0 { PopError::Empty } else { PopError::Closed });
            }
            // A pusher has the position and is about to write.
            relax(&mut turn);
        }
    }

    /// Whether a place is free when the tail is `word`. Says no also when `word` is out of date.
    fn has_room(&self, word: u64) -> bool {
        let reserved = (word & RESERVED) / ONE_RESERVED;
        let fits = |head: u64| {
            distance(head, word & POSITION) + reserved < self.capacity && reserved < MOST_RESERVED
        };
        if fits(self.tail.head_seen.load(Ordering::Relaxed)) {
            return true;
        }
        let head = self.head.load(Ordering::SeqCst);
        self.tail.head_seen.store(head, Ordering::Relaxed);
        fits(head)
    }

    /// Writes the value of a position that is this thread's.
    #[inline(always)]
    fn write(&self, position: Position, value: T) {
        let slot = self.slot(position);
        if slot.stamp.load(Ordering::Acquire) != position {
            slot.wait_for(position);
        }
        // SAFETY: this thread alone advanced the tail over `position`, and the stamp says that the
        // slot's value of the round before has been read.
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
        slot.stamp.store(after(position), Ordering::Release);
    }

    /// Reads the value of a position that is this thread's from its slot, and frees the slot.
    #[inline(always)]
    fn read(&self, slot: &Slot<T>, position: Position) -> T {
        // SAFETY: the stamp was seen to say that the value has been written, and this thread alone
        // advanced the head over `position`.
        let value = slot.value.with(|place| unsafe { (*place).assume_init_read() });
        let free = (position + self.slots.len() as u64) & POSITION;
        slot.stamp.store(free, Ordering::Release);
        value
    }

    #[inline(always)]
    fn slot(&self, position: Position) -> &Slot<T> {
        let index = position as usize & (self.slots.len() - 1);
        // SAFETY: the length is a power of two and not 0, so `index` is below it.
        unsafe { self.slots.get_unchecked(index) }
    }
}

impl<T> Store<T> for Ring<T> {
    #[inline(always)]
    fn signals(&self) -> &AtomicU64 {
        &self.signals
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity as usize)
    }

    #[inline(always)]
    fn push_quickly(&self, value: T) -> Result<Position, T> {
        let word = self.tail.word.load(Ordering::Relaxed);
        let head = self.tail.head_seen.load(Ordering::Relaxed);
        // Without flags and reserved places the word is the position.
        if word > POSITION || distance(head, word) >= self.capacity && !self.has_room(word) {
            return Err(value);
        }
        let advanced =
            self.tail.word.compare_exchange(word, next(word), Ordering::SeqCst, Ordering::Relaxed);
        if let Err(now) = advanced {
            return after_loss(|| self.push_at(now, value).map_err(PushError::into_inner));
        }
        self.write(word, value);
        Ok(word)
    }

    fn push(&self, value: T) -> Result<Position, PushError<T>> {
        self.push_at(self.tail.word.load(Ordering::Relaxed), value)
    }

    fn reserve(&self) -> Result<(), NoPlace> {
        let word = self.tail.word.load(Ordering::Relaxed);
        self.advance(word, |word| word + ONE_RESERVED).map(drop)
    }

    fn push_reserved(&self, value: T) -> Result<Position, T> {
        let mut word = self.tail.word.load(Ordering::Relaxed);
        let mut lost = 0;
        loop {
            let closed = word & CLOSED != 0;
            let after = if closed { word } else { next(word) } - ONE_RESERVED;
            match self.tail.word.compare_exchange_weak(
                word,
                after,
                Ordering::SeqCst,
                Ordering::Relaxed,
            ) {
                Ok(_) if closed => return Err(value),
                Ok(_) => {
                    self.write(word & POSITION, value);
                    return Ok(word & POSITION);
                }
                Err(now) => {
                    back_off(&mut lost);
                    word = now;
                }
            }
        }
    }

    fn release(&self) {
        self.tail.word.fetch_sub(ONE_RESERVED, Ordering::SeqCst);
    }

    #[inline(always)]
    fn pop_quickly(&self) -> Option<(T, Position)> {
        let head = self.head.load(Ordering::Relaxed);
        let slot = self.slot(head);
        if slot.stamp.load(Ordering::Acquire) != after(head) {
            return None;
        }
        let advanced =
            self.head.compare_exchange(head, after(head), Ordering::SeqCst, Ordering::Relaxed);
        if let Err(now) = advanced {
            return after_loss(|| self.pop_at(now).ok());
        }
        Some((self.read(slot, head), head))
    }

    fn pop(&self) -> Result<(T, Position), PopError> {
        self.pop_at(self.head.load(Ordering::Relaxed))
    }

    #[inline]
    fn looks_ready(&self) -> bool {
        let head = self.head.load(Ordering::Relaxed);
        self.slot(head).stamp.load(Ordering::Relaxed) == after(head)
    }

    fn looks_roomy(&self) -> bool {
        let word = self.tail.word.load(Ordering::Relaxed);
        word <= POSITION && distance(self.head.load(Ordering::Relaxed), word) < self.capacity
    }

    fn is_idle(&self) -> bool {
        let word = self.tail.word.load(Ordering::SeqCst) & !RESERVED;
        self.head.load(Ordering::SeqCst) == word
    }

    fn is_full(&self) -> bool {
        let word = self.tail.word.load(Ordering::SeqCst);
        let reserved = (word & RESERVED) / ONE_RESERVED;
        let inside = distance(self.head.load(Ordering::SeqCst), word & POSITION);
        word & CLOSED == 0 && (inside + reserved >= self.capacity || reserved == MOST_RESERVED)
    }

    fn fill(&self) -> (usize, usize) {
        loop {
            let word = self.tail.word.load(Ordering::SeqCst);
            let head = self.head.load(Ordering::SeqCst);
            if self.tail.word.load(Ordering::SeqCst) == word {
                let reserved = (word & RESERVED) / ONE_RESERVED;
                return (distance(head, word & POSITION) as usize, reserved as usize);
            }
        }
    }

    fn pushes(&self) -> u64 {
        self.tail.word.load(Ordering::SeqCst) & !RESERVED
    }

    fn pops(&self) -> u64 {
        self.head.load(Ordering::SeqCst)
    }

    fn close(&self) {
        self.tail.word.fetch_or(CLOSED, Ordering::SeqCst);
    }

    fn is_closed(&self) -> bool {
        self.tail.word.load(Ordering::SeqCst) & CLOSED != 0
    }
}

impl<T> Slot<T> {
    /// The popper of the round before has advanced the head, and may still be reading.
    #[cold]
    fn wait_for(&self, position: Position) {
        let mut turn = 0;
        while self.stamp.load(Ordering::Acquire) != position {
            relax(&mut turn);
        }
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        // One value at a time, so that a destructor that panics leaks only what is behind it.
        while self.pop().is_ok() {}
    }
}

#[cfg(all(test, gonex_loom))]
#[path = "ring_models.rs"]
mod models;

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use super::*;

    /// Starts around the wrap of positions, for rings of all small capacities.
    fn rings() -> impl Iterator<Item = (u64, Ring<u32>)> {
        let starts = (0..6).map(|before| POSITION - before).chain([0]);
        starts.flat_map(|start| {
            (1..=5).map(move |capacity| (capacity as u64, Ring::starting_at(capacity, start)))
        })
    }

    #[test]
    fn values_pass_the_wrap_of_positions_in_order() {
        for (capacity, ring) in rings() {
            for round in 0..12 {
                for value in 0..capacity as u32 {
                    assert!(ring.push(round * 100 + value).is_ok());
                }
                assert_eq!(ring.push(99), Err(PushError::Full(99)), "capacity {capacity}");
                assert_eq!(ring.fill(), (capacity as usize, 0));
                for value in 0..capacity as u32 {
                    assert_eq!(ring.pop().map(|(value, _)| value), Ok(round * 100 + value));
                }
                assert_eq!(ring.pop().map(drop), Err(PopError::Empty));
            }
        }
    }

    #[test]
    fn places_are_kept_over_the_wrap_of_positions() {
        for (capacity, ring) in rings() {
            for round in 0..12 {
                for _ in 0..capacity {
                    ring.reserve().unwrap();
                }
                assert_eq!(ring.reserve(), Err(NoPlace::Full), "capacity {capacity}");
                assert_eq!(ring.push(99), Err(PushError::Full(99)));
                ring.release();
                assert!(ring.push(round).is_ok());
                for _ in 1..capacity {
                    assert!(ring.push_reserved(round).is_ok());
                }
                assert_eq!(ring.fill(), (capacity as usize, 0));
                while ring.pop().is_ok() {}
            }
            ring.close();
            assert_eq!(ring.pop().map(drop), Err(PopError::Closed));
        }
    }
}
