//! Every interleaving of tasks that end on other threads with the end of their scope. Run with
//! `cargo xtask loom`.

use std::sync::Arc;

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::count::Count;

/// A count, what the tasks write, and how often the owner was told.
struct Scope {
    count: Count,
    written: [AtomicUsize; 2],
    told: AtomicUsize,
}

impl Scope {
    fn new() -> Arc<Self> {
        let written = [AtomicUsize::new(0), AtomicUsize::new(0)];
        Arc::new(Self { count: Count::new(), written, told: AtomicUsize::new(0) })
    }

    /// A task writes and ends, on another thread.
    fn run_away(&self, task: usize) {
        self.written[task].store(7, Ordering::Relaxed);
        self.end_away();
    }

    fn end_away(&self) {
        if self.count.end() {
            self.told.fetch_add(1, Ordering::Release);
        }
    }

    /// The owner, who has started so many more than ended, waits for those that have not ended.
    fn wait(&self, here: usize) {
        if !self.count.close(here) {
            while self.told.load(Ordering::Acquire) == 0 {
                thread::yield_now();
            }
        }
    }

    fn read(&self, task: usize) -> usize {
        self.written[task].load(Ordering::Relaxed)
    }
}

#[test]
fn loom_a_scope_ends_after_what_was_taken_from_it() {
    loom::model(|| {
        let scope = Scope::new();
        let away = [0, 1].map(|task| {
            let scope = scope.clone();
            thread::spawn(move || scope.run_away(task))
        });
        scope.wait(2);
        assert_eq!((scope.read(0), scope.read(1)), (7, 7));
        away.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(scope.told.load(Ordering::Relaxed) <= 1, "told once, if at all");
    });
}

#[test]
fn loom_a_scope_ends_after_what_was_started_elsewhere() {
    loom::model(|| {
        let scope = Scope::new();
        let theirs = scope.clone();
        let away = thread::spawn(move || {
            // A task that was taken starts another, which somebody else runs.
            theirs.count.start();
            let other = theirs.clone();
            let other = thread::spawn(move || other.run_away(1));
            theirs.run_away(0);
            other.join().unwrap();
        });
        scope.wait(1);
        assert_eq!((scope.read(0), scope.read(1)), (7, 7));
        away.join().unwrap();
        assert!(scope.told.load(Ordering::Relaxed) <= 1, "told once, if at all");
    });
}

#[test]
fn loom_what_is_started_elsewhere_may_end_here() {
    loom::model(|| {
        let scope = Scope::new();
        let handed = Arc::new(AtomicUsize::new(0));
        let (theirs, hand) = (scope.clone(), handed.clone());
        let away = thread::spawn(move || {
            // Taken from the owner; it starts another, which the owner is to end.
            theirs.count.start();
            hand.store(1, Ordering::Release);
            theirs.run_away(0);
        });
        while handed.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        scope.wait(usize::wrapping_sub(1, 1));
        assert_eq!(scope.read(0), 7);
        away.join().unwrap();
    });
}
