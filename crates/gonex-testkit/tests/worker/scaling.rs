//! What pools do when the load changes, told as traces: they reach what they need, come back, and do not
//! swing.

use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_runtime::Pool;
use gonex_runtime::pool::What;
use gonex_runtime::pool::scaling::{Predictive, Reactive, ScalingPolicy};
use gonex_testkit::worker::{Beginning, Deed, SimulatedWorkers};

use super::support::{by_hand, ms, secs, told};

/// How many workers there were to be, with the time of each change.
type Trace = Vec<(Duration, usize)>;

/// Hands in so many jobs of 100 ms in each second, for as long as the load says, and then looks on until
/// nothing changes any more.
fn trace(
    manual: &Manual,
    policy: impl ScalingPolicy + 'static,
    load: impl Fn(u64) -> u64,
    seconds: u64,
) -> (Trace, usize) {
    trace_of(manual, policy, load, seconds, ms(50))
}

/// The same, of workers that take so long to start; and the sum of the jobs that were seen to wait.
fn trace_of(
    manual: &Manual,
    policy: impl ScalingPolicy + 'static,
    load: impl Fn(u64) -> u64,
    seconds: u64,
    start: Duration,
) -> (Trace, usize) {
    let workers = SimulatedWorkers::new(manual, |_: &u64| Deed::Takes(ms(100)), |n| n)
        .beginning(move |_| Beginning::After(start));
    let pool = Pool::builder().scale(1..=8).scaling(policy).build_of(workers.kind()).unwrap();
    let (begun, mut events) = (rt::now(), pool.events());
    let (mut trace, mut waited) = (vec![(Duration::ZERO, 1)], 0);
    for second in 0..seconds + 60 {
        let jobs = if second < seconds { load(second) } else { 0 };
        let pause = secs(1) / (jobs.max(1) as u32);
        for n in 0..jobs.max(1) {
            if jobs > 0 {
                pool.submit(n).timeout(Duration::ZERO).block().unwrap().detach();
            }
            workers.run_for(&pool, pause);
            waited += pool.queue_len();
        }
        for event in std::iter::from_fn(|| events.try_recv().ok()) {
            if let What::Scaled { to, .. } = event.what {
                trace.push((event.at - begun, to));
            }
        }
    }
    assert!(pool.stats().adds_up() && pool.is_idle(), "{:?}", pool.stats());
    (trace, waited)
}

/// How often the direction was changed.
fn turns(trace: &Trace) -> usize {
    let steps: Vec<bool> = trace.windows(2).map(|pair| pair[1].1 > pair[0].1).collect();
    steps.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn most(trace: &Trace) -> usize {
    trace.iter().map(|(_, workers)| *workers).max().unwrap_or_default()
}

fn last(trace: &Trace) -> usize {
    trace.last().map_or(0, |(_, workers)| *workers)
}

#[test]
fn a_step_is_followed_up_and_down_once() {
    by_hand(|manual| {
        // 60 jobs of 100 ms a second keep six workers busy.
        let (trace, _) = trace(manual, Reactive::new(), |_| 60, 60);
        assert!((6..=8).contains(&most(&trace)), "{trace:?}");
        assert_eq!((last(&trace), turns(&trace)), (1, 1), "up, and down again: {trace:?}");
        let reached = trace.iter().find(|(_, workers)| *workers >= 6).unwrap();
        assert!(reached.0 < secs(10), "it is there soon: {trace:?}");
    });
}

#[test]
fn more_than_all_can_do_takes_all() {
    by_hand(|manual| {
        let (trace, _) = trace(manual, Reactive::new(), |_| 90, 20);
        assert_eq!((most(&trace), last(&trace), turns(&trace)), (8, 1, 1), "{trace:?}");
    });
}

#[test]
fn a_trickle_changes_nothing() {
    by_hand(|manual| {
        let (trace, _) = trace(manual, Reactive::new(), |_| 5, 120);
        assert_eq!(trace, [(Duration::ZERO, 1)]);
    });
}

#[test]
fn bursts_are_met_without_swinging() {
    by_hand(|manual| {
        let (trace, _) = trace(manual, Reactive::new(), |second| 10 + second % 10 / 9 * 70, 60);
        // Six bursts: up for each at most, and down after it at most.
        assert!(turns(&trace) <= 12, "{trace:?}");
        assert!(most(&trace) >= 4 && last(&trace) == 1, "{trace:?}");
    });
}

#[test]
fn a_load_between_the_thresholds_is_left_alone() {
    by_hand(|manual| {
        // Steady at what four workers do half of the time.
        let (trace, _) =
            trace(manual, Reactive::new(), |second| if second < 10 { 60 } else { 25 }, 200);
        let late: Vec<_> =
            trace.iter().filter(|(at, _)| (secs(60)..secs(200)).contains(at)).collect();
        assert!(late.is_empty(), "nothing changes any more: {trace:?}");
    });
}

#[test]
fn who_looks_ahead_lets_jobs_wait_less() {
    by_hand(|manual| {
        let ramp = |second: u64| 2 + second * 2;
        let start = secs(2);
        let (reactive, waited) = trace_of(manual, Reactive::new(), ramp, 30, start);
        let policy = Predictive::new(Reactive::new(), secs(4));
        let (predictive, waited_less) = trace_of(manual, policy, ramp, 30, start);
        assert!(
            waited_less * 3 < waited * 2,
            "{waited_less:?} {waited:?}\n{predictive:?}\n{reactive:?}"
        );
        assert_eq!(last(&predictive), 1, "{predictive:?}");
    });
}

#[test]
fn idle_workers_retire_down_to_the_fewest() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |_: &u64| Deed::Takes(ms(10)), |n| n);
        let builder = Pool::builder().scale(1..=6).scaling_off().idle_timeout(secs(30));
        let pool = builder.build_of(workers.kind()).unwrap();
        assert_eq!(pool.scale_to(6), 6);
        workers.run_for(&pool, secs(29));
        assert_eq!(pool.worker_count(), 6);
        workers.run_for(&pool, secs(2));
        assert_eq!((pool.worker_count(), workers.alive()), (1, 1));
    });
}

#[test]
fn a_pool_of_none_has_one_as_soon_as_a_job_comes() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |_: &u64| Deed::Takes(ms(10)), |n| n + 1);
        let pool = Pool::builder().scale(0..=2).idle_timeout(secs(1)).build_of(workers.kind());
        let pool = pool.unwrap();
        assert_eq!(workers.alive(), 0);
        let mut handle = pool.submit(1).block().unwrap();
        workers.run_for(&pool, ms(10));
        assert_eq!(handle.join().timeout(Duration::ZERO).block(), Ok(2));
        workers.run_for(&pool, secs(5));
        assert_eq!(workers.alive(), 0, "and none again");
    });
}

#[test]
fn a_policy_that_panics_is_asked_no_more() {
    struct Fails;
    impl ScalingPolicy for Fails {
        fn name(&self) -> &str {
            "fails"
        }
        fn decide(
            &mut self,
            _: &gonex_runtime::pool::scaling::ScalingMetrics,
        ) -> gonex_runtime::pool::scaling::Decision {
            panic!("as planned")
        }
    }
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |_: &u64| Deed::Takes(ms(10)), |n| n);
        let pool = Pool::builder().scale(1..=2).scaling(Fails).build_of(workers.kind()).unwrap();
        let mut events = pool.events();
        workers.run_for(&pool, secs(10));
        let faults =
            told(&mut events).into_iter().filter(|what| matches!(what, What::Fault { .. }));
        assert_eq!(faults.count(), 1);
    });
}

#[test]
fn workers_with_many_jobs_at_once_go_under_load() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |&time: &u64| Deed::Takes(ms(time)), |n| n);
        let workers = workers.slots(2.try_into().unwrap());
        let builder = Pool::builder().scale(1..=3).initial(3).scaling_off();
        let pool = builder.build_of(workers.kind()).unwrap();
        // Of different lengths, so that no worker ends two at a time.
        for n in 0..200 {
            pool.submit(7 + n % 5).block().unwrap().detach();
        }
        workers.run_for(&pool, ms(1));
        assert_eq!((pool.scale_to(1), workers.alive()), (1, 3));
        workers.run_for(&pool, ms(40));
        assert_eq!((pool.worker_count(), workers.alive()), (1, 1));
        assert!(pool.queue_len() > 100, "there is much to do still");
        workers.run_for(&pool, secs(9));
        assert_eq!(pool.stats().completed, 200);
    });
}

#[test]
fn what_a_policy_decides_is_done_when_it_has_decided() {
    /// Takes its time, and wants one more.
    struct Slow(Manual);
    impl ScalingPolicy for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }
        fn decide(
            &mut self,
            metrics: &gonex_runtime::pool::scaling::ScalingMetrics,
        ) -> gonex_runtime::pool::scaling::Decision {
            if metrics.workers < 2 {
                self.0.advance(secs(9));
            }
            gonex_runtime::pool::scaling::Decision::to(2, "as planned")
        }
    }
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |_: &u64| Deed::Takes(ms(10)), |n| n)
            .beginning(|_| Beginning::After(secs(1)));
        let builder = Pool::builder().scale(1..=2).scaling(Slow(manual.clone()));
        let builder = builder.scaling_interval(secs(3)).start_timeout(secs(2));
        let pool = builder.build_of(workers.kind()).unwrap();
        workers.run_for(&pool, secs(20));
        let stats = pool.stats();
        assert_eq!((stats.workers, stats.workers_died), (2, 0), "it had its time: {stats:?}");
    });
}
