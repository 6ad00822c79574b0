//! The pool: order, bounds, failures, and that it leaves nothing behind.
#![cfg(not(gonex_loom))]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gonex_core::Context;
use gonex_runtime::{Pool, SubmitError};
use gonex_task::{PanicHook, TaskError};

fn workers(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

#[test]
fn results_come_in_order_whatever_runs_first() {
    for n in [1, 2, 3, 8] {
        let pool = Pool::builder().workers(workers(n)).build(|x: u64| x * 3).unwrap();
        let mut batch = pool.submit_batch(0..1000, |&x| x % 17).block().unwrap();
        assert_eq!(batch.join_all().block().unwrap(), (0..1000).map(|x| x * 3).collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_goes_longest_first_and_equals_in_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = order.clone();
    let note = move |job: (u64, char)| seen.lock().unwrap().push(job.1);
    let pool = Pool::builder().workers(workers(1)).build(note).unwrap();
    let jobs = [(1, 'a'), (5, 'b'), (3, 'c'), (5, 'd'), (0, 'e')];
    // The worker may take the first job before the rest is queued: that one is the longest, too.
    let mut batch = pool.submit_batch(jobs, |job| job.0).block().unwrap();
    batch.join_all().block().unwrap();
    assert_eq!(*order.lock().unwrap(), ['b', 'd', 'c', 'a', 'e']);
}

#[test]
fn a_panic_is_a_value_with_message_and_place_and_the_worker_goes_on() {
    let pool = Pool::builder()
        .workers(workers(1))
        .panic_hook(PanicHook::Quiet)
        .build(|n: u32| if n == 1 { panic!("one is too few") } else { n })
        .unwrap();
    let line = line!() - 2;
    let mut batch = pool.submit_batch([0, 1, 2], |_| 1).block().unwrap();
    let results = batch.join_each().block().unwrap();
    assert_eq!((&results[0], &results[2]), (&Ok(0), &Ok(2)));
    let Err(TaskError::Panicked(panic)) = &results[1] else { panic!("{:?}", results[1]) };
    assert_eq!(panic.message, "one is too few");
    let place = panic.place.as_ref().unwrap();
    assert_eq!((place.line, place.file.ends_with("pool.rs")), (line, true));
    assert!(panic.to_string().contains("1 of the batch from"), "{panic}");
}

#[test]
fn an_untouched_hook_leaves_the_place_unknown() {
    let pool = Pool::builder()
        .panic_hook(PanicHook::Untouched)
        .build(|()| std::panic::resume_unwind(Box::new("no hook runs for this")))
        .unwrap();
    let mut handle = pool.submit(()).block().unwrap();
    let ended: Result<(), _> = handle.join().block();
    let Err(TaskError::Panicked(panic)) = ended else { panic!() };
    assert_eq!((panic.message.as_str(), panic.place), ("no hook runs for this", None));
}

#[test]
fn the_queue_never_holds_more_than_its_bound() {
    let most = Arc::new(AtomicUsize::new(0));
    let pool = Pool::builder().workers(workers(2)).capacity(workers(3)).build(|n: u32| n).unwrap();
    let pool = Arc::new(pool);
    let pushers: Vec<_> = (0..4)
        .map(|_| {
            let (pool, most) = (pool.clone(), most.clone());
            thread::spawn(move || {
                for n in 0..500 {
                    pool.submit(n).block().unwrap().detach();
                    most.fetch_max(pool.queue_len(), Ordering::Relaxed);
                }
            })
        })
        .collect();
    for pusher in pushers {
        pusher.join().unwrap();
    }
    assert!(most.load(Ordering::Relaxed) <= 3);
    assert_eq!(pool.queue_size(), 3);
}

#[test]
fn dropping_runs_what_is_queued_and_leaves_no_thread() {
    // Threads of other tests come and go; those of this pool have a name of their own.
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    let gate = Arc::new(Barrier::new(2));
    let theirs = gate.clone();
    let handler = move |first: bool| {
        if first {
            theirs.wait();
        }
        counter.fetch_add(1, Ordering::Relaxed);
    };
    let pool = Pool::builder().name("drop-me").workers(workers(1)).build(handler).unwrap();
    pool.submit(true).block().unwrap().detach();
    for _ in 0..9 {
        pool.submit(false).block().unwrap().detach();
    }
    gate.wait();
    drop(pool);
    assert_eq!(ran.load(Ordering::Relaxed), 10);
    // A joined thread may still be listed for a moment, while the system puts it away.
    let start = Instant::now();
    while is_listed("drop-me") {
        assert!(start.elapsed() < Duration::from_secs(60), "a worker outlives its pool");
        thread::yield_now();
    }
}

/// Whether this process has a thread with such a name; `false` where the system does not say.
fn is_listed(prefix: &str) -> bool {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return false };
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks.flatten().filter_map(name).any(|name| name.starts_with(prefix))
}

#[test]
fn a_pool_dropped_on_its_own_worker_does_not_wait_for_itself() {
    let slot: Arc<Mutex<Option<Pool<(), ()>>>> = Arc::default();
    let theirs = slot.clone();
    let handler = move |()| drop(theirs.lock().unwrap().take());
    let pool = Pool::builder().workers(workers(1)).build(handler).unwrap();
    let mut handle = {
        let mut slot = slot.lock().unwrap();
        let handle = pool.submit(()).block().unwrap();
        *slot = Some(pool);
        handle
    };
    handle.join().block().unwrap();
}

#[test]
fn a_job_runs_in_the_context_it_was_handed_in_with() {
    let pool = Pool::new(|()| Context::current().deadline()).unwrap();
    let context = Context::background().with_timeout(Duration::from_secs(3600));
    let mut handle = context.run(|| pool.submit(()).block()).unwrap();
    assert_eq!(handle.join().block().unwrap(), context.deadline());
}

#[test]
fn a_closed_pool_gives_jobs_back_and_closing_twice_is_fine() {
    let pool = Pool::new(|text: String| text).unwrap();
    pool.close();
    pool.close();
    let back = pool.try_submit("mine".to_owned()).unwrap_err();
    assert_eq!(back, SubmitError::Closed("mine".to_owned()));
    assert_eq!(back.into_job(), "mine");
}

#[test]
fn an_empty_batch_is_done() {
    let pool = Pool::new(|n: u8| n).unwrap();
    let mut batch = pool.submit_batch([], |_| 1).block().unwrap();
    assert!(batch.is_empty());
    assert_eq!(batch.join_all().block().unwrap(), []);
}

#[test]
fn the_measure_adds_up() {
    let pool = Pool::builder()
        .workers(workers(2))
        .panic_hook(PanicHook::Quiet)
        .build(|n: u32| assert_ne!(n, 5))
        .unwrap();
    let measure = pool.measure(None);
    let mut batch = pool.submit_batch(0..10, |_| 1).block().unwrap();
    batch.join_each().block().unwrap();
    // A task is counted just after its result is there: the end of the pool waits for that.
    drop(pool);
    let run = measure.finish();
    assert_eq!((run.tasks_completed, run.tasks_failed), (9, 1));
    assert_eq!(run.per_worker.iter().map(|w| w.tasks).sum::<u64>(), 10);
    assert!(run.sequential_estimate <= run.wall * 2);
    assert!(run.max_queue_wait >= run.mean_queue_wait);
}

#[test]
fn cancelled_waits_lose_and_duplicate_nothing() {
    // Many submitters, half of which give up at once; every job is either run or given back.
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    let handler = move |_: usize| {
        counter.fetch_add(1, Ordering::Relaxed);
    };
    let pool = Pool::builder().workers(workers(2)).capacity(workers(1)).build(handler).unwrap();
    let pool = Arc::new(pool);
    let threads: Vec<_> = (0..4)
        .map(|t| {
            let pool = pool.clone();
            thread::spawn(move || {
                let mut taken = 0;
                for n in 0..2000 {
                    let op = pool.submit(n);
                    let submitted = if (n + t) % 2 == 0 {
                        op.block()
                    } else {
                        op.timeout(Duration::ZERO).block()
                    };
                    match submitted {
                        Ok(handle) => {
                            taken += 1;
                            handle.detach();
                        }
                        Err(error) => assert_eq!(error, SubmitError::Timeout(n)),
                    }
                }
                taken
            })
        })
        .collect();
    let taken: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    drop(Arc::into_inner(pool).unwrap());
    assert_eq!(ran.load(Ordering::Relaxed), taken);
    assert!(taken >= 4000);
}
