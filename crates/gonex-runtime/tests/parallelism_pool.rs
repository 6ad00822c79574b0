//! The options of parallel work that need a managed pool: what each of them does to a call.
#![cfg(not(gonex_loom))]

#[path = "support/until.rs"]
mod until;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::Op;
use gonex_core::component::Health;
use gonex_core::rt::{self, Manual};
use gonex_runtime::aio::block_on;
use gonex_runtime::buffers::{self, BufferStats};
use gonex_runtime::config::{Balancing, MemoryPool};
use gonex_runtime::pool::{WorkerState, WorkerStatus};
use gonex_runtime::together::RunParallel;
use gonex_runtime::{ParallelismConfig, Pool, go_parallel, try_go_parallel};
use until::until;

fn config() -> ParallelismConfig {
    ParallelismConfig::new()
}

fn own_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// A call that has been handed in.
fn begun<T: Send + 'static>(
    work: impl Fn() -> T + Send + Sync + 'static,
    config: &ParallelismConfig,
) -> std::pin::Pin<Box<Op<RunParallel<T, Infallible>>>> {
    let mut call = Box::pin(go_parallel(work).options(config.clone()));
    // It is handed in when it is first polled.
    assert!(call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
    call
}

/// Calls that stay until they are let go, and say when they begin.
struct Gate {
    begins: Sender<()>,
    begun: Receiver<()>,
    open: Arc<Mutex<Receiver<()>>>,
    opener: Sender<()>,
}

impl Gate {
    fn new() -> Self {
        let (begins, begun) = mpsc::channel();
        let (opener, open) = mpsc::channel();
        Self { begins, begun, open: Arc::new(Mutex::new(open)), opener }
    }

    fn pass<T, W>(&self, work: W) -> impl Fn() -> T + Send + Sync + use<T, W>
    where
        W: Fn() -> T + Send + Sync + 'static,
    {
        let (begins, open) = (self.begins.clone(), self.open.clone());
        move || {
            begins.send(()).unwrap();
            open.lock().unwrap().recv().unwrap();
            work()
        }
    }

    /// Waits until so many are inside at once, and lets them go.
    fn meet(&self, calls: usize) {
        (0..calls).for_each(|_| self.begun.recv_timeout(Duration::from_secs(120)).unwrap());
        (0..calls).for_each(|_| self.opener.send(()).unwrap());
    }
}

/// What calls yield that all run at once.
fn at_once<T: Send + 'static>(
    calls: usize,
    work: impl Fn() -> T + Clone + Send + Sync + 'static,
    config: &ParallelismConfig,
) -> Vec<T> {
    let gate = Gate::new();
    let calls: Vec<_> = (0..calls).map(|_| begun(gate.pass(work.clone()), config)).collect();
    gate.meet(calls.len());
    calls.into_iter().map(|call| block_on(call).unwrap()).collect()
}

/// Waits until all workers of the options have begun, so that balancers see them all.
fn ready(config: &ParallelismConfig) {
    assert_eq!(go_parallel(|| 7).options(config.clone()).block(), Ok(7));
    let is_there = |worker: &WorkerStatus| worker.state != WorkerState::Starting;
    until("all have begun", || config.pool_status().unwrap().workers.iter().all(is_there));
}

#[cfg(target_os = "linux")]
fn own_processors() -> Vec<usize> {
    let allowed = rustix::thread::sched_getaffinity(None).unwrap();
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn with_affinity_each_worker_stays_on_a_processor() {
    let pinned = config().thread_count(2_usize).cpu_affinity(true);
    let seats = at_once(2, own_processors, &pinned);
    let status = pinned.pool_status().unwrap();
    if status.health.is_healthy() {
        assert!(seats.iter().all(|cpus| cpus.len() == 1), "{seats:?}");
    } else {
        assert!(format!("{status:?}").contains("processor"), "a denial is said: {status:?}");
    }
    assert!(config().thread_count(2_usize).pool_status().is_none(), "a runtime has no such pool");
}

#[test]
fn with_numa_buffers_are_those_of_the_node() {
    let near = config().thread_count(1_usize).numa_aware(true);
    let call = || {
        drop(buffers::current().take(3_000));
        buffers::current().stats()
    };
    let stats = go_parallel(call).options(near.clone()).block().unwrap();
    assert_eq!((stats.made, stats.kept), (1, 1), "of nobody else");
    assert_eq!(near.pool_status().unwrap().workers.len(), 1);
}

/// Takes a buffer, gives it back, and says what has become of all of the pool.
fn use_buffers() -> (BufferStats, Vec<usize>) {
    let pool = buffers::current();
    drop(pool.take(100));
    (pool.stats(), pool.sizes().to_vec())
}

#[test]
fn memory_is_shared_by_workers_or_each_has_its_own() {
    let two = || config().thread_count(2_usize).memory_pool_size(100_000);
    let made = |of: MemoryPool| {
        let gate = Gate::new();
        let options = two().memory_pool(of);
        // First each takes its buffer, and then each looks.
        at_once(2, use_buffers, &options);
        let calls: Vec<_> = (0..2).map(|_| begun(gate.pass(use_buffers), &options)).collect();
        gate.meet(2);
        let all: Vec<_> = calls.into_iter().map(|call| block_on(call).unwrap()).collect();
        for (stats, sizes) in &all {
            assert!(stats.bytes <= 100_000 && stats.made > 0, "{stats:?}");
            assert_eq!(sizes.last(), Some(&65_536), "the largest power of two that fits");
        }
        all.iter().map(|(stats, _)| stats.made).max().unwrap()
    };
    assert_eq!(made(MemoryPool::Shared), 2, "one for each, and both are counted in one place");
    assert_eq!(made(MemoryPool::Worker), 1);
    let outside = buffers::current();
    assert_ne!(outside.sizes().last(), Some(&65_536), "elsewhere it is the pool of the process");
}

#[test]
fn balancers_decide_which_worker_it_is() {
    let by = |to| config().thread_count(2_usize).load_balancing(to);
    let names = |config: &ParallelismConfig| -> Vec<String> {
        ready(config);
        (0..6).map(|_| go_parallel(own_name).options(config.clone()).block().unwrap()).collect()
    };
    let in_turn = names(&by(Balancing::RoundRobin));
    let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(&in_turn), 2, "{in_turn:?}");
    assert!(in_turn.windows(2).all(|pair| pair[0] != pair[1]), "{in_turn:?}");
    let by_key = names(&by(Balancing::KeyAffinity).name("chapter one"));
    assert_eq!(distinct(&by_key), 1, "the same for all calls of a name: {by_key:?}");
    let others: Vec<_> = (0..50)
        .map(|n| by(Balancing::KeyAffinity).name(format!("chapter {n}")))
        .flat_map(|config| go_parallel(own_name).options(config).block())
        .collect();
    assert_eq!(distinct(&others), 2, "other names go elsewhere");
}

#[test]
fn with_scaling_workers_come_and_go() {
    let scaled = config().auto_scaling(true).worker_timeout(Duration::from_millis(20));
    assert_eq!(go_parallel(|| 7).options(scaled.clone()).block(), Ok(7));
    assert_eq!(scaled.pool_status().unwrap().workers.len(), 1, "the load asks for no more");
    // When more are asked for is a matter of the load, and of the machine's. What is between is not.
    let pool = Pool::builder().options(&scaled).unwrap().build(|()| ()).unwrap();
    let most = thread::available_parallelism().unwrap().get();
    assert_eq!((pool.worker_count(), pool.scale_to(usize::MAX)), (1, most));
    until("only the fewest are left", || pool.worker_count() == 1);
}

#[test]
fn with_monitoring_a_worker_that_keeps_failing_is_replaced() {
    let watched = config().thread_count(1_usize).health_monitoring(true);
    let worker = || watched.pool_status().unwrap().workers.first().map(|worker| worker.id);
    assert_eq!(go_parallel(|| 7).options(watched.clone()).block(), Ok(7));
    let first = worker();
    let fails = || -> u32 { std::panic::resume_unwind(Box::new("no")) };
    for _ in 0..11 {
        assert!(go_parallel(fails).options(watched.clone()).block().is_err());
    }
    until("there is another", || worker().is_some_and(|id| Some(id) != first));
    assert_eq!(go_parallel(|| 7).options(watched.clone()).block(), Ok(7));
    let failed = try_go_parallel(|| Err::<(), _>("an error is no panic")).options(watched.clone());
    assert!(failed.block().is_err());
    // A call of the same options from a worker of theirs finds no worker, and needs none.
    let inner = watched.clone();
    let nested = go_parallel(move || go_parallel(own_name).options(inner.clone()).block().unwrap());
    let name = nested.options(watched.clone()).block().unwrap();
    assert!(!name.starts_with("gonex-parallel"), "{name}");
}

#[test]
fn with_monitoring_what_runs_too_long_is_reported() {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let watched = config().thread_count(1_usize).health_monitoring(true);
        let pool = Pool::builder().options(&watched).unwrap();
        let (begins, has_begun) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        let handler = move |()| {
            begins.send(()).unwrap();
            gate.lock().unwrap().recv().ok();
        };
        let pool = pool.build(handler).unwrap();
        let mut stuck = pool.submit(()).block().unwrap();
        has_begun.recv().unwrap();
        assert!(pool.status().health.is_healthy());
        manual.advance(Duration::from_secs(31));
        pool.tend();
        let health = pool.status().health;
        assert!(matches!(health, Health::Degraded { .. }), "{health:?}");
        drop(open);
        stuck.join().block().unwrap();
    });
}

#[test]
fn the_urgent_goes_first_there_too() {
    let options = config().thread_count(1_usize).load_balancing(Balancing::FirstFree);
    let gate = Gate::new();
    let busy = begun(gate.pass(|| ()), &options);
    gate.begun.recv().unwrap();
    let (tell, told) = mpsc::channel();
    let calls = [3, 0, -3].map(|level| {
        let tell = tell.clone();
        begun(move || tell.send(level).unwrap(), &options.clone().priority(level))
    });
    gate.opener.send(()).unwrap();
    block_on(busy).unwrap();
    calls.into_iter().for_each(|call| block_on(call).unwrap());
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [-3, 0, 3]);
}

#[test]
fn files_and_variables_ask_for_the_same_pool() {
    let text = "threadCount = 2\nloadBalancing = \"adaptive\"\nworkStealing = true\n";
    let from_file: ParallelismConfig = toml::from_str(text).unwrap();
    let variables = [
        ("GONEX_THREAD_COUNT", "2"),
        ("GONEX_LOAD_BALANCING_STRATEGY", "adaptive"),
        ("GONEX_WORK_STEALING", "true"),
    ];
    let from_variables = ParallelismConfig::from_variables(variables).unwrap();
    let name = go_parallel(own_name).options(from_file).block().unwrap();
    assert!(name.starts_with("gonex-parallel-"), "{name}");
    assert!(from_variables.pool_status().is_some_and(|status| status.workers.len() == 2));
    assert!(from_variables.runtime().unwrap_err().names("load_balancing"), "it is no runtime");
}

#[test]
fn calls_within_calls_wait_for_no_worker_of_any_pool() {
    let limit = Duration::from_secs(120);
    let one = |bytes: u64| config().thread_count(1_usize).memory_pool_size(bytes).timeout(limit);
    let (first, second) = (one(1 << 20), one(1 << 21));
    // Each has one worker, and that of the first waits for all of it.
    let again = first.clone();
    let innermost = move || go_parallel(own_name).options(again.clone()).block();
    let inner = move || go_parallel(innermost.clone()).options(second.clone()).block();
    let name = go_parallel(inner).options(first).block().unwrap().unwrap().unwrap();
    assert!(!name.starts_with("gonex-parallel"), "{name}");
}

#[test]
fn a_future_runs_where_futures_run() {
    let options = config().thread_count(1_usize).memory_pool_size(1 << 22);
    let work = || async {
        let has_tokio = tokio::runtime::Handle::try_current().is_ok();
        Ok::<_, Infallible>((has_tokio, own_name()))
    };
    let (has_tokio, name) = try_go_parallel(work).options(options.clone()).block().unwrap();
    assert!(has_tokio && !name.starts_with("gonex-parallel"), "{name}");
    let name = go_parallel(own_name).options(options).block().unwrap();
    assert!(name.starts_with("gonex-parallel"), "{name}");
}
