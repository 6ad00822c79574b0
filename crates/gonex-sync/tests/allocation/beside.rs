//! Waiting beside channels allocates nothing once warm.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_sync::{
    Barrier, Cond, Mutex, Once, RwMutex, Semaphore, WaitGroup, broadcast, channel, oneshot, select,
    watch,
};

use crate::counting::allocations;

/// Nothing is taken by a closure that has run before.
#[track_caller]
fn allocates_nothing(mut body: impl FnMut()) {
    body();
    body();
    assert_eq!(allocations(body), 0);
}

fn waits<F: Future>(future: &mut Pin<&mut F>) -> bool {
    future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending()
}

#[track_caller]
fn ready<F: Future>(future: &mut Pin<&mut F>) -> F::Output {
    match future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the operation waits"),
    }
}

#[test]
fn locks_and_permits() {
    let (semaphore, mutex, lock) = (Semaphore::new(2), Mutex::new(0), RwMutex::new(0));
    allocates_nothing(|| {
        let held = semaphore.acquire(2).block().unwrap();
        let mut next = pin!(semaphore.acquire(1));
        assert!(waits(&mut next));
        drop(held);
        assert!(ready(&mut next).is_ok());

        let held = mutex.lock().block();
        let mut next = pin!(mutex.lock());
        assert!(waits(&mut next));
        drop(held);
        *ready(&mut next) += 1;

        let reader = lock.read().block();
        let (mut writer, mut late) = (pin!(lock.write()), pin!(lock.read()));
        assert!(waits(&mut writer) && waits(&mut late));
        drop(reader);
        drop(ready(&mut writer).downgrade());
        drop(ready(&mut late));
    });
}

#[test]
fn conditions_groups_and_barriers() {
    let (mutex, cond) = (Mutex::new(0), Cond::new());
    let (group, barrier, once) = (WaitGroup::new(), Barrier::new(2), Once::new());
    allocates_nothing(|| {
        let mut wait = pin!(cond.wait(mutex.try_lock().unwrap()));
        assert!(waits(&mut wait));
        cond.notify_one();
        drop(ready(&mut wait));

        let token = group.token();
        let mut wait = pin!(group.wait());
        assert!(waits(&mut wait));
        drop(token);
        ready(&mut wait);

        let mut wait = pin!(barrier.wait());
        assert!(waits(&mut wait));
        assert!(barrier.wait().block().is_leader());
        ready(&mut wait);

        assert_eq!(*once.get_or_init(|| 1).block(), 1);
    });
}

#[test]
fn values_to_all_and_values_that_change() {
    let (tx, mut rx) = broadcast(2);
    let mut other = tx.subscribe();
    let (changes, mut watcher) = watch(0);
    allocates_nothing(|| {
        for n in 0..4 {
            tx.send(n).block().unwrap();
            assert_eq!((rx.recv().block(), other.recv().block()), (Ok(n), Ok(n)));
        }
        let mut recv = pin!(rx.recv());
        assert!(waits(&mut recv));
        tx.try_send(7).unwrap();
        assert_eq!((ready(&mut recv), other.try_recv()), (Ok(7), Ok(7)));

        let mut changed = pin!(watcher.changed());
        assert!(waits(&mut changed));
        changes.send_replace(1);
        assert_eq!(ready(&mut changed), Ok(()));
    });
}

#[test]
fn one_value_costs_its_channel() {
    let taken = allocations(|| {
        let (tx, mut rx) = oneshot();
        let mut recv = pin!(rx.recv());
        assert!(waits(&mut recv));
        tx.send(7).unwrap();
        assert_eq!(ready(&mut recv), Ok(7));
    });
    assert_eq!(taken, 1);
}

#[test]
fn selects_that_wait() {
    let ((a_tx, a), (b_tx, b)) = (channel(0), channel(1));
    allocates_nothing(|| {
        for value in 0..4 {
            let mut next = pin!(async {
                select! {
                    recv(a) -> message => message,
                    recv(b) -> message => message,
                }
            });
            assert!(waits(&mut next));
            let tx = if value % 2 == 0 { &a_tx } else { &b_tx };
            tx.try_send(value).unwrap();
            assert_eq!(ready(&mut next), Ok(value));
        }
    });
}
