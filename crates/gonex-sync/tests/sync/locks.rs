use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::{Context, Op, Stop};
use gonex_sync::lock::{Exclusive, Lock, Shared};
use gonex_sync::{Mutex, RwMutex, RwReadGuard, RwWriteGuard};
use proptest::prelude::*;

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, poll, ready, wait_for, waits};

#[test]
fn a_mutex_serves_in_order() {
    let mutex = Mutex::new(Vec::new());
    let held = mutex.try_lock().unwrap();
    let mut all: Vec<_> = (0..4).map(|_| Box::pin(mutex.lock())).collect();
    assert!(all.iter_mut().all(waits));
    drop(held);
    // Free, but spoken for.
    assert!(mutex.try_lock().is_none());
    for (n, lock) in all.iter_mut().enumerate() {
        ready(lock).push(n);
    }
    assert_eq!(*mutex.try_lock().unwrap(), [0, 1, 2, 3]);
}

#[test]
fn one_mutex_time_out_does_not_strand_other_waiters() {
    let mutex = Mutex::new(0);
    let held = mutex.try_lock().unwrap();
    let mut before = Box::pin(mutex.lock());
    assert!(waits(&mut before));
    let mut late = Box::pin(mutex.lock().timeout(Duration::ZERO));
    assert!(matches!(ready(&mut late), Err(Stop::Timeout)));
    let (bell, mut after) = (Bell::new(), Box::pin(mutex.lock()));
    assert!(bell.poll(&mut after).is_pending());
    drop(late);
    drop(held);
    drop(ready(&mut before));
    assert_eq!(bell.rings(), 1);
    *ready(&mut after) += 1;
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

#[test]
fn a_lock_handed_to_one_that_goes_away_is_passed_on() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut gone = Box::pin(mutex.lock());
    let (bell, mut next) = (Bell::new(), Box::pin(mutex.lock()));
    assert!(waits(&mut gone) && bell.poll(&mut next).is_pending());
    drop(held);
    drop(gone);
    assert_eq!(bell.rings(), 1);
    assert!(mutex.try_lock().is_none());
    drop(ready(&mut next));
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_panic_is_noted_and_the_lock_works_on() {
    let mutex = Mutex::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = mutex.lock().block();
        panic!("half-done");
    }));
    assert!(panicked.is_err() && mutex.is_poisoned());
    assert_eq!(*mutex.lock().block(), 1);
    mutex.clear_poison();
    assert!(!mutex.is_poisoned());
}

#[test]
fn a_guard_taken_and_given_up_during_a_panic_poisons_nothing() {
    struct Locks<'a>(&'a Mutex<u8>);
    impl Drop for Locks<'_> {
        fn drop(&mut self) {
            *self.0.lock().block() += 1;
        }
    }
    let mutex = Mutex::new(0);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _locks = Locks(&mutex);
        panic!("elsewhere");
    }));
    assert!(panicked.is_err() && !mutex.is_poisoned());
    assert_eq!(mutex.into_inner(), 1);
}

#[test]
fn a_reader_that_panics_poisons_nothing() {
    let lock = RwMutex::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _reader = lock.read().block();
        panic!("while reading");
    }));
    assert!(panicked.is_err() && !lock.is_poisoned());
    assert!(lock.try_write().is_some());
}

#[test]
fn a_cancelled_context_unwinds_a_lock_to_the_border_of_the_task() {
    let mutex = Mutex::new(());
    let _held = mutex.try_lock().unwrap();
    let task = AssertUnwindSafe(|| {
        Stop::inside_border(|| cancelled().run(|| drop(mutex.lock().block())));
    });
    let stop = Stop::from_unwind(catch_unwind(task).unwrap_err()).unwrap();
    assert!(matches!(stop, Stop::Cancelled(_)));
}

#[test]
fn a_free_lock_is_got_though_the_context_is_cancelled() {
    let mutex = Mutex::new(5);
    assert_eq!(*cancelled().run(|| mutex.lock().block()), 5);
    assert_eq!(*mutex.lock().within(&cancelled()).block().unwrap(), 5);
    assert!(Context::current().stopped().is_none());
}

#[test]
fn locks_can_be_statics() {
    static LOCK: RwMutex<u8> = RwMutex::new(1);
    *LOCK.write().block() += 1;
    assert_eq!(*LOCK.read().block(), 2);
}

#[test]
fn reader_and_writer_never_hold_at_once() {
    let lock = RwMutex::new(0);
    let reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    assert!(waits(&mut writer));
    drop(reader);
    let held = ready(&mut writer);
    let mut readers = [Box::pin(lock.read()), Box::pin(lock.read())];
    assert!(readers.iter_mut().all(waits));
    drop(held);
    let [one, other] = readers.each_mut().map(ready);
    assert!(lock.try_write().is_none());
    drop((one, other));
    assert!(lock.try_write().is_some());
}

#[test]
fn a_writer_that_waits_holds_up_later_readers() {
    let lock = RwMutex::new(0);
    let reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    assert!(waits(&mut writer));
    assert!(lock.try_read().is_none());
    let mut late = Box::pin(lock.read());
    assert!(waits(&mut late));
    drop(reader);
    *ready(&mut writer) += 1;
    assert_eq!(*ready(&mut late), 1);
}

#[test]
fn a_writer_that_gives_up_lets_the_readers_behind_it_in() {
    let lock = RwMutex::new(0);
    let _reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    let mut late = Box::pin(lock.read());
    assert!(waits(&mut writer) && waits(&mut late));
    drop(writer);
    assert_eq!(*ready(&mut late), 0);
}

#[test]
fn a_timed_out_reader_does_not_lock_later() {
    let lock = RwMutex::new(0);
    let writer = lock.try_write().unwrap();
    let mut late = Box::pin(lock.read().timeout(Duration::ZERO));
    assert!(matches!(ready(&mut late), Err(Stop::Timeout)));
    drop(writer);
    // The operation is still there, and holds nothing.
    drop(late);
    assert!(lock.try_write().is_some());
}

#[test]
fn a_writer_turns_reader_with_no_other_writer_in_between() {
    let lock = RwMutex::new(0);
    let mut writer = lock.try_write().unwrap();
    let mut reader = Box::pin(lock.read());
    let mut second = Box::pin(lock.write());
    assert!(waits(&mut reader) && waits(&mut second));
    *writer = 7;
    let mine = writer.downgrade();
    assert_eq!((*mine, *ready(&mut reader)), (7, 7));
    assert!(waits(&mut second));
    drop(mine);
    assert_eq!(*ready(&mut second), 7);
}

#[test]
fn an_upgrade_goes_before_all_who_wait() {
    let lock = RwMutex::new(0);
    let upgradable = lock.try_upgradable_read().unwrap();
    let reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    assert!(waits(&mut writer));
    let mut upgrade = Box::pin(upgradable.upgrade());
    assert!(waits(&mut upgrade));
    drop(reader);
    assert!(waits(&mut writer));
    *ready(&mut upgrade).unwrap() = 1;
    drop(upgrade);
    assert_eq!(*ready(&mut writer), 1);
}

#[test]
fn a_stopped_upgrade_gives_the_reader_back() {
    let lock = RwMutex::new(3);
    let upgradable = lock.try_upgradable_read().unwrap();
    let other = lock.try_read().unwrap();
    let stopped = upgradable.upgrade().timeout(Duration::ZERO).block().unwrap_err();
    assert_eq!((*stopped.reader, stopped.stop), (3, Stop::Timeout));
    // It reads on, and the right to upgrade is still taken.
    assert!(lock.try_upgradable_read().is_none());
    drop(stopped.reader);
    assert!(lock.try_upgradable_read().is_some());
    drop(other);
    assert!(lock.try_write().is_some());
}

#[test]
fn an_upgrade_that_is_dropped_leaves_nothing() {
    let lock = RwMutex::new(3);
    let other = lock.try_read().unwrap();
    let mut upgrade = Box::pin(lock.try_upgradable_read().unwrap().upgrade());
    assert!(waits(&mut upgrade));
    drop(upgrade);
    drop(other);
    assert!(lock.try_write().is_some());
}

#[test]
fn guards_are_as_sendable_as_their_values() {
    fn sendable<T: Send + Sync>(_: &T) {}
    let (mutex, lock) = (Arc::new(Mutex::new(0)), Arc::new(RwMutex::new(0)));
    sendable(&mutex.lock().block());
    sendable(&mutex.lock_owned());
    sendable(&lock.read_owned().block());
    sendable(&lock.write());
}

/// A lock's sequential model: who is inside, and who waits, in order.
#[derive(Default)]
struct Model {
    readers: Vec<usize>,
    writer: Option<usize>,
    line: Vec<(usize, bool)>,
}

impl Model {
    fn settle(&mut self) {
        while let Some(&(who, writes)) = self.line.first() {
            match (writes, self.writer, self.readers.is_empty()) {
                (true, None, true) => self.writer = Some(who),
                (false, None, _) => self.readers.push(who),
                _ => return,
            }
            self.line.remove(0);
        }
    }

    fn leave(&mut self, who: usize) {
        self.line.retain(|&(other, _)| other != who);
        self.readers.retain(|&other| other != who);
        self.writer = self.writer.filter(|&other| other != who);
        self.settle();
    }
}

type Waiting<'a, M> = std::pin::Pin<Box<Op<Lock<&'a RwMutex<u8>, M>>>>;

enum Party<'a> {
    Reads(Waiting<'a, Shared>),
    Writes(Waiting<'a, Exclusive>),
    Reader(RwReadGuard<'a, u8>),
    Writer(RwWriteGuard<'a, u8>),
}

#[derive(Clone, Debug)]
enum Step {
    Read,
    Write,
    Leave(usize),
    Downgrade,
}

proptest! {
    #[test]
    fn a_rw_mutex_does_what_the_model_does(steps in prop::collection::vec(prop_oneof![
        3 => Just(Step::Read),
        2 => Just(Step::Write),
        5 => (0..6usize).prop_map(Step::Leave),
        1 => Just(Step::Downgrade),
    ], 0..60)) {
        let lock = RwMutex::new(0);
        let mut model = Model::default();
        let mut parties: Vec<(usize, Party<'_>)> = Vec::new();
        for (who, step) in steps.into_iter().enumerate() {
            match step {
                Step::Read => {
                    model.line.push((who, false));
                    parties.push((who, Party::Reads(Box::pin(lock.read()))));
                }
                Step::Write => {
                    model.line.push((who, true));
                    parties.push((who, Party::Writes(Box::pin(lock.write()))));
                }
                Step::Leave(at) if at < parties.len() => {
                    let (who, party) = parties.remove(at);
                    drop(party);
                    model.leave(who);
                }
                Step::Downgrade => {
                    let at = parties.iter().position(|(_, party)| matches!(party, Party::Writer(_)));
                    if let Some(at) = at {
                        let (who, Party::Writer(writer)) = parties.remove(at) else { unreachable!() };
                        parties.push((who, Party::Reader(writer.downgrade())));
                        model.writer = None;
                        model.readers.push(who);
                    }
                }
                Step::Leave(_) => {}
            }
            model.settle();
            let mut now = Vec::new();
            for (who, party) in parties {
                now.push((who, match party {
                    Party::Reads(mut read) => match poll(&mut read) {
                        Poll::Ready(guard) => Party::Reader(guard),
                        Poll::Pending => Party::Reads(read),
                    },
                    Party::Writes(mut write) => match poll(&mut write) {
                        Poll::Ready(guard) => Party::Writer(guard),
                        Poll::Pending => Party::Writes(write),
                    },
                    inside => inside,
                }));
            }
            parties = now;
            for (who, party) in &parties {
                let reads = model.readers.contains(who);
                let writes = model.writer == Some(*who);
                let agrees = match party {
                    Party::Reader(guard) => reads && **guard == 0,
                    Party::Writer(guard) => writes && **guard == 0,
                    Party::Reads(_) | Party::Writes(_) => !reads && !writes,
                };
                prop_assert!(agrees, "{who} should read: {reads}, write: {writes}");
            }
        }
    }
}

#[test]
fn stress_a_mutex_lets_one_in_and_loses_nobody() {
    watched(|| {
        let mutex = Arc::new(Mutex::new(0u64));
        let threads = (0..4u64).map(|seed| {
            let mutex = mutex.clone();
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                let mut done = 0;
                for _ in 0..3000 {
                    let got = match chance.below(3) {
                        0 => match poll(&mut Box::pin(mutex.lock())) {
                            Poll::Ready(guard) => Some(guard),
                            Poll::Pending => None,
                        },
                        1 => Some(wait_for(&mut Box::pin(mutex.lock()))),
                        _ => mutex.lock().timeout(moment(&mut chance)).block().ok(),
                    };
                    if let Some(mut guard) = got {
                        // Not atomic: two at once would lose a count.
                        let before = *guard;
                        if chance.once_in(4) {
                            thread::yield_now();
                        }
                        *guard = before + 1;
                        done += 1;
                    }
                }
                done
            })
        });
        let threads: Vec<_> = threads.collect();
        let done: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(*mutex.try_lock().unwrap(), done);
    });
}

#[test]
fn stress_a_rw_mutex_never_lets_two_writers_in() {
    watched(|| {
        const WRITER: usize = 1 << 16;
        let lock = Arc::new(RwMutex::new(()));
        let inside = Arc::new(AtomicUsize::new(0));
        let threads = (0..4u64).map(|seed| {
            let (lock, inside) = (lock.clone(), inside.clone());
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                let writes = || assert_eq!(inside.fetch_add(WRITER, Ordering::SeqCst), 0);
                let reads = || assert!(inside.fetch_add(1, Ordering::SeqCst) < WRITER);
                for _ in 0..3000 {
                    match chance.below(6) {
                        0 => drop(poll(&mut Box::pin(lock.read()))),
                        1 => drop(poll(&mut Box::pin(lock.write()))),
                        2 => {
                            let Ok(guard) = lock.read().timeout(moment(&mut chance)).block() else {
                                continue;
                            };
                            reads();
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(guard);
                        }
                        3 => {
                            let Ok(guard) = lock.write().timeout(moment(&mut chance)).block()
                            else {
                                continue;
                            };
                            writes();
                            inside.fetch_sub(WRITER - 1, Ordering::SeqCst);
                            let guard = guard.downgrade();
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(guard);
                        }
                        4 => {
                            let guard = lock.upgradable_read().block();
                            reads();
                            inside.fetch_sub(1, Ordering::SeqCst);
                            if let Ok(guard) = guard.upgrade().timeout(moment(&mut chance)).block()
                            {
                                writes();
                                inside.fetch_sub(WRITER, Ordering::SeqCst);
                                drop(guard);
                            }
                        }
                        _ => {
                            let guard = wait_for(&mut Box::pin(lock.read()));
                            reads();
                            thread::yield_now();
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(guard);
                        }
                    }
                }
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        assert!(lock.try_write().is_some());
    });
}
