//! What the end of a channel means to each operation.

use gonex_sync::{RecvError, ReserveError, SendError, TryRecvError, TrySendError};

use crate::hand::{Hand, full, makes};

#[test]
fn what_is_inside_can_still_be_received() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let sent = (0..3).take_while(|&value| tx.try_send(value).is_ok()).count() as u32;
        assert!(rx.close(), "{}", make.name);
        assert!(tx.is_closed() && rx.is_closed());
        assert_eq!(tx.try_send(9), Err(TrySendError::Closed(9)));
        assert_eq!(tx.send(9).block(), Err(SendError::Closed(9)));
        assert_eq!(tx.reserve().block().map(drop), Err(ReserveError::Closed));
        assert_eq!(tx.try_reserve().map(drop), Err(ReserveError::Closed));
        assert!(rx.try_iter().eq(0..sent), "{}", make.name);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(rx.recv().block(), Err(RecvError::Closed));
    }
}

#[test]
fn closing_twice_does_no_harm() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        assert!(tx.close());
        assert!(!tx.close() && !rx.close(), "{}", make.name);
    }
}

#[test]
fn the_last_sender_closes() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        let second = tx.clone();
        let mut receiver = Hand::waiting(rx.recv());
        drop(tx);
        assert!(!receiver.was_woken() && !rx.is_closed(), "{}", make.name);
        drop(second);
        assert!(receiver.was_woken());
        assert_eq!(receiver.ready(), Err(RecvError::Closed));
    }
}

#[test]
fn closing_wakes_all_who_wait() {
    for (name, tx, rx) in full(|| 0) {
        let mut senders: Vec<_> = (1..4).map(|value| Hand::waiting(tx.send(value))).collect();
        let mut reserve = Hand::waiting(tx.reserve());
        tx.close();
        for (value, sender) in (1..).zip(&mut senders) {
            assert!(sender.was_woken(), "{name}");
            assert_eq!(sender.ready(), Err(SendError::Closed(value)), "{name}: it comes back");
        }
        assert!(reserve.was_woken());
        assert_eq!(reserve.ready().map(drop), Err(ReserveError::Closed));
        assert!(rx.try_iter().all(|value| value == 0), "{name}: what waited did not get in");
    }
    for make in makes::<u8>() {
        let (_tx, rx) = (make.make)();
        let mut receivers: Vec<_> = (0..3).map(|_| Hand::waiting(rx.recv())).collect();
        rx.close();
        for receiver in &mut receivers {
            assert!(receiver.was_woken(), "{}", make.name);
            assert_eq!(receiver.ready(), Err(RecvError::Closed));
        }
    }
}

#[test]
fn a_value_handed_over_before_the_close_is_received() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut receiver = Hand::waiting(rx.recv());
        tx.try_send(7).unwrap();
        tx.close();
        assert_eq!(receiver.ready(), Ok(7), "{}", make.name);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_value_that_comes_back_after_the_close_can_be_received() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let receiver = Hand::waiting(rx.recv());
        tx.try_send(7).unwrap();
        tx.close();
        assert!(receiver.was_woken());
        drop(receiver);
        assert_eq!(rx.try_recv(), Ok(7), "{}", make.name);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn errors_say_what_happened() {
    let (tx, rx) = gonex_sync::channel(1);
    tx.try_send(1).unwrap();
    assert_eq!(tx.try_send(2).unwrap_err().to_string(), "cannot send now: the channel is full");
    rx.close();
    let closed = tx.send(2).block().unwrap_err();
    assert_eq!(format!("{closed}, {closed:?}"), "cannot send: the channel is closed, Closed(..)");
    assert_eq!(rx.recv().block(), Ok(1));
    let empty = rx.recv().block().unwrap_err();
    assert_eq!(empty.to_string(), "nothing to receive: the channel is closed and empty");
}
