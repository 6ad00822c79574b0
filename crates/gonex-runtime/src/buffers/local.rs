use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::shared::Shared;
use super::stats::Counts;

/// What a thread keeps for itself.
#[derive(Debug)]
pub(super) struct Local {
    /// Of each class. Borrowed for a push or a pop, during which nothing else runs on the thread.
    buffers: RefCell<Vec<Vec<Vec<u8>>>>,
    /// What these hold, and may.
    bytes: Cell<usize>,
    most: usize,
    counts: Arc<Counts>,
}

/// How many buffers move to and from the others at once, at most, and how many bytes.
const AT_ONCE: usize = 16;
const BYTES_AT_ONCE: usize = 256 << 10;

fn at_once(size: usize) -> usize {
    (BYTES_AT_ONCE / size).clamp(1, AT_ONCE)
}

impl Local {
    pub(super) fn new(shared: &Shared, classes: usize, wish: usize) -> Self {
        let (most, counts) = shared.join(wish);
        let buffers = RefCell::new(vec![Vec::new(); classes]);
        Self { buffers, bytes: Cell::new(0), most, counts }
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    #[inline]
    pub(super) fn take(&self, shared: &Shared, class: usize, size: usize) -> Vec<u8> {
        let own = self.buffers.borrow_mut()[class].pop();
        if let Some(buffer) = own {
            self.bytes.set(self.bytes.get() - size);
            self.counts.reused.add();
            return buffer;
        }
        self.take_of_all(shared, class, size)
    }

    #[cold]
    fn take_of_all(&self, shared: &Shared, class: usize, size: usize) -> Vec<u8> {
        let mut buffers = self.buffers.borrow_mut();
        let own = &mut buffers[class];
        // One to use, and as many to keep as fit.
        let room = (self.most - self.bytes.get()) / size;
        shared.take(class, size, 1 + room.min(at_once(size) - 1), own);
        let Some(buffer) = own.pop() else {
            drop(buffers);
            self.counts.made.add();
            return Vec::with_capacity(size);
        };
        self.bytes.set(self.bytes.get() + own.len() * size);
        self.counts.reused.add();
        buffer
    }

    /// Keeps an empty buffer of just this size.
    #[inline]
    pub(super) fn keep(&self, shared: &Shared, class: usize, size: usize, buffer: Vec<u8>) {
        let bytes = self.bytes.get() + size;
        if bytes <= self.most {
            self.bytes.set(bytes);
            self.buffers.borrow_mut()[class].push(buffer);
            self.counts.kept.add();
        } else {
            self.keep_for_all(shared, class, size, buffer);
        }
    }

    #[cold]
    fn keep_for_all(&self, shared: &Shared, class: usize, size: usize, buffer: Vec<u8>) {
        let mut buffers = self.buffers.borrow_mut();
        let own = &mut buffers[class];
        // Some of its own with it, so that the next ones need not come here.
        let more = own.len().min(at_once(size) - 1);
        let mut moved = own.split_off(own.len() - more);
        self.bytes.set(self.bytes.get() - more * size);
        moved.push(buffer);
        let kept = shared.keep(class, size, &mut moved);
        // Where there is no room with the others, its own ones stay.
        let stay = moved.len().min(more);
        own.extend(moved.drain(..stay));
        self.bytes.set(self.bytes.get() + stay * size);
        drop(buffers);
        let is_kept = kept > 0;
        if is_kept { self.counts.kept.add() } else { self.counts.let_go.add() }
    }
}
