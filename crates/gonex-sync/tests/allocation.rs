//! After the first times, an operation on a bounded channel takes no memory.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]
#![expect(unsafe_code, reason = "an allocator that counts is an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_sync::{Receiver, Sender, channel};

/// The system's allocator; counts what threads that ask for it take.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static COUNTS: Cell<bool> = const { Cell::new(false) };
}

fn note() {
    // A thread that ends may have no such variable any more.
    if COUNTS.try_with(Cell::get).unwrap_or(false) {
        TAKEN.fetch_add(1, Ordering::SeqCst);
    }
}

// SAFETY: all is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `place` came from `System`, with this layout, as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: as above, and the caller promises that `size` is not 0.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts on this thread until it is dropped.
struct Counted;

impl Counted {
    fn begin() -> Self {
        COUNTS.set(true);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        COUNTS.set(false);
    }
}

struct Silent;

impl Wake for Silent {
    fn wake(self: Arc<Self>) {}
}

/// All in one test: the count is one for the process.
#[test]
fn operations_take_no_memory() {
    {
        let _counted = Counted::begin();
        drop(Box::new(7));
    }
    assert_eq!(TAKEN.swap(0, Ordering::SeqCst), 1, "the count works");

    for capacity in [0, 1, 16] {
        blocking(capacity);
        assert_eq!(TAKEN.swap(0, Ordering::SeqCst), 0, "blocking, capacity {capacity}");
        polled(capacity);
        assert_eq!(TAKEN.swap(0, Ordering::SeqCst), 0, "polled, capacity {capacity}");
    }
}

/// Two threads that wait for one another, parked and not.
fn blocking(capacity: usize) {
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
        let _counted = Counted::begin();
        rounds(&back, &ping, ROUNDS, false);
    });
    rounds(&there, &pong, WARM_UP, true);
    {
        let _counted = Counted::begin();
        rounds(&there, &pong, ROUNDS, true);
    }
    echo.join().unwrap();
}

/// Operations that wait, are woken, and are given up, polled by hand.
fn polled(capacity: usize) {
    let (tx, rx) = channel(capacity);
    let waker = Waker::from(Arc::new(Silent));
    let rounds = |rounds: usize| {
        let mut cx = Context::from_waker(&waker);
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
    let _counted = Counted::begin();
    rounds(500);
}
