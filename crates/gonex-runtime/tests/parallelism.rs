//! The options of parallel work: from code, files, and the environment; what is refused; what works.
#![cfg(not(gonex_loom))]

mod support;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use gonex_core::{Stop, rt};
use gonex_resilience::{Fallback, Problem};
use gonex_runtime::config::{Balancing, FaultTolerance, MemoryPool, ThreadCount};
use gonex_runtime::{
    ParallelError, ParallelismConfig, ParallelismError, Runtime, go_parallel, try_go_parallel,
};
use gonex_task::TaskError;
use support::{by_hand, drive};

fn config() -> ParallelismConfig {
    ParallelismConfig::new()
}

fn invalid(error: &ParallelismError) -> Vec<&str> {
    error.invalid().iter().map(Problem::field).collect()
}

fn refused(error: &ParallelismError) -> Vec<&str> {
    error.refused().iter().map(Problem::field).collect()
}

/// Everything that can be asked for.
const EVERYTHING: &str = include_str!("everything.toml");

#[test]
fn what_has_no_machinery_is_refused_by_name_all_at_once() {
    let error = toml::from_str::<ParallelismConfig>(EVERYTHING).unwrap_err().to_string();
    let lacking = ["worker_processes", "shared_memory_size"];
    for field in lacking {
        assert!(error.contains(&format!("`{field}` = ")), "{field} is not in {error}");
    }
    let works = ParallelismConfig::fields().iter().filter(|field| !lacking.contains(&field.name));
    for field in works {
        assert!(!error.contains(&format!("`{}` = ", field.name)), "{} is in {error}", field.name);
    }

    let same = config()
        .worker_processes(4_usize)
        .worker_timeout(Duration::from_secs(30))
        .cpu_affinity(true)
        .numa_aware(true)
        .shared_memory_size(1 << 20)
        .memory_pool(MemoryPool::Shared)
        .memory_pool_size(1 << 16)
        .load_balancing(Balancing::Weighted)
        .work_stealing(true)
        .auto_scaling(true)
        .fault_tolerance(FaultTolerance::CircuitBreaker)
        .fallback_strategy("cached-result")
        .circuit_breaker(true)
        .health_monitoring(true)
        .graceful_degradation(true)
        .priority(3);
    let error = same.validate().unwrap_err();
    assert_eq!((refused(&error), invalid(&error)), (lacking.to_vec(), vec![]));
    let run = go_parallel(|| unreachable!("it must not start"));
    let run = run.fallback("cached-result", &Fallback::value(())).options(same).block();
    assert_eq!(run, Err::<(), _>(ParallelError::Config(error)));
}

#[test]
fn the_urgent_goes_first() {
    let one = NonZeroUsize::MIN;
    let runtime = Runtime::builder().threads(one).build().unwrap();
    let (open, gate) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let mut busy = runtime.go(move || {
        begun.send(()).unwrap();
        gate.recv().unwrap_err();
    });
    has_begun.recv().unwrap();
    let (tell, told) = mpsc::channel();
    let calls = [3, 0, -3].map(|level| {
        let tell = tell.clone();
        let work = go_parallel(move || tell.send(level).unwrap());
        let mut call = Box::pin(runtime.enter(|| work.options(config().priority(level))));
        // It is handed in when it is first polled.
        assert!(call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
        call
    });
    drop(open);
    busy.join().block().unwrap();
    for call in calls {
        gonex_runtime::aio::block_on(call).unwrap();
    }
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [-3, 0, 3]);
}

#[test]
fn a_switch_that_is_off_asks_for_nothing() {
    let off = config()
        .cpu_affinity(false)
        .numa_aware(false)
        .work_stealing(false)
        .auto_scaling(false)
        .circuit_breaker(false)
        .health_monitoring(false)
        .graceful_degradation(false)
        .auto_restart(false)
        .fault_tolerance(FaultTolerance::None)
        .retry_attempts(0);
    assert_eq!(off.validate(), Ok(()));
}

#[test]
fn what_makes_no_sense_is_named_all_at_once() {
    let text = r#"
        thread_count = 0
        worker_processes = 0
        worker_timeout = "0s"
        shared_memory_size = 0
        memory_pool_size = -1
        load_balancing = "fair"
        retry_attempts = 4294967295
        fallback_strategy = ""
        name = ""
        timeout = -5
        priority = 256
        cpu_affinity = "yes"
        threads = 1.5
    "#;
    let error = toml::from_str::<ParallelismConfig>(text).unwrap_err().to_string();
    for part in [
        "`thread_count` = 0: nothing would ever run",
        "`worker_processes` = 0: nothing",
        "`worker_timeout` = 0s: a limit",
        "`shared_memory_size` = 0: nothing would fit",
        "`memory_pool_size` = -1: it is negative",
        "`load_balancing` = \"fair\": there is no such thing",
        "`retry_attempts` = 4294967295: with the first call",
        "`fallback_strategy` = \"\": it says nothing",
        "`name` = \"\": it says nothing",
        "`timeout` = -5: a length of time is not negative",
        "`priority` = 256: it is not between -128 and 127",
        "`cpu_affinity` = \"yes\": it is no switch",
        "`threads` = 1.5: there is no such option",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[test]
fn contradictions_are_said_in_words() {
    let says = |config: ParallelismConfig, field: &str, words: &str| {
        let error = config.validate().unwrap_err();
        let problem = error.invalid().iter().find(|problem| problem.field() == field);
        let reason = problem.map_or("", Problem::reason);
        assert!(reason.contains(words), "{reason:?} of {field} does not say {words:?}");
    };
    says(config().thread_count(4_usize).auto_scaling(true), "auto_scaling", "`thread_count` says");
    let memory = config().shared_memory(false).shared_memory_size(1);
    says(memory, "shared_memory_size", "`shared_memory` is off");
    let none = || config().fault_tolerance(FaultTolerance::None);
    says(none().retry_attempts(1), "retry_attempts", "the first failure is final");
    says(none().circuit_breaker(true), "circuit_breaker", "the first failure is final");
    says(none().fallback_strategy("x"), "fallback_strategy", "the first failure is final");
    let breaker = config().fault_tolerance(FaultTolerance::CircuitBreaker).circuit_breaker(false);
    says(breaker, "circuit_breaker", "asks for a circuit breaker");
    let twice = [("GONEX_THREAD_COUNT", "4"), ("GONEX_WORKER_THREADS", "5")];
    let error = ParallelismConfig::from_variables(twice).unwrap_err();
    assert!(error.to_string().contains("`thread_count` means the same"), "{error}");
    let same = [("GONEX_THREAD_COUNT", "4"), ("GONEX_PARALLELISM", "4")];
    assert!(ParallelismConfig::from_variables(same).is_ok(), "twice the same is no contradiction");
}

#[test]
fn files_and_variables_say_the_same() {
    let text = "threadCount = 3\nretryAttempts = 2\ntimeout = \"5s\"\nname = \"thumbnails\"\n";
    let from_file: ParallelismConfig = toml::from_str(text).unwrap();
    let variables = [
        ("GONEX_THREAD_COUNT", "3"),
        ("GONEX_MAX_RETRIES", "2"),
        ("GONEX_TIMEOUT", "5000"),
        ("GONEX_NAME", "thumbnails"),
        ("GONEX_UPDATE", "1"),
        ("PATH", "/bin"),
    ];
    let from_variables = ParallelismConfig::from_variables(variables).unwrap();
    let in_code = config()
        .thread_count(ThreadCount::Exactly(3))
        .retry_attempts(2)
        .timeout(Duration::from_secs(5))
        .name("thumbnails");
    assert_eq!((&from_file, &from_variables), (&in_code, &in_code));
    let written = toml::to_string(&in_code).unwrap();
    assert_eq!(toml::from_str::<ParallelismConfig>(&written).unwrap(), in_code, "{written}");
    assert_eq!(ParallelismConfig::from_variables([("HOME", "/")]), Ok(config()));
}

#[test]
fn every_field_can_be_read_and_has_a_name_of_its_own() {
    let mut names: Vec<_> = ParallelismConfig::fields()
        .iter()
        .flat_map(|field| std::iter::once(field.name).chain(field.aliases.iter().copied()))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(
        EVERYTHING.lines().filter(|line| line.contains(" = ")).count(),
        ParallelismConfig::fields().len()
    );
}

#[test]
fn retry_attempts_are_extra_calls() {
    let calls = |extra| {
        let calls = Arc::new(AtomicU32::new(0));
        let counts = calls.clone();
        let work = move || Err::<(), _>(counts.fetch_add(1, Ordering::Relaxed));
        let failed = by_hand(|manual| {
            drive(manual, try_go_parallel(work).options(config().retry_attempts(extra)))
        });
        let made = calls.load(Ordering::Relaxed);
        assert_eq!(failed, Err(ParallelError::Failed { error: made - 1, attempts: made }));
        made
    };
    assert_eq!((calls(0), calls(1)), (1, 2));
    assert!(matches!(
        try_go_parallel(|| Err::<(), _>("no")).block(),
        Err(ParallelError::Failed { attempts: 1, .. })
    ));
}

#[test]
fn a_panic_is_retried_and_then_reported_under_the_name() {
    let work = || -> u32 { std::panic::resume_unwind(Box::new("oh")) };
    let options = config().retry_attempts(1).name("thumbnails");
    let failed = by_hand(|manual| drive(manual, go_parallel(work).options(options)));
    let Err(ParallelError::Task { error: TaskError::Panicked(panic), attempts: 2 }) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!((panic.task.as_str(), panic.message.as_str()), ("thumbnails", "oh"));
}

#[test]
fn the_timeout_is_that_of_the_whole_call() {
    let limited = || config().timeout(Duration::from_secs(20)).retry_attempts(1000);
    let is_late = |attempts, error: &ParallelError<&str>| matches!(error, ParallelError::Stopped { stop: Stop::Timeout, attempts: n } if attempts == *n);
    by_hand(|manual| {
        let sleeps = || -> Result<(), &str> {
            rt::sleep(Duration::from_secs(3600)).block();
            Ok(())
        };
        let stopped = drive(manual, try_go_parallel(sleeps).options(limited())).unwrap_err();
        assert!(is_late(1, &stopped), "{stopped:?}");
        let pends = std::future::pending::<Result<(), &str>>;
        let stopped = drive(manual, try_go_parallel(pends).options(limited())).unwrap_err();
        assert!(is_late(1, &stopped), "{stopped:?}");
        let start = rt::now();
        let fails = drive(manual, try_go_parallel(|| Err::<(), _>("no")).options(limited()));
        let ParallelError::Stopped { stop: Stop::Timeout, attempts } = fails.unwrap_err() else {
            panic!("it ended in another way")
        };
        assert!(attempts > 1, "it was tried again until then");
        assert!(rt::now() - start <= Duration::from_secs(20) + Duration::from_millis(1));
    });
}

#[test]
fn a_number_of_threads_has_a_runtime_of_its_own() {
    // One test, since what it counts is kept for the process.
    let idle = || config().worker_timeout(Duration::from_secs(1));
    assert_eq!(refused(&idle().validate().unwrap_err()), ["worker_timeout"]);
    let auto = idle().thread_count(ThreadCount::Auto);
    assert_eq!(refused(&auto.validate().unwrap_err()), ["worker_timeout"]);
    let pinned = idle().thread_count(2_usize).cpu_affinity(true);
    assert_eq!(refused(&pinned.validate().unwrap_err()), ["worker_timeout"]);
    assert_eq!(idle().auto_scaling(true).validate(), Ok(()));
    assert_eq!(go_parallel(|| 7).options(idle().thread_count(2_usize)).block(), Ok(7));

    let name = || std::thread::current().name().unwrap_or_default().to_owned();
    let of =
        |count: usize| go_parallel(name).options(config().thread_count(count)).block().unwrap();
    assert!(of(3).starts_with("gonex-3-"), "{}", of(3));
    assert!(of(2).starts_with("gonex-2-"));
    let auto = go_parallel(name).options(config().thread_count(ThreadCount::Auto)).block().unwrap();
    assert_eq!(auto.matches('-').count(), 1, "{auto} is of the shared runtime");
    // Bounded: those that are there stay, and one too many is refused.
    let of = |count: usize| config().thread_count(count).runtime();
    let refused = (1..=10).filter_map(|count| of(count).err()).collect::<Vec<_>>();
    assert_eq!(refused.len(), 3, "seven of these, and one with a time of its own, are eight");
    assert!(refused[0].names("thread_count"));
    assert!(of(3).is_ok() && of(2).is_ok());
}

#[test]
fn it_works_in_async_code() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    tokio.block_on(async {
        assert_eq!(go_parallel(|| 7).await, Ok(7));
        assert_eq!(try_go_parallel(|| async { Ok::<_, ()>(7) }).options(config()).await, Ok(7));
    });
}
