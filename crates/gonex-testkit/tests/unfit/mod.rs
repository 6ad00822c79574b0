//! Balancers that break what balancers owe, each in its own way, and the cases that find it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::Instant;
use gonex_runtime::balance::{Balancer, Choice, Ended, RoundRobin, TaskView, WorkerId, WorkerView};
use gonex_testkit::balance::{Conformance, Report};

/// What a balancer chooses.
struct Chooses<F>(F);

impl<F> std::fmt::Debug for Chooses<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chooses")
    }
}

impl<F: FnMut(&TaskView, &[WorkerView], Instant) -> Choice + Send> Balancer for Chooses<F> {
    fn name(&self) -> &str {
        "unfit"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        (self.0)(task, workers, now)
    }
}

fn chooses<F>(choose: F) -> Chooses<F>
where
    F: FnMut(&TaskView, &[WorkerView], Instant) -> Choice + Send + 'static,
{
    Chooses(choose)
}

fn check<B: Balancer + 'static>(make: impl Fn() -> B + Send + Sync + 'static) -> Report {
    Conformance::new(make).limit(Duration::from_secs(10)).check()
}

/// These cases fail, and no others.
fn assert_failed(report: &Report, cases: &[&str]) {
    let failed: Vec<_> = report.failures().map(|failure| failure.case).collect();
    assert_eq!(failed, cases, "{report}");
}

#[test]
fn one_that_forgets_that_there_may_be_nobody() {
    let report =
        check(|| chooses(|_, workers, _| Choice::worker(workers.len().saturating_sub(1) / 2)));
    assert!(report.failures().any(|failure| failure.case == "nobody"), "{report}");
}

#[test]
fn one_that_goes_by_the_numbers_of_workers() {
    let by_number = |_: &TaskView, workers: &[WorkerView], _: Instant| {
        let least = workers.iter().min_by_key(|worker| (worker.outstanding(), worker.id));
        least.map_or(Choice::SHARED, |worker| Choice::worker(worker.id.get() as usize))
    };
    let report = check(move || chooses(by_number));
    assert_failed(&report, &["offered", "thefts", "repeats", "comes and goes"]);
}

#[test]
fn one_that_has_a_favourite() {
    let first = |_: &TaskView, workers: &[WorkerView], _: Instant| {
        if workers.is_empty() { Choice::SHARED } else { Choice::worker(0) }
    };
    assert_failed(&check(move || chooses(first)), &["everybody works"]);
}

#[test]
fn one_that_draws_lots_without_a_seed() {
    static DRAWN: AtomicUsize = AtomicUsize::new(0);
    let report = check(|| {
        chooses(|_, workers, _| match workers.len() {
            0 => Choice::SHARED,
            len => Choice::worker(DRAWN.fetch_add(7, Ordering::Relaxed) % 11 % len),
        })
    });
    assert!(report.failures().any(|failure| failure.case == "repeats"), "{report}");
}

#[test]
fn one_that_adds_up_what_does_not_fit() {
    let sums = |task: &TaskView, workers: &[WorkerView], _: Instant| {
        let ahead = |worker: &WorkerView| {
            worker.queued_cost.checked_add(worker.running_cost).expect("it fits")
        };
        let index = (0..workers.len()).min_by_key(|&index| ahead(&workers[index]));
        index.map_or(Choice::SHARED, Choice::worker).costing(task.size)
    };
    assert_failed(&check(move || chooses(sums)), &["extremes"]);
}

#[test]
fn one_that_hangs() {
    let report = Conformance::new(|| {
        chooses(|_, _, _| {
            loop {
                std::thread::park();
            }
        })
    });
    let report = report.limit(Duration::from_millis(100)).check();
    let nobody = report.failures().find(|failure| failure.case == "nobody").unwrap();
    assert!(nobody.reason.contains("hangs"), "{nobody:?}");
}

/// One of which only the theft is its own.
#[derive(Debug)]
struct Steals(fn(usize, &[WorkerView]) -> Option<usize>, RoundRobin);

impl Balancer for Steals {
    fn name(&self) -> &str {
        "thief"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        self.1.choose(task, workers, now)
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], _: Instant) -> Option<usize> {
        (self.0)(thief, workers)
    }
}

#[test]
fn one_that_steals_from_itself() {
    let report = check(|| Steals(|thief, _| Some(thief), RoundRobin::new()));
    assert!(report.failures().any(|failure| failure.case == "thefts"), "{report}");
}

#[test]
fn one_that_steals_where_there_is_nothing() {
    let next = |thief: usize, workers: &[WorkerView]| Some((thief + 1) % workers.len());
    let report = check(move || Steals(next, RoundRobin::new()));
    assert!(report.failures().any(|failure| failure.case == "thefts"), "{report}");
}

/// One that remembers everybody.
#[derive(Debug, Default)]
struct Remembers {
    workers: HashMap<WorkerId, u64>,
    turns: RoundRobin,
}

impl Balancer for Remembers {
    fn name(&self) -> &str {
        "memory"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        self.turns.choose(task, workers, now)
    }

    fn ended(&mut self, _: &TaskView, ended: &Ended) {
        *self.workers.entry(ended.worker).or_default() += 1;
    }
}

#[test]
fn one_that_remembers_whoever_has_gone() {
    assert_failed(&check(Remembers::default), &["bounded"]);
}

/// One that knows only workers that were announced, and panics over others.
#[derive(Debug, Default)]
struct Strict {
    known: HashSet<WorkerId>,
    turns: RoundRobin,
}

impl Balancer for Strict {
    fn name(&self) -> &str {
        "strict"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        self.turns.choose(task, workers, now)
    }

    fn joined(&mut self, worker: &WorkerView, _: Instant) {
        assert!(self.known.insert(worker.id), "it joined twice");
    }

    fn left(&mut self, worker: WorkerId, _: Instant) {
        assert!(self.known.remove(&worker), "it left without having been there");
    }
}

#[test]
fn one_that_panics_over_strangers() {
    assert_failed(&check(Strict::default), &["comes and goes"]);
}
