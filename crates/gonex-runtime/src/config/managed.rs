use std::cell::Cell;
use std::num::NonZeroUsize;
use std::panic;
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use gonex_core::rt;
use gonex_task::place::{NotTaken, Place, Why};
use gonex_task::work::Work;
use gonex_task::{PanicHook, Priority, Task, TaskError};

use super::parallelism::ParallelismConfig;
use super::refused::ParallelismError;
use super::station::Station;
use super::value::{Balancing, Value};
use crate::Runtime;
use crate::balance::TaskKind;
use crate::pool::{JobOptions, Pool, PoolStatus, SubmitError};

/// So many pools are kept for the options that were asked for.
const KEPT: usize = 16;

/// How many tasks wait in each, at most.
const WAITING: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// One for each options of pools that differ, for as long as the process lives.
static POOLS: Mutex<Vec<(ParallelismConfig, Arc<Workers>)>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread runs a call, as a worker of any of the pools.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// The workers of calls with the same options.
pub(crate) struct Workers {
    pool: Pool<Call, ()>,
}

/// A task in the queue of a pool. One that leaves it without having run says why.
struct Call(Option<Task>);

impl Call {
    fn into_task(mut self) -> Option<Task> {
        self.0.take()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(task) = self.0.take() else { return };
        let stopped = task.spec().parent.stopped();
        task.end(stopped.map_or_else(|| TaskError::lost(false), TaskError::from));
    }
}

impl Workers {
    fn start(config: &ParallelismConfig) -> Result<Self, ParallelismError> {
        let builder = Pool::builder().name("gonex-parallel").options(config)?;
        let builder = builder.capacity(WAITING).panic_hook(PanicHook::Untouched);
        // It outlives whatever test or simulation asks for it first.
        let started = rt::enter_shared(|| builder.build(run));
        let pool = started.map_err(|error| {
            let reason = format!("the system does not start the workers: {error}");
            let count = config.thread_count.unwrap_or_default();
            ParallelismError::refusal("thread_count", count, &reason, "fewer of them")
        })?;
        Ok(Self { pool })
    }
}

/// Tasks know their context, their limits and their name themselves, so to the pool they are jobs that run
/// as long as they like.
impl Place for Workers {
    fn name(&self) -> &str {
        "gonex-parallel"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.pool.worker_count()).unwrap_or(NonZeroUsize::MIN)
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        // A future has no tokio on a worker, and would hold it for as long as it waits. A call from a worker
        // might wait for one that waits for it, be it of this pool or of another; its context need not
        // tell that, as the station asks of it.
        if IS_WORKER.get() || task.is_future() {
            return Runtime::current().submit(task);
        }
        let spec = task.spec();
        let name = spec.name.clone().unwrap_or_else(|| spec.origin.to_string().into());
        let options = JobOptions::new()
            .kind(TaskKind::named(&name))
            .key(&*name)
            .name(name)
            .priority(task.priority())
            .within(&spec.parent);
        match self.pool.try_submit_with(Call(Some(task)), &options) {
            Ok(job) => {
                job.detach();
                Ok(())
            }
            Err(error) => {
                let (why, reason) = match error {
                    SubmitError::Full(_) => {
                        (Why::Refused, "too many calls wait; wait for some of them")
                    }
                    _ => (
                        Why::Unavailable,
                        "the workers kept dying and are not replaced any more; see to what kills them",
                    ),
                };
                // It is there until it is run.
                let task = error.into_job().into_task();
                task.map_or(Ok(()), |task| Err(task.not_taken(why, reason)))
            }
        }
    }
}

/// What a worker does with a task. One that has panicked it throws on, so that the pool can count it; the
/// task's handle knows it already.
fn run(call: Call) {
    let Some(task) = call.into_task() else { return };
    let before = IS_WORKER.replace(true);
    let spec = task.spec();
    let is_well = Cell::new(true);
    match task.into_work() {
        Work::Closure(job) => job.run(PanicHook::Untouched, &|is_done| is_well.set(is_done)),
        work => Task::of(work, Priority::NORMAL).run(PanicHook::Untouched),
    }
    IS_WORKER.set(before);
    // What was stopped has not failed.
    if !is_well.get() && spec.parent.stopped().is_none() {
        panic::resume_unwind(Box::new("the call panicked"));
    }
}

impl ParallelismConfig {
    /// The first option that a runtime does not do, and a managed pool does.
    pub(super) fn asks_for_pool(&self) -> Option<(&'static str, Value)> {
        let is_on = |value: &Option<bool>| *value == Some(true);
        let asked = [
            ("cpu_affinity", is_on(&self.cpu_affinity)),
            ("numa_aware", is_on(&self.numa_aware)),
            ("memory_pool", self.memory_pool.is_some()),
            ("memory_pool_size", self.memory_pool_size.is_some()),
            ("load_balancing", self.load_balancing.is_some_and(|to| to != Balancing::LeastBusy)),
            ("auto_scaling", is_on(&self.auto_scaling)),
            ("health_monitoring", is_on(&self.health_monitoring)),
        ];
        let (name, _) = asked.into_iter().find(|(_, is_asked)| *is_asked)?;
        let field = Self::fields().iter().find(|field| field.name == name)?;
        Some((name, (field.get)(self)?))
    }

    /// What of these options is the pool's, and not the call's. A switch that is off is as one that is not
    /// set, so that both find the same pool.
    fn of_pool(&self) -> Self {
        let if_on = |switch: Option<bool>| switch.filter(|is_on| *is_on);
        Self {
            thread_count: self.thread_count,
            worker_timeout: self.worker_timeout,
            auto_restart: self.auto_restart,
            cpu_affinity: if_on(self.cpu_affinity),
            numa_aware: if_on(self.numa_aware),
            memory_pool: self.memory_pool,
            memory_pool_size: self.memory_pool_size,
            load_balancing: self.load_balancing,
            work_stealing: if_on(self.work_stealing),
            auto_scaling: if_on(self.auto_scaling),
            health_monitoring: if_on(self.health_monitoring),
            ..Self::default()
        }
    }

    /// Where tasks run by these options.
    #[track_caller]
    pub(crate) fn station(&self) -> Result<Station, ParallelismError> {
        if self.asks_for_pool().is_none() {
            return self.runtime().map(Station::Runtime);
        }
        self.validate()?;
        let wanted = self.of_pool();
        // No code of users runs under it: to start threads is the system's work.
        let mut pools = lock_std(&POOLS);
        if let Some((_, workers)) = pools.iter().find(|(options, _)| *options == wanted) {
            return Ok(Station::Managed(workers.clone()));
        }
        if pools.len() == KEPT {
            let (field, value) =
                self.asks_for_pool().unwrap_or(("load_balancing", Value::Number(0)));
            let reason =
                format!("{KEPT} other sets of options have a pool already, and each stays");
            return Err(ParallelismError::refusal(field, value, &reason, "one of those sets"));
        }
        let workers = Arc::new(Workers::start(&wanted)?);
        pools.push((wanted, workers.clone()));
        Ok(Station::Managed(workers))
    }

    /// How the workers are that calls with these options share; `None` where they share none, or nothing
    /// was called yet.
    ///
    /// ```
    /// use gonex_runtime::{ParallelismConfig, go_parallel};
    ///
    /// let config = ParallelismConfig::new().health_monitoring(true);
    /// assert_eq!(config.pool_status(), None);
    /// assert_eq!(go_parallel(|| 7).options(config.clone()).block(), Ok(7));
    /// assert!(config.pool_status().is_some_and(|status| status.health.is_healthy()));
    /// ```
    #[must_use]
    pub fn pool_status(&self) -> Option<PoolStatus> {
        let wanted = self.of_pool();
        let found = {
            let pools = lock_std(&POOLS);
            let found = pools.iter().find(|(options, _)| *options == wanted);
            found.map(|(_, workers)| workers.clone())
        };
        Some(found?.pool.status())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use gonex_core::Context;
    use gonex_task::TaskOptions;

    use super::*;

    #[test]
    fn a_call_whose_time_is_over_needs_no_worker_to_leave_the_queue() {
        let workers = Workers::start(&ParallelismConfig::new().thread_count(1_usize)).unwrap();
        let (begins, has_begun) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let stays = move || {
            begins.send(()).unwrap();
            gate.recv().unwrap();
        };
        let (task, mut busy) = Task::new(stays, &TaskOptions::new());
        workers.submit(task).unwrap();
        has_begun.recv().unwrap();
        let context = Context::background().with_timeout(Duration::from_millis(5));
        let (task, mut late) = Task::new(|| (), &TaskOptions::new().within(&context));
        workers.submit(task).unwrap();
        assert_eq!(late.join().block(), Err(TaskError::Timeout));
        let stats = workers.pool.stats();
        assert_eq!((stats.queued, stats.running, stats.timed_out), (0, 1, 1));
        open.send(()).unwrap();
        assert_eq!(busy.join().block(), Ok(()));
    }

    #[test]
    fn a_call_that_leaves_the_queue_says_why() {
        let (context, canceller) = Context::background().with_cancel();
        let options = TaskOptions::new().within(&context);
        let (task, mut lost) = Task::new(|| (), &options);
        drop(Call(Some(task)));
        assert!(matches!(lost.join().block(), Err(TaskError::Lost { started: false, .. })));
        let (task, mut cancelled) = Task::new(|| (), &options);
        canceller.cancel("nobody waits for it");
        drop(Call(Some(task)));
        assert!(matches!(cancelled.join().block(), Err(TaskError::Cancelled(_))));
    }

    #[test]
    fn switches_that_are_off_make_no_pool_of_their_own() {
        let on = ParallelismConfig::new().health_monitoring(true);
        let off = on.clone().cpu_affinity(false).numa_aware(false).work_stealing(false);
        assert_eq!(off.auto_scaling(false).of_pool(), on.of_pool());
        let scaled = on.clone().auto_scaling(true);
        assert_ne!(scaled.of_pool(), on.of_pool());
        assert_eq!(scaled.clone().health_monitoring(false).of_pool().health_monitoring, None);
    }
}
