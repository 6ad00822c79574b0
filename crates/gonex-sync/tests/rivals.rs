//! What was seen to go wrong in other channels, or is missing in them: each is a case that must
//! pass here.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "support/hand.rs"]
mod hand;

use std::sync::Arc;
use std::thread;

use gonex_sync::{
    Receiver, RecvError, Sender, TryRecvError, WeakReceiver, channel, select, select_block,
};
use hand::{Hand, Tally, full, makes, watched};

#[test]
fn flume_a_selector_runs_one_of_its_cases() {
    for capacity in [0, 1] {
        for round in 0..200 {
            let (left, selected) = watched(move || {
                let ((a_tx, a), (b_tx, b)) = (channel(capacity), channel(capacity));
                let (a2, b2) = (a.clone(), b.clone());
                let selecting = thread::spawn(move || {
                    select_block! {
                        recv(a2) -> message => message,
                        recv(b2) -> message => message,
                    }
                });
                let senders = [(a_tx, 1), (b_tx, 2)]
                    .map(|(tx, value)| thread::spawn(move || tx.send(value).block().is_ok()));
                let selected = selecting.join().unwrap().unwrap();
                let left = if selected == 1 { b.recv() } else { a.recv() }.block();
                assert!(senders.into_iter().all(|sender| sender.join().unwrap()));
                let more = [a.try_recv(), b.try_recv()];
                assert_eq!(more, [Err(TryRecvError::Closed); 2]);
                (left, selected)
            });
            assert_eq!(left, Ok(3 - selected), "capacity {capacity}, round {round}");
        }
    }
}

#[test]
fn kanal_a_dropped_receive_does_not_destroy_the_value() {
    for make in makes() {
        let tally = Tally::default();
        let (tx, rx) = (make.make)();
        let receiver = Hand::waiting(rx.recv());
        tx.try_send(tally.value(7)).unwrap();
        drop(receiver);
        assert_eq!(tally.dropped(), 0, "{}", make.name);
        assert_eq!(rx.try_recv().map(|value| value.number), Ok(7), "{}", make.name);
    }
}

#[test]
fn kanal_a_value_that_comes_back_wakes_another_receiver() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let first = Hand::waiting(rx.recv());
        let mut second = Hand::waiting(rx.recv());
        tx.try_send(7).unwrap();
        drop(first);
        assert!(second.was_woken(), "{}", make.name);
        assert_eq!(second.ready(), Ok(7));
    }
}

#[test]
fn kanal_a_close_does_not_discard_the_queue() {
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        let (tx, rx) = (make.make)();
        tx.try_send(7).unwrap();
        tx.close();
        assert_eq!(rx.try_recv(), Ok(7), "{}", make.name);
    }
}

#[test]
fn tokio_a_capacity_of_nothing_does_not_panic() {
    let (tx, rx) = channel(0);
    let mut sender = Hand::waiting(tx.send(1));
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(sender.ready().is_ok());
}

#[test]
fn tokio_a_channel_has_several_receivers() {
    let (tx, rx) = channel(2);
    let second = rx.clone();
    tx.send_all([1, 2]).block().unwrap();
    assert_eq!((rx.try_recv(), second.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn crossfire_a_capacity_of_nothing_is_none() {
    let (tx, _rx) = channel(0);
    assert_eq!(tx.capacity(), Some(0));
    assert!(tx.try_send(1).unwrap_err().is_full(), "nothing fits without a receiver");
    assert!(Hand::new(tx.send(1)).poll().is_pending());
}

#[test]
fn crossfire_a_blocking_select_can_send() {
    let (tx, rx) = channel(1);
    let mut slot = Some(7);
    select_block! { send(tx, &mut slot) => {} }
    assert_eq!((slot, rx.try_recv()), (None, Ok(7)));
}

#[test]
fn async_channel_a_rendezvous_exists_and_so_does_select() {
    let (tx, rx) = channel(0);
    let mut selecting = Hand::waiting(Box::pin(async {
        select! { recv(rx) -> message => message }
    }));
    assert!(tx.try_send(7).is_ok());
    assert_eq!(selecting.ready(), Ok(7));
}

#[test]
fn crossbeam_a_channel_can_be_closed_and_one_handle_serves_both_worlds() {
    let (tx, rx) = channel(1);
    assert!(Hand::new(tx.send(1)).ready().is_ok());
    assert!(tx.send(2).timeout(std::time::Duration::ZERO).block().is_err());
    assert!(tx.close());
    assert_eq!((rx.recv().block(), rx.recv().block()), (Ok(1), Err(RecvError::Closed)));
}

#[test]
fn std_a_send_that_cannot_be_done_gives_the_value_back() {
    for (name, tx, rx) in full(|| 0) {
        let mut sender = Hand::waiting(tx.send(7));
        rx.close();
        assert_eq!(sender.ready().unwrap_err().into_inner(), 7, "{name}");
    }
}

/// A reference cycle through a value in the channel: the weak handles end it.
#[test]
fn a_channel_that_holds_its_own_handles_is_freed_with_the_last_receiver() {
    #[expect(dead_code, reason = "its fields are kept for their destructors")]
    struct Holder(Sender<Self>, Arc<()>);
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        let alive = Arc::new(());
        let (tx, rx): (Sender<Holder>, Receiver<Holder>) = (make.make)();
        tx.try_send(Holder(tx.clone(), alive.clone())).unwrap();
        let weak: WeakReceiver<Holder> = rx.downgrade();
        drop((tx, rx));
        assert_eq!(Arc::strong_count(&alive), 1, "{}", make.name);
        assert!(weak.upgrade().is_none());
    }
}
