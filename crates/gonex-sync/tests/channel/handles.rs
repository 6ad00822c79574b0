//! Handles: counted, weak, and the same or not.

use gonex_sync::{TryRecvError, TrySendError};

use crate::hand::{Tally, makes};

#[test]
fn handles_are_counted() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        let senders = [tx.clone(), tx.lane(0).unwrap(), tx.downgrade().upgrade().unwrap()];
        let receivers = [rx.clone(), rx.downgrade().upgrade().unwrap()];
        assert_eq!((tx.sender_count(), rx.sender_count()), (4, 4), "{}", make.name);
        assert_eq!((tx.receiver_count(), rx.receiver_count()), (3, 3));
        drop((senders, receivers));
        assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 1));
        drop(rx);
        assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 0));
        assert!(tx.is_closed());
    }
}

#[test]
fn a_weak_handle_keeps_nothing_open() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        let (sender, receiver) = (tx.downgrade(), rx.downgrade());
        drop(tx);
        assert!(sender.upgrade().is_none() && sender.clone().upgrade().is_none());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed), "{}", make.name);
        assert!(receiver.upgrade().is_some());
        drop(rx);
        assert!(receiver.upgrade().is_none() && receiver.clone().upgrade().is_none());
    }
}

#[test]
fn a_weak_sender_remembers_its_lane() {
    let (tx, rx) = gonex_sync::ChannelBuilder::new().bounded(1).lanes(2).build();
    let weak = tx.lane(1).unwrap().downgrade();
    weak.upgrade().unwrap().try_send("later").unwrap();
    tx.try_send("urgent").unwrap();
    assert!(rx.try_iter().eq(["urgent", "later"]));
}

#[test]
fn handles_of_one_channel_are_the_same() {
    for make in makes::<u8>() {
        let ((tx, rx), (other_tx, other_rx)) = ((make.make)(), (make.make)());
        assert!(tx.same_channel(&tx.downgrade().upgrade().unwrap()), "{}", make.name);
        assert!(rx.same_channel(&rx.clone()));
        assert!(!tx.same_channel(&other_tx) && !rx.same_channel(&other_rx));
    }
}

#[test]
fn the_last_receiver_drops_what_is_inside_once() {
    for make in makes() {
        let tally = Tally::default();
        let (tx, rx) = (make.make)();
        for number in 0..100 {
            drop(tx.try_send(tally.value(number)));
        }
        let second = rx.clone();
        drop(rx);
        let dropped = tally.dropped();
        assert_eq!(tally.made() - dropped, make.room.unwrap_or(100), "{}", make.name);
        drop(second);
        assert_eq!(tally.dropped(), 100, "{}", make.name);
        let refused = tx.try_send(tally.value(100)).err();
        assert!(matches!(refused, Some(TrySendError::Closed(_))));
        drop((refused, tx));
        assert_eq!((tally.made(), tally.dropped()), (101, 101));
    }
}

#[test]
fn debug_says_how_it_stands() {
    let (tx, rx) = gonex_sync::channel(2);
    tx.try_send(1).unwrap();
    let shown = format!("{tx:?} {rx:?}");
    assert_eq!(shown.matches("len: 1, capacity: Some(2), closed: false").count(), 2, "{shown}");
}
