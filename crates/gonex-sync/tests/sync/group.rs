use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::{Barrier, WaitGroup};

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, poll, ready, waits};

#[test]
fn a_wait_ends_when_all_are_done() {
    let group = WaitGroup::new();
    group.add(2);
    let (bell, mut wait) = (Bell::new(), Box::pin(group.wait()));
    assert!(bell.poll(&mut wait).is_pending());
    group.done();
    assert_eq!(bell.rings(), 0);
    group.done();
    assert_eq!(bell.rings(), 1);
    ready(&mut wait);
}

#[test]
fn used_again_at_once_it_still_releases_who_waited() {
    let group = WaitGroup::new();
    group.add(1);
    let mut wait = Box::pin(group.wait());
    assert!(waits(&mut wait));
    group.done();
    group.add(1);
    ready(&mut wait);
    let mut next = Box::pin(group.wait());
    assert!(waits(&mut next));
    group.done();
    ready(&mut next);
}

#[test]
fn a_negative_count_is_a_panic_that_names_the_count() {
    let group = WaitGroup::new();
    group.add(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| group.add(-2))).unwrap_err();
    let message = panicked.downcast::<String>().unwrap();
    assert!(message.contains("is 1") && message.contains("-2"), "{message}");
    assert_eq!(group.count(), 1);
    group.done();
    assert!(catch_unwind(AssertUnwindSafe(|| group.done())).is_err());
}

#[test]
fn a_panic_counts_as_done() {
    let group = WaitGroup::new();
    let task = group.wrap(|| panic!("half-way"));
    let mut wait = Box::pin(group.wait());
    assert!(waits(&mut wait));
    assert!(catch_unwind(AssertUnwindSafe(task)).is_err());
    ready(&mut wait);
    drop(group.wrap_future(async { 1 }));
    assert_eq!(group.count(), 0);
}

#[test]
fn the_group_goes_on_when_what_a_task_holds_is_gone() {
    struct Sees(WaitGroup, Arc<AtomicUsize>);
    impl Drop for Sees {
        fn drop(&mut self) {
            self.1.fetch_add(self.0.count(), Ordering::SeqCst);
        }
    }
    let (group, seen) = (WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
    let sees = Sees(group.clone(), seen.clone());
    group.wrap(move || drop(sees))();
    let sees = Sees(group.clone(), seen.clone());
    let mut future = Box::pin(group.wrap_future(async move { drop(sees) }));
    ready(&mut future);
    assert_eq!(seen.load(Ordering::SeqCst), 2, "it still counted, twice");
}

#[test]
fn a_wait_group_time_out_leaves_nothing_behind() {
    let group = WaitGroup::new();
    let token = group.token();
    assert_eq!(group.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    assert!(matches!(group.wait().within(&cancelled()).block(), Err(Stop::Cancelled(_))));
    drop(token);
    assert_eq!(group.wait().timeout(Duration::ZERO).block(), Ok(()));
}

#[test]
fn all_parties_pass_and_one_leads() {
    let barrier = Barrier::new(3);
    let mut first = [Box::pin(barrier.wait()), Box::pin(barrier.wait())];
    let bell = Bell::new();
    assert!(first.iter_mut().all(|party| bell.poll(party).is_pending()));
    let mut last = Box::pin(barrier.wait());
    assert!(ready(&mut last).is_leader());
    assert_eq!(bell.rings(), 2);
    assert!(first.iter_mut().all(|party| !ready(party).is_leader()));
    assert_eq!(barrier.arrived(), 0);
}

#[test]
fn a_party_that_gives_up_before_the_barrier_is_full_has_not_come() {
    let barrier = Barrier::new(2);
    let mut gone = Box::pin(barrier.wait());
    assert!(waits(&mut gone));
    drop(gone);
    let mut one = Box::pin(barrier.wait());
    assert!(waits(&mut one));
    assert_eq!(barrier.arrived(), 1);
    assert!(barrier.wait().block().is_leader());
    assert!(!ready(&mut one).is_leader());
}

#[test]
fn a_party_of_the_round_before_is_not_counted_again() {
    let barrier = Barrier::new(2);
    let mut slow = Box::pin(barrier.wait());
    assert!(waits(&mut slow));
    assert!(barrier.wait().block().is_leader());
    // It has passed, and only has not looked. Dropped, it takes nobody of the next round away.
    let mut next = Box::pin(barrier.wait());
    assert!(waits(&mut next));
    drop(slow);
    assert_eq!(barrier.arrived(), 1);
    assert!(barrier.wait().block().is_leader());
    assert!(!ready(&mut next).is_leader());
}

#[test]
fn barriers_for_nobody_and_for_one_are_passed() {
    assert!(Barrier::new(0).wait().block().is_leader());
    assert!(Barrier::new(1).wait().block().is_leader());
}

#[test]
fn stress_each_round_of_a_barrier_has_one_leader() {
    watched(|| {
        const PARTIES: usize = 3;
        const ROUNDS: usize = 500;
        let barrier = Arc::new(Barrier::new(PARTIES));
        let leaders = Arc::new(AtomicUsize::new(0));
        let threads = (0..PARTIES as u64).map(|seed| {
            let (barrier, leaders) = (barrier.clone(), leaders.clone());
            thread::spawn(move || {
                let mut chance = Chance::new(seed, 0);
                for _ in 0..ROUNDS {
                    // Comes, and perhaps goes away, until it has passed.
                    let passed = loop {
                        let passed = match chance.below(3) {
                            0 => {
                                match poll(&mut Box::pin(barrier.wait().timeout(Duration::ZERO))) {
                                    std::task::Poll::Ready(passed) => passed.ok(),
                                    std::task::Poll::Pending => None,
                                }
                            }
                            1 => barrier.wait().timeout(moment(&mut chance)).block().ok(),
                            _ => Some(barrier.wait().block()),
                        };
                        if let Some(passed) = passed {
                            break passed;
                        }
                    };
                    leaders.fetch_add(usize::from(passed.is_leader()), Ordering::SeqCst);
                }
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((leaders.load(Ordering::SeqCst), barrier.arrived()), (ROUNDS, 0));
    });
}

#[test]
fn stress_a_wait_group_releases_every_round() {
    watched(|| {
        let group = WaitGroup::new();
        for round in 0..300 {
            let tokens: Vec<_> = (0..3).map(|_| group.token()).collect();
            let threads = tokens.into_iter().map(|token| thread::spawn(move || drop(token)));
            let threads: Vec<_> = threads.collect();
            if round % 2 == 0 {
                let _ = poll(&mut Box::pin(group.wait()));
            }
            group.wait().block();
            assert_eq!(group.count(), 0);
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
    });
}
