use std::time::Duration;

use super::fields::ConfigField;
use super::value::{Balancing, FaultTolerance, MemoryPool, Setting, ThreadCount};

/// Makes the struct, its setters, and the list of its fields from one table.
macro_rules! options {
    ($(
        $(#[$doc:meta])*
        $field:ident($arg:ident): $kind:ty,
        also $aliases:expr, seeds $seeds:expr, lacks $lacks:expr;
    )+) => {
        /// How parallel work is done: the options of [`go_parallel`](crate::go_parallel), of files, and
        /// of the environment.
        ///
        /// A field that is not set leaves the choice to the runtime. Some ask for more than a runtime does:
        /// with `cpu_affinity`, `numa_aware`, `memory_pool`, `memory_pool_size`, `auto_scaling`,
        /// `health_monitoring`, and a `load_balancing` other than `least-busy`, the calls with the same such
        /// options share a [managed pool](crate::Pool), which stays for the next call with them. These
        /// options are for closures: a future runs on the current runtime, and so does a call that is
        /// made within one on any such pool.
        ///
        /// All that cannot be used is refused together, by name: values that make no sense, fields that
        /// contradict one another, and those whose machinery does not exist yet. A switch that is off asks
        /// for nothing.
        ///
        /// `docs/seeds.md` says where each field comes from.
        ///
        /// With the feature `serde` it is read from files, with the names of the fields in snake case or
        /// camel case: `thread_count = "auto"`, `timeout = "30s"`, `memoryPoolSize = 65536`.
        ///
        /// ```
        /// use gonex_runtime::ParallelismConfig;
        ///
        /// let config = ParallelismConfig::new().thread_count(0_usize).worker_processes(4_usize);
        /// let refused = config.validate().unwrap_err();
        /// assert!(refused.names("thread_count") && refused.names("worker_processes"));
        /// ```
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "super::read::Map", into = "super::read::Map"))]
        #[non_exhaustive]
        pub struct ParallelismConfig {
            $($(#[$doc])* pub $field: Option<$kind>,)+
        }

        /// Every field, in the order of the struct.
        const FIELDS: &[ConfigField] = &[$(ConfigField {
            name: stringify!($field),
            aliases: &$aliases,
            seeds: &$seeds,
            set: |config, value| {
                let read = <$kind as Setting>::read(value);
                config.$field = Some(read.map_err(|why| (why, <$kind as Setting>::REMEDY))?);
                Ok(())
            },
            get: |config| config.$field.as_ref().map(Setting::show),
            lacks: $lacks,
        },)+];

        /// Setters, one for each field.
        impl ParallelismConfig {
            $(options! { @setter $(#[$doc])* $field($arg): $kind })+
        }
    };
    (@setter $(#[$doc:meta])* $field:ident(into): $kind:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(mut self, value: impl Into<$kind>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@setter $(#[$doc:meta])* $field:ident(value): $kind:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(mut self, value: $kind) -> Self {
            self.$field = Some(value);
            self
        }
    };
}

/// Says what is missing if the field is set.
macro_rules! set {
    ($field:ident, $missing:literal) => {
        |config| config.$field.is_some().then_some($missing)
    };
}

options! {
    /// Whether work runs on worker threads. It always does; what is to run here is simply called.
    use_worker_threads(value): bool,
    also [], seeds ["S0:470 useWorkerThreads"],
    lacks |config| (config.use_worker_threads == Some(false))
        .then_some("parallel work always runs on worker threads; what is to run here is simply called");

    /// How many threads work, at most 4,096; `auto` is the number of the current runtime. Another
    /// number has a runtime of its own, which stays for the next call with it.
    thread_count(into): ThreadCount,
    also ["worker_threads", "parallelism"],
    seeds ["S0:471 threadCount", "S0:566 workerThreads", "S1:367 parallelism"],
    lacks |_| None;

    /// How many worker processes there are.
    worker_processes(into): ThreadCount,
    also [], seeds ["S1:462 workerProcesses"],
    lacks set!(worker_processes, "there are no worker processes yet");

    /// How long a thread lives without work, while there are more than run at once. The current runtime
    /// has its own time, so this takes a `thread_count` that is a number, or `auto_scaling`.
    worker_timeout(value): Duration,
    also ["thread_timeout"],
    seeds ["S0:567 threadTimeout", "S1:463 workerTimeout"],
    lacks |config| {
        let own = matches!(config.thread_count, Some(ThreadCount::Exactly(_)));
        let come_and_go = config.auto_scaling == Some(true);
        match (config.worker_timeout, config.asks_for_pool()) {
            (Some(_), None) if !own => Some("the current runtime has its own; a `thread_count` that is a number \
                has a runtime with this one, and with `auto_scaling` workers come and go by it"),
            (Some(_), Some(_)) if !come_and_go => Some("the workers of a pool stay; with `auto_scaling` they come and go"),
            _ => None,
        }
    };

    /// Whether a worker that fails is replaced. Threads survive whatever their tasks do, so none ever
    /// has to be.
    auto_restart(value): bool,
    also [], seeds ["S0:568 autoRestart", "S1:464 autoRestart"],
    lacks |_| None;

    /// Whether each worker stays on a core of its own. What the system denies is a warning in
    /// [`pool_status`](Self::pool_status).
    cpu_affinity(value): bool,
    also [], seeds ["S0:473 cpuAffinity", "S0:571 cpuAffinity", "S1:368 cpuAffinity", "S1:467 cpuAffinity"],
    lacks |_| None;

    /// Whether memory is taken near the core that uses it: workers stay on a memory node, and their
    /// [buffers](crate::buffers::current) come from there.
    numa_aware(value): bool,
    also [], seeds ["S0:572 numaAware", "S1:468 numaAware"],
    lacks |_| None;

    /// Whether workers share memory. Threads do.
    shared_memory(value): bool,
    also [], seeds ["S0:472 sharedMemory"],
    lacks |config| (config.shared_memory == Some(false))
        .then_some("threads share their memory; workers that do not are processes, and those are not there yet");

    /// How many bytes of shared memory there are in all.
    shared_memory_size(value): u64,
    also [], seeds ["S0:575 sharedMemorySize", "S1:471 sharedMemorySize"],
    lacks set!(shared_memory_size, "there is no segment between processes yet; threads share all they have");

    /// Whose pool the buffers of [`buffers::current`](crate::buffers::current) come from on a worker:
    /// one for all workers, or its own.
    memory_pool(value): MemoryPool,
    also [], seeds ["S1:369 memoryPool"],
    lacks |_| None;

    /// How many bytes a pool of buffers keeps; by default 64 MiB.
    memory_pool_size(value): u64,
    also [], seeds ["S0:576 memoryPoolSize", "S1:472 memoryPoolSize"],
    lacks |_| None;

    /// Whether values reach workers without being copied. Between threads they are moved.
    zero_copy(value): bool,
    also [], seeds ["S0:577 zeroCopy", "S1:473 zeroCopy"],
    lacks |_| None;

    /// Which worker a task goes to. By default a thread that has nothing to do takes it, from wherever it
    /// waits, which is `least-busy`. `key-affinity` and `predictive` go by the `name` of the call.
    load_balancing(value): Balancing,
    also ["load_balancing_strategy"],
    seeds ["S0:474 loadBalancing", "S0:580 loadBalancingStrategy", "S1:476 loadBalancingStrategy"],
    lacks |_| None;

    /// Whether a worker that has nothing to do takes from the queue of another. Threads do.
    work_stealing(value): bool,
    also [], seeds ["S0:581 workStealing", "S1:477 workStealing"],
    lacks |_| None;

    /// Whether the number of workers follows the load, from one to as many as the machine runs at once.
    auto_scaling(value): bool,
    also [], seeds ["S0:582 autoScaling", "S1:478 autoScaling"],
    lacks |_| None;

    /// What is done about failures beside retries; `circuit-breaker` is the switch of that name.
    fault_tolerance(value): FaultTolerance,
    also [], seeds ["S0:632 faultTolerance", "S1:370 faultTolerance", "S1:527 faultTolerance"],
    lacks |_| None;

    /// How often work that failed is started again: extra calls, beside the first one.
    retry_attempts(value): u32,
    also ["max_retries"],
    seeds ["S0:633 retryAttempts", "S1:528 retryAttempts", "S2:34 retryAttempts", "S4:692 maxRetries"],
    lacks |_| None;

    /// Which of the fallbacks that the call [has](crate::Parallel::fallback) answers when all attempts have
    /// failed.
    fallback_strategy(into): String,
    also [], seeds ["S0:634 fallbackStrategy", "S1:529 fallbackStrategy"],
    lacks |_| None;

    /// Whether what keeps failing is given no work for a while: a worker of a pool, or the calls of one name.
    circuit_breaker(value): bool,
    also [], seeds ["S0:585 circuitBreaker", "S1:481 circuitBreaker"],
    lacks |_| None;

    /// Whether workers are watched: what runs for 30 s is reported as stuck, and a worker on which more than
    /// 10 calls in a row panic is replaced; see [`pool_status`](Self::pool_status).
    health_monitoring(value): bool,
    also [], seeds ["S0:586 healthMonitoring", "S1:482 healthMonitoring"],
    lacks |_| None;

    /// Whether work runs in a lesser place, of one thread, when its own does not take it.
    graceful_degradation(value): bool,
    also [], seeds ["S0:587 gracefulDegradation", "S1:483 gracefulDegradation"],
    lacks |_| None;

    /// What reports of panics call the work.
    name(into): String,
    also [], seeds ["S2:31 name"],
    lacks |_| None;

    /// How long the whole call may take, retries included; no limit by default.
    timeout(value): Duration,
    also [], seeds ["S2:33 timeout"],
    lacks |_| None;

    /// Which of the tasks that wait goes first: how many steps after the rest this one does, or before
    /// it, if negative; see [`Priority`](gonex_task::Priority).
    priority(value): i8,
    also [], seeds [],
    lacks |_| None;
}

impl ParallelismConfig {
    /// Makes options of which none is set.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// assert_eq!(ParallelismConfig::new().thread_count, None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All fields there are.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// let field = ParallelismConfig::fields().iter().find(|field| field.name == "thread_count");
    /// assert!(field.unwrap().aliases.contains(&"worker_threads"));
    /// ```
    #[must_use]
    pub fn fields() -> &'static [ConfigField] {
        FIELDS
    }
}
