//! Every interleaving of small channels: senders, receivers, those who wait, and those who give up.
//! Run with `cargo xtask loom`.
#![cfg(gonex_loom)]

#[path = "support/models.rs"]
mod models;

use std::sync::Arc;

use gonex_sync::{AckError, ChannelBuilder, RecvError, TryRecvError, channel, unbounded};
use loom::thread;
use models::{glance, model, receive, send, wait};

// ---- who comes while others come ----

#[test]
fn loom_two_senders_and_one_receiver_lose_nothing() {
    model(|| {
        let (tx, rx) = channel(1);
        let other = tx.clone();
        let sender = thread::spawn(move || wait(other.send(1)).unwrap());
        let receiver = thread::spawn(move || wait(rx.recv()).unwrap() + wait(rx.recv()).unwrap());
        wait(tx.send(2)).unwrap();
        assert_eq!(receiver.join().unwrap(), 3);
        sender.join().unwrap();
    });
}

#[test]
fn loom_one_sender_and_two_receivers_lose_nothing() {
    model(|| {
        let (tx, rx) = channel(2);
        // Both wait already; whether a receiver lines up in time is for other models.
        let mut receivers = [receive(&rx), receive(&rx)];
        assert!(receivers.iter_mut().all(|receiver| glance(receiver).is_pending()));
        let receivers = receivers.map(|receiver| thread::spawn(move || wait(receiver).unwrap()));
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(receivers.map(|receiver| receiver.join().unwrap()).iter().sum::<i32>(), 3);
    });
}

#[test]
fn loom_one_sender_keeps_its_order() {
    model(|| {
        let (tx, rx) = channel(2);
        let sender = thread::spawn(move || {
            for value in 0..4 {
                wait(tx.send(value)).unwrap();
            }
        });
        for value in 0..4 {
            assert_eq!(wait(rx.recv()), Ok(value));
        }
        assert_eq!(wait(rx.recv()), Err(RecvError::Closed));
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_receiver_that_waits_hears_of_a_send() {
    model(|| {
        let (tx, rx) = channel(1);
        let receiver = thread::spawn(move || wait(rx.recv()));
        tx.try_send(7).unwrap();
        assert_eq!(receiver.join().unwrap(), Ok(7));
    });
}

#[test]
fn loom_a_sender_that_waits_hears_of_a_receive() {
    model(|| {
        let (tx, rx) = channel(1);
        tx.try_send(1).unwrap();
        let sender = thread::spawn(move || wait(tx.send(2)));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(sender.join().unwrap().is_ok());
        assert_eq!(rx.try_recv(), Ok(2));
    });
}

#[test]
fn loom_a_sender_that_waits_hears_of_a_permit_given_up() {
    model(|| {
        let (tx, rx) = channel(1);
        let other = tx.clone();
        let holder = thread::spawn(move || drop(wait(other.reserve()).unwrap()));
        wait(tx.send(1)).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        holder.join().unwrap();
        tx.try_send(2).unwrap();
    });
}

#[test]
fn loom_a_lane_behind_is_received_too() {
    model(|| {
        let (urgent, rx) = ChannelBuilder::new().bounded(1).lanes(2).build();
        let later = urgent.lane(1).unwrap();
        let sender = thread::spawn(move || wait(later.send("later")).unwrap());
        wait(urgent.send("urgent")).unwrap();
        let mut received = [wait(rx.recv()).unwrap(), wait(rx.recv()).unwrap()];
        received.sort_unstable();
        assert_eq!(received, ["later", "urgent"]);
        sender.join().unwrap();
    });
}

// ---- who gives up ----

#[test]
fn loom_a_receive_given_up_leaves_the_value_to_the_next() {
    model(|| {
        let (tx, rx) = channel(1);
        let mut first = receive(&rx);
        assert!(glance(&mut first).is_pending());
        let second = thread::spawn(move || wait(rx.recv()));
        let sender = thread::spawn(move || tx.try_send(7).unwrap());
        drop(first);
        assert_eq!(second.join().unwrap(), Ok(7));
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_send_given_up_leaves_the_room_to_the_next() {
    model(|| {
        let (tx, rx) = channel(1);
        tx.try_send(1).unwrap();
        let mut first = send(&tx, 2);
        assert!(glance(&mut first).is_pending());
        let second = thread::spawn(move || wait(tx.send(3)).unwrap());
        let popper = rx.clone();
        let receiver = thread::spawn(move || assert_eq!(popper.try_recv(), Ok(1)));
        drop(first);
        receiver.join().unwrap();
        match wait(rx.recv()) {
            Ok(2) => assert_eq!(wait(rx.recv()), Ok(3), "the first had been let in"),
            next => assert_eq!(next, Ok(3)),
        }
        second.join().unwrap();
    });
}

#[test]
fn loom_a_rendezvous_given_up_by_the_receiver_loses_nothing() {
    model(|| {
        let (tx, rx) = channel(0);
        let mut first = receive(&rx);
        assert!(glance(&mut first).is_pending());
        let sender = thread::spawn(move || wait(tx.send(7)).unwrap());
        drop(first);
        assert_eq!(wait(rx.recv()), Ok(7));
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_value_handed_to_a_dropped_receive_reaches_who_waits() {
    model(|| {
        let (tx, rx) = channel(0);
        let mut first = receive(&rx);
        assert!(glance(&mut first).is_pending());
        let second = thread::spawn(move || wait(rx.recv()));
        let leaver = thread::spawn(move || drop(first));
        wait(tx.send(7)).unwrap();
        assert_eq!(second.join().unwrap(), Ok(7));
        leaver.join().unwrap();
    });
}

#[test]
fn loom_a_rendezvous_given_up_by_the_sender_sends_once_or_not() {
    model(|| {
        let (tx, rx) = channel(0);
        let mut given_up = send(&tx, 1);
        assert!(glance(&mut given_up).is_pending());
        let receiver = thread::spawn(move || {
            let first = wait(rx.recv()).unwrap();
            let second = if first == 1 { wait(rx.recv()).unwrap() } else { first };
            assert_eq!(second, 2);
        });
        drop(given_up);
        wait(tx.send(2)).unwrap();
        receiver.join().unwrap();
    });
}

// ---- closing ----

#[test]
fn loom_a_close_reaches_all_receivers() {
    model(|| {
        let (tx, rx) = channel::<u8>(1);
        let receivers = [(); 2].map(|()| {
            let rx = rx.clone();
            thread::spawn(move || wait(rx.recv()))
        });
        drop(tx);
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), Err(RecvError::Closed));
        }
    });
}

#[test]
fn loom_a_close_gives_values_back_or_lets_them_through() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let senders = [1, 2].map(|value| {
                let tx = tx.clone();
                thread::spawn(move || wait(tx.send(value)))
            });
            rx.close();
            let mut received: Vec<i32> = rx.try_iter().collect();
            for (value, sender) in [1, 2].into_iter().zip(senders) {
                if let Err(error) = sender.join().unwrap() {
                    assert_eq!(error.into_inner(), value);
                    received.push(value);
                }
            }
            received.extend(rx.try_iter());
            received.sort_unstable();
            assert_eq!(received, [1, 2]);
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        });
    }
}

#[test]
fn loom_what_was_sent_before_the_end_is_received() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let sender = thread::spawn(move || wait(tx.send(7)).unwrap());
            assert_eq!(wait(rx.recv()), Ok(7));
            assert_eq!(wait(rx.recv()), Err(RecvError::Closed));
            sender.join().unwrap();
        });
    }
}

#[test]
fn loom_the_last_receiver_takes_a_send_with_it() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let alive = Arc::new(());
            let value = alive.clone();
            let sender = thread::spawn(move || {
                drop(wait(tx.send(value)));
                tx
            });
            drop(rx);
            let tx = sender.join().unwrap();
            assert_eq!(Arc::strong_count(&alive), 1, "dropped with the receiver");
            assert!(tx.is_closed());
        });
    }
}

// ---- who has been overtaken ----

#[test]
fn loom_a_receiver_that_was_overtaken_is_served() {
    model(|| {
        let (tx, rx) = channel(1);
        let mut first = receive(&rx);
        assert!(glance(&mut first).is_pending());
        tx.try_send(1).unwrap();
        let newcomer = thread::spawn({
            let rx = rx.clone();
            move || wait(rx.recv()).unwrap()
        });
        let waiter = thread::spawn(move || wait(first).unwrap());
        wait(tx.send(2)).unwrap();
        assert_eq!(waiter.join().unwrap() + newcomer.join().unwrap(), 3);
    });
}

#[test]
fn loom_a_sender_that_was_overtaken_is_served() {
    model(|| {
        let (tx, rx) = channel(1);
        tx.try_send(0).unwrap();
        let mut first = send(&tx, 1);
        assert!(glance(&mut first).is_pending());
        let waiter = thread::spawn(move || wait(first).unwrap());
        // A newcomer may come between the pop and the sender that is let in for it.
        let newcomer = thread::spawn(move || tx.try_send(2).is_ok());
        assert_eq!(rx.try_recv(), Ok(0));
        let received = wait(rx.recv()).unwrap();
        if newcomer.join().unwrap() {
            assert_eq!(received + wait(rx.recv()).unwrap(), 3);
        } else {
            assert_eq!(received, 1);
        }
        waiter.join().unwrap();
    });
}

// ---- without a bound ----

// The models have blocks of two values.

#[test]
fn loom_a_receiver_follows_from_block_to_block() {
    model(|| {
        let (tx, rx) = unbounded();
        tx.try_send(0).unwrap();
        let sender = thread::spawn(move || {
            tx.try_send(1).unwrap();
            tx.try_send(2).unwrap();
        });
        for value in 0..3 {
            assert_eq!(wait(rx.recv()), Ok(value));
        }
        sender.join().unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn loom_a_receiver_without_a_bound_hears_of_a_send() {
    model(|| {
        let (tx, rx) = unbounded();
        // The second value is the last of a block.
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        let receiver = thread::spawn(move || wait(rx.recv()));
        tx.try_send(7).unwrap();
        assert_eq!(receiver.join().unwrap(), Ok(7));
    });
}

#[test]
fn loom_two_senders_fill_more_than_a_block() {
    model(|| {
        let (tx, rx) = unbounded();
        let other = tx.clone();
        let sender = thread::spawn(move || {
            other.try_send(100).unwrap();
            other.try_send(101).unwrap();
        });
        tx.try_send(200).unwrap();
        tx.try_send(201).unwrap();
        sender.join().unwrap();
        let received: Vec<i32> = rx.try_iter().collect();
        let of = |sender: i32| received.iter().copied().filter(move |value| value / 100 == sender);
        assert!(of(1).eq(100..102) && of(2).eq(200..202), "{received:?}");
    });
}

// ---- rendezvous ----

#[test]
fn loom_a_rendezvous_passes_values_on() {
    model(|| {
        let (tx, rx) = channel(0);
        let sender = thread::spawn(move || {
            wait(tx.send(1)).unwrap();
            wait(tx.send(2)).unwrap();
        });
        assert_eq!(wait(rx.recv()), Ok(1));
        assert_eq!(wait(rx.recv()), Ok(2));
        sender.join().unwrap();
    });
}

#[test]
fn loom_two_senders_meet_two_receivers() {
    model(|| {
        let (tx, rx) = channel(0);
        let other = tx.clone();
        let sender = thread::spawn(move || wait(other.send(1)).unwrap());
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || wait(rx.recv()).unwrap()
        });
        let second = thread::spawn(move || wait(rx.recv()).unwrap());
        wait(tx.send(2)).unwrap();
        assert_eq!(receiver.join().unwrap() + second.join().unwrap(), 3);
        sender.join().unwrap();
    });
}

// ---- acknowledgments ----

#[test]
fn loom_an_acknowledgment_comes_with_the_receive() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let sender = thread::spawn(move || wait(tx.send_acked(7)));
            assert_eq!(wait(rx.recv()), Ok(7));
            assert!(sender.join().unwrap().is_ok());
        });
    }
}

#[test]
fn loom_an_acknowledgment_does_not_outlive_the_receivers() {
    for capacity in [0, 1] {
        model(move || {
            let (tx, rx) = channel(capacity);
            let sender = thread::spawn(move || wait(tx.send_acked(7)));
            drop(rx);
            match sender.join().unwrap() {
                Err(AckError::NotSent(error)) => assert_eq!(error.into_inner(), 7),
                Err(AckError::Discarded) => {}
                other => panic!("nobody received, and still it ended with {other:?}"),
            }
        });
    }
}

#[test]
fn loom_one_wait_for_two_places_sends_two_values() {
    model(|| {
        let (tx, rx) = ChannelBuilder::new().weighted(2, |_: &u8| 1).build();
        tx.try_send(1).unwrap();
        let sender = thread::spawn(move || {
            let mut permit = wait(tx.reserve_weight(2)).unwrap();
            let first = permit.split(1).unwrap();
            first.send(2).unwrap();
            permit.send(3).unwrap();
        });
        let received: Vec<u8> = std::iter::from_fn(|| wait(rx.recv()).ok()).collect();
        assert_eq!(received, [1, 2, 3]);
        sender.join().unwrap();
    });
}
