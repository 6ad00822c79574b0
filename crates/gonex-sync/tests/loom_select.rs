//! Every interleaving of small selects with what they meet. Run with `cargo xtask loom`.
#![cfg(gonex_loom)]

#[path = "support/models.rs"]
mod models;

use std::future::Future;

use gonex_sync::{ChannelBuilder, Receiver, RecvError, Sender, TryRecvError, channel, select};
use loom::thread;
use models::{Pending, glance, model, receive, wait};

/// What a select did.
#[derive(Debug, PartialEq, Eq)]
enum Did {
    Sent,
    Received(Result<u8, RecvError>),
}

fn select_on<F: Future<Output = Did> + Send + 'static>(select: F) -> Pending<Did> {
    Box::pin(select)
}

/// Sends to one channel or receives from another.
fn send_or_receive(tx: &Sender<u8>, value: u8, rx: &Receiver<u8>) -> Pending<Did> {
    let (tx, rx) = (tx.clone(), rx.clone());
    select_on(async move {
        let mut slot = Some(value);
        select! {
            send(tx, &mut slot) => Did::Sent,
            recv(rx) -> message => Did::Received(message),
        }
    })
}

/// Receives from either of two channels.
fn receive_either(one: &Receiver<u8>, other: &Receiver<u8>) -> Pending<Did> {
    let (one, other) = (one.clone(), other.clone());
    select_on(async move {
        select! {
            recv(one) -> message => Did::Received(message),
            recv(other) -> message => Did::Received(message),
        }
    })
}

#[test]
fn loom_a_select_that_waits_hears_of_a_send() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let (_idle, never) = channel(capacity);
            let selecting = thread::spawn(move || wait(receive_either(&never, &rx)));
            wait(tx.send(7)).unwrap();
            assert_eq!(selecting.join().unwrap(), Did::Received(Ok(7)));
        });
    }
}

#[test]
fn loom_a_select_that_waits_hears_of_a_receive() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            if capacity == 1 {
                tx.try_send(0).unwrap();
            }
            let (_idle, never) = channel(capacity);
            let selecting = thread::spawn(move || wait(send_or_receive(&tx, 7, &never)));
            if capacity == 1 {
                assert_eq!(wait(rx.recv()), Ok(0));
            }
            assert_eq!(wait(rx.recv()), Ok(7));
            assert_eq!(selecting.join().unwrap(), Did::Sent);
        });
    }
}

#[test]
fn loom_of_two_arms_that_become_ready_one_happens() {
    for capacities in [(0, 0), (0, 1), (1, 1)] {
        model(move || {
            let (a_tx, a) = channel(capacities.0);
            let (b_tx, b) = channel(capacities.1);
            let mut selecting = receive_either(&a, &b);
            assert!(glance(&mut selecting).is_pending());
            let selecting = thread::spawn(move || wait(selecting));
            let sender = thread::spawn(move || wait(a_tx.send(1)).unwrap());
            // One of the two stays where it is, and its send may wait.
            let mut send = models::send(&b_tx, 2);
            let sent = glance(&mut send).is_ready();
            let selected = selecting.join().unwrap();
            match selected {
                Did::Received(Ok(1)) => assert_eq!(wait(b.recv()), Ok(2)),
                Did::Received(Ok(2)) => assert_eq!(wait(a.recv()), Ok(1)),
                other => panic!("both channels had a value, but the select {other:?}"),
            }
            if !sent {
                wait(send).unwrap();
            }
            drop(b_tx);
            sender.join().unwrap();
            let more = [a.try_recv(), b.try_recv()];
            assert_eq!(more, [Err(TryRecvError::Closed); 2]);
        });
    }
}

#[test]
fn loom_one_channel_in_two_arms_keeps_its_order() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let sender = thread::spawn(move || {
                for value in 1..=2 {
                    wait(tx.send(value)).unwrap();
                }
            });
            for value in 1..=2 {
                assert!(
                    matches!(wait(receive_either(&rx, &rx)), Did::Received(Ok(v)) if v == value)
                );
            }
            sender.join().unwrap();
        });
    }
}

#[test]
fn loom_two_selects_serve_one_another() {
    model(|| {
        let (a_tx, a) = channel(0);
        let (b_tx, b) = channel(0);
        let other = thread::spawn({
            let select = send_or_receive(&a_tx, 1, &b);
            move || wait(select)
        });
        let mine = wait(send_or_receive(&b_tx, 2, &a));
        match (mine, other.join().unwrap()) {
            (Did::Sent, Did::Received(Ok(2))) | (Did::Received(Ok(1)), Did::Sent) => {}
            other => panic!("not one transfer, but {other:?}"),
        }
    });
}

#[test]
fn loom_two_selects_on_one_channel_serve_one_another() {
    model(|| {
        let (tx, rx) = channel(0);
        let other = thread::spawn({
            let select = send_or_receive(&tx, 1, &rx);
            move || wait(select)
        });
        let mine = wait(send_or_receive(&tx, 2, &rx));
        match (mine, other.join().unwrap()) {
            (Did::Sent, Did::Received(Ok(2))) | (Did::Received(Ok(1)), Did::Sent) => {}
            other => panic!("not one transfer, but {other:?}"),
        }
    });
}

#[test]
fn loom_a_select_does_not_serve_itself_while_another_comes() {
    model(|| {
        let (tx, rx) = channel(0);
        let selecting = thread::spawn({
            let select = send_or_receive(&tx, 1, &rx);
            move || wait(select)
        });
        assert_eq!(wait(rx.recv()), Ok(1));
        assert_eq!(selecting.join().unwrap(), Did::Sent);
    });
}

#[test]
fn loom_a_close_wakes_a_select() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel::<u8>(capacity);
            let (_idle, never) = channel(capacity);
            let selecting = thread::spawn(move || wait(receive_either(&rx, &never)));
            drop(tx);
            assert_eq!(selecting.join().unwrap(), Did::Received(Err(RecvError::Closed)));
        });
    }
}

#[test]
fn loom_a_close_gives_a_select_its_value_back() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let selecting = thread::spawn(move || {
                let mut slot = Some(7);
                let sent = wait(Box::pin(async {
                    select! { send(tx, &mut slot) -> sent => sent }
                }));
                assert_eq!(sent.is_err(), slot.is_some());
                slot.is_none()
            });
            rx.close();
            let sent = selecting.join().unwrap();
            assert_eq!(rx.try_recv().is_ok(), sent);
        });
    }
}

#[test]
fn loom_a_dropped_select_passes_its_value_on() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let (_idle, never) = channel(capacity);
            let mut selecting = receive_either(&rx, &never);
            assert!(glance(&mut selecting).is_pending());
            let leaver = thread::spawn(move || drop(selecting));
            let receiver = thread::spawn({
                let receive = receive(&rx);
                move || wait(receive)
            });
            wait(tx.send(7)).unwrap();
            leaver.join().unwrap();
            assert_eq!(receiver.join().unwrap(), Ok(7));
        });
    }
}

#[test]
fn loom_a_losing_arm_leaves_its_place_to_the_next() {
    model(|| {
        let (a_tx, a) = channel(1);
        let (b_tx, b) = channel(1);
        let mut selecting = receive_either(&a, &b);
        assert!(glance(&mut selecting).is_pending());
        let plain = thread::spawn({
            let receive = receive(&a);
            move || wait(receive)
        });
        b_tx.try_send(2).unwrap();
        let selecting = thread::spawn(move || wait(selecting));
        a_tx.try_send(1).unwrap();
        drop(a_tx);
        let selected = selecting.join().unwrap();
        let received = plain.join().unwrap();
        match selected {
            Did::Received(Ok(2)) => assert_eq!(received, Ok(1)),
            Did::Received(Ok(1)) => assert_eq!(received, Err(RecvError::Closed)),
            // The other receiver was quicker, and the channel had ended.
            Did::Received(Err(RecvError::Closed)) => assert_eq!(received, Ok(1)),
            other => panic!("both channels had a value, but the select {other:?}"),
        }
    });
}

#[test]
fn loom_a_default_is_taken_only_when_nothing_was_ready() {
    for capacity in [1, 2] {
        model(move || {
            let (a_tx, a) = channel(1);
            let (b_tx, b) = channel(capacity);
            a_tx.try_send(1).unwrap();
            let selecting = thread::spawn({
                let (a, b) = (a.clone(), b.clone());
                move || {
                    wait(Box::pin(async {
                        select! {
                            recv(a) -> _ => true,
                            recv(b) -> _ => true,
                            default => false,
                        }
                    }))
                }
            });
            // There is a value in the second before the first is emptied.
            b_tx.try_send(2).unwrap();
            let _ = a.try_recv();
            assert!(selecting.join().unwrap());
        });
    }
}

#[test]
fn loom_two_selects_that_wait_for_room_by_weight_get_in() {
    model(|| {
        let (tx, rx) = ChannelBuilder::new().weighted(2, |_| 1).build();
        let (_idle, never) = channel(0);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let mut selects = [3, 4].map(|value| send_or_receive(&tx, value, &never));
        assert!(selects.iter_mut().all(|select| glance(select).is_pending()));
        let selecting = selects.map(|select| thread::spawn(move || wait(select)));
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
        // Nobody receives any more: both get in because there is room for both.
        for select in selecting {
            assert_eq!(select.join().unwrap(), Did::Sent);
        }
        assert_eq!(rx.len(), 2);
    });
}
