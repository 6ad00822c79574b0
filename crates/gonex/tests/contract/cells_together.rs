//! The rows of retries, and of tasks that belong together.

use std::future;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::time::Duration;

use gonex::{
    Context, ParallelError, ParallelismConfig, Retry, RetryError, Runtime, Stop, TaskError,
    TryError, go_all_outcomes, go_all_with_retry, go_parallel, go_race, go_with_retry, try_go_all,
};

use crate::support::{Gate, cancelled, leaves_nothing, pausing, quiet};

/// A policy whose delays are longer than any test.
fn slow() -> Retry {
    Retry::fixed().initial_delay(Duration::from_secs(3600)).max_delay(Duration::from_secs(3600))
}

/// A policy that does not wait.
fn quick() -> Retry {
    Retry::custom(|_| Duration::ZERO)
}

/// A future that never ends, and tells when it is dropped.
fn endless<T>() -> (mpsc::Receiver<()>, impl Future<Output = T> + Send) {
    let (told, dropped) = mpsc::channel::<()>();
    let future = async move {
        let _told = told;
        future::pending().await
    };
    (dropped, future)
}

/// A runtime with one thread, which waits at the gate, and no room for more than one closure.
fn full() -> (Runtime, Gate) {
    let one = NonZeroUsize::MIN;
    let runtime = Runtime::builder().threads(one).max_queued(one).build().unwrap();
    let gate = Gate::new();
    runtime.go(gate.pass()).detach();
    gate.entered();
    runtime.go(|| ()).detach();
    (runtime, gate)
}

crate::table::cells! {
    "retry.call(work)" {
        "drop": "the attempt that runs is dropped, a delay ends, and a token that was taken from the budget goes back" => || {
            leaves_nothing(slow().call(|| Err::<(), _>("down")));
            let (dropped, endless) = endless::<Result<(), ()>>();
            let mut endless = Some(endless);
            leaves_nothing(slow().attempt_timeout(Duration::from_secs(60)).call(move || {
                let attempt = endless.take();
                async move { attempt.unwrap().await }
            }));
            assert!(dropped.recv().is_err());
        };
        "time-out": "of the call: yields `RetryError::Stopped` with the last error, if there was one; of the ambient context, if it would pass before the next attempt: at once. Of an attempt: it failed, and there may be another" => || {
            let stopped = slow().call(|| Err::<(), _>("down")).timeout(Duration::ZERO).block();
            let timeout = RetryError::Stopped { stop: Stop::Timeout, attempts: 1, last: Some("down") };
            assert_eq!(stopped, Err(timeout.clone()));
            let context = Context::background().with_timeout(Duration::from_secs(60));
            assert_eq!(context.run(|| slow().call(|| Err::<(), _>("down")).block()), Err(timeout));
            let cut = quick().max_attempts(2).attempt_timeout(Duration::from_millis(1));
            let failed = cut.call(future::pending::<Result<(), ()>>).block();
            assert_eq!(failed, Err(RetryError::Exhausted { attempts: 2, last: None }));
        };
        "cancel": "yields `RetryError::Stopped` with the cause and the last error; nothing is called again" => || {
            let call = || slow().call(|| Err::<(), _>("down"));
            let stopped = call().within(&cancelled()).block();
            assert!(matches!(stopped, Err(RetryError::Stopped { attempts: 1, last: Some("down"), .. })));
            let stopped = cancelled().run(|| call().block());
            assert!(matches!(stopped, Err(RetryError::Stopped { stop: Stop::Cancelled(_), .. })));
        };
        "close": "does not occur: a policy is not closed";
        "panic": "of the work: goes through the call, and nothing is called again" => || {
            let retry = quick();
            let call = retry.call(|| -> Result<(), ()> { resume_unwind(Box::new("oh")) });
            assert!(catch_unwind(AssertUnwindSafe(|| call.block())).is_err());
            assert_eq!((retry.metrics().attempts, retry.metrics().abandoned), (1, 1));
        };
        "bound reached": "of attempts: yields `RetryError::Exhausted`; of time: `Elapsed`; of the budget: `OverBudget`; of what an error may ask for: `Deferred`. Each with the number of attempts and the last error" => || {
            let exhausted = quick().max_attempts(2).call(|| Err::<(), _>("down")).block();
            assert_eq!(exhausted, Err(RetryError::Exhausted { attempts: 2, last: Some("down") }));
            let elapsed = slow().max_elapsed(Duration::from_secs(60)).call(|| Err::<(), _>("down"));
            assert!(matches!(elapsed.block(), Err(RetryError::Elapsed { attempts: 1, .. })));
            let asks = quick().retry_after(|_: &&str| Some(Duration::from_secs(3600)));
            let deferred = asks.call(|| Err::<(), _>("down")).block();
            assert!(matches!(deferred, Err(RetryError::Deferred { attempts: 1, last: "down", .. })));
        };
    }
    "go_race(..)" {
        "drop": "detaches the tasks, which were started already" => || {
            let (task, work) = pausing();
            leaves_nothing(go_race([work]));
            assert_eq!(task.finish_and_count(), 1);
        };
        "time-out": "yields `TaskError::Timeout` and cancels the tasks; done if one has won just before" => || {
            let (dropped, endless) = endless::<u8>();
            assert_eq!(go_race([endless]).timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
            assert!(dropped.recv().is_err());
        };
        "cancel": "yields `TaskError::Cancelled` and cancels the tasks" => || {
            let (dropped, endless) = endless::<u8>();
            let stopped = go_race([endless]).within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            assert!(dropped.recv().is_err());
        };
        "close": "of the runtime: as `handle.join()`";
        "panic": "of a task: it cannot win; if none does, yields the first failure in time" => || {
            let (gate, opens) = (Gate::new(), Gate::new());
            let (pass, open) = (gate.pass(), opens.pass());
            opens.open();
            let loses = move || -> u8 { open(); resume_unwind(Box::new("first")) };
            let wins = move || { pass(); 7 };
            let runtime = quiet();
            let race = runtime.enter(|| go_race((loses, wins)));
            gate.open();
            assert_eq!(race.block(), Ok(7));
            let work = || -> u8 { panic!("all") };
            let none = runtime.enter(|| go_race([work, work])).block();
            assert!(matches!(none, Err(TaskError::Panicked(p)) if p.message == "all"));
        };
        "bound reached": "of the runtime's queue: a task that is refused cannot win. No tasks at all: yields `TaskError::Refused`" => || {
            let (runtime, _gate) = full();
            let refused = runtime.enter(|| go_race([|| 1])).block();
            assert!(matches!(refused, Err(TaskError::Refused { .. })));
            let none: [fn() -> u8; 0] = [];
            assert!(matches!(go_race(none).block(), Err(TaskError::Refused { .. })));
        };
    }
    "try_go_all(..)" {
        "drop": "detaches the tasks, which were started already" => || {
            let (task, work) = pausing();
            leaves_nothing(try_go_all([|| Ok::<_, ()>(work())]));
            assert_eq!(task.finish_and_count(), 1);
            let (task, work) = pausing();
            leaves_nothing(try_go_all((|| Ok::<_, ()>(work()), future::pending::<Result<u8, ()>>())));
            assert_eq!(task.finish_and_count(), 1);
        };
        "time-out": "yields `TryError::Task(TaskError::Timeout)` and cancels the tasks" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let stopped = try_go_all([work]).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TryError::Task(TaskError::Timeout)));
            assert!(dropped.recv().is_err());
            let ((first, one), (second, other)) = (endless::<Result<u8, ()>>(), endless::<Result<u8, ()>>());
            let stopped = try_go_all((one, other)).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TryError::Task(TaskError::Timeout)));
            assert!(first.recv().is_err() && second.recv().is_err());
        };
        "cancel": "yields `TryError::Task(TaskError::Cancelled)` and cancels the tasks" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let stopped = try_go_all([work]).within(&cancelled()).block();
            assert!(matches!(stopped, Err(TryError::Task(TaskError::Cancelled(_)))));
            assert!(dropped.recv().is_err());
        };
        "close": "of the runtime: as `handle.join()`, in `TryError::Task`";
        "panic": "yields the first `TryError::Task(TaskError::Panicked)`, as it would the first error of a task, and cancels the others" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let panics = || -> Result<u8, ()> { panic!("first") };
            let failed = quiet().enter(|| try_go_all((work, panics))).block();
            assert!(matches!(failed, Err(TryError::Task(TaskError::Panicked(p))) if p.message == "first"));
            assert!(dropped.recv().is_err());
        };
        "bound reached": "of the runtime's queue: yields `TryError::Task(TaskError::Refused)` and cancels the others" => || {
            let (runtime, _gate) = full();
            let refused = runtime.enter(|| try_go_all([|| Ok::<_, ()>(1)])).block();
            assert!(matches!(refused, Err(TryError::Task(TaskError::Refused { .. }))));
        };
    }
    "go_all_outcomes(..)" {
        "drop": "detaches the tasks, which were started already" => || {
            let (task, work) = pausing();
            leaves_nothing(go_all_outcomes([work]));
            assert_eq!(task.finish_and_count(), 1);
        };
        "time-out": "yields what there is: tasks that have not ended are cancelled, and have failed with `TaskError::Timeout`" => || {
            let (dropped, work) = endless::<u8>();
            let outcomes = go_all_outcomes([work]).timeout(Duration::ZERO).block();
            assert_eq!((outcomes.failed[0].index, &outcomes.failed[0].error), (0, &TaskError::Timeout));
            assert!(dropped.recv().is_err());
        };
        "cancel": "yields what there is: tasks that have not ended are cancelled, and have failed with `TaskError::Cancelled`" => || {
            let (dropped, work) = endless::<u8>();
            let outcomes = go_all_outcomes([work]).within(&cancelled()).block();
            assert!(matches!(outcomes.failed[0].error, TaskError::Cancelled(_)));
            assert!(dropped.recv().is_err());
        };
        "close": "of the runtime: as `handle.join()`, among what failed";
        "panic": "of a task: it is among what failed; the others go on" => || {
            let work = |n: u8| move || if n == 2 { panic!("two") } else { n };
            let outcomes = quiet().enter(|| go_all_outcomes([1, 2, 3].map(work))).block();
            assert_eq!(outcomes.succeeded, [(0, 1), (2, 3)]);
            assert!(matches!(&outcomes.failed[0].error, TaskError::Panicked(p) if p.message == "two"));
        };
        "bound reached": "of the runtime's queue: what was refused is among what failed" => || {
            let (runtime, _gate) = full();
            let outcomes = runtime.enter(|| go_all_outcomes([|| 1, || 2])).block();
            assert!(outcomes.failed.iter().all(|f| matches!(f.error, TaskError::Refused { .. })));
            assert_eq!(outcomes.failed.len(), 2);
        };
    }
    "go_with_retry(..)" {
        "drop": "the attempt that runs is cancelled, and there is no other" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            leaves_nothing(go_with_retry(quick(), move || work.take().unwrap()));
            assert!(dropped.recv().is_err());
        };
        "time-out": "of the call: yields `RetryError::Stopped` and cancels the attempt; of an attempt: cancels it, and there may be another" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            let call = go_with_retry(quick(), move || work.take().unwrap());
            let stopped = call.timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(RetryError::Stopped { stop: Stop::Timeout, attempts: 1, last: None }));
            assert!(dropped.recv().is_err());
            let cut = quick().max_attempts(2).attempt_timeout(Duration::from_millis(1));
            let failed = go_with_retry(cut, future::pending::<Result<(), ()>>).block();
            assert_eq!(failed, Err(RetryError::Exhausted { attempts: 2, last: None }));
        };
        "cancel": "yields `RetryError::Stopped` with the cause, and cancels the attempt" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            let stopped = go_with_retry(quick(), move || work.take().unwrap()).within(&cancelled()).block();
            assert!(matches!(stopped, Err(RetryError::Stopped { stop: Stop::Cancelled(_), .. })));
            assert!(dropped.recv().is_err());
        };
        "close": "of the runtime: the attempt is refused, which is retried as any other failure" => || {
            let runtime = quiet();
            let work = || Ok::<_, ()>(7);
            let call = runtime.enter(|| go_with_retry(quick().max_attempts(2), work));
            // What the call holds does not keep the runtime's threads.
            drop(runtime);
            let Err(RetryError::Exhausted { attempts: 2, last: Some(TryError::Task(error)) }) = call.block()
            else {
                panic!("somebody ran it")
            };
            assert!(matches!(error, TaskError::Refused { .. }));
        };
        "panic": "of an attempt: `TaskError::Panicked`, which is retried as any other failure" => || {
            let retry = quick().max_attempts(2);
            let work = || -> Result<u8, ()> { panic!("oh") };
            let failed = quiet().enter(|| go_with_retry(retry, work)).block();
            let Err(RetryError::Exhausted { attempts: 2, last: Some(TryError::Task(error)) }) = failed
            else {
                panic!("it did not panic")
            };
            assert!(matches!(error, TaskError::Panicked(p) if p.message == "oh"));
        };
        "bound reached": "as `retry.call(work)`; of the runtime's queue: the attempt is refused, which is retried" => || {
            let (runtime, gate) = full();
            let retry = quick().max_attempts(u32::MAX);
            let metrics = retry.clone();
            let call = runtime.enter(|| go_with_retry(retry, || Ok::<_, ()>(7)));
            let opens = std::thread::spawn(move || {
                while metrics.metrics().retries == 0 {
                    std::thread::yield_now();
                }
                gate.open();
            });
            assert_eq!(call.block(), Ok(7));
            opens.join().unwrap();
        };
    }
    "go_all_with_retry(..)" {
        "drop": "the attempts that run are cancelled, and there are no others" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            leaves_nothing(go_all_with_retry(quick(), [move || work.take().unwrap()]));
            assert!(dropped.recv().is_err());
        };
        "time-out": "yields what there is: the attempts that run are cancelled, and their calls have failed with `RetryError::Stopped`" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            let retry = quick();
            let all = go_all_with_retry(retry.clone(), [move || work.take().unwrap()]);
            let outcomes = all.timeout(Duration::ZERO).block();
            let stopped = RetryError::Stopped { stop: Stop::Timeout, attempts: 1, last: None };
            assert_eq!((outcomes.failed[0].attempts, &outcomes.failed[0].error), (1, &stopped));
            assert!(dropped.recv().is_err());
            assert_eq!(retry.metrics().stopped, 1);
        };
        "cancel": "as a time-out, with the cause" => || {
            let (dropped, work) = endless::<Result<u8, ()>>();
            let mut work = Some(work);
            let all = go_all_with_retry(quick(), [move || work.take().unwrap()]);
            let outcomes = all.within(&cancelled()).block();
            assert!(matches!(&outcomes.failed[0].error, RetryError::Stopped { stop: Stop::Cancelled(_), .. }));
            assert!(dropped.recv().is_err());
        };
        "close": "of the runtime: as `go_with_retry(..)`, for each";
        "panic": "of an attempt: as `go_with_retry(..)`; the others go on" => || {
            let work = |n: u8| move || if n == 2 { panic!("two") } else { Ok::<_, ()>(n) };
            let retry = quick().max_attempts(2);
            let outcomes = quiet().enter(|| go_all_with_retry(retry, [1, 2, 3].map(work))).block();
            assert_eq!(outcomes.succeeded, [(0, 1), (2, 3)]);
            assert_eq!((outcomes.failed[0].index, outcomes.failed[0].attempts), (1, 2));
            let last = outcomes.failed[0].error.last();
            assert!(matches!(last, Some(TryError::Task(TaskError::Panicked(p))) if p.message == "two"));
        };
        "bound reached": "as `go_with_retry(..)`, for each; they share the budget" => || {
            let outcomes = go_all_with_retry(quick().max_attempts(3), [|| Err::<u8, _>("down"); 2]).block();
            let exhausted = RetryError::Exhausted { attempts: 3, last: Some(TryError::Failed("down")) };
            assert!(outcomes.failed.iter().all(|failed| failed.error == exhausted));
            assert_eq!(outcomes.failed.len(), 2);
        };
    }
    "go_parallel(..)" {
        "drop": "the task is cancelled; a closure that has started goes on, and its value is dropped" => || {
            let (context, theirs) = mpsc::channel();
            let work = move || {
                context.send(Context::current()).unwrap();
                Context::current().done().block();
            };
            leaves_nothing(go_parallel(work).into_op());
            let theirs = theirs.recv();
            assert!(theirs.is_err() || theirs.is_ok_and(|context| context.stopped().is_some()));
        };
        "time-out": "of the options, of the operation or of the ambient context: yields `ParallelError::Stopped` and cancels the task" => || {
            let gate = Gate::new();
            let stopped = go_parallel(gate.pass()).into_op().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(ParallelError::Stopped { stop: Stop::Timeout, attempts: 1 }));
            let config = ParallelismConfig::new().timeout(Duration::from_millis(1));
            let stopped = go_parallel(gate.pass()).options(config).block();
            assert_eq!(stopped, Err(ParallelError::Stopped { stop: Stop::Timeout, attempts: 1 }));
        };
        "cancel": "yields `ParallelError::Stopped` with the cause, and cancels the task" => || {
            let gate = Gate::new();
            let stopped = go_parallel(gate.pass()).into_op().within(&cancelled()).block();
            assert!(matches!(stopped, Err(ParallelError::Stopped { stop: Stop::Cancelled(_), .. })));
        };
        "close": "of the runtime: as `go_with_retry(..)`, in `ParallelError::Task`";
        "panic": "as `go_with_retry(..)`, in `ParallelError::Task`" => || {
            let config = ParallelismConfig::new().retry_attempts(1);
            let work = || -> u8 { resume_unwind(Box::new("oh")) };
            let failed = go_parallel(work).options(config).block();
            let Err(ParallelError::Task { error: TaskError::Panicked(panic), attempts: 2 }) = failed else {
                panic!("it did not panic")
            };
            assert_eq!(panic.message, "oh");
        };
        "bound reached": "of `retry_attempts`: yields how the last attempt failed. Options that cannot be used: yields `ParallelError::Config`, which names them all, and starts nothing" => || {
            let config = ParallelismConfig::new().timeout(Duration::ZERO).worker_processes(4_usize);
            let refused = go_parallel(|| unreachable!("it must not start")).options(config).block();
            let Err::<(), _>(ParallelError::Config(refused)) = refused else { panic!() };
            assert!(refused.names("timeout") && refused.names("worker_processes"));
        };
    }
}
