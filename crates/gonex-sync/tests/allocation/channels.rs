//! After the first times, an operation on a bounded channel takes no memory.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use gonex_sync::{Receiver, Sender, channel};

use crate::counting::allocations;

const CAPACITIES: [usize; 3] = [0, 1, 16];

#[test]
fn threads_that_wait_for_one_another_take_no_memory() {
    for capacity in CAPACITIES {
        assert_eq!(blocking(capacity), 0, "capacity {capacity}");
    }
}

#[test]
fn operations_that_are_polled_take_no_memory() {
    for capacity in CAPACITIES {
        assert_eq!(polled(capacity), 0, "capacity {capacity}");
    }
}

/// What two threads take that wait for one another, parked and not.
fn blocking(capacity: usize) -> usize {
    const WARM_UP: usize = 200;
    const ROUNDS: usize = 2000;
    let ((there, ping), (back, pong)) = (channel(capacity), channel(capacity));
    let rounds = |tx: &Sender<usize>, rx: &Receiver<usize>, rounds: usize, first: bool| {
        for round in 0..rounds {
            if first {
                tx.send(round).block().unwrap();
            }
            let received = rx.recv().block().unwrap();
            if !first {
                tx.send(received).block().unwrap();
            }
        }
    };
    // Whoever waits for the first time takes memory, on its thread and in the channel.
    let first_wait = |rx: &Receiver<usize>| {
        // Two, since one alone needs no line.
        let mut other = pin!(rx.recv());
        assert!(other.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(rx.recv().timeout(Duration::ZERO).block().is_err());
        // So does whoever meets another at a lock, for the locks' own line.
        let (lock, nobody) = (parking_lot::Mutex::new(()), parking_lot::Condvar::new());
        assert!(nobody.wait_for(&mut lock.lock(), Duration::ZERO).timed_out());
    };
    first_wait(&ping);
    first_wait(&pong);
    let echo = thread::spawn(move || {
        first_wait(&channel(0).1);
        rounds(&back, &ping, WARM_UP, false);
        allocations(|| rounds(&back, &ping, ROUNDS, false))
    });
    rounds(&there, &pong, WARM_UP, true);
    let taken = allocations(|| rounds(&there, &pong, ROUNDS, true));
    taken + echo.join().unwrap()
}

/// What operations take that wait, are woken, and are given up, polled by hand.
fn polled(capacity: usize) -> usize {
    let (tx, rx) = channel(capacity);
    let rounds = |rounds: usize| {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..rounds {
            // A receive that waits.
            let mut receive = pin!(rx.recv());
            assert!(receive.as_mut().poll(&mut cx).is_pending());
            assert!(matches!(pin!(tx.send(1)).poll(&mut cx), Poll::Ready(Ok(()))));
            assert!(matches!(receive.as_mut().poll(&mut cx), Poll::Ready(Ok(1))));
            // A send that waits, and one that is given up.
            while tx.try_send(2).is_ok() {}
            let mut send = pin!(tx.send(3));
            assert!(send.as_mut().poll(&mut cx).is_pending());
            assert!(pin!(tx.send(4)).poll(&mut cx).is_pending());
            while rx.try_recv().is_ok() {}
            assert!(matches!(send.as_mut().poll(&mut cx), Poll::Ready(Ok(()))));
            while rx.try_recv().is_ok() {}
            // A receive that is given up with its value in hand.
            {
                let mut receive = pin!(rx.recv());
                assert!(receive.as_mut().poll(&mut cx).is_pending());
                tx.try_send(5).unwrap();
            }
            assert_eq!(rx.try_recv(), Ok(5));
        }
    };
    rounds(50);
    allocations(|| rounds(500))
}
