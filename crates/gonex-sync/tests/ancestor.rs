//! The defects of gonex's ancestor, a library for TypeScript: each is a case that must pass here.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "support/hand.rs"]
mod hand;

use std::thread;
use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_sync::{TryRecvError, channel, select};
use hand::{Hand, makes, watched};

#[test]
fn a_rendezvous_at_which_the_sender_comes_first_does_not_deadlock() {
    let received = watched(|| {
        let (tx, rx) = channel(0);
        let (waits, waited) = std::sync::mpsc::channel();
        let sender = thread::spawn(move || {
            let mut send = Hand::waiting(tx.send(7));
            waits.send(()).unwrap();
            while send.poll().is_pending() {
                thread::yield_now();
            }
        });
        waited.recv().unwrap();
        let received = rx.recv().block();
        sender.join().unwrap();
        received
    });
    assert_eq!(received, Ok(7));
}

#[test]
fn a_close_does_not_drop_the_buffer() {
    let (tx, rx) = channel(3);
    tx.send_all(1..=3).block().unwrap();
    tx.close();
    assert!(rx.iter().eq(1..=3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn an_arm_that_lost_steals_no_later_message() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let (other_tx, other) = (make.make)();
        {
            let mut selecting = Hand::waiting(Box::pin(async {
                select! {
                    recv(rx) -> message => message,
                    recv(other) -> message => message,
                }
            }));
            other_tx.try_send(1).unwrap();
            assert_eq!(selecting.ready(), Ok(1), "{}", make.name);
        }
        let mut receiver = Hand::waiting(rx.recv());
        tx.try_send(2).unwrap();
        assert!(receiver.was_woken());
        assert_eq!(receiver.ready(), Ok(2), "{}", make.name);
    }
}

#[test]
fn a_send_arm_that_lost_delivers_nothing_later() {
    let ((tx, rx), (other_tx, other)) = (channel(0), channel(0));
    let mut slots = [Some(1), Some(2)];
    let [one, two] = &mut slots;
    {
        let mut selecting = Hand::waiting(Box::pin(async {
            select! {
                send(tx, one) => "one",
                send(other_tx, two) => "other",
            }
        }));
        assert_eq!(other.try_recv(), Ok(2));
        assert_eq!(selecting.ready(), "other");
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(slots, [Some(1), None]);
}

#[test]
fn a_receive_that_timed_out_takes_no_later_message() {
    let (tx, rx) = channel(0);
    assert!(rx.recv().timeout(Duration::ZERO).block().is_err());
    assert!(tx.try_send(1).unwrap_err().is_full(), "nobody waits any more");
}

#[test]
fn a_send_that_timed_out_delivers_nothing_later_and_strands_nobody() {
    let (tx, rx) = channel(1);
    tx.try_send(0).unwrap();
    let mut behind = {
        let late = Hand::waiting(tx.send(1));
        let behind = Hand::waiting(tx.send(2));
        drop(late);
        behind
    };
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(behind.was_woken() && behind.ready().is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_done_operation_made_after_the_cancel_is_done() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let mut done = Hand::new(context.done());
    assert!(matches!(done.ready(), Stop::Cancelled(_)));
}

#[test]
fn nothing_times_out_by_itself() {
    let manual = std::sync::Arc::new(gonex_core::rt::Manual::new());
    gonex_core::rt::enter(manual.clone(), || {
        let (tx, rx) = channel(0);
        let mut receiver = Hand::waiting(rx.recv());
        manual.advance(Duration::from_secs(3600));
        assert!(!receiver.was_woken() && receiver.poll().is_pending());
        tx.try_send(1).unwrap();
        assert_eq!(receiver.ready(), Ok(1));
    });
}
