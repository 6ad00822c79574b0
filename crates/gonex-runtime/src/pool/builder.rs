use std::fmt;
use std::future::Future;
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt;
use gonex_resilience::breaker::BreakerConfig;
use gonex_task::PanicHook;

use super::Pool;
use super::kind::{AsyncTasks, Snapshots, Start, WorkerKind, WorkerThreads};
use super::scaling::{Reactive, ScalingPolicy};
use super::shared::{AtFull, Caller, Check, Parts, Shared};
use super::state::{Settings, State};
use super::status::WorkerStatus;
use crate::balance::{Balancer, Checked};
use crate::machine::default_threads;
use crate::runtime::Runtime;
use crate::topology::{Pinning, Seat, Topology};

/// Sets up a [`Pool`]; made by [`Pool::builder`].
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
    settings: Settings,
    capacity: usize,
    hook: PanicHook,
    at_full: AtFull,
    balancer: Option<Checked>,
    policy: Option<Box<dyn ScalingPolicy>>,
    /// How often a policy is asked.
    interval: Duration,
    scales_by_itself: bool,
    check: Option<Arc<Check>>,
    pinning: Pinning,
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
    pub(super) fn new() -> Self {
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
    /// [`Reactive`] if no other [policy](Self::scaling) is given. It begins with the fewest.
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

    /// The number of workers changes only by [`Pool::scale_to`] and its like, and by the
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
        CallerRuns { builder: self }
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
    /// denies is a warning in [health](Pool::status), and the pool works all the same.
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
    pub fn pin(mut self, pinning: Pinning) -> Self {
        self.pinning = pinning;
        self
    }

    /// Where the threads stay, by slot; nowhere in particular if empty.
    fn seats(&self) -> Vec<Seat> {
        if self.pinning == Pinning::None {
            return Vec::new();
        }
        self.pinning.seats(&Topology::read(), self.settings.max + self.settings.spares)
    }

    /// How many jobs may wait in a worker's own queue, where there is a [balancer](Self::balance); by
    /// default 16. They count for the capacity, too.
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

    /// What is done about a panic in the handler, beside returning it as an error; by default
    /// [`PanicHook::Record`].
    pub fn panic_hook(mut self, hook: PanicHook) -> Self {
        self.hook = hook;
        self
    }
}

/// How long, and what then.
impl PoolBuilder {
    /// How long a job may run, from its beginning; by default as long as it likes.
    ///
    /// Then its handle yields [`TaskError::Timeout`](gonex_task::TaskError::Timeout), and a handler that
    /// waits in an operation is stopped. One that does not goes on and keeps its worker; its result is
    /// dropped.
    pub fn task_timeout(mut self, limit: Duration) -> Self {
        self.settings.task_timeout = Some(limit);
        self
    }

    /// After how long a job that runs is reported as [stuck](super::What::TaskStuck), and the pool as
    /// degraded; by default never.
    pub fn stuck_after(mut self, time: Duration) -> Self {
        self.settings.stuck_after = Some(time);
        self
    }

    /// After how long a worker is given up with the job that it runs, and replaced; by default never.
    ///
    /// A thread cannot be ended, so it goes on as long as it likes, counted as *abandoned*; the job's
    /// handle yields [`TaskError::Lost`](gonex_task::TaskError::Lost), and its late result is dropped.
    /// There are no more such threads at once than [`max_abandoned`](Self::max_abandoned).
    pub fn hung_after(mut self, time: Duration) -> Self {
        self.settings.hung_after = Some(time);
        self
    }

    /// How many workers may have been given up and not have ended; by default 4. At the bound a worker
    /// that hangs is kept, and the pool is degraded.
    pub fn max_abandoned(mut self, workers: usize) -> Self {
        self.settings.max_abandoned = workers;
        self
    }

    /// How long a worker may take to begin, its state included; by default as long as it likes.
    pub fn start_timeout(mut self, limit: Duration) -> Self {
        self.settings.start_timeout = Some(limit);
        self
    }

    /// How long a worker may be silent whose kind has heartbeats; by default as long as it likes.
    pub fn heartbeat_timeout(mut self, limit: Duration) -> Self {
        self.settings.heartbeat_timeout = Some(limit);
        self
    }

    /// How many jobs in a row may panic on a worker; with one more it is unwell, and replaced. By default
    /// any number.
    pub fn failure_threshold(mut self, failures: u32) -> Self {
        self.settings.failure_threshold = Some(failures);
        self
    }

    /// Gives each worker a breaker, which takes it out of rotation while it keeps failing; by default there
    /// is none. A job that panicked, was lost, or ran into its time-out is a failure, one that was
    /// cancelled is none; an error that a handler returns is a value, as any other.
    ///
    /// A worker that is out keeps what it runs, and what its own queue holds goes to the others. When its
    /// time is over it is given one job at a time until the breaker closes. Jobs wait while all workers
    /// are out; when the pool is closed, all take part again.
    ///
    /// ```
    /// use gonex_resilience::breaker::BreakerConfig;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().breaker(BreakerConfig::consecutive(1)).build(|n: u32| 10 / n)?;
    /// assert!(pool.submit(0).block()?.join().block().is_err());
    /// let status = pool.status();
    /// assert!(status.workers.iter().any(|worker| worker.reasons[..].concat().contains("out of")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn breaker(mut self, config: BreakerConfig) -> Self {
        self.settings.breaker = Some(config);
        self
    }

    /// How much memory a worker may use. Threads share theirs, so for them it cannot be told: health says
    /// so then.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = Some(bytes);
        self
    }

    /// Asks of each worker, again and again, whether it is well; `Err` is why not, and it is replaced.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let pool = Pool::builder()
    ///     .health_check(Duration::from_secs(10), |worker| match worker.failures {
    ///         0..100 => Ok(()),
    ///         failures => Err(format!("{failures} jobs failed")),
    ///     })
    ///     .build(|n: u32| n)?;
    /// # drop(pool);
    /// # Ok(())
    /// # }
    /// ```
    pub fn health_check(
        mut self,
        interval: Duration,
        check: impl Fn(&WorkerStatus) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.settings.check_interval = Some(interval);
        self.check = Some(Arc::new(check));
        self
    }

    /// Whether workers that die or are unwell are replaced by themselves; by default they are. Else
    /// [`Pool::restart_unhealthy`] does.
    pub fn auto_restart(mut self, is_on: bool) -> Self {
        self.settings.restart.auto = is_on;
        self
    }

    /// How long a restart waits if the one before did not help: the first of a row does not wait, and
    /// each after that twice as long. By default from 100 ms to 30 s.
    pub fn restart_delays(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.restart.first_delay = first;
        self.settings.restart.longest_delay = longest;
        self
    }

    /// How many restarts there may be within a time; by default 10 within a minute. A worker that dies
    /// beyond that is not replaced, and when none is left the pool
    /// [is broken](super::What::Broken).
    pub fn restart_intensity(mut self, restarts: u32, within: Duration) -> Self {
        self.settings.restart.most = restarts;
        self.settings.restart.period = within;
        self
    }

    /// After how many jobs a worker is replaced by a fresh one; by default never.
    pub fn recycle_after(mut self, jobs: u64) -> Self {
        self.settings.recycle_after = Some(jobs);
        self
    }

    /// At what age a worker is replaced by a fresh one, as soon as it has nothing to do; by default
    /// never.
    pub fn recycle_age(mut self, age: Duration) -> Self {
        self.settings.recycle_age = Some(age);
        self
    }
}

/// What the workers are.
impl PoolBuilder {
    /// Starts the pool: threads that share a handler.
    ///
    /// # Errors
    /// What the system says when it has no more threads; those already started are ended. Settings that
    /// make no sense are [`InvalidInput`](io::ErrorKind::InvalidInput), all of them named.
    pub fn build<J, R>(
        self,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        let handler = move |(): &mut (), job| handler(job);
        let seats = self.seats();
        self.start(WorkerThreads::new(|_| Ok(()), handler, None, seats), None)
    }

    /// Starts the pool: threads that have a state each, made by `init` on the thread that it is for, and
    /// dropped there. A worker that takes the place of another begins anew; see
    /// [`build_restoring`](Self::build_restoring).
    ///
    /// A worker whose `init` fails or panics has died, and is replaced as such.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let init = |start: &gonex_runtime::pool::kind::Start| Ok(format!("{}:", start.name));
    /// let greet = |name: &mut String, word: &'static str| format!("{name} {word}");
    /// let pool = Pool::builder().name("greeter").workers(1.try_into()?).build_stateful(init, greet)?;
    /// assert_eq!(pool.submit("hello").block()?.join().block()?, "greeter-0: hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_stateful<J, R, S>(
        self,
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
        handler: impl Fn(&mut S, J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        S: 'static,
    {
        let seats = self.seats();
        self.start(WorkerThreads::new(init, handler, None, seats), None)
    }

    /// Starts the pool: threads with a state that outlives them.
    ///
    /// When a worker goes, `take` writes down what there is to keep of its state, and when another takes
    /// its place, `restore` puts that into the new one. Of a worker that is given up nothing can be
    /// taken: what counts is the snapshot before, of which there is one after every `every` jobs, if that
    /// is not 0. A snapshot that panics leaves the one before.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().workers(1.try_into()?).recycle_after(1).build_restoring(
    ///     |_| Ok(0),
    ///     |sum: &mut u32, n: u32| { *sum += n; *sum },
    ///     |sum| *sum,
    ///     |sum, kept| *sum = kept,
    ///     0,
    /// )?;
    /// assert_eq!(pool.submit(3).block()?.join().block(), Ok(3));
    /// assert_eq!(pool.submit(4).block()?.join().block(), Ok(7), "by another worker");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_restoring<J, R, S, N>(
        self,
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
        handler: impl Fn(&mut S, J) -> R + Send + Sync + 'static,
        take: impl Fn(&S) -> N + Send + Sync + 'static,
        restore: impl Fn(&mut S, N) + Send + Sync + 'static,
        every: u64,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        S: 'static,
        N: Send + 'static,
    {
        let seats = self.seats();
        let snapshots = Snapshots::new(take, restore, (every > 0).then_some(every));
        self.start(WorkerThreads::new(init, handler, Some(snapshots), seats), None)
    }

    /// Starts the pool: a handler that is an async function, with `in_flight` jobs at once for each
    /// worker, polled by the runtime of the moment.
    ///
    /// A job whose time is over, and those of a worker that is given up, are dropped where they wait.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let eight = NonZeroU32::new(8).unwrap();
    /// let pool = Pool::builder().workers(1.try_into()?).build_async(eight, async |n: u32| n + 1)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_async<J, R, Fut>(
        self,
        in_flight: NonZeroU32,
        handler: impl Fn(J) -> Fut + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.start(AsyncTasks::new(handler, in_flight, Runtime::current()), None)
    }

    /// Starts the pool with workers of another [kind](super::kind).
    ///
    /// # Errors
    /// As [`build`](Self::build), and what the kind says when it cannot start the first workers.
    pub fn build_of<J, R>(self, kind: impl WorkerKind<J, R>) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        self.start(kind, None)
    }

    fn start<J, R>(
        mut self,
        kind: impl WorkerKind<J, R>,
        caller: Option<Box<Caller<J, R>>>,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        self.check()?;
        self.hook.install();
        let nodes: Vec<_> = self.seats().into_iter().map(|seat| seat.node).collect();
        let settings = &mut self.settings;
        settings.abilities = kind.abilities();
        settings.nodes = nodes;
        settings.drops_oldest = self.at_full == AtFull::DropOldest;
        // To be asked for their memory, too.
        if settings.memory_limit.is_some() && settings.abilities.tells_memory {
            settings.check_interval.get_or_insert(Duration::from_secs(1));
        }
        let is_range = settings.min < settings.max;
        let policy = match self.policy {
            _ if !is_range || !self.scales_by_itself => None,
            None => Some(Box::new(Reactive::new()) as Box<dyn ScalingPolicy>),
            policy => policy,
        };
        settings.scaling_interval = policy.is_some().then_some(self.interval);
        let (name, spare) = (settings.name.clone(), settings.initial);
        let called = settings.abilities.called;
        let mut state = State::new(self.settings, self.balancer, rt::now());
        if self.pinning != Pinning::None && called != "thread" {
            state.note(format!(
                "threads can be kept on processors, and a worker here is a {called}"
            ));
        }
        let shared = Shared::new(Parts {
            state,
            kind: Box::new(kind),
            capacity: self.capacity,
            name,
            hook: self.hook,
            at_full: self.at_full,
            caller,
            policy,
            check: self.check,
        });
        let pool = Pool { shared };
        pool.shared.change(State::begin);
        match pool.shared.locked(|locked| locked.start_error.take()) {
            Some(error) if spare > 0 => Err(error),
            _ => Ok(pool),
        }
    }

    /// # Errors
    /// All settings that make no sense.
    fn check(&self) -> io::Result<()> {
        let Settings { name, min, max, initial, restart, recycle_after, .. } = &self.settings;
        let mut wrong = Vec::new();
        if name.contains('\0') {
            wrong.push(format!("the name {name:?} holds a NUL character; take another"));
        }
        if *max == 0 || min > max {
            wrong.push(format!(
                "there cannot be {min} to {max} workers; let there be at least one, and no fewer at \
                 most than at least"
            ));
        } else if !(min..=max).contains(&initial) {
            wrong.push(format!("{initial} workers at first are not between {min} and {max}"));
        }
        if self.interval.is_zero() {
            wrong.push("a scaling interval of nothing never ends; take 250 ms".to_owned());
        }
        if self.settings.check_interval.is_some_and(|interval| interval.is_zero()) {
            wrong.push("a check interval of nothing never ends; take 10 s".to_owned());
        }
        if *recycle_after == Some(0) {
            wrong.push("a worker cannot be replaced after no jobs; take 1 or more".to_owned());
        }
        if restart.first_delay > restart.longest_delay {
            wrong.push(format!(
                "the first restart delay of {:?} is more than the longest of {:?}; swap them",
                restart.first_delay, restart.longest_delay
            ));
        }
        let limits = [
            ("task time-out", self.settings.task_timeout),
            ("start time-out", self.settings.start_timeout),
            ("idle time-out", self.settings.idle_timeout),
            ("heartbeat time-out", self.settings.heartbeat_timeout),
            ("time after which a task is stuck", self.settings.stuck_after),
            ("time after which a worker hangs", self.settings.hung_after),
            ("age at which a worker is recycled", self.settings.recycle_age),
        ];
        for (what, limit) in limits {
            if limit.is_some_and(|limit| limit.is_zero()) {
                wrong.push(format!("the {what} is 0; leave it out if there is to be none"));
            }
        }
        if let Some(Err(invalid)) = self.settings.breaker.as_ref().map(BreakerConfig::validate) {
            wrong.push(format!("the breaker of workers: {invalid}"));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, wrong.join("; ")))
    }
}

/// Sets up a [`Pool`] whose callers run what its queue has no room for; made by
/// [`PoolBuilder::caller_runs`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `.build(handler)`"]
pub struct CallerRuns {
    builder: PoolBuilder,
}

impl CallerRuns {
    /// Starts the pool: threads that share a handler, which callers run as well.
    ///
    /// A future that submits runs it where it is polled, and keeps others from that thread meanwhile.
    ///
    /// # Errors
    /// As [`PoolBuilder::build`].
    pub fn build<J, R>(
        self,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        let shared = Arc::new(handler);
        let caller = shared.clone();
        let handler = move |(): &mut (), job| shared(job);
        let seats = self.builder.seats();
        let kind = WorkerThreads::new(|_| Ok(()), handler, None, seats);
        self.builder.start(kind, Some(Box::new(move |job| caller(job))))
    }
}
