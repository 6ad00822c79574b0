use std::cell::Cell;
use std::num::NonZeroUsize;
use std::panic;
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use gonex_core::{Context, rt};
use gonex_task::place::{NotTaken, Place, Why};
use gonex_task::work::Work;
use gonex_task::{PanicHook, Priority, Task};

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
    /// Of which pool's task this thread runs.
    static HERE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The workers of calls with the same options.
pub(crate) struct Workers {
    pool: Pool<Task, ()>,
    /// Which one of the pools it is.
    number: usize,
}

impl Workers {
    fn start(config: &ParallelismConfig, number: usize) -> Result<Self, ParallelismError> {
        let builder = Pool::builder().name("gonex-parallel").options(config)?;
        let builder = builder.capacity(WAITING).panic_hook(PanicHook::Untouched);
        // It outlives whatever test or simulation asks for it first.
        let started = rt::enter_shared(|| builder.build(move |task| run(task, number)));
        let pool = started.map_err(|error| {
            let reason = format!("the system does not start the workers: {error}");
            let count = config.thread_count.unwrap_or_default();
            ParallelismError::refusal("thread_count", count, &reason, "fewer of them")
        })?;
        Ok(Self { pool, number })
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
        if HERE.get() == Some(self.number) {
            return Runtime::current().submit(task);
        }
        let spec = task.spec();
        let name = spec.name.clone().unwrap_or_else(|| spec.origin.to_string().into());
        let options = JobOptions::new()
            .kind(TaskKind::named(&name))
            .key(&*name)
            .name(name)
            .priority(task.priority())
            .within(&Context::background());
        match self.pool.try_submit_with(task, &options) {
            Ok(job) => {
                job.detach();
                Ok(())
            }
            Err(SubmitError::Full(task)) => {
                Err(task.not_taken(Why::Refused, "too many calls wait; wait for some of them"))
            }
            Err(error) => Err(error.into_job().not_taken(
                Why::Unavailable,
                "the workers kept dying and are not replaced any more; see to what kills them",
            )),
        }
    }
}

/// What a worker does with a task. One that has panicked it throws on, so that the pool can count it; the
/// task's handle knows it already.
fn run(task: Task, number: usize) {
    let before = HERE.replace(Some(number));
    let spec = task.spec();
    let is_well = Cell::new(true);
    match task.into_work() {
        Work::Closure(job) => job.run(PanicHook::Untouched, &|is_done| is_well.set(is_done)),
        work => Task::of(work, Priority::NORMAL).run(PanicHook::Untouched),
    }
    HERE.set(before);
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

    /// What of these options is the pool's, and not the call's.
    fn of_pool(&self) -> Self {
        Self {
            thread_count: self.thread_count,
            worker_timeout: self.worker_timeout,
            auto_restart: self.auto_restart,
            cpu_affinity: self.cpu_affinity,
            numa_aware: self.numa_aware,
            memory_pool: self.memory_pool,
            memory_pool_size: self.memory_pool_size,
            load_balancing: self.load_balancing,
            work_stealing: self.work_stealing,
            auto_scaling: self.auto_scaling,
            health_monitoring: self.health_monitoring,
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
        let workers = Arc::new(Workers::start(&wanted, pools.len())?);
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
