use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use gonex_core::{Context, rt};
use gonex_resilience::Retry;
use gonex_runtime::{
    Group, Pool, Runtime, TryGroup, aio, blocking, compute, go, go_all, go_race, go_with_retry,
    scope, scope_local, thread,
};
use gonex_sync::{Mutex, channel};
use gonex_task::TaskError;
use gonex_testkit::sim::Sim;

fn seeds(count: u64) -> Sim {
    Sim::new().seeds(0..count)
}

#[test]
fn closures_and_futures_end_as_they_do_elsewhere() {
    seeds(50).panics_are_outcomes().run(|| {
        let mut answer = go(|| 6 * 7);
        assert_eq!(answer.join().block(), Ok(42));
        let mut later = go(async {
            rt::sleep(Duration::from_secs(1)).await;
            go(|| 7).await
        });
        assert_eq!(later.join().block(), Ok(Ok(7)));
        let mut stopped = go(|| rt::sleep(Duration::from_secs(3600)).block());
        stopped.cancel("enough");
        assert!(matches!(stopped.join().block(), Err(TaskError::Cancelled(_))));
        let mut failed = go(async { panic!("a bad page") });
        let ended: Result<(), _> = failed.join().block();
        assert!(ended.unwrap_err().to_string().contains("a bad page"));
        // A future may not block here either.
        let mut blocked = go(async { rt::sleep(Duration::ZERO).block() });
        assert!(blocked.join().block().unwrap_err().to_string().contains("which is polled"));
    });
}

/// Cancelling meets a task before it begins, while it waits, and when it has ended.
#[test]
fn a_cancellation_comes_at_any_time() {
    let ends = Arc::new(StdMutex::new(HashSet::new()));
    let seen = ends.clone();
    seeds(200).run(move || {
        let begun = Arc::new(AtomicU64::new(0));
        let count = begun.clone();
        let mut task = go(move || {
            count.fetch_add(1, Relaxed);
            rt::yield_now().block();
            if rt::random().is_multiple_of(2) {
                rt::sleep(Duration::from_secs(1)).block();
            }
        });
        task.cancel("enough");
        let ended = task.join().block().is_ok();
        seen.lock().unwrap().insert((begun.load(Relaxed), ended));
    });
    let expected = HashSet::from([(0, false), (1, false), (1, true)]);
    assert_eq!(*ends.lock().unwrap(), expected);
}

#[test]
fn many_at_once_end_in_order_of_start_or_of_end() {
    let firsts = Arc::new(StdMutex::new(HashSet::new()));
    let seen = firsts.clone();
    seeds(100).run(move || {
        let squares = go_all((1..=4).map(|n| move || n * n)).block().unwrap();
        assert_eq!(squares, [1, 4, 9, 16]);
        let (sum, word) = go_all((|| 1 + 2, async { "three" })).block().unwrap();
        assert_eq!((sum, word), (3, "three"));
        let first = go_race((0..3).map(|n| move || n)).block().unwrap();
        seen.lock().unwrap().insert(first);
    });
    assert_eq!(firsts.lock().unwrap().len(), 3, "each of the three has won under some seed");
}

#[test]
fn groups_and_scopes_own_their_tasks() {
    seeds(100).run(|| {
        let mut group = Group::new().limit(2);
        for n in 0..5 {
            group.spawn(move || n * 2).block();
        }
        assert_eq!(group.wait().block().unwrap(), [0, 2, 4, 6, 8]);

        let mut tried = TryGroup::<u32, String>::new();
        tried.spawn(async { Ok(1) }).block();
        tried.spawn(|| Err("no bread".to_owned())).block();
        assert!(tried.wait().block().is_err());

        let mut words = vec!["c", "a", "b"];
        let mut numbers = vec![3, 1, 2];
        scope(|s| {
            s.spawn(|| words.sort_unstable());
            s.spawn_async(async {
                rt::yield_now().await;
                numbers.sort_unstable();
            });
        });
        assert_eq!((words, numbers), (vec!["a", "b", "c"], vec![1, 2, 3]));
    });
}

#[test]
fn local_scopes_poll_what_they_lend_to() {
    seeds(20).run(|| {
        let total = AtomicU64::new(0);
        aio::block_on(scope_local(async |s| {
            for n in 1..=3 {
                let total = &total;
                s.spawn(async move {
                    rt::sleep(Duration::from_secs(n)).await;
                    total.fetch_add(n, Relaxed);
                });
            }
        }));
        assert_eq!(total.into_inner(), 6);
    });
}

#[test]
fn runtimes_end_with_their_tasks() {
    seeds(100).run(|| {
        let runtime = Runtime::builder().name("mine").build().unwrap();
        let (tx, rx) = channel(4);
        let queued = tx.clone();
        runtime
            .go(move || {
                rt::sleep(Duration::from_secs(1)).block();
                queued.send(1).block().unwrap();
            })
            .detach();
        let mut waiting = runtime.go(std::future::pending::<()>());
        let own = runtime.enter(|| go(Runtime::current)).join().block().unwrap();
        drop(runtime);
        assert_eq!(rx.try_recv(), Ok(1), "closures are run to their end");
        assert!(matches!(waiting.join().block(), Err(TaskError::Lost { .. })));
        assert!(matches!(own.go(|| 1).join().block(), Err(TaskError::Refused { .. })));
        drop(tx);
    });
}

#[test]
fn pools_and_threads_are_simulated() {
    let orders = Arc::new(StdMutex::new(HashSet::new()));
    let seen = orders.clone();
    seeds(100).run(move || {
        let two = NonZeroUsize::new(2).unwrap();
        let ended = Arc::new(Mutex::new(Vec::new()));
        let theirs = ended.clone();
        let pool = Pool::builder().workers(two).build(move |n: u32| {
            theirs.lock().block().push(n);
            n + 1
        });
        let pool = pool.unwrap();
        let mut handles = [1, 2, 3].map(|n| pool.submit(n).block().unwrap());
        for (n, handle) in handles.iter_mut().enumerate() {
            assert_eq!(handle.join().block(), Ok(n as u32 + 2));
        }
        drop(pool);
        seen.lock().unwrap().insert(ended.lock().block().clone());

        let mut own = thread::builder()
            .name("indexer")
            .spawn(|| std::thread::current().name().map(str::to_owned));
        assert_eq!(own.as_mut().unwrap().join().block().unwrap().as_deref(), Some("indexer"));
        let plain =
            rt::spawn_thread("plain".to_owned(), || rt::sleep(Duration::from_secs(1)).block());
        let start = rt::now();
        plain.unwrap().join();
        assert!(rt::now() - start >= Duration::from_secs(1), "a join takes simulated time");
    });
    assert!(orders.lock().unwrap().len() > 2, "workers go on in several orders");
}

#[test]
fn futures_of_others_and_blocking_code_run() {
    seeds(50).run(|| {
        assert_eq!(blocking(|| 7), 7);
        let (tx, rx) = tokio::sync::oneshot::channel();
        let mut receiver = go(rx);
        go(async move { tx.send(7).unwrap() }).detach();
        assert_eq!(receiver.join().block(), Ok(Ok(7)));
        let sum = aio::block_on(async {
            let (a, b) = aio::join!(go(|| 1), aio::spawn_blocking(|| 2));
            a.unwrap() + b.unwrap()
        });
        assert_eq!(sum, 3);
    });
}

#[test]
fn computing_takes_one_turn() {
    seeds(20).run(|| {
        let sum = compute::map_reduce(1..=100_u64, |n| n * n, |a, b| a + b, 0);
        assert_eq!(sum, 338_350);
        let mut later = compute::background(|| compute::map_reduce(1..=9, |n| n, |a, b| a + b, 0));
        assert_eq!(later.join().block(), Ok(45));
    });
}

#[test]
fn retries_wait_in_simulated_time() {
    seeds(20).run(|| {
        let start = rt::now();
        let tries = AtomicU64::new(0);
        let retry = Retry::fixed().initial_delay(Duration::from_secs(5)).max_attempts(5);
        let tried = go_with_retry(retry, move || {
            if tries.fetch_add(1, Relaxed) == 2 { Ok("bread") } else { Err("no bread") }
        });
        assert_eq!(tried.block().unwrap(), "bread");
        assert!(rt::now() - start >= Duration::from_secs(10));
    });
}

#[test]
fn a_context_reaches_simulated_tasks() {
    seeds(100).run(|| {
        let (context, canceller) = Context::background().with_cancel();
        let mut task = context.run(|| go(|| rt::sleep(Duration::from_secs(3600)).block()));
        canceller.cancel("enough");
        assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
    });
}
