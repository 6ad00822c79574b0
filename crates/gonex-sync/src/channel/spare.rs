//! What becomes of the blocks of a [`List`](super::list::List) that the head has passed.
//!
//! Whoever takes the last value of a block hands the block over. Others may still be reading in it:
//! each has taken its slot, and may have lost its core since. So a block that has not been read to the
//! end is put by until the next one is handed over. A reader keeps one block from being freed, so few
//! are ever put by, however many go through.
//!
//! A count of the slots that were read would say at once when the last is. But to count is to write
//! what all readers write, with each value, and that costs more than all else they do in a block.

#![expect(unsafe_code, reason = "blocks are shared until all of their slots have been read")]

use std::ptr;

use super::block::Block;
use crate::primitive::atomic::{AtomicPtr, Ordering};

pub(crate) struct Spare<T> {
    /// An empty block out of a box, which is nobody else's; or null. It is used again.
    empty: AtomicPtr<Block<T>>,
    /// Blocks in which somebody may still be reading, each out of a box, and otherwise nobody's. They
    /// are linked by what follows them.
    passed: AtomicPtr<Block<T>>,
}

impl<T> Spare<T> {
    pub(crate) fn new() -> Self {
        Self { empty: AtomicPtr::new(ptr::null_mut()), passed: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The block that was kept, or a new one.
    pub(crate) fn take(&self) -> Box<Block<T>> {
        let block = self.empty.swap(ptr::null_mut(), Ordering::Acquire);
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
        if self.empty.compare_exchange(none, block, Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: it was a box just now, and nobody else has seen it.
            drop(unsafe { Box::from_raw(block) });
        }
    }

    /// Takes over a block that the head has passed, and empties it when all its slots have been read.
    ///
    /// # Safety
    /// The block came out of a box. Each of its slots has been taken to be read, the last by this
    /// thread, which has read it; and nobody else asks what follows the block, or will.
    pub(crate) unsafe fn pass(&self, block: *mut Block<T>) {
        // SAFETY: the block is freed by who has it alone, which is this thread.
        let is_read = unsafe { (*block).is_read() };
        if is_read && self.passed.load(Ordering::Relaxed).is_null() {
            // SAFETY: readers were the last to have it, and they are done.
            self.keep(unsafe { Block::emptied(block) });
        } else {
            // SAFETY: as for this function.
            unsafe { self.put_by(block) };
        }
    }

    /// Goes through the blocks that were put by, and puts by those that are still being read.
    ///
    /// # Safety
    /// As for [`pass`](Self::pass).
    #[cold]
    unsafe fn put_by(&self, block: *mut Block<T>) {
        // Who swaps them out has them alone. Acquire for their links.
        let mut next = self.passed.swap(ptr::null_mut(), Ordering::Acquire);
        let mut block = block;
        let mut first: *mut Block<T> = ptr::null_mut();
        let mut last = block;
        loop {
            // SAFETY: the block is this thread's but for those who read slots, and so it lives.
            if unsafe { (*block).is_read() } {
                // SAFETY: now there are none.
                self.keep(unsafe { Block::emptied(block) });
            } else {
                if first.is_null() {
                    last = block;
                }
                // SAFETY: as above.
                unsafe { (*block).lead_on(first) };
                first = block;
            }
            if next.is_null() {
                break;
            }
            block = next;
            // SAFETY: as above.
            next = unsafe { (*block).following_if_any() };
        }
        if first.is_null() {
            return;
        }
        let mut before = self.passed.load(Ordering::Relaxed);
        loop {
            // SAFETY: `first` and those behind it were not read, so this thread has them, `last`
            // included, until the exchange succeeds.
            unsafe { (*last).lead_on(before) };
            // Release for the links, of these blocks; those of the others were released before, and
            // an exchange carries that on.
            match self.passed.compare_exchange_weak(
                before,
                first,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// Whether no empty block is kept right now.
    #[cfg(all(test, not(gonex_loom)))]
    pub(crate) fn is_none(&self) -> bool {
        self.empty.load(Ordering::Relaxed).is_null()
    }
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        for first in [&self.empty, &self.passed] {
            let mut block = first.load(Ordering::Acquire);
            while !block.is_null() {
                // SAFETY: each came out of a box and is in one of the two chains, once, and nobody else
                // has this any more. Nothing is in the slots.
                block = unsafe { Box::from_raw(block) }.following_if_any();
            }
        }
    }
}

#[cfg(all(test, not(any(gonex_loom, gonex_shuttle))))]
mod tests {
    use super::*;
    use crate::channel::block::SLOTS;

    /// A block whose slots hold values of which the first few have been read.
    fn block(read: usize) -> *mut Block<Box<usize>> {
        let block = Box::into_raw(Block::new());
        for index in 0..SLOTS {
            // SAFETY: the block is this thread's, and each slot is written once.
            unsafe { Block::write(block, index, Box::new(index)) };
        }
        (0..read).for_each(|index| read_slot(block, index));
        block
    }

    fn read_slot(block: *mut Block<Box<usize>>, index: usize) {
        // SAFETY: the slot was written, and is read once.
        assert_eq!(*unsafe { Block::read(block, index) }, index);
    }

    fn put_by<T>(spare: &Spare<T>) -> usize {
        let mut block = spare.passed.load(Ordering::Relaxed);
        let mut count = 0;
        while !block.is_null() {
            count += 1;
            // SAFETY: the blocks are this thread's.
            block = unsafe { (*block).following_if_any() };
        }
        count
    }

    #[test]
    fn a_block_that_somebody_reads_is_put_by_until_the_next() {
        let spare = Spare::new();
        // The last slot is read first.
        let [one, two] = [block(0), block(0)];
        for passed in [one, two] {
            (1..SLOTS).for_each(|index| read_slot(passed, index));
            // SAFETY: as it would be if a slow reader had the first slot.
            unsafe { spare.pass(passed) };
        }
        assert_eq!((put_by(&spare), spare.is_none()), (2, true));
        read_slot(two, 0);
        // SAFETY: all of its slots have been read.
        unsafe { spare.pass(block(SLOTS)) };
        assert_eq!((put_by(&spare), spare.is_none()), (1, false), "one is being read");
        read_slot(one, 0);
        // SAFETY: as above.
        unsafe { spare.pass(block(SLOTS)) };
        assert_eq!((put_by(&spare), spare.is_none()), (0, false));
    }

    #[test]
    fn what_is_put_by_is_freed_with_all_else() {
        let spare = Spare::new();
        let [one, two] = [block(SLOTS - 1), block(SLOTS - 1)];
        for passed in [one, two] {
            // SAFETY: as above; the last slot stands for that of a slow reader.
            unsafe { spare.pass(passed) };
        }
        assert_eq!(put_by(&spare), 2);
        for passed in [one, two] {
            read_slot(passed, SLOTS - 1);
        }
        // That no block leaks is seen by the address sanitizer and by Miri.
        drop(spare);
    }

    #[test]
    fn an_emptied_block_serves_again() {
        let spare = Spare::new();
        // SAFETY: all of its slots have been read.
        unsafe { spare.pass(block(SLOTS)) };
        let again = Box::into_raw(spare.take());
        assert!(spare.is_none());
        for index in 0..SLOTS {
            // SAFETY: the block is this thread's, and each slot is written and read once.
            let value = unsafe {
                Block::write(again, index, Box::new(index));
                Block::read(again, index)
            };
            assert_eq!(*value, index);
        }
        // SAFETY: it came out of a box, and is this thread's.
        drop(unsafe { Box::from_raw(again) });
    }
}
