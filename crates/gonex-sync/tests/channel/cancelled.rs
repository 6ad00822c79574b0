//! An operation that is given up, at every stage and for every reason, leaves nothing behind and
//! takes nothing with it.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::Context;
use gonex_core::rt::{self, Manual};
use gonex_sync::{RecvError, SendError, TryRecvError, channel};

use crate::hand::{Hand, PATIENCE, Tally, full, makes};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_receive_dropped_while_it_waits_takes_nothing() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let first = Hand::waiting(rx.recv());
        let mut second = Hand::waiting(rx.recv());
        drop(first);
        tx.try_send(7).unwrap();
        assert!(second.was_woken(), "{}", make.name);
        assert_eq!(second.ready(), Ok(7));
    }
}

#[test]
fn a_receive_dropped_when_it_was_woken_leaves_the_value_to_the_next() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let first = Hand::waiting(rx.recv());
        let mut second = Hand::waiting(rx.recv());
        tx.try_send(7).unwrap();
        assert!(first.was_woken() && !second.was_woken());
        drop(first);
        assert!(second.was_woken(), "{}: the next is told", make.name);
        assert_eq!(second.ready(), Ok(7));
    }
}

#[test]
fn a_receive_dropped_with_its_value_in_hand_gives_it_back_to_the_head() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut first = Hand::waiting(rx.recv());
        make.overtake(&tx, &rx, &mut first);
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "{}: it is in hand", make.name);
        if make.room != Some(0) {
            tx.try_send(2).unwrap();
        }
        drop(first);
        assert_eq!(rx.try_recv(), Ok(1), "{}", make.name);
        if make.room != Some(0) {
            assert_eq!(rx.try_recv(), Ok(2), "{}", make.name);
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

#[test]
fn a_send_dropped_while_it_waits_sends_nothing() {
    for make in makes().into_iter().filter(|make| make.room.is_some()) {
        let tally = Tally::default();
        let (tx, rx) = (make.make)();
        while tx.try_send(tally.value(0)).is_ok() {}
        let (made, dropped) = (tally.made(), tally.dropped());
        drop(Hand::waiting(tx.send(tally.value(7))));
        assert_eq!((tally.made() - made, tally.dropped() - dropped), (1, 1), "{}", make.name);
        assert!(rx.try_iter().all(|value| value.number == 0));
    }
}

#[test]
fn a_send_that_was_let_in_stays_sent_though_nobody_asks() {
    for (name, tx, rx) in full(|| 0) {
        let first = Hand::waiting(tx.send(1));
        let mut second = Hand::waiting(tx.send(2));
        let inside = rx.len();
        if inside > 0 {
            assert_eq!(rx.try_recv(), Ok(0));
        } else {
            assert_eq!(rx.try_recv(), Ok(1), "{name}");
        }
        assert!(first.was_woken() && !second.was_woken(), "{name}");
        drop(first);
        let rest: Vec<_> = (0..inside.max(1)).map(|_| rx.try_recv().unwrap()).collect();
        assert_eq!(rest.last(), Some(if inside > 0 { &1 } else { &2 }), "{name}: {rest:?}");
        assert!(second.was_woken() && second.ready().is_ok(), "{name}");
    }
}

#[test]
fn a_permit_dropped_before_it_was_collected_gives_its_place_up() {
    let (tx, rx) = channel(1);
    tx.try_send(0).unwrap();
    let first = Hand::waiting(tx.reserve());
    let mut second = Hand::waiting(tx.send(2));
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(first.was_woken() && tx.try_send(101).is_err(), "a place is kept");
    assert!(!second.was_woken());
    drop(first);
    assert!(second.was_woken() && second.ready().is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
    tx.try_send(3).unwrap();
}

#[test]
fn values_that_come_back_keep_their_order() {
    for (capacity, order) in [(0, [0, 1]), (0, [1, 0]), (3, [0, 1]), (3, [1, 0])] {
        let (tx, rx) = channel(capacity);
        let mut waiting = [(); 3].map(|()| Some(Hand::waiting(rx.recv())));
        if capacity > 0 {
            // In a buffer only those are given a value that were overtaken a few times.
            for _ in 0..PATIENCE {
                tx.send_all([0; 3]).block().unwrap();
                assert!(rx.try_iter().eq([0; 3]));
                for receiver in waiting.iter_mut().flatten() {
                    assert!(receiver.poll().is_pending());
                }
            }
        }
        tx.send_all(1..=3).block().unwrap();
        for dropped in order {
            waiting[dropped] = None;
        }
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Ok(2)], "{capacity}, {order:?}");
        assert_eq!(waiting[2].take().unwrap().ready(), Ok(3));
    }
}

#[test]
fn a_rendezvous_whose_value_was_taken_is_done_though_nobody_asks() {
    let (tx, rx) = channel(0);
    let sender = Hand::waiting(tx.send(7));
    assert_eq!(rx.try_recv(), Ok(7));
    assert!(sender.was_woken());
    drop(sender);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn every_value_is_dropped_once_wherever_a_send_is_given_up() {
    for make in makes() {
        let tally = Tally::default();
        let (tx, rx) = (make.make)();
        let mut sends = Vec::new();
        for number in 0..8 {
            let mut send = Hand::new(tx.send(tally.value(number)));
            if send.poll().is_pending() {
                sends.push(send);
            }
        }
        drop(rx.try_recv());
        drop(rx.try_recv());
        // Never polled, woken, and still waiting.
        drop(tx.send(tally.value(100)));
        drop(sends);
        drop((tx, rx));
        assert_eq!((tally.made(), tally.dropped()), (9, 9), "{}", make.name);
    }
}

#[test]
fn what_was_handed_over_before_the_time_was_up_counts() {
    for make in makes() {
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let (tx, rx) = (make.make)();
            let mut receiver = Hand::waiting(rx.recv().timeout(SECOND));
            tx.try_send(7).unwrap();
            manual.advance(2 * SECOND);
            assert_eq!(receiver.ready(), Ok(7), "{}", make.name);
        });
    }
}

#[test]
fn a_rendezvous_taken_before_the_time_was_up_is_sent() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (tx, rx) = channel(0);
        let mut sender = Hand::waiting(tx.send(7).timeout(SECOND));
        assert_eq!(rx.try_recv(), Ok(7));
        manual.advance(2 * SECOND);
        assert!(sender.ready().is_ok());
    });
}

#[test]
fn a_receive_whose_time_is_up_takes_nothing_later() {
    for make in makes() {
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let (tx, rx) = (make.make)();
            let mut late = Hand::waiting(rx.recv().timeout(SECOND));
            let mut next = Hand::waiting(rx.recv());
            manual.advance(2 * SECOND);
            assert!(late.was_woken());
            assert_eq!(late.ready(), Err(RecvError::Timeout), "{}", make.name);
            tx.try_send(7).unwrap();
            assert!(next.was_woken());
            assert_eq!(next.ready(), Ok(7));
        });
    }
}

#[test]
fn a_send_whose_time_is_up_gives_the_value_back() {
    for (name, tx, rx) in full(|| 0) {
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let mut late = Hand::waiting(tx.send(7).timeout(SECOND));
            manual.advance(2 * SECOND);
            assert!(late.was_woken());
            assert_eq!(late.ready(), Err(SendError::Timeout(7)), "{name}");
            assert!(rx.try_iter().all(|value| value == 0), "{name}");
        });
    }
}

#[test]
fn a_receive_that_finds_its_value_taken_when_its_time_is_up_passes_the_call_on() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (tx, rx) = channel(1);
        let mut late = Hand::waiting(rx.recv().timeout(SECOND));
        let mut next = Hand::waiting(rx.recv());
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        manual.advance(2 * SECOND);
        assert_eq!(late.ready(), Err(RecvError::Timeout));
        tx.try_send(2).unwrap();
        assert!(next.was_woken());
        assert_eq!(next.ready(), Ok(2));
    });
}

#[test]
fn a_context_stops_a_send_with_its_cause() {
    for (name, tx, _rx) in full(|| 0) {
        let (context, canceller) = Context::background().with_cancel();
        let mut sender = Hand::waiting(tx.send(7).within(&context));
        canceller.cancel("enough");
        assert!(sender.was_woken());
        match sender.ready() {
            Err(SendError::Cancelled(value, cause)) => {
                assert_eq!((value, cause.to_string().as_str()), (7, "enough"), "{name}");
            }
            other => panic!("{name}: a cancelled send ended with {other:?}"),
        }
    }
}
