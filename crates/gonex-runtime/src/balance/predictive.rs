use std::time::Duration;

use gonex_core::Instant;

use super::balancer::{Balancer, Ended};
use super::choice::Choice;
use super::cost_model::CostModel;
use super::least_busy::LeastBusy;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// The worker that is expected to be through with the task first.
///
/// It learns what tasks of a kind cost for their size, how fast workers are, and what kinds are faster or
/// slower on one of them; [`TaskView::estimate`] stands in where there is no size. It goes on learning, so it
/// follows what drifts. What is ahead of the task on a worker is the rest of what runs there and all that
/// waits there. A worker with nothing to do steals what it would end sooner than whoever has it.
///
/// While it knows nothing of a kind, it goes by [`LeastBusy`].
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::balance::{
///     Balancer, Ended, Predictive, TaskKind, TaskView, WorkerId, WorkerView,
/// };
///
/// let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// let (mut balancer, now) = (Predictive::new(), gonex_core::rt::now());
/// let resize = TaskView::new(TaskKind::named("resize"));
/// for size in [1_000, 2_000, 3_000, 4_000] {
///     for worker in &workers {
///         // A microsecond for each byte.
///         let ended = Ended::new(worker.id, Duration::from_micros(size), now);
///         balancer.ended(&resize.size(size), &ended);
///     }
/// }
/// // One large task is more than three small ones.
/// let large = balancer.choose(&resize.size(90_000), &workers, now);
/// let small = balancer.choose(&resize.size(1_000), &workers, now);
/// (workers[0].queued, workers[0].queued_cost) = (1, large.cost());
/// (workers[1].queued, workers[1].queued_cost) = (3, 3 * small.cost());
/// assert_eq!(balancer.choose(&resize.size(2_000), &workers, now).index(), Some(1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Predictive {
    model: CostModel,
    /// Who decides while nothing is known.
    least: LeastBusy,
}

/// What a task is taken to need at least once it has run for longer than was expected: this share of what
/// it has run already. What is late is mostly later still.
const LATE: f64 = 0.5;

impl Predictive {
    /// Makes one that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a task of a kind and size is expected to run on a worker; `None` while nothing is known
    /// of the kind.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::balance::{Balancer, Ended, Predictive, TaskView, WorkerId};
    ///
    /// let (mut balancer, worker) = (Predictive::new(), WorkerId::new(1));
    /// assert_eq!(balancer.expected(&TaskView::default(), worker), None);
    /// for _ in 0..10 {
    ///     let ended = Ended::new(worker, Duration::from_millis(5), gonex_core::rt::now());
    ///     balancer.ended(&TaskView::default(), &ended);
    /// }
    /// let expected = balancer.expected(&TaskView::default(), worker).unwrap();
    /// assert!(expected.abs_diff(Duration::from_millis(5)) < Duration::from_micros(50));
    /// ```
    #[must_use]
    pub fn expected(&self, task: &TaskView, worker: WorkerId) -> Option<Duration> {
        let (cost, kind) = self.model.look(task)?;
        let time = cost * self.model.slowness(worker) * kind.aptitude(worker);
        Duration::try_from_secs_f64(time).ok()
    }

    /// How long it is until a worker begins what is given to it now, in seconds.
    fn ahead(&self, worker: &WorkerView, now: Instant) -> f64 {
        let slowness = self.model.slowness(worker.id);
        let waits = self.known(worker.queued_cost, worker.queued) * slowness;
        let slots = f64::from(worker.slots.get());
        if worker.has_free_slot() { 0.0 } else { (waits + self.rest(worker, now)) / slots }
    }

    /// How long what runs on a worker will run still, in seconds.
    fn rest(&self, worker: &WorkerView, now: Instant) -> f64 {
        let since = worker.running_since.map(|since| now.saturating_duration_since(since));
        let past = since.unwrap_or_default().as_secs_f64();
        let expected = self.known(worker.running_cost, worker.running);
        let expected = expected * self.model.slowness(worker.id);
        // Of several at once only the start of the first is known, and the others have run for half of that.
        let tasks = f64::from(worker.running.max(1));
        (expected - past * (1.0 + (tasks - 1.0) / 2.0)).max(past * LATE)
    }

    /// The costs of some tasks in seconds. Those that came while nothing was known have none, and are taken
    /// for average.
    fn known(&self, cost: u64, tasks: u32) -> f64 {
        if cost == 0 { f64::from(tasks) * self.model.mean() } else { cost as f64 / UNITS }
    }
}

/// What the pool adds up is whole, so costs are nanoseconds; and none is more than a day, so that sums fit.
const UNITS: f64 = 1e9;
const MOST: f64 = 86_400.0 * UNITS;

impl Balancer for Predictive {
    fn name(&self) -> &str {
        "predictive"
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        let Some((cost, kind)) = self.model.look(task) else {
            let estimate = task.estimate.map_or(0.0, |estimate| estimate.as_secs_f64());
            return self.least.choose(task, workers, now).costing(units(estimate));
        };
        let end = |worker: &WorkerView| {
            let time = cost * self.model.slowness(worker.id) * kind.aptitude(worker.id);
            self.ahead(worker, now) + time
        };
        let best = first_by(workers, end);
        best.map_or(Choice::SHARED, Choice::worker).costing(units(cost))
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], now: Instant) -> Option<usize> {
        let own = self.model.slowness(workers.get(thief)?.id);
        let gain = |worker: &WorkerView| {
            let cost = self.known(worker.next_cost, 1);
            let there = self.rest(worker, now) + cost * self.model.slowness(worker.id);
            there - cost * own
        };
        let others = workers.iter().enumerate().filter(|&(at, _)| at != thief);
        let worth = others.filter(|(_, worker)| worker.queued > 0);
        let best = worth.map(|(at, worker)| (at, gain(worker)));
        let best = best.max_by(|one, other| one.1.total_cmp(&other.1));
        best.filter(|&(_, gain)| gain > 0.0).map(|(at, _)| at)
    }

    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        if ended.is_completed {
            self.model.learn(task, ended.worker, ended.took.as_secs_f64());
        }
    }

    fn left(&mut self, worker: WorkerId, _: Instant) {
        self.model.forget(worker);
    }
}

/// Seconds as a cost.
fn units(seconds: f64) -> u64 {
    (seconds * UNITS).clamp(1.0, MOST) as u64
}

/// The first of those with the lowest value.
fn first_by(workers: &[WorkerView], value: impl Fn(&WorkerView) -> f64) -> Option<usize> {
    let values = workers.iter().map(value).enumerate();
    values.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(at, _)| at)
}
