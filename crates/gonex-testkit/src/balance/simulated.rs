use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use gonex_core::Instant;
use gonex_core::rt::{Manual, Seam};
use gonex_runtime::balance::{Balancer, Checked, Ended, WorkerId, WorkerView};

use super::scene::{Scene, SimTask};
use super::score::Score;

/// How tasks come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// By themselves, with the gaps of the scene.
    Stream,
    /// Whenever fewer than so many wait, as from a loop that submits to a bounded pool.
    Batch {
        /// How many may wait.
        room: usize,
    },
}

/// Runs a scene on a simulated pool, and says how well the balancer has spread it.
///
/// Each worker runs one task at a time and has a queue; one that has nothing to do takes from the queue of
/// all, and may steal where the balancer says so.
///
/// # Panics
/// If the scene has tasks but no workers, the feed has no room, or the balancer panics or answers with what was not offered.
#[must_use]
pub fn simulate(scene: &Scene, feed: Feed, balancer: impl Balancer + 'static) -> Score {
    run(scene, feed, Box::new(balancer)).score()
}

/// How many tasks each worker of a scene runs.
pub(super) fn tasks_of_each(scene: &Scene, feed: Feed, balancer: Box<dyn Balancer>) -> Vec<usize> {
    run(scene, feed, balancer).workers.iter().map(|worker| worker.ran).collect()
}

fn run(scene: &Scene, feed: Feed, balancer: Box<dyn Balancer>) -> Simulated<'_> {
    assert!(
        scene.tasks.is_empty() || !scene.workers.is_empty(),
        "the scene has no workers for its tasks; add some"
    );
    assert_ne!(feed, Feed::Batch { room: 0 }, "no task fits into no room; give it some");
    let mut pool = Simulated::new(scene, Checked::boxed(balancer));
    pool.run(feed);
    assert_eq!(pool.balancer.fault(), None, "the balancer panicked");
    let wrong = pool.balancer.wrong_answers();
    assert_eq!(wrong, 0, "answers of the balancer could not be followed");
    pool
}

/// A pool as far as balancing goes. Times count from its start.
struct Simulated<'a> {
    scene: &'a Scene,
    balancer: Checked,
    start: Instant,
    now: Duration,
    views: Vec<WorkerView>,
    workers: Vec<Worker>,
    /// The queue of all.
    shared: VecDeque<Task>,
    /// Who ends next.
    ends: BinaryHeap<Reverse<(Duration, usize)>>,
    /// How long each task took from when it came.
    took: Vec<Duration>,
    /// When the first task came.
    first: Option<Duration>,
}

#[derive(Default)]
struct Worker {
    queue: VecDeque<Task>,
    /// What it runs, and since when.
    runs: Option<(Task, Duration)>,
    busy: Duration,
    ran: usize,
}

#[derive(Clone, Copy)]
struct Task {
    index: usize,
    cost: u64,
    came: Duration,
}

impl<'a> Simulated<'a> {
    fn new(scene: &'a Scene, mut balancer: Checked) -> Self {
        let start = Manual::new().now();
        let views: Vec<WorkerView> = (0..)
            .zip(&scene.workers)
            .map(|(number, worker)| {
                let mut view = WorkerView::new(WorkerId::new(number));
                view.weight = worker.weight;
                view
            })
            .collect();
        for view in &views {
            balancer.joined(view, start);
        }
        Self {
            scene,
            balancer,
            start,
            now: Duration::ZERO,
            workers: views.iter().map(|_| Worker::default()).collect(),
            views,
            shared: VecDeque::new(),
            ends: BinaryHeap::new(),
            took: Vec::with_capacity(scene.tasks.len()),
            first: None,
        }
    }

    fn run(&mut self, feed: Feed) {
        let mut next = 0;
        let mut comes = Duration::ZERO;
        while self.took.len() < self.scene.tasks.len() {
            let task = self.scene.tasks.get(next);
            let may_come = match (task, feed) {
                (None, _) => None,
                (Some(task), Feed::Stream) => Some(comes + task.gap),
                (Some(_), Feed::Batch { room }) => (self.waiting() < room).then_some(self.now),
            };
            let ends = self.ends.peek().map(|&Reverse((at, _))| at);
            match (may_come, ends) {
                (Some(at), ends) if ends.is_none_or(|end| at <= end) => {
                    (self.now, comes) = (at, at);
                    self.come(next);
                    next += 1;
                }
                _ => self.end_next(),
            }
        }
    }

    fn waiting(&self) -> usize {
        self.shared.len() + self.workers.iter().map(|worker| worker.queue.len()).sum::<usize>()
    }

    fn moment(&self) -> Instant {
        self.start + self.now
    }

    fn come(&mut self, index: usize) {
        self.first.get_or_insert(self.now);
        let view = self.scene.tasks[index].view;
        let choice = self.balancer.choose(&view, &self.views, self.moment());
        let task = Task { index, cost: choice.cost(), came: self.now };
        match choice.index() {
            Some(worker) => {
                self.workers[worker].queue.push_back(task);
                self.views[worker].queued_cost += task.cost;
            }
            None => self.shared.push_back(task),
        }
        self.serve();
    }

    /// Gives work to whoever has none, until there is nothing more to give.
    fn serve(&mut self) {
        for worker in 0..self.workers.len() {
            if self.workers[worker].runs.is_none() {
                self.refresh(worker);
                if let Some(task) = self.next_for(worker) {
                    self.begin(worker, task);
                }
            }
            self.refresh(worker);
        }
    }

    fn next_for(&mut self, worker: usize) -> Option<Task> {
        if let Some(task) = self.workers[worker].queue.pop_front() {
            self.views[worker].queued_cost -= task.cost;
            return Some(task);
        }
        if let Some(task) = self.shared.pop_front() {
            return Some(task);
        }
        if self.workers.iter().all(|worker| worker.queue.is_empty()) {
            return None;
        }
        let victim = self.balancer.steal(worker, &self.views, self.moment())?;
        let task = self.workers[victim].queue.pop_front()?;
        self.views[victim].queued_cost -= task.cost;
        self.refresh(victim);
        Some(task)
    }

    fn begin(&mut self, worker: usize, task: Task) {
        let SimTask { cost, view, .. } = self.scene.tasks[task.index];
        let time = self.scene.workers[worker].time(view.kind, cost, self.now);
        self.workers[worker].runs = Some((task, self.now));
        self.ends.push(Reverse((self.now + time, worker)));
    }

    fn end_next(&mut self) {
        let Reverse((at, worker)) = self.ends.pop().expect("tasks are left, so one runs");
        self.now = at;
        let (task, since) = self.workers[worker].runs.take().expect("it runs what ends");
        let time = at - since;
        self.workers[worker].busy += time;
        self.workers[worker].ran += 1;
        self.took.push(at - task.came);
        self.refresh(worker);
        let ended = Ended::new(self.views[worker].id, time, self.moment()).costing(task.cost);
        self.balancer.ended(&self.scene.tasks[task.index].view, &ended);
        self.serve();
    }

    /// Shows a worker as it is.
    fn refresh(&mut self, index: usize) {
        let (worker, view) = (&self.workers[index], &mut self.views[index]);
        let runs = worker.runs.map(|(task, since)| (task.cost, self.start + since));
        view.running = u32::from(runs.is_some());
        view.running_cost = runs.map_or(0, |(cost, _)| cost);
        view.running_since = runs.map(|(_, since)| since);
        view.queued = u32::try_from(worker.queue.len()).unwrap_or(u32::MAX);
        view.next_cost = worker.queue.front().map_or(0, |task| task.cost);
    }

    fn score(self) -> Score {
        let busy: Vec<Duration> = self.workers.iter().map(|worker| worker.busy).collect();
        Score::of(self.now - self.first.unwrap_or_default(), self.took, &busy)
    }
}
