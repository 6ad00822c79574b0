//! Chaos on real threads: tasks panic, hang, time out and are cancelled, while workers restart and the pool
//! scales, pauses and resizes. Each handle ends once, the counts add up, and no thread is left.
#![cfg(not(gonex_loom))]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use gonex_core::{Context, rt};
use gonex_runtime::Pool;
use gonex_runtime::pool::{JobOptions, PoolStats};
use gonex_sync::{Token, WaitGroup};
use gonex_task::{Handle, PanicHook, Priority, TaskError};

#[path = "support/stress.rs"]
#[expect(dead_code, reason = "it is shared with tests of runtimes")]
mod support;
use support::{Chance, times, watched};

/// How many tasks there are.
fn tasks() -> usize {
    if cfg!(debug_assertions) && times() == 1 { 20_000 } else { 200_000 }
}

/// What a task does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Computes(u64),
    Panics,
    /// Waits in an operation, which its time limit or a cancellation ends.
    Waits,
    /// Waits for the latch by a loop that nothing ends.
    Hangs,
}

/// What lets the tasks go on that hang.
struct Latch {
    is_open: AtomicBool,
    hanging: AtomicUsize,
}

fn run(deed: Deed, latch: &Latch) -> u64 {
    match deed {
        Deed::Computes(n) => (0..n).fold(n, |sum, k| std::hint::black_box(sum ^ k)),
        Deed::Panics => panic!("as planned"),
        Deed::Waits => {
            rt::sleep(Duration::from_secs(3600)).block();
            0
        }
        Deed::Hangs => {
            latch.hanging.fetch_add(1, Ordering::SeqCst);
            while !latch.is_open.load(Ordering::SeqCst) {
                thread::park_timeout(Duration::from_millis(1));
            }
            latch.hanging.fetch_sub(1, Ordering::SeqCst);
            0
        }
    }
}

/// How the handles ended.
#[derive(Debug, Default)]
struct Ends {
    done: u64,
    panicked: u64,
    cancelled: u64,
    timed_out: u64,
    lost: u64,
}

impl Ends {
    fn count(&mut self, mut handle: Handle<u64>) {
        let count = match handle.join().block() {
            Ok(_) => &mut self.done,
            Err(TaskError::Panicked(_)) => &mut self.panicked,
            Err(TaskError::Cancelled(_)) => &mut self.cancelled,
            Err(TaskError::Timeout) => &mut self.timed_out,
            Err(TaskError::Lost { .. }) => &mut self.lost,
            Err(other) => panic!("a task ended by {other:?}"),
        };
        *count += 1;
        assert_eq!(handle.join().block(), Err(TaskError::AlreadyJoined), "once");
    }
}

fn assert_as_told(ends: &Ends, stats: &PoolStats) {
    assert!(stats.adds_up(), "{stats:?}");
    let told = (stats.completed, stats.panicked, stats.cancelled, stats.timed_out, stats.lost);
    let Ends { done, panicked, cancelled, timed_out, lost } = *ends;
    assert_eq!((done, panicked, cancelled, timed_out, lost), told, "{stats:?}");
    assert_eq!((stats.queued, stats.running, stats.workers, stats.abandoned_now), (0, 0, 0, 0));
}

/// Changes the pool at random until it is told to end.
fn disturb(pool: &Pool<Deed, u64>, is_over: &AtomicBool, mut chance: Chance) {
    while !is_over.load(Ordering::SeqCst) {
        match chance.below(8) {
            0 => {
                pool.pause();
                thread::yield_now();
                pool.resume();
            }
            1 => drop(pool.scale_to(1 + chance.below(8) as usize)),
            2 => drop(pool.resize(1 + chance.below(2) as usize..=3 + chance.below(6) as usize)),
            3 => drop(pool.restart_unhealthy()),
            4 => {
                let workers = pool.workers();
                if let Some(&worker) = workers.get(chance.below(8) as usize) {
                    pool.replace(worker, "by chance").ok();
                }
            }
            5 => drop(pool.scale_up(1)),
            6 => drop(pool.scale_down(1)),
            _ => drop(pool.status()),
        }
        (0..chance.below(200)).for_each(|_| thread::yield_now());
    }
    pool.resume();
}

fn some_deed(chance: &mut Chance, every: u64) -> Deed {
    match chance.below(every) {
        0 => Deed::Hangs,
        1..5 => Deed::Waits,
        n if n < every / 20 => Deed::Panics,
        _ => Deed::Computes(chance.below(200)),
    }
}

fn hand_in(pool: &Pool<Deed, u64>, count: usize, mut chance: Chance) -> Vec<Handle<u64>> {
    let every = 10_000;
    let mut handles = Vec::with_capacity(count);
    for _ in 0..count {
        let mut options = JobOptions::new().priority(Priority::new(chance.below(3) as i8 - 1));
        if chance.below(100) == 0 {
            let limit = Duration::from_micros(chance.below(2000));
            options = options.within(&Context::background().with_timeout(limit));
        }
        let deed = some_deed(&mut chance, every);
        handles.push(pool.submit_with(deed, &options).block().expect("the pool is open"));
        if chance.below(20) == 0 {
            let index = chance.below(handles.len() as u64) as usize;
            handles[index].cancel("by chance");
        }
    }
    handles
}

#[test]
fn stress_chaos_on_threads() {
    watched("the chaos", || {
        let latch =
            Arc::new(Latch { is_open: AtomicBool::new(false), hanging: AtomicUsize::new(0) });
        let alive = WaitGroup::new();
        let states = alive.clone();
        let theirs = latch.clone();
        let ms = Duration::from_millis;
        // A worker's state holds a token: when none is left, no worker is.
        let pool = Pool::builder()
            .name("chaos")
            .panic_hook(PanicHook::Quiet)
            .scale(1..=6)
            .scaling_interval(ms(5))
            .idle_timeout(ms(20))
            .spares(1)
            .capacity(256.try_into().unwrap())
            .task_timeout(ms(20))
            .stuck_after(ms(30))
            .hung_after(ms(60))
            .max_abandoned(8)
            .failure_threshold(3)
            .recycle_after(5_000)
            .restart_delays(ms(1), ms(5))
            .restart_intensity(u32::MAX, ms(1))
            .build_stateful(
                move |_| Ok(states.token()),
                move |_: &mut Token, deed: Deed| run(deed, &theirs),
            )
            .unwrap();
        let is_over = AtomicBool::new(false);
        let handles = Mutex::new(Vec::new());
        thread::scope(|threads| {
            for stream in 0..2 {
                let (pool, is_over) = (&pool, &is_over);
                threads.spawn(move || disturb(pool, is_over, Chance::new(stream)));
            }
            let handing: Vec<_> = (0..3)
                .map(|stream| {
                    let (pool, handles) = (&pool, &handles);
                    threads.spawn(move || {
                        let handed = hand_in(pool, tasks() / 3, Chance::new(10 + stream));
                        handles.lock().unwrap().extend(handed);
                    })
                })
                .collect();
            handing.into_iter().for_each(|thread| thread.join().unwrap());
            is_over.store(true, Ordering::SeqCst);
        });
        let mut ends = Ends::default();
        // What hangs is given up, up to the bound; the latch ends the rest.
        let handles = handles.into_inner().unwrap();
        latch.is_open.store(true, Ordering::SeqCst);
        let count = handles.len() as u64;
        handles.into_iter().for_each(|handle| ends.count(handle));
        let report = pool.shutdown(rt::now() + Duration::from_secs(300)).block();
        assert!(report.discarded == 0 && report.cancelled == 0, "{report}");
        alive.wait().block();
        let begun = std::time::Instant::now();
        while pool.stats().abandoned_now > 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", pool.status());
            thread::yield_now();
        }
        let stats = pool.stats();
        assert_eq!(stats.submitted, count);
        assert_as_told(&ends, &stats);
        assert!(ends.done > 0 && ends.panicked > 0 && ends.timed_out > 0, "{ends:?}");
        assert!(stats.workers_abandoned > 0 && stats.workers_restarted > 0, "{stats:?}");
        assert_eq!(latch.hanging.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn stress_of_pools_that_come_and_go() {
    watched("the coming and going", || {
        for round in 0..200 * times() as u64 {
            let mut chance = Chance::new(round);
            let pool = Pool::builder()
                .workers((1 + chance.below(4) as usize).try_into().unwrap())
                .panic_hook(PanicHook::Quiet)
                .build(|n: u64| n + 1)
                .unwrap();
            let handles: Vec<_> =
                (0..chance.below(50)).map(|n| (n, pool.submit(n).block().unwrap())).collect();
            drop(pool);
            for (n, mut handle) in handles {
                assert_eq!(handle.join().block(), Ok(n + 1), "what was queued is run");
            }
        }
    });
}
