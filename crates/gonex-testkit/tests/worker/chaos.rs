//! Everything at once, from seeds: each task ends once, the counts add up, and nothing is left.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use gonex_core::{Context, rt};
use gonex_runtime::Pool;
use gonex_runtime::balance::{LeastBusy, RoundRobin};
use gonex_runtime::pool::{AtFull, JobOptions, SubmitError};
use gonex_task::{Handle, PanicHook, Priority, TaskError};
use gonex_testkit::worker::{Beginning, Deed, SimulatedWorkers};

use super::support::{Chance, by_hand, ms, secs};

/// How many seeds there are: `GONEX_SEEDS`, or few in a build with debug assertions.
fn seeds() -> u64 {
    let few = if cfg!(debug_assertions) { 300 } else { 10_000 };
    match std::env::var("GONEX_SEEDS") {
        Ok(said) => said.parse().unwrap_or_else(|_| panic!("GONEX_SEEDS={said:?} is no number")),
        Err(_) => few,
    }
}

/// How often each outcome was seen.
#[derive(Debug, Default)]
struct Outcomes {
    done: u64,
    panicked: u64,
    cancelled: u64,
    timed_out: u64,
    lost: u64,
    refused: u64,
}

impl Outcomes {
    fn count(&mut self, ended: &Result<u64, TaskError>) {
        let count = match ended {
            Ok(_) => &mut self.done,
            Err(TaskError::Panicked(_)) => &mut self.panicked,
            Err(TaskError::Cancelled(_)) => &mut self.cancelled,
            Err(TaskError::Timeout) => &mut self.timed_out,
            Err(TaskError::Lost { .. }) => &mut self.lost,
            Err(TaskError::Refused { .. }) => &mut self.refused,
            Err(other) => panic!("a task ended by {other:?}"),
        };
        *count += 1;
    }
}

/// A job carries what becomes of it.
#[derive(Clone, Copy, Debug)]
struct Job {
    number: u64,
    deed: Deed,
    panics: bool,
}

fn some_job(number: u64, chance: &mut Chance) -> Job {
    let deed = match chance.below(100) {
        0..2 => Deed::Hangs,
        2..4 => Deed::Dies(ms(chance.below(50))),
        4 => Deed::FallsSilent,
        _ => Deed::Takes(ms(chance.below(40))),
    };
    Job { number, deed, panics: chance.below(10) == 0 }
}

fn some_pool(
    seed: u64,
    workers: &SimulatedWorkers<Job, u64>,
    chance: &mut Chance,
) -> Option<Pool<Job, u64>> {
    let count = |n: u64| NonZeroUsize::new(n as usize).unwrap();
    let mut builder = Pool::builder()
        .panic_hook(PanicHook::Quiet)
        .name(format!("chaos-{seed}"))
        .scale(1..=2 + chance.below(5) as usize)
        .scaling_interval(ms(20))
        .capacity(count(1 + chance.below(40)))
        .hung_after(ms(500))
        .stuck_after(ms(200))
        .max_abandoned(chance.below(4) as usize)
        .heartbeat_timeout(ms(300))
        .start_timeout(ms(100))
        .restart_delays(ms(1), ms(50))
        .restart_intensity(1_000_000, secs(1));
    if chance.below(2) == 0 {
        builder = builder.task_timeout(ms(30));
    }
    if chance.below(2) == 0 {
        builder =
            builder.failure_threshold(chance.below(3) as u32).recycle_after(1 + chance.below(9));
    }
    if chance.below(2) == 0 {
        builder = builder.spares(1).idle_timeout(ms(60)).recycle_age(ms(200));
    }
    builder = match chance.below(3) {
        0 => builder.balance(RoundRobin::new()).own_queue(chance.below(5) as usize),
        1 => builder.balance(LeastBusy::new()),
        _ => builder,
    };
    builder = match chance.below(3) {
        0 => builder.at_full(AtFull::Refuse),
        1 => builder.at_full(AtFull::DropOldest),
        _ => builder,
    };
    builder.build_of(workers.kind()).ok()
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn one_story(seed: u64, outcomes: &mut Outcomes) {
    by_hand(|manual| {
        let mut chance = Chance::new(seed);
        let slots = NonZeroU32::new(1 + chance.below(3) as u32).unwrap();
        let workers = SimulatedWorkers::new(
            manual,
            |job: &Job| job.deed,
            |job: Job| {
                assert!(!job.panics, "as planned");
                job.number
            },
        );
        let births = std::sync::Mutex::new(Chance::new(seed + 1));
        let workers = workers.slots(slots).beginning(move |_| {
            let mut births = births.lock().unwrap();
            match births.below(30) {
                0 => Beginning::Refused,
                1 => Beginning::Dies(ms(births.below(20))),
                2 => Beginning::Hangs,
                _ => Beginning::After(ms(births.below(10))),
            }
        });
        let workers = if chance.below(2) == 0 { workers.heartbeats(ms(50)) } else { workers };
        let workers = if chance.below(2) == 0 { workers.mortal() } else { workers };
        // The first worker of all may be refused; then there is no pool to test.
        let Some(pool) = some_pool(seed, &workers, &mut chance) else { return };
        let mut handles: Vec<(u64, Handle<u64>)> = Vec::new();
        let mut number = 0;
        for _ in 0..120 {
            match chance.below(20) {
                0 => pool.pause(),
                1..4 => pool.resume(),
                4 => drop(pool.scale_to(1 + chance.below(6) as usize)),
                5 => drop(pool.restart_unhealthy()),
                6 => drop(workers.release()),
                7 => drop(pool.discard()),
                8 => {
                    let all = pool.workers();
                    if let Some(&worker) = all.first() {
                        number += 1;
                        match pool.ask(worker, some_job(number, &mut chance)) {
                            Ok(handle) => handles.push((number, handle)),
                            Err(error) => assert!(!error.is_closed(), "{error}"),
                        }
                    }
                }
                9 if !handles.is_empty() => {
                    let index = chance.below(handles.len() as u64) as usize;
                    handles[index].1.cancel("by chance");
                }
                10..13 => workers.run_for(&pool, ms(chance.below(100))),
                _ => {
                    number += 1;
                    let job = some_job(number, &mut chance);
                    let mut options =
                        JobOptions::new().priority(Priority::new(chance.below(5) as i8 - 2));
                    if chance.below(5) == 0 {
                        let limit = ms(chance.below(50));
                        options = options.within(&Context::background().with_timeout(limit));
                    }
                    if chance.below(5) == 0 {
                        options = options.timeout(ms(chance.below(50)));
                    }
                    match pool.submit_with(job, &options).timeout(Duration::ZERO).block() {
                        Ok(handle) => handles.push((number, handle)),
                        Err(SubmitError::Closed(_)) => panic!("seed {seed}: the pool is closed"),
                        Err(error) => assert_eq!(error.into_job().number, number),
                    }
                }
            }
            let stats = pool.stats();
            assert!(stats.adds_up(), "seed {seed}: {stats:?}");
            assert_eq!(stats.submitted, handles.len() as u64, "seed {seed}");
        }
        pool.resume();
        let mut ending = std::pin::pin!(pool.shutdown(rt::now() + secs(5)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let mut report = None;
        for _ in 0..20 {
            if let std::task::Poll::Ready(ended) = ending.as_mut().poll(&mut cx) {
                report = Some(ended);
                break;
            }
            workers.run_for(&pool, secs(1));
        }
        let report =
            report.unwrap_or_else(|| panic!("seed {seed}: it does not end: {:?}", pool.status()));
        assert!(report.stats.adds_up(), "seed {seed}: {report:?}");
        for (number, mut handle) in handles {
            let ended = handle.join().timeout(Duration::ZERO).block();
            assert!(handle.is_finished(), "seed {seed}: job {number} has no end: {ended:?}");
            assert!(ended.as_ref().is_ok_and(|&n| n == number) || ended.is_err(), "seed {seed}");
            outcomes.count(&ended);
            assert_eq!(handle.join().block(), Err(TaskError::AlreadyJoined), "seed {seed}");
        }
        workers.release();
        workers.run_for(&pool, secs(2));
        // Those that fell silent never say that they have ended; all others have.
        let stats = pool.stats();
        assert_eq!(
            (stats.queued, stats.running, stats.workers),
            (0, 0, 0),
            "seed {seed}: {stats:?}"
        );
        assert!(workers.alive() >= stats.abandoned_now, "seed {seed}");
    });
}

#[test]
fn chaos_leaves_nothing_open() {
    let mut outcomes = Outcomes::default();
    let first = std::env::var("GONEX_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    for seed in first..first + seeds() {
        one_story(seed, &mut outcomes);
    }
    let Outcomes { done, panicked, cancelled, timed_out, lost, refused } = outcomes;
    let all = [done, panicked, cancelled, timed_out, lost, refused];
    assert!(all.iter().all(|&count| count > 0), "each outcome is seen: {all:?}");
}
