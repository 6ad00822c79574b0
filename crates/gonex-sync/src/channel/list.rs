//! A queue without locks or a bound, for any number of pushers and poppers: a list of blocks.
//!
//! After the list flavour of crossbeam-channel, by Stjepan Glavina and others: blocks of so many slots,
//! one word at each end that says which slot is next, and whoever takes the last slot of a block leads
//! its end on to the next block. Different here are three things. Positions have no gaps, a flag says
//! that an end is moving on. A popper remembers how far pushers had come, and looks again only when it
//! has come that far itself. And who takes the last value of a block looks whether all of its slots
//! have been read: then it is freed, and else [put by](super::spare).
//!
//! # Blocks
//! The slot of position `p` is `p % SLOTS`, so all blocks begin with the same remainder. The first
//! comes with the first push, and each further one is made by the pusher that is about to take the
//! last slot, *before* it takes it, so that others wait only for a few writes. One that has been read
//! is kept as a spare, and freed if there is one already: what a flood has taken goes back as it is
//! read, and a list that neither grows nor shrinks allocates nothing.
//!
//! # Who meets whom
//! With each value a pusher changes the word of the tail and the slot, a popper the word of the head
//! and the slot, and nothing else: what several threads write costs more than all the rest. Who loses
//! an exchange pauses, so that the winner does several before the cache line goes.
//!
//! # Order of memory
//! `WRITTEN` is stored with Release after a value has been written, and loaded with Acquire before it
//! is read; `READ` likewise, before the slot is emptied. A block's pointer is stored with Release
//! before the word of that end loses `MOVING`, and read after the word was read with Acquire; so it
//! belongs to that word, or to a later one, and then the compare-and-swap of the word fails and nobody
//! looks into the block. Both words are advanced with `SeqCst`, and so is the tail read where the
//! answer is "empty": see [`Ringed`](super::ringed) for who relies on it.

#![expect(
    unsafe_code,
    reason = "slots hold values that may not be there, in blocks that are shared"
)]

use std::ptr;

use crossbeam_utils::CachePadded;

use super::block::{Block, SLOTS};
use super::spare::Spare;
use super::store::{NoPlace, POSITION, PopError, Position, PushError, Store, after, distance};
use crate::primitive::atomic::{AtomicPtr, AtomicU64, Ordering};
use crate::primitive::{after_loss, back_off, relax};

/// Whoever took the last slot of a block is leading this end on to the next.
const MOVING: u64 = 1 << 62;
/// On the tail only.
const CLOSED: u64 = 1 << 63;

pub(crate) struct List<T> {
    tail: CachePadded<Tail<T>>,
    head: CachePadded<Head<T>>,
    /// For the user of the list.
    signals: AtomicU64,
}

struct Tail<T> {
    /// The position that is pushed next, and the flags.
    word: AtomicU64,
    /// The block of that position; null before the first push.
    block: AtomicPtr<Block<T>>,
}

struct Head<T> {
    /// The position that is popped next, and `MOVING`.
    word: AtomicU64,
    /// The block of that position; null before the first push.
    block: AtomicPtr<Block<T>>,
    /// Some earlier position of the tail, kept here by poppers for poppers.
    tail_seen: AtomicU64,
    spare: Spare<T>,
}

// SAFETY: a value is written by the one pusher that advanced the tail over its position and read by
// the one popper that advanced the head over it, and `written` makes the second wait for the first. So
// threads pass values on and never share them. Blocks are freed by one thread, after all others are
// done with them: see `List::pop_at`.
unsafe impl<T: Send> Send for List<T> {}
// SAFETY: all that `&List` offers is pushing and popping, and by the same two marks each value has one
// pusher and one popper, so nothing of a `T` is ever reached from two threads.
unsafe impl<T: Send> Sync for List<T> {}

impl<T> List<T> {
    pub(crate) fn new() -> Self {
        Self::starting_at(0)
    }

    /// Makes a list whose first value has the position `start`, the first of a block.
    fn starting_at(start: Position) -> Self {
        debug_assert_eq!(index(start), 0, "a block begins at {start}");
        let none = || AtomicPtr::new(ptr::null_mut());
        let tail = Tail { word: AtomicU64::new(start), block: none() };
        let head = Head {
            word: AtomicU64::new(start),
            block: none(),
            tail_seen: AtomicU64::new(start),
            spare: Spare::new(),
        };
        Self {
            tail: CachePadded::new(tail),
            head: CachePadded::new(head),
            signals: AtomicU64::new(0),
        }
    }

    /// Makes the first block, unless somebody else has.
    fn begin(&self) {
        let mine = Box::into_raw(self.head.spare.take());
        let head = &self.head.block;
        let none = ptr::null_mut();
        // First where poppers look: who finds a value finds its block.
        let first = match head.compare_exchange(none, mine, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => mine,
            Err(first) => {
                // SAFETY: it was made above and is not in use.
                self.head.spare.keep(unsafe { Box::from_raw(mine) });
                first
            }
        };
        // If there was a block at the tail by now, it stays; if there was none, nothing has been
        // pushed, and so the block at the head is still the first.
        let tail = &self.tail.block;
        let _ = tail.compare_exchange(none, first, Ordering::AcqRel, Ordering::Relaxed);
    }

    /// Pushes a value, where the word of the tail was `word` when it was last seen.
    ///
    /// After a lost exchange it goes on with the word that the winner has left, though that may have
    /// changed while it paused: then it loses once more, and pauses longer. That is how the pauses get
    /// as long as it takes for others to be done.
    #[inline(never)]
    fn push_at(&self, mut word: u64, value: T) -> Result<Position, PushError<T>> {
        let mut ahead = None;
        let (mut turn, mut lost) = (0, 0);
        let pushed = loop {
            if word & CLOSED != 0 {
                break Err(PushError::Closed(value));
            }
            if word & MOVING != 0 {
                relax(&mut turn);
                word = self.tail.word.load(Ordering::Acquire);
                continue;
            }
            let block = self.tail.block.load(Ordering::Acquire);
            if block.is_null() {
                self.begin();
                word = self.tail.word.load(Ordering::Acquire);
                continue;
            }
            let is_last = index(word) == SLOTS - 1;
            if is_last && ahead.is_none() {
                ahead = Some(self.head.spare.take());
                // That took its time.
                word = self.tail.word.load(Ordering::Acquire);
                continue;
            }
            let advanced_to = if is_last { after(word) | MOVING } else { after(word) };
            let advanced = self.tail.word.compare_exchange_weak(
                word,
                advanced_to,
                Ordering::SeqCst,
                Ordering::Acquire,
            );
            if let Err(now) = advanced {
                back_off(&mut lost);
                word = now;
                continue;
            }
            if is_last && let Some(following) = ahead.take() {
                let following = Box::into_raw(following);
                self.tail.block.store(following, Ordering::Release);
                self.tail.word.fetch_and(!MOVING, Ordering::SeqCst);
                // SAFETY: `block` is the one of `word`, as below, and is not freed before the value of
                // its last slot has been read, which is yet to be written.
                unsafe { (*block).lead_on(following) };
            }
            // SAFETY: the word has not changed between the two times, so `block` is the one of
            // `word`, and this thread alone has advanced the tail over it.
            unsafe { Block::write(block, index(word), value) };
            break Ok(word);
        };
        if let Some(unused) = ahead {
            self.head.spare.keep(unused);
        }
        pushed
    }

    /// Pops a value, where the word of the head was `head` when it was last seen; as [`push_at`](Self::push_at).
    #[inline(never)]
    fn pop_at(&self, mut head: u64) -> Result<(T, Position), PopError> {
        let (mut turn, mut lost) = (0, 0);
        loop {
            // Who moves it on has taken a value, and there may be none behind that.
            self.look(head)?;
            if head & MOVING != 0 {
                relax(&mut turn);
                head = self.head.word.load(Ordering::Acquire);
                continue;
            }
            let block = self.head.block.load(Ordering::Acquire);
            let is_last = index(head) == SLOTS - 1;
            let advanced_to = if is_last { after(head) | MOVING } else { after(head) };
            let advanced = self.head.word.compare_exchange_weak(
                head,
                advanced_to,
                Ordering::SeqCst,
                Ordering::Acquire,
            );
            if let Err(now) = advanced {
                back_off(&mut lost);
                head = now;
                continue;
            }
            if is_last {
                // SAFETY: as below; and the block is not freed before this thread has handed it over.
                let following = unsafe { (*block).following() };
                self.head.block.store(following, Ordering::Release);
                self.head.word.store(after(head), Ordering::SeqCst);
            }
            // SAFETY: the word has not changed between the two times, so `block` is the one of
            // `head`, and this thread alone has advanced the head over it. `look` has seen the tail
            // beyond, so that some pusher writes the value; and with the tail, that there is a block.
            let value = unsafe { Block::read(block, index(head)) };
            if is_last {
                // SAFETY: the head is beyond all slots, and this thread took it over the last. Who has
                // the pointer and has not taken a slot fails to. The pusher that led on from the block
                // was done with it when it wrote the last value.
                unsafe { self.head.spare.pass(block) };
            }
            return Ok((value, head));
        }
    }

    /// Whether there is a value at this position of the head, written or about to be; or at least
    /// was, before another popper came. Else, what is to be answered.
    #[inline(always)]
    fn look(&self, head: u64) -> Result<(), PopError> {
        let position = head & POSITION;
        if lies_ahead(self.head.tail_seen.load(Ordering::Acquire), position) {
            return Ok(());
        }
        let word = self.tail.word.load(Ordering::SeqCst);
        if word & POSITION == position {
            return Err(if word & CLOSED == 0 { PopError::Empty } else { PopError::Closed });
        }
        self.head.tail_seen.store(word & POSITION, Ordering::Release);
        Ok(())
    }
}

impl<T> Store<T> for List<T> {
    #[inline(always)]
    fn signals(&self) -> &AtomicU64 {
        &self.signals
    }

    fn capacity(&self) -> Option<usize> {
        None
    }

    #[inline(always)]
    fn push_quickly(&self, value: T) -> Result<Position, T> {
        let word = self.tail.word.load(Ordering::Acquire);
        let block = self.tail.block.load(Ordering::Acquire);
        // Without flags the word is the position.
        if word > POSITION {
            return Err(value);
        }
        if index(word) == SLOTS - 1 || block.is_null() {
            return self.push_reserved(value);
        }
        let advanced =
            self.tail.word.compare_exchange(word, after(word), Ordering::SeqCst, Ordering::Acquire);
        if let Err(now) = advanced {
            return after_loss(|| self.push_at(now, value).map_err(PushError::into_inner));
        }
        // SAFETY: as in `push_at`.
        unsafe { Block::write(block, index(word), value) };
        Ok(word)
    }

    fn push(&self, value: T) -> Result<Position, PushError<T>> {
        self.push_at(self.tail.word.load(Ordering::Acquire), value)
    }

    /// There is always a place, so none is kept.
    fn reserve(&self) -> Result<(), NoPlace> {
        if self.is_closed() { Err(NoPlace::Closed) } else { Ok(()) }
    }

    fn push_reserved(&self, value: T) -> Result<Position, T> {
        self.push(value).map_err(PushError::into_inner)
    }

    fn release(&self) {}

    #[inline(always)]
    fn pop_quickly(&self) -> Option<(T, Position)> {
        let head = self.head.word.load(Ordering::Acquire);
        if head > POSITION || self.look(head).is_err() {
            return None;
        }
        if index(head) == SLOTS - 1 {
            return self.pop_at(head).ok();
        }
        let block = self.head.block.load(Ordering::Acquire);
        let advanced =
            self.head.word.compare_exchange(head, after(head), Ordering::SeqCst, Ordering::Acquire);
        if let Err(now) = advanced {
            return after_loss(|| self.pop_at(now).ok());
        }
        // SAFETY: as in `pop_at`.
        Some((unsafe { Block::read(block, index(head)) }, head))
    }

    fn pop(&self) -> Result<(T, Position), PopError> {
        self.pop_at(self.head.word.load(Ordering::Acquire))
    }

    #[inline]
    fn looks_ready(&self) -> bool {
        let position = self.head.word.load(Ordering::Relaxed) & POSITION;
        // Only who has come as far as was seen disturbs pushers.
        lies_ahead(self.head.tail_seen.load(Ordering::Relaxed), position)
            || self.tail.word.load(Ordering::Relaxed) & POSITION != position
    }

    fn looks_roomy(&self) -> bool {
        true
    }

    fn is_idle(&self) -> bool {
        let word = self.tail.word.load(Ordering::SeqCst) & !MOVING;
        self.head.word.load(Ordering::SeqCst) & POSITION == word
    }

    fn is_full(&self) -> bool {
        false
    }

    fn fill(&self) -> (usize, usize) {
        loop {
            let word = self.tail.word.load(Ordering::SeqCst) & POSITION;
            let head = self.head.word.load(Ordering::SeqCst) & POSITION;
            if self.tail.word.load(Ordering::SeqCst) & POSITION == word {
                return (distance(head, word) as usize, 0);
            }
        }
    }

    fn pushes(&self) -> u64 {
        self.tail.word.load(Ordering::SeqCst) & !MOVING
    }

    fn pops(&self) -> u64 {
        self.head.word.load(Ordering::SeqCst) & POSITION
    }

    fn close(&self) {
        self.tail.word.fetch_or(CLOSED, Ordering::SeqCst);
    }

    fn is_closed(&self) -> bool {
        self.tail.word.load(Ordering::SeqCst) & CLOSED != 0
    }
}

/// Which slot of its block a position has.
#[inline(always)]
fn index(position: Position) -> usize {
    position as usize & (SLOTS - 1)
}

/// Whether a position of the tail is beyond one of the head. Of all others, half lie ahead.
#[inline(always)]
fn lies_ahead(tail: Position, head: Position) -> bool {
    // The distance modulo 2^48 as a signed number.
    (tail.wrapping_sub(head) << 16) as i64 > 0
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        /// Frees what is left, also when a destructor has panicked; then the values are leaked.
        struct Blocks<'a, T>(&'a List<T>);

        impl<T> Drop for Blocks<'_, T> {
            fn drop(&mut self) {
                let mut block = self.0.head.block.load(Ordering::Relaxed);
                while !block.is_null() {
                    // SAFETY: nobody else has the list any more. Each block came out of a box, and is
                    // in the list once.
                    block = unsafe { Box::from_raw(block) }.following_if_any();
                }
            }
        }

        let left = Blocks(self);
        // One value at a time, so that a destructor that panics leaks only what is behind it.
        while left.0.pop().is_ok() {}
    }
}

#[cfg(all(test, gonex_loom))]
#[path = "list_models.rs"]
mod models;

#[cfg(all(test, not(any(gonex_loom, gonex_shuttle))))]
#[path = "list_tests.rs"]
mod tests;
