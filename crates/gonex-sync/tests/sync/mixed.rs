//! Threads and tasks in one line.

use std::sync::Arc;
use std::thread;

use gonex_sync::{Barrier, Cond, Mutex, Semaphore, WaitGroup, broadcast, watch};

use crate::hand::watched;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stress_threads_and_tasks_share_locks_and_permits() {
    const ROUNDS: u32 = 300;
    let (mutex, semaphore) = (Arc::new(Mutex::new(0)), Arc::new(Semaphore::new(2)));
    let group = WaitGroup::new();
    for _ in 0..2 {
        let (mutex_, semaphore_) = (mutex.clone(), semaphore.clone());
        thread::spawn(group.wrap(move || {
            for _ in 0..ROUNDS {
                let _permit = semaphore_.acquire(1).block().unwrap();
                *mutex_.lock().block() += 1;
            }
        }));
        let (mutex, semaphore) = (mutex.clone(), semaphore.clone());
        tokio::spawn(group.wrap_future(async move {
            for _ in 0..ROUNDS {
                let _permit = semaphore.acquire(2).await.unwrap();
                // Held across an await.
                let mut guard = mutex.lock().await;
                tokio::task::yield_now().await;
                *guard += 1;
            }
        }));
    }
    group.wait().await;
    assert_eq!((*mutex.lock().await, semaphore.available()), (ROUNDS * 4, 2));
}

#[test]
fn a_thread_and_a_task_pass_a_turn_to_and_fro() {
    watched(|| {
        let shared = Arc::new((Mutex::new(0u32), Cond::new()));
        let other = shared.clone();
        let thread = thread::spawn(move || {
            for turn in (1..200).step_by(2) {
                let (mutex, cond) = &*other;
                let guard = mutex.lock().block();
                *cond.wait_while(guard, |now| *now != turn).block() += 1;
                cond.notify_one();
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for turn in (0..200).step_by(2) {
                let (mutex, cond) = &*shared;
                let guard = mutex.lock().await;
                *cond.wait_while(guard, |now| *now != turn).await += 1;
                cond.notify_one();
            }
        });
        thread.join().unwrap();
        assert_eq!(*shared.0.try_lock().unwrap(), 200);
    });
}

#[test]
fn a_thread_and_a_task_meet_and_tell_each_other() {
    watched(|| {
        let barrier = Arc::new(Barrier::new(2));
        let (tx, mut rx) = broadcast(1);
        let (state, mut states) = watch("apart");
        let other = barrier.clone();
        let thread = thread::spawn(move || {
            other.wait().block();
            state.send("met").unwrap();
            (0..50).for_each(|n| assert_eq!(tx.send(n).block(), Ok(1)));
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            barrier.wait().await;
            states.changed().await.unwrap();
            assert_eq!(*states.borrow(), "met");
            for n in 0..50 {
                assert_eq!(rx.recv().await, Ok(n));
            }
        });
        thread.join().unwrap();
    });
}
