//! The blocks of a [`List`](super::list::List): slots for values, and what leads on to the next block.

#![expect(
    unsafe_code,
    reason = "slots hold values that may not be there, in blocks that are shared"
)]

use std::mem::MaybeUninit;
use std::ptr;

use crate::primitive::atomic::{AtomicPtr, AtomicU8, Ordering};
use crate::primitive::{UnsafeCell, relax};

/// How many values a block holds, a power of two. With 32 a block of words still comes from the
/// allocator's quick lists. A model must get over the end of one in a few steps.
pub(crate) const SLOTS: usize = if cfg!(gonex_loom) { 2 } else { 32 };

pub(crate) struct Block<T> {
    /// Null until the tail has moved on.
    following: AtomicPtr<Block<T>>,
    slots: [Slot<T>; SLOTS],
}

struct Slot<T> {
    /// One of the three below, in their order: each slot is written and read once in the life of a block.
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

const EMPTY: u8 = 0;
/// The value is there.
const WRITTEN: u8 = 1;
/// Nobody looks into the slot any more.
const READ: u8 = 2;

impl<T> Block<T> {
    /// Makes an empty block, where it is to stay: many large values would not fit onto a stack.
    pub(crate) fn new() -> Box<Self> {
        let mut block = Box::<Self>::new_uninit();
        let place = block.as_mut_ptr();
        // SAFETY: all fields of the block, and all its slots, are written here, and nothing is read.
        unsafe {
            (&raw mut (*place).following).write(AtomicPtr::new(ptr::null_mut()));
            for index in 0..SLOTS {
                let slot = &raw mut (*place).slots[index];
                (&raw mut (*slot).state).write(AtomicU8::new(EMPTY));
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
        // it sees `WRITTEN`. `index` is below the number of slots, for whoever calls.
        let slot = unsafe { (*block).slots.get_unchecked(index) };
        // SAFETY: nobody else writes the slot, and nobody reads it before `WRITTEN`.
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
        slot.state.store(WRITTEN, Ordering::Release);
    }

    /// Reads the value of a slot when it is there. Unless it is the last slot, this thread may not look
    /// into the block any more.
    ///
    /// # Safety
    /// The block has not been freed, only this thread reads this slot, and some thread has written it
    /// or is about to.
    #[inline(always)]
    pub(crate) unsafe fn read(block: *mut Self, index: usize) -> T {
        // SAFETY: the block lives until all slots have been read. `index` is below the number of slots,
        // for whoever calls.
        let slot = unsafe { (*block).slots.get_unchecked(index) };
        if slot.state.load(Ordering::Acquire) != WRITTEN {
            slot.wait();
        }
        // SAFETY: it has been written, and is read here only.
        let value = slot.value.with(|place| unsafe { (*place).assume_init_read() });
        // Release: the slot is emptied after it was read.
        slot.state.store(READ, Ordering::Release);
        value
    }

    /// Whether all slots have been read, so that nobody else looks into them.
    pub(crate) fn is_read(&self) -> bool {
        self.slots.iter().all(|slot| slot.state.load(Ordering::Acquire) == READ)
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
    /// All slots were seen to have been read, and nobody else has the block.
    pub(crate) unsafe fn emptied(block: *mut Self) -> Box<Self> {
        // SAFETY: blocks are made in boxes, and this one is nobody else's.
        let block = unsafe { Box::from_raw(block) };
        block.following.store(ptr::null_mut(), Ordering::Relaxed);
        block.slots.iter().for_each(|slot| slot.state.store(EMPTY, Ordering::Relaxed));
        block
    }
}

impl<T> Slot<T> {
    /// The pusher has advanced the tail, and may still be writing.
    #[cold]
    fn wait(&self) {
        let mut turn = 0;
        while self.state.load(Ordering::Acquire) != WRITTEN {
            relax(&mut turn);
        }
    }
}
