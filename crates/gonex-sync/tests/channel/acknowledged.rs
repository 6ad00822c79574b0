//! Sends that wait until their value has been received: all ways in which they end.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::Stop;
use gonex_core::rt::{self, Manual};
use gonex_sync::{AckError, SendError, TryRecvError};

use crate::hand::{Hand, full, makes};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn it_is_done_when_the_value_is_received() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut sender = Hand::waiting(tx.send_acked(7));
        assert!(!sender.was_woken(), "{}: it is sent, not received", make.name);
        assert_eq!(rx.try_recv(), Ok(7));
        assert!(sender.was_woken(), "{}", make.name);
        assert!(sender.ready().is_ok());
    }
}

#[test]
fn a_receive_that_has_it_in_hand_has_not_received_it() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut first = Hand::waiting(rx.recv());
        make.overtake(&tx, &rx, &mut first);
        let mut sender = Hand::waiting(tx.send_acked(7));
        assert!(first.was_woken() && sender.poll().is_pending(), "{}", make.name);
        drop(first);
        assert!(sender.poll().is_pending(), "{}: the value came back", make.name);
        assert_eq!(rx.try_recv(), Ok(7));
        assert!(sender.was_woken() && sender.ready().is_ok(), "{}", make.name);
    }
}

#[test]
fn it_knows_its_value_from_others() {
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        let (tx, rx) = (make.make)();
        tx.try_send(0).unwrap();
        let mut sender = Hand::waiting(tx.send_acked(1));
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(sender.poll().is_pending(), "{}", make.name);
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(sender.ready().is_ok());
    }
}

#[test]
fn it_fails_when_the_value_is_discarded() {
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        let (tx, rx) = (make.make)();
        let mut sender = Hand::waiting(tx.send_acked(7));
        drop(rx);
        assert!(sender.was_woken(), "{}", make.name);
        assert_eq!(sender.ready(), Err(AckError::Discarded));
    }
}

#[test]
fn it_waits_on_when_the_channel_is_closed_with_its_value_inside() {
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        let (tx, rx) = (make.make)();
        let mut sender = Hand::waiting(tx.send_acked(7));
        rx.close();
        assert!(sender.poll().is_pending(), "{}", make.name);
        assert_eq!(rx.try_recv(), Ok(7));
        assert!(sender.ready().is_ok());
    }
}

#[test]
fn what_was_not_sent_comes_back() {
    for (name, tx, rx) in full(|| 0) {
        let mut sender = Hand::waiting(tx.send_acked(7));
        rx.close();
        assert!(sender.was_woken());
        assert_eq!(sender.ready(), Err(AckError::NotSent(SendError::Closed(7))), "{name}");
        let again = tx.send_acked(8).block();
        assert_eq!(again, Err(AckError::NotSent(SendError::Closed(8))));
    }
}

#[test]
fn a_limit_says_how_far_it_came() {
    for make in makes() {
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let (tx, rx) = (make.make)();
            let mut sender = Hand::waiting(tx.send_acked(7).timeout(SECOND));
            manual.advance(2 * SECOND);
            let outcome = sender.ready();
            if make.room == Some(0) {
                assert_eq!(outcome, Err(AckError::NotSent(SendError::Timeout(7))));
                assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            } else {
                assert_eq!(outcome, Err(AckError::NotYet(Stop::Timeout)), "{}", make.name);
                assert_eq!(rx.try_recv(), Ok(7), "it stays sent");
            }
        });
    }
}

#[test]
fn dropped_after_it_was_sent_it_leaves_the_value() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        drop(Hand::waiting(tx.send_acked(7)));
        let expected = if make.room == Some(0) { Err(TryRecvError::Empty) } else { Ok(7) };
        assert_eq!(rx.try_recv(), expected, "{}", make.name);
    }
}
