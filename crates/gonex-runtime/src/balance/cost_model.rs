use super::least_squares::LeastSquares;
use super::ledger::Ledger;
use super::task::{TaskKind, TaskView};
use super::worker::WorkerId;

/// What is known of kinds and of workers: a task takes `cost · slowness · aptitude` seconds.
///
/// The *cost* is that of its kind for its size, on a worker like most; the *slowness* that of the worker,
/// for all kinds; the *aptitude* what this worker needs for this kind beside that. All three are learned
/// from the same times: what the first two do not explain is left to the third.
#[derive(Clone, Debug, Default)]
pub(super) struct CostModel {
    /// In the order of their names.
    kinds: Vec<(TaskKind, Kind)>,
    slowness: Ledger<Factor>,
    /// What a task of any kind costs.
    mean: f64,
    /// How many tasks it has learned from.
    tasks: u64,
}

/// The most kinds that are known at a time; one more takes the place of the one that was not heard of
/// for the longest time.
const MOST_KINDS: usize = 256;

/// As many examples as are needed before anything is said of a kind.
const ENOUGH: u32 = 3;

/// What is known of a kind.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    line: LeastSquares,
    /// How far times are from what is expected: the mean of the squares, relative to that.
    noise: f64,
    aptitude: Ledger<Factor>,
    /// The number of the task that was its last.
    heard: u64,
}

/// A factor that is learned, near 1 for most: a Kalman filter of one dimension.
#[derive(Clone, Copy, Debug)]
struct Factor {
    value: f64,
    /// How far off it may be, as a square.
    variance: f64,
}

/// How far off factors may be at first, as squares: that of a worker, and that of a kind on it.
const SLOWNESS: f64 = 0.5;
const APTITUDE: f64 = 0.1;
/// By how much they may change from one task to the next, as squares.
const SLOWNESS_DRIFT: f64 = 3e-4;
const APTITUDE_DRIFT: f64 = 1e-4;
/// What the noise of a new kind is taken to be, and how much the newest task counts in it.
const FIRST_NOISE: f64 = 0.25;
const NEWEST: f64 = 0.05;
/// So many tasks make up the mean of all kinds.
const MEAN_OF: u64 = 64;

impl Factor {
    fn new(value: f64, variance: f64) -> Self {
        Self { value, variance }
    }

    /// Learns that it was off by so much, relative to itself, of which this share is its own.
    fn learn(&mut self, error: f64, share: f64, drift: f64) {
        self.value = (self.value * (1.0 + share * error)).clamp(1e-3, 1e3);
        self.variance = (self.variance * (1.0 - share) + drift).min(1.0);
    }
}

impl CostModel {
    /// What a task costs on a worker like most, in seconds, and what else is known of its kind; `None` while
    /// that is nothing.
    pub(super) fn look(&self, task: &TaskView) -> Option<(f64, &Kind)> {
        let at = self.find(task.kind).ok()?;
        let kind = &self.kinds[at].1;
        (kind.line.examples() >= ENOUGH).then(|| (kind.line.cost(size(task)), kind))
    }

    /// How many times as long as most a worker takes. One of whom nothing is known is like the others.
    pub(super) fn slowness(&self, worker: WorkerId) -> f64 {
        self.slowness.get(worker).map_or_else(|| average(&self.slowness), |factor| factor.value)
    }

    /// What a task of any kind costs, in seconds.
    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    /// Learns from a task that took so many seconds.
    pub(super) fn learn(&mut self, task: &TaskView, worker: WorkerId, took: f64) {
        let (took, size) = (took.max(1e-9), size(task));
        let slowness = self.slowness(worker);
        self.tasks += 1;
        self.mean += (took / slowness - self.mean) / self.tasks.min(MEAN_OF) as f64;
        let at = self.index(task.kind, || Kind::new(size, took / slowness));
        let kind = &mut self.kinds[at].1;
        kind.heard = self.tasks;
        let aptitude = kind.aptitude(worker);
        let expected = kind.line.cost(size) * slowness * aptitude;
        // What took many times as long as it should says little about who was slow.
        let error = (took / expected - 1.0).min(5.0);
        kind.noise += (error * error - kind.noise) * NEWEST;
        if kind.line.examples() >= ENOUGH {
            let fresh = |known: &Ledger<Factor>| Factor::new(average(known), SLOWNESS);
            let slowness = self.slowness.entry(worker, fresh);
            let aptitude = kind.aptitude.entry(worker, |_| Factor::new(1.0, APTITUDE));
            // The more uncertain one of these is, the more of the error is its own.
            let all = slowness.variance + aptitude.variance + kind.noise;
            slowness.learn(error, slowness.variance / all, SLOWNESS_DRIFT);
            aptitude.learn(error, aptitude.variance / all, APTITUDE_DRIFT);
        }
        kind.line.learn(size, took / (slowness * aptitude));
    }

    /// Forgets a worker.
    pub(super) fn forget(&mut self, worker: WorkerId) {
        self.slowness.forget(worker);
        self.kinds.iter_mut().for_each(|(_, kind)| kind.aptitude.forget(worker));
    }

    /// Where a kind stands, which is made where it is new.
    fn index(&mut self, kind: TaskKind, make: impl FnOnce() -> Kind) -> usize {
        self.find(kind).unwrap_or_else(|mut at| {
            if self.kinds.len() >= MOST_KINDS {
                let heard = |&at: &usize| self.kinds[at].1.heard;
                let silent = (0..self.kinds.len()).min_by_key(heard).unwrap_or(0);
                self.kinds.remove(silent);
                at -= usize::from(silent < at);
            }
            self.kinds.insert(at, (kind, make()));
            at
        })
    }

    fn find(&self, kind: TaskKind) -> Result<usize, usize> {
        self.kinds.binary_search_by_key(&kind, |&(kind, _)| kind)
    }
}

impl Kind {
    fn new(size: f64, cost: f64) -> Self {
        let line = LeastSquares::new(size, cost);
        Self { line, noise: FIRST_NOISE, aptitude: Ledger::default(), heard: 0 }
    }

    /// How many times as long a worker takes for this kind as it does for others.
    pub(super) fn aptitude(&self, worker: WorkerId) -> f64 {
        self.aptitude.get(worker).map_or(1.0, |factor| factor.value)
    }
}

/// What a new worker is taken to be.
fn average(factors: &Ledger<Factor>) -> f64 {
    let add = |(sum, count): (f64, f64), factor: &Factor| (sum + factor.value, count + 1.0);
    let (sum, count) = factors.values().fold((0.0, 0.0), add);
    if count > 0.0 { sum / count } else { 1.0 }
}

/// How much there is to do in a task. Whoever says how long it will take has said that as well.
fn size(task: &TaskView) -> f64 {
    match task.estimate {
        Some(estimate) if task.size == 0 => estimate.as_secs_f64() * 1e9,
        _ => task.size as f64,
    }
}
