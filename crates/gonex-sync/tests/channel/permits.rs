//! Places that are kept.

use gonex_sync::{
    ChannelBuilder, ReserveError, SendError, TryRecvError, TrySendError, channel, unbounded,
};

use crate::hand::{Hand, makes};

#[test]
fn a_permit_keeps_its_place() {
    for make in makes().into_iter().filter(|make| make.room > Some(0)) {
        let (tx, rx) = (make.make)();
        let room = make.room.unwrap_or(0);
        let permits: Vec<_> = (0..room).map(|_| tx.reserve().block().unwrap()).collect();
        assert!(tx.is_full(), "{}", make.name);
        assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
        assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        for (value, permit) in permits.into_iter().enumerate() {
            permit.send(value).unwrap();
        }
        assert!(rx.try_iter().eq(0..room), "{}: in the order of sending", make.name);
    }
}

#[test]
fn a_permit_given_up_lets_the_next_in() {
    for make in makes().into_iter().filter(|make| make.room > Some(0)) {
        let (tx, rx) = (make.make)();
        let mut permits: Vec<_> =
            (0..make.room.unwrap_or(0)).map(|_| tx.try_reserve().unwrap()).collect();
        let mut sender = Hand::waiting(tx.send(1));
        let mut reserve = Hand::waiting(tx.reserve());
        drop(permits.pop());
        assert!(sender.was_woken(), "{}", make.name);
        assert!(sender.ready().is_ok());
        assert!(!reserve.was_woken());
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(reserve.was_woken());
        reserve.ready().unwrap().send(2).unwrap();
        assert_eq!(rx.try_recv(), Ok(2));
    }
}

#[test]
fn a_permit_does_not_outlive_the_close() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let receiver = Hand::waiting(rx.recv());
        let [one, other] = [tx.try_reserve(), tx.try_reserve()];
        let one = one.unwrap();
        rx.close();
        assert_eq!(one.send(7), Err(SendError::Closed(7)), "{}", make.name);
        drop((other, receiver));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_permit_at_a_rendezvous_means_that_a_receiver_waits() {
    let (tx, rx) = channel(0);
    assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)));
    let mut reserve = Hand::waiting(tx.reserve());
    let mut receiver = Hand::waiting(rx.recv());
    assert!(reserve.was_woken());
    let permit = reserve.ready().unwrap();
    assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)), "it is promised already");
    permit.send(7).unwrap();
    assert!(receiver.was_woken());
    assert_eq!(receiver.ready(), Ok(7));
}

#[test]
fn a_permit_at_a_rendezvous_whose_receiver_has_left_keeps_the_value_for_the_next() {
    let (tx, rx) = channel(0);
    let receiver = Hand::waiting(rx.recv());
    let permit = tx.try_reserve().unwrap();
    drop(receiver);
    permit.send(7).unwrap();
    assert_eq!((rx.len(), rx.try_recv()), (1, Ok(7)));
    assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)));
}

#[test]
fn a_reservation_dropped_when_it_was_served_gives_its_place_up() {
    for make in makes().into_iter().filter(|make| make.room > Some(0)) {
        let (tx, rx) = (make.make)();
        while tx.try_send(0).is_ok() {}
        let first = Hand::waiting(tx.reserve());
        let mut second = Hand::waiting(tx.reserve());
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(first.was_woken() && !second.was_woken());
        drop(first);
        assert!(second.was_woken(), "{}", make.name);
        second.ready().unwrap().send(1).unwrap();
        assert_eq!(rx.try_iter().last(), Some(1));
    }
}

#[test]
fn permits_of_an_unbounded_channel_are_there_at_once() {
    let (tx, rx) = unbounded();
    let permits: Vec<_> = (0..200).map(|_| tx.try_reserve().unwrap()).collect();
    tx.try_send(0).unwrap();
    for (value, permit) in (1..).zip(permits) {
        permit.send(value).unwrap();
    }
    assert!(rx.try_iter().eq(0..=200));
}

#[test]
fn a_permit_is_for_a_weight() {
    let (tx, rx) = ChannelBuilder::new().weighted(10, |value: &usize| *value).build();
    let permit = tx.reserve_weight(8).block().unwrap();
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    tx.try_send(2).unwrap();
    // A lighter value gives the rest of its place up.
    permit.send(1).unwrap();
    tx.try_send(7).unwrap();
    assert!(rx.try_iter().eq([2, 1, 7]));
}

#[test]
fn a_permit_that_is_split_keeps_as_much_as_before() {
    let (tx, rx) = ChannelBuilder::new().weighted(4, |_: &u8| 1).build();
    let mut permit = tx.reserve_weight(3).block().unwrap();
    let mut waiting = Hand::waiting(tx.reserve_weight(2));
    assert!(permit.split(0).is_none() && permit.split(3).is_none());
    let part = permit.split(1).unwrap();
    part.send(1).unwrap();
    assert!(!waiting.was_woken(), "the part came out of what was kept");
    // What is given up goes to who waits, and the rest stays kept.
    drop(permit.split(1));
    assert!(waiting.was_woken());
    permit.send(2).unwrap();
    drop(waiting.ready());
    assert!(rx.try_iter().eq([1, 2]));
}

#[test]
fn a_permit_for_one_value_is_not_split() {
    for (tx, _rx) in [channel::<u8>(4), unbounded()] {
        assert!(tx.reserve_weight(3).block().unwrap().split(1).is_none());
    }
}

#[test]
fn permits_of_lanes_are_apart() {
    let (tx, rx) = ChannelBuilder::new().bounded(1).lanes(2).build();
    let second = tx.lane(1).unwrap();
    let later = second.try_reserve().unwrap();
    let urgent = tx.try_reserve().unwrap();
    assert!(second.try_reserve().is_err() && tx.try_reserve().is_err());
    later.send("later").unwrap();
    urgent.send("urgent").unwrap();
    assert!(rx.try_iter().eq(["urgent", "later"]));
}
