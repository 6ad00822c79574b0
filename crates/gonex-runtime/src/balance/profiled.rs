use gonex_core::Instant;

use super::balancer::{Balancer, Ended};
use super::choice::Choice;
use super::task::{TaskKind, TaskView};
use super::worker::{WorkerId, WorkerView};
use crate::profile::Profiler;

/// Tasks go where another balancer says, and a [`Profiler`] is told how long each ran, by kind and worker.
///
/// A kind is a hash, so it has to be [named](Self::named) to have a name of its own in the report; the
/// others are `tasks`. What did not run to its end is not recorded.
///
/// ```
/// use gonex_runtime::Pool;
/// use gonex_runtime::balance::{LeastBusy, Profiled, TaskKind};
/// use gonex_runtime::pool::JobOptions;
/// use gonex_runtime::profile::Profiler;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profiler = Profiler::new();
/// let balancer = Profiled::around(LeastBusy::new(), &profiler).named("parse");
/// let pool = Pool::builder().balance(balancer).build(|text: &str| text.len())?;
/// let parse = JobOptions::new().kind(TaskKind::named("parse"));
/// assert_eq!(pool.submit_with("Call me", &parse).block()?.join().block()?, 7);
/// assert_eq!(pool.submit("Ishmael").block()?.join().block()?, 7);
///
/// drop(pool);
/// let report = profiler.report();
/// assert_eq!(report.total("parse").unwrap().count, 1);
/// assert_eq!(report.total("tasks").unwrap().count, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Profiled<B> {
    given: B,
    profiler: Profiler,
    names: Vec<(TaskKind, String)>,
}

impl<B: Balancer> Profiled<B> {
    /// Makes one that gives tasks as another balancer does.
    #[must_use]
    pub fn around(given: B, profiler: &Profiler) -> Self {
        Self { given, profiler: profiler.clone(), names: Vec::new() }
    }

    /// Reports the kind of this name by it.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.names.push((TaskKind::named(name), name.to_owned()));
        self
    }
}

impl<B: Balancer> Balancer for Profiled<B> {
    fn name(&self) -> &str {
        self.given.name()
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        self.given.choose(task, workers, now)
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], now: Instant) -> Option<usize> {
        self.given.steal(thief, workers, now)
    }

    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        self.given.ended(task, ended);
        if ended.is_completed {
            let named = self.names.iter().find(|(kind, _)| *kind == task.kind);
            let name = named.map_or("tasks", |(_, name)| name);
            self.profiler.recorder_of(name, ended.worker).record(ended.took);
        }
    }

    fn joined(&mut self, worker: &WorkerView, now: Instant) {
        self.given.joined(worker, now);
    }

    fn left(&mut self, worker: WorkerId, now: Instant) {
        self.given.left(worker, now);
    }
}
