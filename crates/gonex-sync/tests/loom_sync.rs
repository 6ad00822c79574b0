//! Every interleaving of those who wait beside channels. Run with
//! `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-sync --test loom_sync loom_`.
#![cfg(gonex_loom)]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use gonex_sync::{Mutex, RwMutex, Semaphore};
use loom::sync::Notify;
use loom::thread;

/// A waker that loom's scheduler understands: a thread waits on it.
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.0.wait(),
        }
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

#[test]
fn loom_a_permit_that_comes_back_reaches_who_waits() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(2));
        let one = semaphore.try_acquire_owned(1).unwrap();
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || wait(semaphore.acquire(2)).unwrap().permits()
        });
        drop(one);
        assert_eq!(waiter.join().unwrap(), 2);
        assert_eq!(semaphore.available(), 2);
    });
}

#[test]
fn loom_a_permit_handed_to_one_that_goes_away_is_passed_on() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let held = semaphore.try_acquire_owned(1).unwrap();
        let leaver = thread::spawn({
            let semaphore = semaphore.clone();
            move || drop(poll(pin!(semaphore.acquire(1))))
        });
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || drop(wait(semaphore.acquire(1)).unwrap())
        });
        drop(held);
        leaver.join().unwrap();
        waiter.join().unwrap();
        assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
    });
}

#[test]
fn loom_closing_ends_every_wait() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let held = semaphore.try_acquire_owned(1).unwrap();
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || wait(semaphore.acquire(1)).is_ok()
        });
        semaphore.close();
        drop(held);
        waiter.join().unwrap();
        assert_eq!(semaphore.available(), 1);
    });
}

#[test]
fn loom_a_smaller_semaphore_takes_its_debt_out_of_what_comes_back() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(2));
        let held = semaphore.try_acquire_owned(2).unwrap();
        let shrinks = thread::spawn({
            let semaphore = semaphore.clone();
            move || semaphore.resize(1)
        });
        drop(held);
        shrinks.join().unwrap();
        assert_eq!((semaphore.available(), semaphore.capacity()), (1, 1));
    });
}

#[test]
fn loom_a_mutex_shows_each_holder_what_the_one_before_did() {
    loom::model(|| {
        let mutex = Arc::new(Mutex::new(0));
        let threads = [0, 1].map(|_| {
            let mutex = mutex.clone();
            thread::spawn(move || *wait(mutex.lock()) += 1)
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*mutex.try_lock().unwrap(), 2);
    });
}

#[test]
fn loom_reader_and_writer_never_hold_at_once() {
    loom::model(|| {
        let lock = Arc::new(RwMutex::new((0, 0)));
        let writer = thread::spawn({
            let lock = lock.clone();
            move || {
                let mut guard = wait(lock.write());
                guard.0 += 1;
                guard.1 += 1;
            }
        });
        let (one, other) = *wait(lock.read());
        assert_eq!(one, other);
        writer.join().unwrap();
        assert_eq!(*lock.try_read().unwrap(), (1, 1));
    });
}
