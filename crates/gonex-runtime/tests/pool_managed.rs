//! What the managed pool does beside running jobs: full queues, priorities, time limits, workers with a
//! state, pauses, ends, and what can be seen of it.
#![cfg(not(gonex_loom))]

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;

use gonex_core::component::{Health, Registry, Snapshot};
use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_runtime::balance::{KeyAffinity, LeastBusy, RoundRobin};
use gonex_runtime::pool::{AtFull, JobOptions, Leaving, SubmitError, What, WorkerState};
use gonex_runtime::{ParallelismConfig, Pool, PoolBuilder, Runtime};
use gonex_task::{PanicHook, Priority, TaskError};

#[path = "support/until.rs"]
mod until;
use until::until;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn one() -> PoolBuilder {
    Pool::builder().workers(count(1)).panic_hook(PanicHook::Quiet)
}

/// A handler that waits for a word before each job, and yields it.
fn held() -> (mpsc::Sender<()>, impl Fn(u32) -> u32 + Send + Sync + 'static) {
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    (go, move |n| {
        wait.lock().unwrap().recv().ok();
        n
    })
}

#[test]
fn a_pool_that_refuses_gives_the_job_back_at_once() {
    let (go, handler) = held();
    let pool = one().capacity(count(1)).at_full(AtFull::Refuse).build(handler).unwrap();
    let mut first = pool.submit(1).block().unwrap();
    until("the first runs", || pool.stats().running == 1);
    let mut second = pool.submit(2).block().unwrap();
    assert_eq!(pool.submit(3).block().unwrap_err(), SubmitError::Full(3));
    let batch = pool.submit_batch([4, 5], |_| 1).block();
    let ends = batch.unwrap().join_each().block().unwrap();
    assert!(ends.iter().all(|end| matches!(end, Err(TaskError::Refused { .. }))), "{ends:?}");
    drop(go);
    assert_eq!((first.join().block(), second.join().block()), (Ok(1), Ok(2)));
    assert_eq!((pool.stats().refused, pool.stats().submitted), (3, 2));
}

#[test]
fn the_oldest_gives_way() {
    let (go, handler) = held();
    let pool = one().capacity(count(2)).at_full(AtFull::DropOldest).build(handler).unwrap();
    let mut jobs = vec![pool.submit(0).block().unwrap()];
    until("the first runs", || pool.stats().running == 1);
    jobs.extend((1..6).map(|n| pool.submit(n).block().unwrap()));
    drop(go);
    let ends: Vec<_> = jobs.iter_mut().map(|job| job.join().block()).collect();
    let ran: Vec<_> = ends.iter().filter_map(|end| end.as_ref().ok()).copied().collect();
    assert_eq!(ran, [0, 4, 5], "the one that ran, and the youngest two");
    assert!(
        matches!(&ends[1], Err(TaskError::Refused { reason, .. }) if reason.contains("longest"))
    );
    assert_eq!(pool.stats().dropped, 3);
    assert!(pool.stats().adds_up());
}

#[test]
fn priorities_go_first_and_waiting_counts() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let order = Arc::new(Mutex::new(Vec::new()));
        let seen = order.clone();
        let pool = one()
            .ageing(Duration::from_millis(100))
            .build(move |name: &'static str| seen.lock().unwrap().push(name))
            .unwrap();
        pool.pause();
        let submit = |name, level| {
            let options = JobOptions::new().priority(Priority::new(level));
            pool.submit_with(name, &options).block().unwrap().detach();
        };
        submit("low", 2);
        manual.advance(Duration::from_millis(150));
        submit("normal", 0);
        submit("high", -1);
        manual.advance(Duration::from_millis(100));
        submit("late", 0);
        pool.resume();
        pool.wait_idle().block().unwrap();
        // Due at 200, 150, 50 and 250 ms.
        assert_eq!(*order.lock().unwrap(), ["high", "normal", "low", "late"]);
    });
}

#[test]
fn a_job_whose_deadline_passes_in_the_queue_ends_there() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = ran.clone();
        let pool = one().build(move |()| counted.fetch_add(1, Ordering::SeqCst)).unwrap();
        pool.pause();
        let context = Context::background().with_timeout(Duration::from_secs(5));
        let mut job = pool.submit_with((), &JobOptions::new().within(&context)).block().unwrap();
        // The keeper sets its timer.
        until("the pool looks after the job", || manual.timers() > 0);
        manual.advance(Duration::from_secs(5));
        assert_eq!(job.join().block(), Err(TaskError::Timeout), "though the pool is paused");
        assert_eq!(
            (ran.load(Ordering::SeqCst), pool.queue_len(), pool.stats().timed_out),
            (0, 0, 1)
        );
    });
}

#[test]
fn a_time_limit_stops_what_waits() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (began, has_begun) = mpsc::channel();
        let began = Mutex::new(began);
        let handler = move |n: u32| {
            began.lock().unwrap().send(()).unwrap();
            rt::sleep(Duration::from_secs(3600)).block();
            n
        };
        let pool = one().task_timeout(Duration::from_secs(9)).build(handler).unwrap();
        let mut slow = pool.submit(1).block().unwrap();
        let mut quick = pool
            .submit_with(2, &JobOptions::new().timeout(Duration::from_secs(1)))
            .block()
            .unwrap();
        has_begun.recv().unwrap();
        until("both wait for time to pass", || manual.timers() >= 2);
        manual.advance(Duration::from_secs(9));
        assert_eq!(slow.join().block(), Err(TaskError::Timeout));
        has_begun.recv().unwrap();
        until("both wait for time to pass", || manual.timers() >= 2);
        manual.advance(Duration::from_secs(1));
        assert_eq!(quick.join().block(), Err(TaskError::Timeout), "it has a limit of its own");
        pool.wait_idle().block().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.timed_out, stats.workers_died), (2, 0), "{stats:?}");
    });
}

#[test]
fn cancelled_before_and_while_it_runs() {
    let (began, has_begun) = mpsc::channel();
    let began = Mutex::new(began);
    let handler = move |()| {
        began.lock().unwrap().send(()).unwrap();
        Context::current().done().block()
    };
    let pool = one().build(handler).unwrap();
    let mut runs = pool.submit(()).block().unwrap();
    let mut waits = pool.submit(()).block().unwrap();
    has_begun.recv().unwrap();
    waits.cancel("before");
    runs.cancel("while it runs");
    assert!(matches!(runs.join().block(), Ok(Stop::Cancelled(_))), "it had an answer to that");
    let Err(TaskError::Cancelled(cause)) = waits.join().block() else { panic!() };
    assert_eq!(cause.to_string(), "before");
    pool.wait_idle().block().unwrap();
    assert!(has_begun.try_recv().is_err(), "it never began");
    assert_eq!((pool.stats().completed, pool.stats().cancelled), (1, 1));
}

#[test]
fn a_thread_that_hangs_is_left_behind_and_its_late_result_dropped() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (open, latch) = mpsc::channel::<()>();
        let latch = Mutex::new(latch);
        let (began, has_begun) = mpsc::channel();
        let began = Mutex::new(began);
        let handler = move |hangs: bool| {
            if hangs {
                began.lock().unwrap().send(()).unwrap();
                latch.lock().unwrap().recv().ok();
            }
            hangs
        };
        let pool = one().hung_after(Duration::from_secs(60)).build(handler).unwrap();
        let mut hangs = pool.submit(true).block().unwrap();
        let mut next = pool.submit(false).block().unwrap();
        has_begun.recv().unwrap();
        until("the pool looks after the job", || manual.timers() > 0);
        manual.advance(Duration::from_secs(60));
        assert_eq!(hangs.join().block(), Err(TaskError::lost(true)));
        assert_eq!(next.join().block(), Ok(false), "another took its place");
        let Health::Degraded(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("gonex-pool-0 was given up"), "{reason}");
        drop(open);
        until("the late one has ended", || pool.stats().abandoned_now == 0);
        assert_eq!((pool.stats().late, pool.status().health), (1, Health::Healthy));
    });
}

#[test]
fn dropping_a_pool_does_not_wait_for_who_was_given_up() {
    let manual = Arc::new(Manual::new());
    let (open, latch) = mpsc::channel::<()>();
    rt::enter(manual.clone(), || {
        let latch = Mutex::new(latch);
        let builder = one().hung_after(Duration::from_secs(1));
        let pool = builder.build(move |()| latch.lock().unwrap().recv().ok()).unwrap();
        let mut hangs = pool.submit(()).block().unwrap();
        until("the pool looks after the job", || manual.timers() > 0);
        manual.advance(Duration::from_secs(1));
        assert_eq!(hangs.join().block(), Err(TaskError::lost(true)));
        drop(pool);
    });
    drop(open);
}

#[test]
fn a_state_that_cannot_be_made_is_tried_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    let init =
        move |_: &gonex_runtime::pool::kind::Start| match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Err("no connection".to_owned()),
            1 => panic!("no luck"),
            n => Ok(n),
        };
    let delay = Duration::from_millis(1);
    let pool =
        one().restart_delays(delay, delay).build_stateful(init, |n: &mut usize, ()| *n).unwrap();
    let mut events = pool.events();
    assert_eq!(pool.submit(()).block().unwrap().join().block(), Ok(2));
    let died = std::iter::from_fn(|| events.try_recv().ok());
    let died: Vec<_> = died.filter(|event| matches!(event.what, What::Died { .. })).collect();
    assert!(died.len() <= 2 && pool.stats().workers_died == 2, "{died:?}");
}

#[test]
fn what_a_worker_knew_outlives_it() {
    let pool = one()
        .build_restoring(
            |_| Ok(Vec::new()),
            |known: &mut Vec<u32>, n| {
                assert_ne!(n, 13, "as planned");
                known.push(n);
                known.len()
            },
            Clone::clone,
            |known: &mut Vec<u32>, kept: Vec<u32>| *known = kept,
            0,
        )
        .unwrap();
    for n in 0..3 {
        assert_eq!(pool.submit(n).block().unwrap().join().block(), Ok(n as usize + 1));
    }
    let before = pool.workers()[0];
    pool.replace(before, "to see what is left").unwrap();
    assert_eq!(pool.submit(3).block().unwrap().join().block(), Ok(4), "another worker goes on");
    assert!(!pool.workers().contains(&before));
    assert_eq!(pool.replace(before, "again").unwrap_err().0, before);
}

#[test]
fn a_paused_pool_begins_nothing() {
    let pool = one().build(|n: u32| n).unwrap();
    pool.pause();
    let mut job = pool.submit(1).block().unwrap();
    assert!(pool.is_paused() && !pool.is_idle());
    assert_eq!(job.join().timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
    pool.resume();
    assert_eq!(job.join().block(), Ok(1));
    assert_eq!(pool.wait_idle().block(), Ok(()));
}

#[test]
fn a_pool_is_resized_while_it_works() {
    let pool = Pool::builder().workers(count(1)).build(|n: u32| n).unwrap();
    assert_eq!(pool.resize(2..=4), 2);
    let handles: Vec<_> = (0..100).map(|n| pool.submit(n).block().unwrap()).collect();
    assert_eq!(pool.scale_to(4), 4);
    assert_eq!(pool.resize(1..=1), 1);
    for (n, mut handle) in handles.into_iter().enumerate() {
        assert_eq!(handle.join().block(), Ok(n as u32));
    }
    until("the others have gone", || pool.status().workers.len() == 1);
}

#[test]
fn shutdown_runs_what_it_can_and_says_what_it_gave_up() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (began, has_begun) = mpsc::channel();
        let began = Mutex::new(began);
        let handler = move |forever: bool| {
            began.lock().unwrap().send(()).unwrap();
            if forever {
                Context::current().done().block();
            }
        };
        let pool = one().build(handler).unwrap();
        let mut done = pool.submit(false).block().unwrap();
        let mut forever = pool.submit(true).block().unwrap();
        let mut waits = pool.submit(false).block().unwrap();
        has_begun.recv().unwrap();
        has_begun.recv().unwrap();
        let deadline = rt::now() + Duration::from_secs(10);
        let report = std::thread::scope(|threads| {
            let seam: Arc<Manual> = manual.clone();
            let ending = threads.spawn(|| rt::enter(seam, || pool.shutdown(deadline).block()));
            until("the pool is closed", || pool.stats().is_closed);
            until("the keeper has set its timer", || manual.timers() > 0);
            assert!(pool.submit(false).block().unwrap_err().is_closed());
            manual.advance(Duration::from_secs(10));
            ending.join().unwrap()
        });
        assert_eq!((report.discarded, report.cancelled), (1, 1), "{report}");
        assert!(!report.is_clean() && report.stats.adds_up());
        assert_eq!(done.join().block(), Ok(()));
        assert!(matches!(forever.join().block(), Err(TaskError::Cancelled(_))));
        assert_eq!(waits.join().block(), Err(TaskError::lost(false)));
    });
}

#[test]
fn a_pool_is_a_component() {
    let registry = Registry::new();
    let pool = one().name("parser").build(|n: u32| n).unwrap();
    let _listed = pool.register(&registry).unwrap();
    pool.submit(1).block().unwrap().join().block().unwrap();
    assert_eq!(registry.health(), Health::Healthy);
    assert_eq!(registry.metrics().count("completed"), Some(1));
    let component = pool.component();
    assert_eq!((component.name(), component.kind()), ("parser", "pool"));
    let Some(Snapshot::List(workers)) = component.snapshot().get("workers").cloned() else {
        panic!()
    };
    assert_eq!(workers[0].get("name"), Some(&Snapshot::Text("parser-0".into())));
    let report = registry.shutdown_all(rt::now() + Duration::from_secs(60)).block();
    assert!(report.is_clean(), "{report}");
    assert!(!component.is_running() && pool.submit(2).block().is_err());
}

#[test]
fn events_tell_the_life_of_a_worker() {
    let pool = one().recycle_after(1).name("short").build(|n: u32| n).unwrap();
    let mut events = pool.events();
    pool.submit(1).block().unwrap().join().block().unwrap();
    let mut next = || events.recv().block().unwrap().what;
    let left = loop {
        if let What::Left { why, .. } = next() {
            break why;
        }
    };
    assert_eq!(left, Leaving::Recycled);
    assert!(matches!(next(), What::Started { name, .. } if name == "short-0"), "in its slot");
}

#[test]
fn results_stream_as_they_come_and_hold_back_what_makes_them() {
    let pool = Pool::builder().workers(count(2)).build(|n: u32| n * 2).unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let jobs = (0..100).inspect(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut outputs = pool.map_unordered(jobs);
    assert_eq!(taken.load(Ordering::SeqCst), 0, "nothing before it is asked for");
    let first = outputs.next().block().unwrap().unwrap();
    assert!(taken.load(Ordering::SeqCst) <= 4, "no more than the workers can have at once, twice");
    let mut all = vec![first];
    while let Some(output) = outputs.next().block() {
        all.push(output.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (0..100).map(|n| n * 2).collect::<Vec<_>>());
    let mut ordered = pool.stream(futures_util::stream::iter(0..100));
    for n in 0..100 {
        assert_eq!(ordered.next().block(), Some(Ok(n * 2)));
    }
    assert_eq!(ordered.next().block(), None);
    assert_eq!(pool.map(0..10).block().unwrap().len(), 10);
}

#[test]
fn outputs_that_nobody_wants_are_cancelled() {
    let pool = one().build(|()| Context::current().done().block()).unwrap();
    let mut outputs = pool.map_unordered([(); 3]);
    assert_eq!(
        outputs.next().timeout(Duration::from_millis(1)).block(),
        Some(Err(TaskError::Timeout))
    );
    drop(outputs);
    pool.wait_idle().block().unwrap();
    assert_eq!(pool.stats().completed, 1, "the one that ran had an answer; the others never ran");
}

#[test]
fn async_workers_have_many_jobs_in_flight() {
    let runtime = Runtime::new().unwrap();
    runtime.enter(|| {
        let barrier = Arc::new(gonex_sync::Barrier::new(6));
        let handler = move |n: u32| {
            let barrier = barrier.clone();
            async move {
                // All six must be there, though there are two workers.
                barrier.wait().await;
                n + 1
            }
        };
        let three = NonZeroU32::new(3).unwrap();
        let pool = Pool::builder().workers(count(2)).build_async(three, handler).unwrap();
        assert_eq!(pool.map(0..6).block().unwrap(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(pool.stats().completed, 6);
    });
}

#[test]
fn async_jobs_whose_time_is_over_are_dropped_where_they_wait() {
    let runtime = Runtime::new().unwrap();
    runtime.enter(|| {
        let (alive, ended) = mpsc::channel::<()>();
        let handler = move |()| {
            let alive = alive.clone();
            async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            }
        };
        let builder = Pool::builder().workers(count(1)).task_timeout(Duration::from_millis(5));
        let pool = builder.build_async(NonZeroU32::MIN, handler).unwrap();
        assert_eq!(pool.submit(()).block().unwrap().join().block(), Err(TaskError::Timeout));
        assert_eq!(pool.submit(()).block().unwrap().join().block(), Err(TaskError::Timeout));
        drop(pool);
        assert!(ended.recv().is_err(), "no future is left");
    });
}

#[test]
fn a_panic_of_an_async_job_names_it() {
    let runtime = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
    runtime.enter(|| {
        let handler = |n: u32| async move { assert_ne!(n, 1, "not one") };
        let builder = Pool::builder().workers(count(1)).panic_hook(PanicHook::Quiet);
        let pool = builder.build_async(NonZeroU32::MIN, handler).unwrap();
        let options = JobOptions::new().name("the first");
        let ended = pool.submit_with(1, &options).block().unwrap().join().block();
        let Err(TaskError::Panicked(panic)) = ended else { panic!("{ended:?}") };
        assert!(panic.task.starts_with("the first #"), "{panic}");
        assert_eq!(pool.submit(2).block().unwrap().join().block(), Ok(()));
    });
}

#[test]
fn every_job_runs_whatever_balances() {
    let run = |builder: PoolBuilder| {
        let pool = builder.workers(count(3)).build(|n: u32| n).unwrap();
        let options = |n: u32| JobOptions::new().key(n % 7);
        let handles: Vec<_> =
            (0..500).map(|n| pool.submit_with(n, &options(n)).block().unwrap()).collect();
        for (n, mut handle) in handles.into_iter().enumerate() {
            assert_eq!(handle.join().block(), Ok(n as u32));
        }
        assert!(pool.stats().adds_up());
    };
    run(Pool::builder().balance(RoundRobin::new()));
    run(Pool::builder().balance(LeastBusy::new()).own_queue(1));
    run(Pool::builder().balance(KeyAffinity::new()));
    run(Pool::builder().balance(gonex_runtime::balance::Predictive::new()));
    run(Pool::builder().balance(gonex_runtime::balance::WorkStealing::new()).own_queue(4));
}

#[test]
fn a_letter_reaches_its_worker_and_nobody_else() {
    let pool = Pool::builder()
        .workers(count(3))
        .build_stateful(|start| Ok(start.id), |id: &mut gonex_runtime::balance::WorkerId, ()| *id)
        .unwrap();
    until("all are there", || pool.status().workers.iter().all(|w| w.state == WorkerState::Idle));
    for _ in 0..20 {
        for (worker, asked) in pool.broadcast(|_| ()) {
            assert_eq!(asked.unwrap().join().block(), Ok(worker));
        }
    }
    let nobody = gonex_runtime::balance::WorkerId::new(99);
    assert_eq!(pool.ask(nobody, ()).unwrap_err(), SubmitError::NoSuchWorker(()));
}

#[test]
fn all_wrong_settings_are_named_together() {
    let (min, max) = (3, 2);
    let builder = Pool::builder().scale(min..=max).name("a\0b").task_timeout(Duration::ZERO);
    let error = builder.recycle_after(0).build(|()| ()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    let text = error.to_string();
    for part in ["NUL", "3 to 2 workers", "task time-out is 0", "after no jobs"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[test]
fn options_set_up_a_pool_and_those_it_cannot_do_are_refused_together() {
    let config = ParallelismConfig::new()
        .thread_count(2_usize)
        .name("by options")
        .timeout(Duration::from_secs(9))
        .health_monitoring(true);
    let pool = Pool::builder().options(&config).unwrap().build(|()| ()).unwrap();
    assert_eq!((pool.worker_count(), pool.component().name()), (2, "by options"));
    let config = config.fallback_strategy("cached-result").graceful_degradation(true);
    let config = config.retry_attempts(2).thread_count(0_usize).circuit_breaker(true);
    let error = Pool::builder().options(&config).unwrap_err();
    for field in ["fallback_strategy", "graceful_degradation", "retry_attempts", "thread_count"] {
        assert!(error.names(field), "{field}: {error}");
    }
    assert!(!error.names("health_monitoring") && !error.names("circuit_breaker"));
}

#[test]
fn a_flaky_worker_is_taken_out_of_rotation_and_comes_back() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        // Two jobs meet, so that each worker has one of them.
        let (meet, broken) = (Barrier::new(2), Arc::new(AtomicBool::new(true)));
        let is_broken = broken.clone();
        let options = ParallelismConfig::new().name("pair").circuit_breaker(true);
        let pool = Pool::builder()
            .panic_hook(PanicHook::Quiet)
            .options(&options.thread_count(2_usize))
            .unwrap()
            .build(move |meets: bool| {
                if meets {
                    meet.wait();
                }
                let name = std::thread::current().name().map(str::to_owned).unwrap_or_default();
                assert!(!(name.ends_with("-0") && is_broken.load(Ordering::SeqCst)), "flaky");
                name
            })
            .unwrap();
        let mut events = pool.events();
        let mut turn = |wanted: fn(&What) -> bool| {
            while !wanted(&events.recv().block().unwrap().what) {}
        };
        let two = || pool.submit_batch([true, true], |_| 1).block().unwrap();
        for _ in 0..5 {
            let ends = two().join_each().block().unwrap();
            assert_eq!(ends.iter().filter(|end| end.is_err()).count(), 1, "{ends:?}");
        }
        turn(
            |what| matches!(what, What::OutOfRotation { rest, .. } if *rest == Duration::from_secs(30)),
        );
        assert!(matches!(pool.status().health, Health::Degraded { .. }), "{:?}", pool.status());
        for _ in 0..20 {
            let ran_on = pool.submit(false).block().unwrap().join().block().unwrap();
            assert!(ran_on.ends_with("-1"), "the other does all of it: {ran_on}");
        }
        broken.store(false, Ordering::SeqCst);
        let waits = two();
        until("the pool looks after the break", || manual.timers() > 0);
        assert_eq!(pool.stats().completed, 25, "one waits for the other, which is out");
        manual.advance(Duration::from_secs(30));
        assert!({ waits }.join_each().block().unwrap().iter().all(Result::is_ok));
        turn(|what| matches!(what, What::BackInRotation { .. }));
        assert_eq!(pool.status().health, Health::Healthy);
    });
}

#[test]
fn a_pool_may_be_dropped_by_a_job_of_its_own() {
    type Held = Arc<Mutex<Option<Pool<bool, ()>>>>;
    let runtime = Runtime::builder().threads(count(1)).build().unwrap();
    let (dropped, is_dropped) = mpsc::channel();
    runtime.enter(|| {
        for captured in [false, true] {
            let held = Held::default();
            let (inside, dropped) = (held.clone(), dropped.clone());
            let handler = move |captured: bool| {
                let (pool, dropped) = (inside.lock().unwrap().take(), dropped.clone());
                async move {
                    // Here, or with the future.
                    let pool = if captured {
                        pool
                    } else {
                        drop(pool);
                        None
                    };
                    dropped.send(pool.is_some()).unwrap();
                    std::future::ready(()).await;
                }
            };
            let builder = Pool::builder().workers(count(1));
            let pool = builder.build_async(NonZeroU32::MIN, handler).unwrap();
            pool.pause();
            let mut job = pool.submit(captured).block().unwrap();
            *held.lock().unwrap() = Some(pool);
            let Some(pool) = held.lock().unwrap().as_ref().map(Pool::component) else { panic!() };
            held.lock().unwrap().as_ref().unwrap().resume();
            let watchdog = Duration::from_secs(60);
            let said = is_dropped.recv_timeout(watchdog).expect("it waits for nothing");
            assert_eq!((said, job.join().block()), (captured, Ok(())));
            until("the pool has ended", || !pool.is_running());
        }
    });
}

#[test]
fn an_async_pool_that_is_dropped_with_a_result_waits_for_nothing() {
    /// What a job yields, and nobody takes.
    struct Last(#[expect(dead_code, reason = "it is there to be dropped")] Option<Pool<(), Last>>);

    let runtime = Runtime::builder().threads(count(1)).build().unwrap();
    runtime.enter(|| {
        let held = Arc::new(Mutex::new(None::<Pool<(), Last>>));
        let inside = held.clone();
        let handler = move |()| {
            let last = Last(inside.lock().unwrap().take());
            async move { last }
        };
        let pool = Pool::builder().workers(count(1)).build_async(NonZeroU32::MIN, handler).unwrap();
        pool.pause();
        pool.submit(()).block().unwrap().detach();
        let component = pool.component();
        *held.lock().unwrap() = Some(pool);
        held.lock().unwrap().as_ref().unwrap().resume();
        until("the pool has ended", || !component.is_running());
    });
}

#[test]
fn the_way_to_a_worker_is_dropped_under_no_lock() {
    use gonex_runtime::pool::kind::{Abilities, Assignment, Link, Start, Worker, WorkerKind};

    type Held = Arc<Mutex<Option<Arc<Pool<u32, u32>>>>>;
    /// Workers that look at their pool when they are dropped.
    struct Curious(Held, mpsc::Sender<usize>);
    struct Way(Link<u32, u32>, Held, mpsc::Sender<usize>);

    impl WorkerKind<u32, u32> for Curious {
        fn abilities(&self) -> Abilities {
            Abilities::new("curious worker")
        }

        fn start(
            &self,
            _: &Start,
            link: Link<u32, u32>,
        ) -> std::io::Result<Arc<dyn Worker<u32, u32>>> {
            link.ready();
            Ok(Arc::new(Way(link, self.0.clone(), self.1.clone())))
        }
    }

    impl Worker<u32, u32> for Way {
        fn assign(&self, assignment: Assignment<u32, u32>) {
            let link = self.0.clone();
            rt::spawn_thread("curious".to_owned(), move || link.ended(assignment.run(|n| n))).ok();
        }

        fn stop(&self) {
            self.0.gone(None);
        }

        fn kill(&self) {
            self.0.gone(None);
        }
    }

    impl Drop for Way {
        fn drop(&mut self) {
            let pool = self.1.lock().unwrap().clone();
            let workers = pool.map_or(0, |pool| pool.status().workers.len());
            self.2.send(workers).ok();
        }
    }

    let held = Held::default();
    let (tell, told) = mpsc::channel();
    let pool = Arc::new(one().build_of(Curious(held.clone(), tell)).unwrap());
    *held.lock().unwrap() = Some(pool.clone());
    let first = pool.workers()[0];
    let replaced = std::thread::spawn(move || pool.replace(first, "to see").unwrap());
    let watchdog = Duration::from_secs(60);
    told.recv_timeout(watchdog).expect("it can look at the pool");
    replaced.join().unwrap();
    // Not under the lock that its workers take.
    let pool = held.lock().unwrap().take();
    drop(pool);
}

#[test]
fn what_was_given_up_does_not_write_over_what_its_successor_kept() {
    #[derive(Clone, Copy)]
    enum Deed {
        Knows(u32),
        Hangs(usize),
    }
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let (opens, latches): (Vec<_>, Vec<_>) = (0..2)
            .map(|_| mpsc::channel::<()>())
            .map(|(open, latch)| (open, Mutex::new(latch)))
            .unzip();
        let (began, has_begun) = mpsc::channel();
        let began = Mutex::new(began);
        let handler = move |known: &mut Vec<u32>, deed: Deed| {
            match deed {
                Deed::Knows(n) => known.push(n),
                Deed::Hangs(latch) => {
                    began.lock().unwrap().send(()).unwrap();
                    latches[latch].lock().unwrap().recv().ok();
                    known.push(99);
                }
            }
            known.clone()
        };
        let builder = one().hung_after(Duration::from_secs(60)).max_abandoned(2);
        let restore = |known: &mut Vec<u32>, kept: Vec<u32>| *known = kept;
        let pool =
            builder.build_restoring(|_| Ok(Vec::new()), handler, Clone::clone, restore, 1).unwrap();
        let does = |deed| pool.submit(deed).block().unwrap().join().block();
        let hangs = |latch| {
            let mut job = pool.submit(Deed::Hangs(latch)).block().unwrap();
            has_begun.recv().unwrap();
            until("the pool looks after the job", || manual.timers() > 0);
            manual.advance(Duration::from_secs(60));
            assert_eq!(job.join().block(), Err(TaskError::lost(true)));
        };
        assert_eq!(does(Deed::Knows(1)), Ok(vec![1]));
        hangs(0);
        assert_eq!(does(Deed::Knows(2)), Ok(vec![1, 2]), "the successor knows what was kept");
        let mut opens = opens.into_iter();
        drop(opens.next());
        until("the late one has ended", || pool.stats().abandoned_now == 0);
        hangs(1);
        assert_eq!(does(Deed::Knows(3)), Ok(vec![1, 2, 3]));
        drop(opens);
        until("the other has ended", || pool.stats().abandoned_now == 0);
    });
}

#[test]
fn a_job_that_is_cancelled_while_it_waits_makes_room_at_once() {
    let (go, handler) = held();
    let pool = one().capacity(count(2)).build(handler).unwrap();
    let mut first = pool.submit(1).block().unwrap();
    until("the first runs", || pool.stats().running == 1);
    let mut second = pool.submit(2).block().unwrap();
    let mut third = pool.submit(3).block().unwrap();
    let mut fourth = std::pin::pin!(pool.submit(4));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(fourth.as_mut().poll(&mut cx).is_pending());
    second.cancel("enough");
    assert!(matches!(second.join().block(), Err(TaskError::Cancelled(_))), "nobody waits for that");
    let std::task::Poll::Ready(fourth) = fourth.as_mut().poll(&mut cx) else {
        panic!("there is room")
    };
    let stats = pool.stats();
    assert_eq!((stats.queued, stats.cancelled, stats.running), (2, 1, 1));
    assert!(stats.adds_up());
    drop(go);
    assert_eq!((first.join().block(), third.join().block()), (Ok(1), Ok(3)));
    assert_eq!(fourth.unwrap().join().block(), Ok(4));
}

#[test]
fn a_queue_full_of_what_a_context_has_cancelled_has_room() {
    let (go, handler) = held();
    let pool = one().capacity(count(8)).at_full(AtFull::Refuse).build(handler).unwrap();
    let mut first = pool.submit(1).block().unwrap();
    until("the first runs", || pool.stats().running == 1);
    let (context, canceller) = Context::background().with_cancel();
    let options = JobOptions::new().within(&context);
    let jobs: Vec<_> = (0..8).map(|n| pool.submit_with(n, &options).block().unwrap()).collect();
    canceller.cancel("enough");
    let mut next = pool.try_submit(9).unwrap();
    assert_eq!((pool.queue_len(), pool.stats().cancelled), (1, 8));
    assert!(jobs.iter().all(gonex_task::Handle::is_finished));
    // What streams and batches cancel themselves leaves without anybody's looking for room.
    let mut outputs = pool.map_unordered(20..22);
    assert!(outputs.next().timeout(Duration::ZERO).block().is_some());
    assert_eq!(pool.queue_len(), 3);
    drop(outputs);
    assert_eq!(pool.queue_len(), 1);
    drop(go);
    assert_eq!((first.join().block(), next.join().block()), (Ok(1), Ok(9)));
}

#[test]
fn a_profiler_is_told_of_each_kind_and_worker() {
    use gonex_runtime::balance::TaskKind;
    use gonex_runtime::profile::Profiler;

    let profiler = Profiler::new();
    let builder = one().name("texts").profiler(&profiler, ["parse", "render"]);
    let pool = builder.build(|n: u32| assert_ne!(n, 13, "as planned")).unwrap();
    let of = |kind| JobOptions::new().kind(TaskKind::named(kind));
    for (n, kind) in [(1, "parse"), (2, "parse"), (3, "render"), (13, "parse"), (4, "other")] {
        pool.submit_with(n, &of(kind)).block().unwrap().join().block().ok();
    }
    pool.submit(5).block().unwrap().join().block().unwrap();
    let report = profiler.report();
    let worker = pool.workers()[0];
    let count = |name| report.of_worker(name, worker).map(|measured| measured.count);
    assert_eq!((count("parse"), count("render"), count("texts")), (Some(2), Some(1), Some(1)));
    let other = format!("texts kind {:016x}", TaskKind::named("other").get());
    assert_eq!(count(&other), Some(1));
}

#[test]
fn a_worker_knows_its_memory_node_where_it_is_pinned() {
    use gonex_runtime::topology::{Pinning, Topology};

    let known: Vec<Option<u32>> =
        Topology::read().nodes.iter().map(|node| Some(node.id)).chain([None]).collect();
    let ask = |builder: PoolBuilder| {
        let init = |start: &gonex_runtime::pool::kind::Start| Ok(start.node);
        let pool = builder.build_stateful(init, |node: &mut Option<u32>, ()| *node).unwrap();
        pool.submit(()).block().unwrap().join().block().unwrap()
    };
    assert_eq!(ask(one()), None);
    let node = ask(one().pin(Pinning::PerNode));
    assert!(known.contains(&node), "{node:?} is none of {known:?}");
    assert!(node.is_some() || Topology::read().allowed.is_empty());
}
