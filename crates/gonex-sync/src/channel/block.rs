//! The blocks of a [`List`](super::list::List): slots for values, and what leads on to the next block.

#![expect(
    unsafe_code,
    reason = "slots hold values that may not be there, in blocks that are shared"
)]

use std::mem::MaybeUninit;
use std::ptr;

use crate::primitive::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use crate::primitive::{UnsafeCell, relax};

/// How many values a block holds, a power of two. With 32 a block of words still comes from the
/// allocator's quick lists. A model must get over the end of one in a few steps.
pub(crate) const SLOTS: usize = if cfg!(gonex_loom) { 2 } else { 32 };

pub(crate) struct Block<T> {
    /// Null until the tail has moved on.
    following: AtomicPtr<Block<T>>,
    /// How many slots have been read.
    read: AtomicUsize,
    slots: [Slot<T>; SLOTS],
}

struct Slot<T> {
    /// Whether the value is there. Each slot is written and read once in the life of a block.
    written: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Block<T> {
    /// Makes an empty block, where it is to stay: many large values would not fit onto a stack.
    pub(crate) fn new() -> Box<Self> {
        let mut block = Box::<Self>::new_uninit();
        let place = block.as_mut_ptr();
        // SAFETY: all fields of the block, and all its slots, are written here, and nothing is read.
        unsafe {
            (&raw mut (*place).following).write(AtomicPtr::new(ptr::null_mut()));
            (&raw mut (*place).read).write(AtomicUsize::new(0));
            for index in 0..SLOTS {
                let slot = &raw mut (*place).slots[index];
                (&raw mut (*slot).written).write(AtomicBool::new(false));
                (&raw mut (*slot).value).write(UnsafeCell::new(MaybeUninit::uninit()));
            }
            block.assume_init()
        }
    }

    /// Writes the value of a slot.
    ///
    /// # Safety
    /// The block has not been freed, and only this thread writes this slot, which is empty.
    #[inline(always)]
    pub(crate) unsafe fn write(block: *mut Self, index: usize, value: T) {
        // SAFETY: the block lives at least until the value has been read, which no popper does before
        // it sees `written`. `index` is below the number of slots, for whoever calls.
        let slot = unsafe { (*block).slots.get_unchecked(index) };
        // SAFETY: nobody else writes the slot, and nobody reads it before `written`.
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
        slot.written.store(true, Ordering::Release);
    }

    /// Reads the value of a slot when it is there, and empties the slot. Whether all slots of the
    /// block have been read now; else this thread may not look into the block any more.
    ///
    /// # Safety
    /// The block has not been freed, only this thread reads this slot, and some thread has written it
    /// or is about to.
    #[inline(always)]
    pub(crate) unsafe fn read(block: *mut Self, index: usize) -> (T, bool) {
        // SAFETY: the block lives until all slots have been counted as read. `index` is below the
        // number of slots, for whoever calls.
        let (slot, read) = unsafe { ((*block).slots.get_unchecked(index), &(*block).read) };
        if !slot.written.load(Ordering::Acquire) {
            slot.wait();
        }
        // SAFETY: it has been written, and is read here only.
        let value = slot.value.with(|place| unsafe { (*place).assume_init_read() });
        slot.written.store(false, Ordering::Relaxed);
        // Release for what this thread has done in the block, Acquire for what the others have.
        (value, read.fetch_add(1, Ordering::AcqRel) == SLOTS - 1)
    }

    /// Says which block comes next.
    pub(crate) fn lead_on(&self, following: *mut Self) {
        self.following.store(following, Ordering::Release);
    }

    /// The next block, which whoever took the last slot is about to name.
    pub(crate) fn following(&self) -> *mut Self {
        let mut turn = 0;
        loop {
            let following = self.following.load(Ordering::Acquire);
            if !following.is_null() {
                return following;
            }
            relax(&mut turn);
        }
    }

    /// The next block, or null, for who has the list to itself.
    pub(crate) fn following_if_any(&self) -> *mut Self {
        self.following.load(Ordering::Relaxed)
    }

    /// Makes an empty block of one that has been read.
    ///
    /// # Safety
    /// All slots have been read, and nobody else looks into the block any more.
    pub(crate) unsafe fn emptied(block: *mut Self) -> Box<Self> {
        // SAFETY: blocks are made in boxes, and this one is nobody else's.
        let block = unsafe { Box::from_raw(block) };
        block.following.store(ptr::null_mut(), Ordering::Relaxed);
        block.read.store(0, Ordering::Relaxed);
        block
    }
}

/// Keeps one block that was read until it is wanted again.
pub(crate) struct Spare<T>(
    /// An empty block out of a box, which is nobody else's; or null.
    AtomicPtr<Block<T>>,
);

impl<T> Spare<T> {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The block that was kept, or a new one.
    pub(crate) fn take(&self) -> Box<Block<T>> {
        let block = self.0.swap(ptr::null_mut(), Ordering::Acquire);
        if block.is_null() {
            return Block::new();
        }
        // SAFETY: it came out of a box in `keep`, and who swaps it out has it alone.
        unsafe { Box::from_raw(block) }
    }

    /// Keeps an empty block, or frees it if there is one already.
    pub(crate) fn keep(&self, block: Box<Block<T>>) {
        let block = Box::into_raw(block);
        let none = ptr::null_mut();
        if self.0.compare_exchange(none, block, Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: it was a box just now, and nobody else has seen it.
            drop(unsafe { Box::from_raw(block) });
        }
    }

    /// Whether no block is kept right now.
    #[cfg(all(test, not(gonex_loom)))]
    pub(crate) fn is_none(&self) -> bool {
        self.0.load(Ordering::Relaxed).is_null()
    }
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        let block = self.0.load(Ordering::Acquire);
        if !block.is_null() {
            // SAFETY: as in `take`; and nobody else has this any more.
            drop(unsafe { Box::from_raw(block) });
        }
    }
}

impl<T> Slot<T> {
    /// The pusher has advanced the tail, and may still be writing.
    #[cold]
    fn wait(&self) {
        let mut turn = 0;
        while !self.written.load(Ordering::Acquire) {
            relax(&mut turn);
        }
    }
}
