use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gonex_sync::{
    BroadcastReceiver, BroadcastRecvError, BroadcastSender, OnLag, SendError,
    TryBroadcastRecvError, TrySendError, broadcast,
};
use proptest::prelude::*;

use crate::chance::Chance;
use crate::hand::{Bell, watched};
use crate::support::{cancelled, moment, ready, waits};

#[test]
fn each_subscriber_sees_all_that_is_sent_after_it_subscribed() {
    let (tx, mut first) = broadcast(4);
    assert_eq!(tx.try_send(1), Ok(1));
    let mut second = tx.subscribe();
    assert_eq!(tx.try_send(2), Ok(2));
    assert_eq!((first.try_recv(), first.try_recv()), (Ok(1), Ok(2)));
    assert_eq!(second.try_recv(), Ok(2));
    assert_eq!(second.try_recv(), Err(TryBroadcastRecvError::Empty));
    assert!(tx.is_empty());
}

#[test]
fn a_sender_waits_for_who_wants_that() {
    let (tx, mut slow) = broadcast(1);
    let mut fast = tx.subscribe();
    tx.try_send(1).unwrap();
    assert_eq!(fast.try_recv(), Ok(1));
    let (bell, mut send) = (Bell::new(), Box::pin(tx.send(2)));
    assert!(bell.poll(&mut send).is_pending());
    assert_eq!(slow.try_recv(), Ok(1));
    assert_eq!((bell.rings(), ready(&mut send)), (1, Ok(2)));
}

#[test]
fn senders_stand_in_line() {
    let (tx, mut rx) = broadcast(1);
    tx.try_send(1).unwrap();
    let (mut second, mut third) = (Box::pin(tx.send(2)), Box::pin(tx.send(3)));
    let bell = Bell::new();
    assert!(waits(&mut second) && bell.poll(&mut third).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)), "others wait");
    assert!(waits(&mut third));
    assert_eq!(ready(&mut second), Ok(1));
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(ready(&mut third), Ok(1));
}

#[test]
fn a_sender_called_that_goes_away_calls_the_next() {
    let (tx, mut rx) = broadcast(1);
    tx.try_send(1).unwrap();
    let (mut gone, mut next) = (Box::pin(tx.send(2)), Box::pin(tx.send(3)));
    let bell = Bell::new();
    assert!(waits(&mut gone) && bell.poll(&mut next).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    drop(gone);
    assert_eq!(bell.rings(), 1);
    assert_eq!(ready(&mut next), Ok(1));
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn a_slow_subscriber_that_goes_makes_room() {
    let (tx, slow) = broadcast(1);
    let mut fast = tx.subscribe();
    tx.try_send(1).unwrap();
    assert_eq!(fast.try_recv(), Ok(1));
    let (bell, mut send) = (Bell::new(), Box::pin(tx.send(2)));
    assert!(bell.poll(&mut send).is_pending());
    drop(slow);
    assert_eq!((bell.rings(), ready(&mut send)), (1, Ok(1)));
}

#[test]
fn who_lags_misses_the_oldest_and_may_learn_how_many() {
    let tx = BroadcastSender::new(2);
    let mut told = tx.subscribe_with(OnLag::Error);
    let mut untold = tx.subscribe_with(OnLag::DropOldest);
    (1..=5).for_each(|n| assert_eq!(tx.try_send(n), Ok(2)));
    assert_eq!((told.missed(), untold.missed(), told.len()), (3, 3, 2));
    assert_eq!(told.try_recv(), Err(TryBroadcastRecvError::Lagged(3)));
    assert_eq!((told.try_recv(), told.try_recv()), (Ok(4), Ok(5)));
    assert_eq!((untold.try_recv(), untold.try_recv()), (Ok(4), Ok(5)));
    assert_eq!((told.missed(), untold.missed()), (3, 3));
}

#[test]
fn one_that_wants_no_wait_is_dropped_from_only_where_nobody_wants_one() {
    let (tx, mut waited) = broadcast(1);
    let mut lags = tx.subscribe_with(OnLag::Error);
    tx.try_send(1).unwrap();
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert_eq!(waited.try_recv(), Ok(1));
    // Only the one that may miss it has not read it.
    assert_eq!(tx.try_send(2), Ok(2));
    assert_eq!(lags.try_recv(), Err(TryBroadcastRecvError::Lagged(1)));
}

#[test]
fn a_lagging_read_makes_room_for_nobody_twice() {
    let (tx, mut waited) = broadcast(1);
    let lags = tx.subscribe_with(OnLag::DropOldest);
    tx.try_send(1).unwrap();
    let (bell, mut send) = (Bell::new(), Box::pin(tx.send(2)));
    assert!(bell.poll(&mut send).is_pending());
    assert_eq!(waited.try_recv(), Ok(1));
    assert_eq!((bell.rings(), ready(&mut send)), (1, Ok(2)));
    assert_eq!((lags.missed(), lags.len(), tx.len()), (1, 1, 1));
}

#[test]
fn closing_drains_and_gives_values_back() {
    let (tx, mut rx) = broadcast(1);
    tx.try_send(1).unwrap();
    let mut send = Box::pin(tx.send(2));
    assert!(waits(&mut send));
    assert!(tx.close() && !tx.close());
    assert_eq!(ready(&mut send), Err(SendError::Closed(2)));
    assert_eq!(rx.recv().block(), Ok(1));
    assert_eq!(rx.recv().block(), Err(BroadcastRecvError::Closed));
}

#[test]
fn the_last_sender_that_goes_ends_the_wait() {
    let (tx, mut rx) = broadcast::<u8>(1);
    let other = tx.clone();
    let (bell, mut recv) = (Bell::new(), Box::pin(rx.recv()));
    assert!(bell.poll(&mut recv).is_pending());
    drop(tx);
    assert!(bell.rings() == 0);
    drop(other);
    assert_eq!((bell.rings(), ready(&mut recv)), (1, Err(BroadcastRecvError::Closed)));
}

#[test]
fn stops_take_nothing_and_send_nothing() {
    let (tx, mut rx) = broadcast(1);
    assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(BroadcastRecvError::Timeout));
    assert_eq!(tx.send(1).block(), Ok(1));
    let ended = tx.send(2).within(&cancelled()).block();
    assert!(matches!(ended, Err(SendError::Cancelled(2, _))));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(TryBroadcastRecvError::Empty)));
}

#[test]
fn the_last_reader_gets_the_value_itself() {
    let value = Arc::new(());
    let (tx, mut one) = broadcast(1);
    let mut other = tx.subscribe();
    tx.try_send(value.clone()).unwrap();
    let first = one.try_recv().unwrap();
    assert_eq!(Arc::strong_count(&value), 3);
    let second = other.try_recv().unwrap();
    assert_eq!(Arc::strong_count(&value), 3, "no clone was left behind");
    drop((first, second));
}

#[test]
fn a_clone_that_panics_locks_nobody_out() {
    struct Fragile;
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            panic!("fragile")
        }
    }
    let (tx, mut one) = broadcast(1);
    let mut last = tx.subscribe();
    tx.try_send(Fragile).ok().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| one.try_recv().is_ok())).is_err());
    assert!(last.try_recv().is_ok());
    assert!(tx.is_empty());
}

#[test]
fn a_capacity_of_zero_is_refused_with_the_remedy() {
    let panicked = catch_unwind(|| drop(broadcast::<u8>(0))).unwrap_err();
    assert!(panicked.downcast::<&str>().unwrap().contains("use 1 or more"));
}

#[derive(Clone, Debug)]
enum Step {
    Send,
    Subscribe(OnLag),
    Drop(usize),
    Recv(usize),
}

/// A subscriber, and the queue that it should have.
struct Modelled {
    real: BroadcastReceiver<u32>,
    on_lag: OnLag,
    queue: VecDeque<u32>,
    untold: u64,
}

proptest! {
    #[test]
    fn a_broadcast_does_what_the_model_does(steps in prop::collection::vec(prop_oneof![
        5 => Just(Step::Send),
        1 => prop_oneof![Just(OnLag::Wait), Just(OnLag::DropOldest), Just(OnLag::Error)]
            .prop_map(Step::Subscribe),
        1 => (0..4usize).prop_map(Step::Drop),
        5 => (0..4usize).prop_map(Step::Recv),
    ], 0..60)) {
        const CAPACITY: usize = 3;
        let tx = BroadcastSender::new(CAPACITY);
        let mut all: Vec<Modelled> = Vec::new();
        for (n, step) in (0u32..).zip(steps) {
            match step {
                Step::Send => {
                    let waited = |one: &&Modelled| one.on_lag == OnLag::Wait;
                    // A queue holds the newest values, so a full one holds the oldest of the channel.
                    let full = all.iter().filter(waited).any(|one| one.queue.len() == CAPACITY);
                    if full {
                        prop_assert_eq!(tx.try_send(n), Err(TrySendError::Full(n)));
                        continue;
                    }
                    prop_assert_eq!(tx.try_send(n), Ok(all.len()));
                    for one in &mut all {
                        one.queue.push_back(n);
                        if one.queue.len() > CAPACITY {
                            one.queue.pop_front();
                            one.untold += 1;
                        }
                    }
                }
                Step::Subscribe(on_lag) => {
                    let real = tx.subscribe_with(on_lag);
                    all.push(Modelled { real, on_lag, queue: VecDeque::new(), untold: 0 });
                }
                Step::Drop(at) if at < all.len() => drop(all.remove(at)),
                Step::Recv(at) if at < all.len() => {
                    let one = &mut all[at];
                    let untold = std::mem::take(&mut one.untold);
                    let expected = if one.on_lag == OnLag::Error && untold > 0 {
                        Err(TryBroadcastRecvError::Lagged(untold))
                    } else {
                        one.queue.pop_front().ok_or(TryBroadcastRecvError::Empty)
                    };
                    prop_assert_eq!(one.real.try_recv(), expected);
                }
                _ => {}
            }
            for one in &all {
                prop_assert_eq!(one.real.len(), one.queue.len());
            }
            let longest = all.iter().map(|one| one.queue.len()).max();
            prop_assert_eq!(tx.len(), longest.unwrap_or(0));
        }
    }
}

#[test]
fn stress_each_subscriber_that_is_waited_for_gets_everything_in_order() {
    watched(|| {
        const VALUES: u32 = 1500;
        let tx = BroadcastSender::new(4);
        let receivers: Vec<_> = (0..3u64)
            .map(|seed| {
                let mut rx = tx.subscribe();
                thread::spawn(move || {
                    let mut chance = Chance::new(seed, 0);
                    let mut next = [0; 2];
                    loop {
                        let got = if chance.once_in(3) {
                            rx.recv().timeout(moment(&mut chance)).block()
                        } else {
                            rx.recv().block()
                        };
                        match got {
                            Ok((sender, n)) => {
                                let expected: &mut u32 = &mut next[sender];
                                assert_eq!(n, *expected);
                                *expected = n + 1;
                            }
                            Err(BroadcastRecvError::Timeout) => {}
                            Err(BroadcastRecvError::Closed) => return next,
                            Err(other) => panic!("{other}"),
                        }
                    }
                })
            })
            .collect();
        let senders = [0, 1].map(|sender| {
            let tx = tx.clone();
            thread::spawn(move || {
                let mut chance = Chance::new(sender as u64 + 7, 0);
                for n in 0..VALUES {
                    // Given up now and then, and tried again.
                    while tx.send((sender, n)).timeout(moment(&mut chance)).block().is_err() {}
                }
            })
        });
        drop(tx);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), [VALUES; 2]);
        }
    });
}
