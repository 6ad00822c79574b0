//! How subjects that give no handle tell that all their tasks have run; the same for every one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};

/// Lets a thread wait until so many tasks have run.
pub struct Latch {
    left: AtomicUsize,
    waiting: Thread,
}

impl Latch {
    pub fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(count), waiting: thread::current() })
    }

    pub fn count_down(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.waiting.unpark();
        }
    }

    pub fn wait(&self) {
        while self.left.load(Ordering::Acquire) > 0 {
            thread::park();
        }
    }
}

/// Starts `count` tasks by `start`, and waits until all have run.
pub fn forget(count: usize, start: impl Fn(Arc<Latch>)) {
    let latch = Latch::new(count);
    for _ in 0..count {
        start(latch.clone());
    }
    latch.wait();
}
