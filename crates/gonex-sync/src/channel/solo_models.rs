//! Every interleaving of one who waits alone and those who call. Run with `cargo xtask loom`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize as Count, Ordering as Plain};
use std::task::Wake;

use loom::thread;

use super::*;
use crate::primitive::atomic::AtomicBool;
use crate::primitive::write_then_read;

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(Count);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Plain::Relaxed);
    }
}

/// A channel in small: one value, which is there or not.
struct Small {
    word: AtomicU64,
    solo: Solo,
    value: AtomicBool,
}

impl Small {
    fn new() -> Arc<Self> {
        let (word, value) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { word, solo: Solo::new(), value })
    }

    /// Sends, and calls whoever waits.
    fn send(&self) {
        self.value.store(true, Ordering::SeqCst);
        write_then_read();
        if self.word.load(Ordering::SeqCst) & SOMEBODY != 0
            && let Some(waker) = self.solo.end(&self.word, None)
        {
            waker.wake();
        }
    }

    /// Comes to wait, and looks once more. Whether it waits.
    fn wait(&self, bell: &Arc<Bell>) -> Option<Round> {
        let round = self.solo.come(&self.word, 0, &mut Some(bell.clone().into()))?;
        write_then_read();
        if !self.value.load(Ordering::SeqCst) {
            return Some(round);
        }
        // Whether this takes the waker back or another calls: the value has been seen.
        self.solo.end(&self.word, Some(round));
        None
    }
}

#[test]
fn loom_who_waits_alone_is_called_or_sees_the_value() {
    loom::model(|| {
        let small = Small::new();
        let bell = Arc::new(Bell::default());
        let sender = thread::spawn({
            let small = small.clone();
            move || small.send()
        });
        let waits = small.wait(&bell);
        sender.join().unwrap();
        if waits.is_some() {
            assert_eq!(bell.0.load(Plain::Relaxed), 1, "who waits is called once");
            assert!(small.solo.end(&small.word, waits).is_none(), "its wait has ended");
        }
        assert_eq!(small.word.load(Ordering::SeqCst) & STATE, 0, "and the next may come");
    });
}

#[test]
fn loom_a_wait_is_ended_once() {
    loom::model(|| {
        let small = Small::new();
        let bell = Arc::new(Bell::default());
        let round = small.wait(&bell);
        let ends = || {
            let small = small.clone();
            thread::spawn(move || small.solo.end(&small.word, None).is_some())
        };
        let callers = [ends(), ends()];
        let mine = small.solo.end(&small.word, round).is_some();
        let theirs = callers.map(|caller| caller.join().unwrap());
        assert_eq!(usize::from(mine) + theirs.into_iter().filter(|&ended| ended).count(), 1);
        assert_eq!(Arc::strong_count(&bell), 1, "no waker is left");
    });
}

#[test]
fn loom_one_waits_alone_and_flags_come_and_go() {
    loom::model(|| {
        let small = Small::new();
        let comes = || {
            let small = small.clone();
            thread::spawn(move || {
                let bell = Arc::new(Bell::default());
                small.solo.come(&small.word, 1, &mut Some(bell.into())).is_some()
            })
        };
        let others = [comes(), comes()];
        small.word.fetch_xor(2, Ordering::SeqCst);
        let waiting = others.map(|other| other.join().unwrap());
        let waiting = waiting.into_iter().filter(|&waits| waits).count();
        assert!(waiting <= 1, "the second finds the first");
        assert_eq!(small.solo.end(&small.word, None).is_some(), waiting == 1);
        assert_eq!(small.word.load(Ordering::SeqCst) & FLAGS, 2, "flags are not touched");
        small.word.fetch_xor(3, Ordering::SeqCst);
        let barred = small.solo.come(&small.word, 1, &mut Some(Arc::new(Bell::default()).into()));
        assert_eq!(barred, None, "a flag bars the way");
    });
}

#[test]
fn loom_a_later_wait_is_not_ended_for_an_earlier_one() {
    loom::model(|| {
        let small = Small::new();
        let (first, second) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
        let early = small.wait(&first);
        let caller = thread::spawn({
            let small = small.clone();
            move || small.solo.end(&small.word, early).is_some()
        });
        let called = small.solo.end(&small.word, None);
        let late = small.solo.come(&small.word, 0, &mut Some(second.clone().into()));
        let theirs = caller.join().unwrap();
        assert!(called.is_some() != theirs, "one of the two ended the first wait");
        if late.is_some() {
            assert_eq!(Arc::strong_count(&second), 2, "the second waits on");
            assert!(small.solo.end(&small.word, early).is_none());
        }
    });
}
