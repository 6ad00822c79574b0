use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::{RecvError, TryRecvError, oneshot};

use crate::hand::{Bell, watched};
use crate::support::{cancelled, ready, waits};

#[test]
fn the_value_wakes_who_waits_for_it() {
    let (tx, mut rx) = oneshot();
    let (bell, mut recv) = (Bell::new(), Box::pin(rx.recv()));
    assert!(bell.poll(&mut recv).is_pending());
    tx.send(7).unwrap();
    assert_eq!((bell.rings(), ready(&mut recv)), (1, Ok(7)));
    drop(recv);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_sender_that_is_dropped_ends_the_wait() {
    let (tx, mut rx) = oneshot::<u8>();
    let (bell, mut recv) = (Bell::new(), Box::pin(rx.recv()));
    assert!(bell.poll(&mut recv).is_pending());
    drop(tx);
    assert_eq!((bell.rings(), ready(&mut recv)), (1, Err(RecvError::Closed)));
}

#[test]
fn a_stopped_receive_can_be_tried_again() {
    let (tx, mut rx) = oneshot();
    assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
    let ended = rx.recv().within(&cancelled()).block();
    assert!(matches!(ended, Err(RecvError::Cancelled(_))));
    let mut recv = Box::pin(rx.recv());
    assert!(waits(&mut recv));
    tx.send(7).unwrap();
    // Dropped with the value in reach, it takes nothing.
    drop(recv);
    assert_eq!(rx.recv().block(), Ok(7));
}

#[test]
fn a_value_nobody_can_receive_comes_back() {
    let (tx, rx) = oneshot();
    drop(rx);
    assert_eq!(tx.send(7).unwrap_err().into_inner(), 7);
}

#[test]
fn a_closed_receiver_still_takes_what_is_inside() {
    let (tx, mut rx) = oneshot();
    tx.send(7).unwrap();
    assert!(rx.close() && !rx.close());
    assert_eq!(rx.recv().block(), Ok(7));
    assert_eq!(rx.recv().block(), Err(RecvError::Closed));
}

#[test]
fn the_sender_learns_that_nobody_waits() {
    let (mut tx, mut rx) = oneshot::<u8>();
    assert_eq!(tx.closed().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    let (bell, mut closed) = (Bell::new(), Box::pin(tx.closed()));
    assert!(bell.poll(&mut closed).is_pending());
    rx.close();
    assert_eq!(bell.rings(), 1);
    ready(&mut closed);
}

#[test]
fn a_value_is_dropped_with_its_receiver() {
    let (value, (tx, rx)) = (Arc::new(()), oneshot());
    tx.send(value.clone()).unwrap();
    drop(rx);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn stress_each_value_arrives() {
    watched(|| {
        for n in 0..500 {
            let (tx, mut rx) = oneshot();
            let sender = thread::spawn(move || tx.send(n).unwrap());
            let got = match rx.recv().timeout(Duration::from_micros(n % 60)).block() {
                Err(RecvError::Timeout) => rx.recv().block(),
                got => got,
            };
            assert_eq!(got, Ok(n));
            sender.join().unwrap();
        }
    });
}
