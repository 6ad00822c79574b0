//! Planted bugs with each of the things that tasks share, and their mended twins.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::{go, go_all};
use gonex_sync::{
    Barrier, Cond, Mutex, Once, Semaphore, Shared, WaitGroup, broadcast, channel, oneshot, select,
    select_block, watch,
};
use gonex_testkit::sim::{Fault, Sim};

/// The planted bug shows within 1,000 seeds, and the mended program passes them all.
fn found(planted: fn(), mended: fn()) -> Fault {
    let failure = Sim::new().find(planted).expect_err("the planted bug shows");
    Sim::new().run(mended);
    failure.fault().clone()
}

#[test]
fn a_value_that_is_read_and_written_later() {
    fn add(change: fn(&Shared<u32>)) {
        let hits = Shared::new(0);
        let hit = |hits: Shared<u32>| move || change(&hits);
        go_all((hit(hits.clone()), hit(hits.clone()))).block().unwrap();
        assert_eq!(*hits.get(), 2);
    }
    found(
        || {
            add(|hits| {
                let before = *hits.get();
                hits.write(before + 1).block();
            });
        },
        || {
            add(|hits| {
                hits.update(|before| before + 1).block();
            });
        },
    );
}

#[test]
fn a_count_that_is_raised_too_late() {
    fn wait_for_all(raise_before: bool) {
        let (group, done) = (WaitGroup::new(), Shared::new(0));
        for _ in 0..2 {
            if raise_before {
                group.add(1);
            }
            let (group, done) = (group.clone(), done.clone());
            go(move || {
                if !raise_before {
                    group.add(1);
                }
                done.update(|done| done + 1).block();
                group.done();
            })
            .detach();
        }
        group.wait().block();
        assert_eq!(*done.get(), 2);
    }
    found(|| wait_for_all(false), || wait_for_all(true));
}

#[test]
fn a_notification_that_comes_before_the_wait() {
    fn wake(looks: bool) {
        let place = Arc::new((Mutex::new(false), Cond::new()));
        let theirs = place.clone();
        go(move || {
            let (ready, cond) = &*theirs;
            *ready.lock().block() = true;
            cond.notify_one();
        })
        .detach();
        let (ready, cond) = &*place;
        let guard = ready.lock().block();
        if looks {
            drop(cond.wait_while(guard, |ready| !*ready).block());
        } else {
            drop(cond.wait(guard).block());
        }
    }
    let fault = found(|| wake(false), || wake(true));
    assert!(matches!(fault, Fault::Deadlock { .. }), "{fault}");
}

#[test]
fn a_permit_that_is_looked_at_and_taken_later() {
    fn serve(takes_at_once: bool) {
        let seats = Arc::new(Semaphore::new(1));
        let guest = || {
            let seats = seats.clone();
            move || {
                if takes_at_once {
                    return seats.try_acquire(1).is_ok();
                }
                if seats.available() == 0 {
                    return false;
                }
                let seat = seats.try_acquire(1).expect("a seat was free");
                rt::yield_now().block();
                drop(seat);
                true
            }
        };
        let served = go_all((guest(), guest())).block().unwrap();
        assert!(served.0 || served.1);
    }
    found(|| serve(false), || serve(true));
}

#[test]
fn a_lock_that_is_taken_for_free() {
    fn count(waits: bool) {
        let hits = Arc::new(Mutex::new(0));
        let hit = || {
            let hits = hits.clone();
            move || {
                if waits {
                    *hits.lock().block() += 1;
                } else {
                    *hits.try_lock().expect("nobody else is here") += 1;
                }
            }
        };
        go_all((hit(), hit())).block().unwrap();
    }
    found(|| count(false), || count(true));
}

#[test]
fn a_select_that_takes_any_for_the_first() {
    fn two(asks: bool) {
        let (fast, slow) = (channel(1), channel(1));
        go(move || fast.0.send("fast").block()).detach();
        go(move || slow.0.send("slow").block()).detach();
        let first = select_block! {
            recv(fast.1) -> word => word,
            recv(slow.1) -> word => word,
        };
        let second = select_block! {
            recv(fast.1) -> word, if !asks || first != Ok("fast") => word,
            recv(slow.1) -> word, if !asks || first != Ok("slow") => word,
        };
        let mut words = [first.unwrap(), second.expect("one is left")];
        if asks {
            words.sort_unstable();
        }
        assert_eq!(words, ["fast", "slow"]);
    }
    found(|| two(false), || two(true));
}

#[test]
fn what_looks_and_acts_at_once_has_steps() {
    fn shut(twice: bool) {
        let (state, told) = watch(false);
        let state = Arc::new(state);
        let shut = || {
            let state = state.clone();
            move || {
                if twice {
                    let before = *state.borrow();
                    state.send_replace(true);
                    return u32::from(!before);
                }
                u32::from(!state.send_replace(true))
            }
        };
        let (a, b) = go_all((shut(), shut())).block().unwrap();
        assert_eq!(a + b, 1, "one of them has shut it");
        assert!(*told.borrow());
    }
    found(|| shut(true), || shut(false));
}

#[test]
fn all_else_keeps_its_promises() {
    Sim::new().seeds(0..300).run(|| {
        let (once, barrier) = (Arc::new(Once::new()), Arc::new(Barrier::new(3)));
        let made = Shared::new(0);
        let (news, mut heard) = broadcast(8);
        let (tx, mut rx) = oneshot();
        let tasks = (0..3).map(|n| {
            let (once, barrier) = (once.clone(), barrier.clone());
            let (made, news) = (made.clone(), news.clone());
            async move {
                once.get_or_init_async(async || {
                    made.update(|made| made + 1).await;
                    rt::sleep(Duration::from_secs(1)).await;
                })
                .await;
                let is_leader = barrier.wait().await.is_leader();
                news.send(n).await.unwrap();
                is_leader
            }
        });
        let leaders = go_all(tasks).block().unwrap();
        assert_eq!(leaders.into_iter().filter(|&is_leader| is_leader).count(), 1);
        assert_eq!(*made.get(), 1);
        let mut told = [0; 3].map(|_: u8| heard.recv().block().unwrap());
        told.sort_unstable();
        assert_eq!(told, [0, 1, 2]);

        go(move || tx.send(7).unwrap()).detach();
        let mut waits = go(async move {
            select! {
                op(rx.recv()) -> seven => seven.unwrap(),
                after(Duration::from_secs(60)) => 0,
            }
        });
        assert_eq!(waits.join().block(), Ok(7));
    });
}
