//! Values pass through unharmed and in order, whatever they are.

use std::fmt::Debug;
use std::marker::PhantomPinned;
use std::thread;
use std::time::Duration;

use gonex_sync::{
    ChannelBuilder, RecvError, SendError, TryRecvError, TrySendError, channel, unbounded,
};

use crate::hand::{Hand, makes, watched};

#[test]
fn values_come_in_the_order_in_which_they_were_sent() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let received = watched(move || {
            let sender = thread::spawn(move || tx.send_all(0..500).block().is_ok());
            let received: Vec<u32> = rx.iter().collect();
            assert!(sender.join().unwrap());
            received
        });
        assert!(received.into_iter().eq(0..500), "{}", make.name);
    }
}

#[test]
fn no_more_fits_than_the_capacity_says() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let fitted = (0..1000).take_while(|&value| tx.try_send(value).is_ok()).count();
        assert_eq!(fitted, make.room.unwrap_or(1000), "{}", make.name);
        assert_eq!((tx.len(), rx.len()), (fitted, fitted));
        assert_eq!((tx.is_full(), rx.is_full()), (make.room.is_some(), make.room.is_some()));
        assert_eq!(rx.is_empty(), fitted == 0);
        assert!(rx.try_iter().eq(0..fitted as u32), "{}", make.name);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

#[test]
fn a_rendezvous_sends_only_to_who_waits() {
    let (tx, rx) = channel(0);
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    let mut receiver = Hand::waiting(rx.recv());
    assert_eq!(tx.try_send(2), Ok(()));
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)), "one receiver takes one value");
    assert!(receiver.was_woken());
    assert_eq!(receiver.ready(), Ok(2));

    let mut sender = Hand::waiting(tx.send(4));
    assert_eq!(rx.try_recv(), Ok(4));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert!(sender.was_woken() && sender.ready().is_ok());
    assert_eq!((tx.capacity(), tx.len(), tx.is_full()), (Some(0), 0, true));
}

#[test]
fn the_first_lane_that_has_something_goes_out_first() {
    let (tx, rx) = ChannelBuilder::new().bounded(2).lanes(3).build();
    let lane = |lane| tx.lane(lane).unwrap();
    for (at, value) in [(2, 'e'), (1, 'c'), (0, 'a'), (2, 'f'), (0, 'b'), (1, 'd')] {
        lane(at).try_send(value).unwrap();
    }
    assert!((0..3).all(|at| lane(at).is_full() && lane(at).try_send('x').unwrap_err().is_full()));
    assert_eq!((tx.capacity(), tx.len()), (Some(6), 6));
    assert!(rx.try_iter().eq('a'..='f'));
    assert!(tx.lane(3).is_none());
}

#[test]
fn a_full_lane_holds_up_no_other() {
    let (tx, rx) = ChannelBuilder::new().bounded(1).lanes(2).build();
    let second = tx.lane(1).unwrap();
    second.try_send(1).unwrap();
    let mut waiting = Hand::waiting(second.send(2));
    tx.try_send(0).unwrap();
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(!waiting.was_woken(), "the room is in the other lane");
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(waiting.was_woken() && waiting.ready().is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn weight_is_what_fits() {
    let (tx, rx) = ChannelBuilder::new().weighted(10, |value: &usize| *value).build();
    tx.try_send(6).unwrap();
    assert_eq!(tx.try_send(5), Err(TrySendError::Full(5)));
    tx.try_send(4).unwrap();
    // A value weighs at least 1.
    assert_eq!(tx.try_send(0), Err(TrySendError::Full(0)));
    assert_eq!(rx.try_recv(), Ok(6));
    let mut heavy = Hand::waiting(tx.send(7));
    let mut light = Hand::waiting(tx.send(1));
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)), "behind those who wait");
    assert_eq!(rx.try_recv(), Ok(4));
    assert!(heavy.ready().is_ok() && light.ready().is_ok());
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(7), Ok(1)));
    tx.try_send(1_000_000).expect("what is heavier than the capacity goes in alone");
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1_000_000), Err(TryRecvError::Empty)));
    assert_eq!(tx.capacity(), Some(10));
}

#[test]
fn an_unbounded_channel_keeps_its_order_through_its_overflow() {
    // Its ring holds 64, and what is more goes behind it.
    let (tx, rx) = unbounded();
    let (mut sent, mut received) = (0, 0);
    for (more, less) in
        [(64, 1), (1, 0), (200, 10), (3, 150), (0, 107), (70, 70), (129, 64), (5, 70)]
    {
        for _ in 0..more {
            tx.try_send(sent).unwrap();
            sent += 1;
        }
        for _ in 0..less {
            assert_eq!(rx.try_recv(), Ok(received));
            received += 1;
        }
        assert_eq!(rx.len(), sent - received);
        assert!(!tx.is_full() && tx.capacity().is_none());
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_limit_gives_the_value_back() {
    for make in makes().into_iter().filter(|make| make.room.is_some()) {
        let (tx, rx) = (make.make)();
        while tx.try_send(0).is_ok() {}
        assert_eq!(tx.send(7).timeout(Duration::ZERO).block(), Err(SendError::Timeout(7)));
        let inside: Vec<i32> = rx.try_iter().collect();
        assert_eq!(inside, vec![0; make.room.unwrap_or(0)], "{}", make.name);
        assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
    }
}

#[test]
fn many_at_once_are_the_same_as_one_by_one() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let batches = watched(move || {
            let sender = thread::spawn(move || tx.send_all(0..300).block().is_ok());
            let (mut values, mut batches) = (Vec::new(), Vec::new());
            while let Ok(count) = rx.recv_many(&mut values, 7).block() {
                assert!((1..=7).contains(&count));
                batches.push(count);
            }
            assert!(sender.join().unwrap());
            assert!(values.into_iter().eq(0..300));
            batches
        });
        assert_eq!(batches.iter().sum::<usize>(), 300, "{}", make.name);
    }
}

#[test]
fn what_many_did_not_send_comes_back_in_order() {
    for make in makes::<u32>().into_iter().filter(|make| make.room.is_some()) {
        let (tx, rx) = (make.make)();
        let room = make.room.unwrap_or(0) as u32;
        let unsent = tx.send_all(0..9).timeout(Duration::ZERO).block().unwrap_err();
        assert!(matches!(unsent, SendError::Timeout(_)), "{}", make.name);
        assert!(unsent.into_inner().eq(room..9), "{}", make.name);
        assert!(rx.try_iter().eq(0..room));
        rx.close();
        let unsent = tx.send_all(0..9).block().unwrap_err();
        assert!(unsent.is_closed() && unsent.into_inner().eq(0..9));
    }
}

/// Passes a few values through every make of channel.
fn passes<T: Clone + PartialEq + Debug + Send + 'static>(value: &T) {
    for make in makes::<T>() {
        let (tx, rx) = (make.make)();
        let copy = value.clone();
        watched(move || {
            let sent = copy.clone();
            let sender = thread::spawn(move || {
                for _ in 0..20 {
                    tx.send(sent.clone()).block().unwrap();
                }
            });
            for _ in 0..20 {
                assert_eq!(rx.recv().block(), Ok(copy.clone()));
            }
            assert_eq!(rx.recv().block(), Err(RecvError::Closed));
            sender.join().unwrap();
        });
    }
}

#[test]
fn values_of_no_size_are_counted() {
    passes(&());
    let (tx, rx) = channel(3);
    assert!((0..3).all(|_| tx.try_send(()).is_ok()));
    assert!(tx.try_send(()).unwrap_err().is_full());
    assert_eq!(rx.try_iter().count(), 3);
}

#[test]
fn values_of_pages_pass_whole() {
    let page: [u32; 1024] = std::array::from_fn(|index| (index * index) as u32);
    passes(&page);
}

#[test]
fn values_with_strict_alignment_pass_whole() {
    #[derive(Clone, Debug, PartialEq)]
    #[repr(align(256))]
    struct Aligned(u8);
    passes(&Aligned(7));
}

#[test]
fn values_that_may_not_move_once_pinned_pass_whole() {
    #[derive(Clone, Debug, PartialEq)]
    struct Stays(String, PhantomPinned);
    passes(&Stays("put".to_owned(), PhantomPinned));
}

#[test]
fn values_that_stay_on_their_thread_pass_on_it() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let value = std::rc::Rc::new(7);
        let mut receiver = Hand::new(rx.recv());
        let mut sender = Hand::new(tx.send(value.clone()));
        assert!(receiver.poll().is_pending());
        assert!(sender.ready().is_ok());
        assert!(receiver.ready().is_ok_and(|received| std::rc::Rc::ptr_eq(&received, &value)));
    }
}

#[test]
#[should_panic(expected = "2 lanes need a bounded number of values, at least 1 in each")]
fn lanes_without_a_bound_are_refused() {
    drop(ChannelBuilder::<u8>::new().lanes(2).build());
}

#[test]
#[should_panic(expected = "a channel has 1 to 64 lanes, not 65")]
fn too_many_lanes_are_refused() {
    drop(ChannelBuilder::<u8>::new().bounded(1).lanes(65).build());
}

#[test]
#[should_panic(expected = "bounded by weight holds at least 1")]
fn a_weight_of_nothing_is_refused() {
    drop(ChannelBuilder::<u8>::new().weighted(0, |_| 1).build());
}

#[test]
#[should_panic(expected = "a channel holds at most")]
fn a_capacity_beyond_all_memory_is_refused() {
    drop(channel::<u8>(usize::MAX));
}
