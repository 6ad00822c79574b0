use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::held::Held;
use super::shared::Shared;
use super::stats::Counts;

/// What a thread keeps for itself. It lies beside that of other threads, and they all write, so each has
/// its cache lines.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Local {
    /// Of each class. Borrowed for a push or a pop, during which nothing else runs on the thread.
    buffers: Box<[RefCell<Vec<Held>>]>,
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
        let buffers = (0..classes).map(|_| RefCell::default()).collect();
        Self { buffers, bytes: Cell::new(0), most, counts }
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    #[inline]
    pub(super) fn take(&self, shared: &Shared, class: usize, size: usize) -> Held {
        let own = self.buffers[class].borrow_mut().pop();
        if let Some(buffer) = own {
            self.bytes.set(self.bytes.get() - size);
            self.counts.reused.add();
            return buffer;
        }
        self.take_of_all(shared, class, size)
    }

    #[cold]
    fn take_of_all(&self, shared: &Shared, class: usize, size: usize) -> Held {
        let mut own = self.buffers[class].borrow_mut();
        // One to use, and as many to keep as fit.
        let room = (self.most - self.bytes.get()) / size;
        shared.take(class, size, 1 + room.min(at_once(size) - 1), &mut own);
        let Some(buffer) = own.pop() else {
            drop(own);
            self.counts.made.add();
            return Held::of(class, size);
        };
        self.bytes.set(self.bytes.get() + own.len() * size);
        self.counts.reused.add();
        buffer
    }

    /// Keeps an empty buffer of just this size.
    #[inline]
    pub(super) fn keep(&self, shared: &Shared, class: usize, size: usize, buffer: Held) {
        let bytes = self.bytes.get() + size;
        if bytes <= self.most {
            self.bytes.set(bytes);
            self.buffers[class].borrow_mut().push(buffer);
            self.counts.kept.add();
        } else {
            self.keep_for_all(shared, class, size, buffer);
        }
    }

    #[cold]
    fn keep_for_all(&self, shared: &Shared, class: usize, size: usize, buffer: Held) {
        let mut own = self.buffers[class].borrow_mut();
        // Some of its own with it, so that the next ones need not come here.
        let more = own.len().min(at_once(size) - 1);
        let rest = own.len() - more;
        let mut moved = own.split_off(rest);
        self.bytes.set(self.bytes.get() - more * size);
        moved.push(buffer);
        let kept = shared.keep(class, size, &mut moved);
        // Where there is no room with the others, its own ones stay.
        let stay = moved.len().min(more);
        own.extend(moved.drain(..stay));
        self.bytes.set(self.bytes.get() + stay * size);
        drop(own);
        let is_kept = kept > 0;
        if is_kept { self.counts.kept.add() } else { self.counts.let_go.add() }
    }
}
