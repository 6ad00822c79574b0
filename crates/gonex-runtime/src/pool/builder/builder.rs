use std::collections::HashMap;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use gonex_task::PanicHook;

use super::caller_runs::CallerRuns;
use crate::balance::{Balancer, Checked, TaskKind};
use crate::buffers::Supply;
use crate::machine::default_threads;
use crate::pool::kind::Start;
use crate::pool::scaling::ScalingPolicy;
use crate::pool::shared::{AtFull, Check};
use crate::pool::state::Settings;
use crate::profile::Profiler;
use crate::topology::{Pinning, Seat, Topology};

/// Sets up a [`Pool`](crate::Pool); made by [`Pool::builder`](crate::Pool::builder).
///
/// What is not set has a default, and most of them are off: no time limits, no replacement of workers
/// that hang, no change of their number. `docs/pool.md` lists all with what happens at each limit.
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_runtime::Pool;
///
/// # fn main() -> std::io::Result<()> {
/// let three = NonZeroUsize::new(3).unwrap();
/// let pool = Pool::builder().workers(three).capacity(three).name("parser").build(str::len)?;
/// assert_eq!((pool.worker_count(), pool.queue_size()), (3, 3));
/// # let _: &Pool<&'static str, usize> = &pool;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `.build(handler)`"]
pub struct PoolBuilder {
    pub(super) settings: Settings,
    pub(super) capacity: usize,
    pub(super) hook: PanicHook,
    pub(super) at_full: AtFull,
    pub(super) balancer: Option<Checked>,
    pub(super) policy: Option<Box<dyn ScalingPolicy>>,
    /// How often a policy is asked.
    pub(super) interval: Duration,
    pub(super) scales_by_itself: bool,
    pub(super) check: Option<Arc<Check>>,
    pub(super) pinning: Pinning,
    /// Where workers have their buffers from, if they have their own.
    pub(super) supply: Option<Supply>,
    /// With the names of the kinds.
    pub(super) profiler: Option<(Profiler, HashMap<TaskKind, Arc<str>>)>,
}

impl fmt::Debug for PoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("settings", &self.settings)
            .field("capacity", &self.capacity)
            .field("at_full", &self.at_full)
            .finish_non_exhaustive()
    }
}

/// How many, and what.
impl PoolBuilder {
    pub(in crate::pool) fn new() -> Self {
        let threads = default_threads().get();
        let settings =
            Settings { min: threads, max: threads, initial: threads, ..Settings::default() };
        Self {
            settings,
            capacity: 1024,
            hook: PanicHook::default(),
            at_full: AtFull::default(),
            balancer: None,
            policy: None,
            interval: Duration::from_millis(250),
            scales_by_itself: true,
            check: None,
            pinning: Pinning::None,
            supply: None,
            profiler: None,
        }
    }

    /// The number of workers; by default as many as the machine runs threads at once.
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        let workers = workers.get();
        (self.settings.min, self.settings.max) = (workers, workers);
        self.settings.initial = workers;
        self
    }

    /// How few and how many workers there may be: their number follows the load then, by
    /// [`Reactive`](crate::pool::scaling::Reactive) if no other [policy](Self::scaling) is given. It begins with the fewest.
    ///
    /// With 0 at least, the first job of an idle pool waits until a worker is there.
    pub fn scale(mut self, workers: RangeInclusive<usize>) -> Self {
        (self.settings.min, self.settings.max) = workers.into_inner();
        self.settings.initial = self.settings.min;
        self
    }

    /// How many workers there are at first; by default as few as there may be.
    pub fn initial(mut self, workers: usize) -> Self {
        self.settings.initial = workers;
        self
    }

    /// What decides how many workers there are, where that is a [range](Self::scale).
    pub fn scaling(mut self, policy: impl ScalingPolicy + 'static) -> Self {
        self.policy = Some(Box::new(policy));
        self.scales_by_itself = true;
        self
    }

    /// How often that is decided; by default four times a second.
    pub fn scaling_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The number of workers changes only by [`Pool::scale_to`](crate::Pool::scale_to) and its like, and by the
    /// [idle time-out](Self::idle_timeout).
    pub fn scaling_off(mut self) -> Self {
        self.scales_by_itself = false;
        self
    }

    /// How long a worker without work lives, while there are more than the fewest; by default for ever.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.settings.idle_timeout = Some(time);
        self
    }

    /// How many workers are started in advance, to take the place of others at once; by default none.
    pub fn spares(mut self, workers: usize) -> Self {
        self.settings.spares = workers;
        self
    }

    /// How many jobs wait in the queue before submitting has to wait; by default 1,024.
    pub fn capacity(mut self, jobs: NonZeroUsize) -> Self {
        self.capacity = jobs.get();
        self
    }

    /// What happens to a job for which the queue has no room; by default who hands it in waits.
    pub fn at_full(mut self, what: AtFull) -> Self {
        self.at_full = what;
        self
    }

    /// A job for which the queue has no room is run by who hands it in, there and then. The handler must
    /// have no state of a worker for that, hence the other builder.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let one = NonZeroUsize::MIN;
    /// let pool = Pool::builder().workers(one).capacity(one).caller_runs().build(|n: u32| n + 1)?;
    /// pool.pause();
    /// let mut waits = pool.submit(1).block()?;
    /// assert_eq!(pool.submit(2).block()?.join().block(), Ok(3), "it ran here");
    /// pool.resume();
    /// assert_eq!(waits.join().block(), Ok(2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn caller_runs(self) -> CallerRuns {
        CallerRuns::new(self)
    }

    /// What decides which worker a job goes to. By default none does: all wait in one queue, from which
    /// the next worker that is free takes.
    pub fn balance(mut self, balancer: impl Balancer + 'static) -> Self {
        self.balancer = Some(Checked::new(balancer));
        self
    }

    /// How much each worker gets in proportion to the others, by balancers that go by that: the first of
    /// these is the weight of the worker in the first slot, and so on; of those that are left out it is 1.
    pub fn weights(mut self, weights: impl IntoIterator<Item = NonZeroU32>) -> Self {
        self.settings.weights = weights.into_iter().collect();
        self
    }

    /// On which processors the threads stay; by default wherever the system has them run. What the system
    /// denies is a warning in [health](crate::Pool::status), and the pool works all the same.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    /// use gonex_runtime::topology::Pinning;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().pin(Pinning::Spread).build(|n: u32| n + 1)?;
    /// assert_eq!(pool.submit(1).block()?.join().block(), Ok(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A worker with a state knows its memory node, and can take its buffers from there:
    ///
    /// ```
    /// use gonex_runtime::Pool;
    /// use gonex_runtime::buffers::{BufferPool, NodeBuffers};
    /// use gonex_runtime::pool::kind::Start;
    /// use gonex_runtime::topology::{Pinning, Topology};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let buffers = NodeBuffers::new(&Topology::read(), &BufferPool::builder())?;
    /// let near = move |start: &Start| Ok(buffers.on(start.node).clone());
    /// let pool = Pool::builder().pin(Pinning::PerNode).build_stateful(
    ///     near,
    ///     |buffers: &mut BufferPool, bytes: usize| buffers.take(bytes).capacity(),
    /// )?;
    /// assert!(pool.submit(1_000).block()?.join().block()? >= 1_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pin(mut self, pinning: Pinning) -> Self {
        self.pinning = pinning;
        self
    }

    /// Where workers have their buffers from; else they have none of their own.
    pub(crate) fn supply(mut self, supply: Supply) -> Self {
        self.supply = Some(supply);
        self
    }

    /// An initialiser that gives its thread the buffers that are for it, first of all.
    pub(super) fn supplied<S>(
        &self,
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
    ) -> impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static {
        let supply = self.supply.clone();
        move |start| {
            if let Some(supply) = &supply {
                supply.enter(start.node);
            }
            init(start)
        }
    }

    /// Where the threads stay, by slot; nowhere in particular if empty.
    pub(super) fn seats(&self) -> Vec<Seat> {
        if self.pinning == Pinning::None {
            return Vec::new();
        }
        self.pinning.seats(&Topology::read(), self.settings.max + self.settings.spares)
    }

    /// How many jobs may wait in a worker's own queue, where there is a [balancer](Self::balance); by
    /// default 16. They count for the capacity, too. When no queue has room, jobs wait for whoever is free
    /// first, and so do those that come after, until these have begun.
    pub fn own_queue(mut self, jobs: usize) -> Self {
        self.settings.own_queue = jobs;
        self
    }

    /// How much longer a job of one level of priority less waits; by default 100 ms.
    pub fn ageing(mut self, step: Duration) -> Self {
        self.settings.ageing = step;
        self
    }

    /// What the threads are called, with `-0`, `-1`, … behind; by default `gonex-pool`. A registry knows
    /// the pool by it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// Has the pool tell a profiler how long jobs take that end with a result, for each worker and each
    /// [kind](crate::pool::JobOptions::kind) of these names; jobs of none are recorded under the name of the pool.
    /// By default nothing is measured, and that costs nothing.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    /// use gonex_runtime::balance::TaskKind;
    /// use gonex_runtime::pool::JobOptions;
    /// use gonex_runtime::profile::Profiler;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let profiler = Profiler::new();
    /// let builder = Pool::builder().name("texts").profiler(&profiler, ["parse"]);
    /// let pool = builder.build(|text: &str| text.len())?;
    /// let parse = JobOptions::new().kind(TaskKind::named("parse"));
    /// pool.submit_with("a text", &parse).block()?.join().block()?;
    /// pool.submit("another").block()?.join().block()?;
    /// let report = profiler.report();
    /// assert_eq!(report.total("parse").unwrap().count, 1);
    /// assert_eq!(report.total("texts").unwrap().count, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn profiler<'a>(
        mut self,
        profiler: &Profiler,
        kinds: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let names = kinds.into_iter().map(|name| (TaskKind::named(name), name.into()));
        self.profiler = Some((profiler.clone(), names.collect()));
        self
    }

    /// What is done about a panic in the handler, beside returning it as an error; by default
    /// [`PanicHook::Record`].
    pub fn panic_hook(mut self, hook: PanicHook) -> Self {
        self.hook = hook;
        self
    }
}
