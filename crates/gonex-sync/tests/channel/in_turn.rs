//! First come, first served, and the one exception: who waits for a value of a buffer may be
//! overtaken while it wakes up, a few times.

use gonex_sync::{ChannelBuilder, TryRecvError, TrySendError, channel};

use crate::hand::{Hand, PATIENCE, full, makes};

#[test]
fn senders_get_in_in_the_order_in_which_they_came() {
    for (name, tx, rx) in full(|| 0) {
        let inside = rx.len();
        let mut senders: Vec<_> = (1..=4).map(|value| Hand::waiting(tx.send(value))).collect();
        let mut received = Vec::new();
        for _ in 0..inside + 4 {
            received.push(rx.try_recv().unwrap());
            for sender in &mut senders {
                if sender.was_woken() {
                    assert!(sender.ready().is_ok(), "{name}");
                }
            }
        }
        assert!(received[inside..].iter().copied().eq(1..=4), "{name}: {received:?}");
    }
}

#[test]
fn receivers_are_served_in_the_order_in_which_they_came() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut receivers: Vec<_> = (0..4).map(|_| Hand::waiting(rx.recv())).collect();
        for (value, receiver) in (0..).zip(&mut receivers) {
            tx.try_send(value).unwrap();
            assert!(receiver.was_woken(), "{}", make.name);
            assert_eq!(receiver.ready(), Ok(value));
        }
    }
}

#[test]
fn one_value_wakes_one_receiver() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let receivers = [(); 3].map(|()| Hand::waiting(rx.recv()));
        tx.try_send(1).unwrap();
        let woken = receivers.each_ref().map(Hand::was_woken);
        assert_eq!(woken, [true, false, false], "{}", make.name);
    }
}

#[test]
fn who_was_called_and_does_not_run_costs_one_call() {
    let (tx, rx) = channel(4);
    let stuck = Hand::waiting(rx.recv());
    let mut next = Hand::waiting(rx.recv());
    tx.try_send(1).unwrap();
    assert!(stuck.was_woken() && !next.was_woken());
    assert_eq!(rx.try_recv(), Ok(1), "a newcomer was quicker");
    tx.try_send(2).unwrap();
    assert!(!next.was_woken(), "the first still answers for a value");
    assert_eq!(rx.try_recv(), Ok(2));
    for value in 3..10 {
        tx.try_send(value).unwrap();
        assert!(next.was_woken(), "but not again and again");
        assert_eq!(next.ready(), Ok(value));
        next = Hand::waiting(rx.recv());
    }
}

#[test]
fn a_sender_in_line_goes_before_a_newcomer() {
    let (tx, rx) = channel(1);
    tx.try_send(0).unwrap();
    let mut first = Hand::waiting(tx.send(1));
    let mut second = Hand::waiting(tx.send(2));
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(first.was_woken() && !second.was_woken());
    assert_eq!(tx.try_send(100), Err(TrySendError::Full(100)), "the first is in already");
    assert!(tx.try_reserve().is_err());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(100), Err(TrySendError::Full(100)), "and now the second");
    assert!(first.ready().is_ok() && second.ready().is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
    tx.try_send(100).expect("nobody waits any more");
}

#[test]
fn a_receiver_is_overtaken_a_few_times_and_then_served() {
    let (tx, rx) = channel(1);
    let mut first = Hand::waiting(rx.recv());
    for _ in 0..PATIENCE {
        tx.try_send(0).unwrap();
        assert!(first.was_woken());
        assert_eq!(rx.try_recv(), Ok(0), "the first in line has not taken the value yet");
        assert!(first.poll().is_pending(), "a newcomer was faster");
    }
    tx.try_send(1).unwrap();
    assert!(first.was_woken());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "the value is for the first");
    tx.try_send(2).expect("and takes no room any more");
    assert_eq!(rx.try_recv(), Ok(2), "what is behind it is for anybody");
    assert_eq!(first.ready(), Ok(1));
}

#[test]
fn receivers_that_were_overtaken_keep_their_order() {
    let (tx, rx) = channel(2);
    let mut waiting = [(); 3].map(|()| Hand::waiting(rx.recv()));
    tx.send_all([0, 0]).block().unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(0), Ok(0)));
    for receiver in &mut waiting {
        assert!(receiver.poll().is_pending());
    }
    for (value, receiver) in (1..).zip(&mut waiting) {
        tx.try_send(value).unwrap();
        assert!(receiver.was_woken());
        assert_eq!(receiver.ready(), Ok(value));
    }
}

#[test]
fn who_waits_in_one_lane_holds_up_no_other() {
    let (tx, rx) = ChannelBuilder::new().bounded(1).lanes(2).build();
    let second = tx.lane(1).unwrap();
    second.try_send(1).unwrap();
    let mut waiting = Hand::waiting(second.send(2));
    drop(tx.try_reserve().expect("the first lane is empty"));
    tx.try_send(0).unwrap();
    assert!(second.try_reserve().is_err());
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(!waiting.was_woken(), "that was a place in the other lane");
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(waiting.was_woken() && waiting.ready().is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn who_waits_for_a_permit_stands_in_the_same_line() {
    let (tx, rx) = channel(1);
    tx.try_send(0).unwrap();
    let mut permit = Hand::waiting(tx.reserve());
    let mut sender = Hand::waiting(tx.send(2));
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(permit.was_woken() && !sender.was_woken());
    permit.ready().unwrap().send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(sender.was_woken() && sender.ready().is_ok());
}
