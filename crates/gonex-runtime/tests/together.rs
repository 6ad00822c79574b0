//! Races, first errors, partial success, attempts: what becomes of the others, and of values nobody
//! wants.
#![cfg(not(gonex_loom))]

mod support;

use std::future;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_resilience::retry::Retrying;
use gonex_resilience::{Retry, RetryError};
use gonex_runtime::{Runtime, TryError, go_all_outcomes, go_race, go_with_retry, try_go_all};
use gonex_task::{PanicHook, TaskError};
use support::{by_hand, drive};

/// A policy that does not wait.
fn quick() -> Retry {
    Retry::custom(|_| Duration::ZERO)
}

fn quiet() -> Runtime {
    let two = NonZeroUsize::new(2).unwrap();
    Runtime::builder().threads(two).panic_hook(PanicHook::Quiet).build().unwrap()
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

#[test]
fn the_losers_of_a_race_are_cancelled() {
    let (dropped, endless) = endless::<u32>();
    assert_eq!(go_race((endless, async { 7 })).block(), Ok(7));
    assert!(dropped.recv().is_err(), "it is gone");

    let (context, waited) = mpsc::channel();
    let loser = move || {
        context.send(Context::current()).unwrap();
        Context::current().done().block();
        0
    };
    let winner =
        move || waited.recv().map(|theirs| theirs.stopped().is_none()).map_or(0, u32::from);
    assert_eq!(go_race((loser, winner)).block(), Ok(1), "the loser was running");
}

#[test]
fn a_task_that_is_lost_wins_no_race() {
    let runtime = quiet();
    let yields = |n: u32| move || if n == 3 { n } else { resume_unwind(Box::new("no")) };
    assert_eq!(runtime.enter(|| go_race([1, 2, 3].map(yields))).block(), Ok(3));
    let none: Result<u32, _> = runtime.enter(|| go_race([1, 2].map(yields))).block();
    let Err(TaskError::Panicked(panic)) = none else { panic!("somebody won") };
    assert!(panic.task.contains(" of a race from ") && panic.task.contains("together.rs"));
    let empty: [fn() -> u32; 0] = [];
    assert!(matches!(go_race(empty).block(), Err(TaskError::Refused { .. })));
}

#[test]
fn the_first_error_ends_the_others_and_keeps_its_type() {
    let (dropped, endless) = endless::<Result<u8, std::num::ParseIntError>>();
    let failed = try_go_all((endless, || "x".parse::<u32>())).block();
    assert_eq!(failed, Err(TryError::Failed("x".parse::<u32>().unwrap_err())));
    assert!(dropped.recv().is_err(), "it is gone");

    let (dropped, endless) = self::endless::<Result<u32, &str>>();
    let both: Vec<std::pin::Pin<Box<dyn Future<Output = _> + Send>>> =
        vec![Box::pin(endless), Box::pin(async { Err("no") })];
    assert_eq!(try_go_all(both).block(), Err(TryError::Failed("no")));
    assert!(dropped.recv().is_err(), "it is gone");
}

#[test]
fn many_values_come_in_the_order_of_their_tasks() {
    let count = 10_000_u32;
    let values = try_go_all((0..count).map(|n| async move { Ok::<_, ()>(n) })).block();
    assert_eq!(values, Ok((0..count).collect()));
    let tuple = try_go_all((
        || Ok::<_, ()>(1u8),
        async { Ok("two") },
        || Ok(3.0f32),
        || Ok('4'),
        async { Ok(vec![5]) },
        || Ok(Some(6)),
        || Ok(()),
        || Ok(String::from("8")),
    ));
    let eight = (1, "two", 3.0, '4', vec![5], Some(6), (), String::from("8"));
    assert_eq!(tuple.block(), Ok(eight));
    assert_eq!(try_go_all(Vec::<fn() -> Result<u8, ()>>::new()).block(), Ok(vec![]));
}

#[test]
fn a_panic_is_an_error_that_is_not_the_tasks_own() {
    let runtime = quiet();
    let work = [|| -> Result<(), String> { panic!("oh") }];
    let Err(TryError::Task(TaskError::Panicked(panic))) =
        runtime.enter(|| try_go_all(work)).block()
    else {
        panic!("it did not panic")
    };
    assert_eq!(panic.message, "oh");
    let Err(TryError::Task(TaskError::Panicked(panic))) = runtime
        .enter(|| try_go_all((|| Ok::<_, String>(1), || -> Result<u8, String> { panic!("oh") })))
        .block()
    else {
        panic!("it did not panic")
    };
    assert!(panic.task.starts_with("1 of a tuple from "), "{}", panic.task);
}

#[test]
fn values_that_nobody_wants_may_panic_when_they_are_dropped() {
    struct Hostile;
    impl Drop for Hostile {
        fn drop(&mut self) {
            resume_unwind(Box::new("hostile"));
        }
    }
    let (there, all_there) = mpsc::channel();
    let gate = Arc::new(std::sync::Mutex::new(all_there));
    let work = (0..3).map(|n| {
        let (there, gate) = (there.clone(), gate.clone());
        move || {
            if n < 2 {
                there.send(()).unwrap();
                return Ok(Hostile);
            }
            let others = gate.lock().unwrap();
            (0..2).for_each(|_| others.recv().unwrap());
            Err("the last one fails")
        }
    });
    let failed = quiet().enter(|| try_go_all(work)).block().map(|_| ());
    assert_eq!(failed, Err(TryError::Failed("the last one fails")));
}

#[test]
fn a_limit_leaves_what_has_succeeded() {
    let (dropped, endless) = endless::<u32>();
    let (context, canceller) = Context::background().with_cancel();
    let quick = async move {
        canceller.cancel("enough");
        7
    };
    let outcomes = go_all_outcomes((quick, endless)).within(&context).block();
    assert_eq!(outcomes.failed.len(), 2 - outcomes.succeeded.len());
    assert!(dropped.recv().is_err(), "what has not ended is cancelled");
    let stopped = &outcomes.failed.last().unwrap().error;
    assert!(matches!(stopped, TaskError::Cancelled(cause) if cause.to_string() == "enough"));
}

#[test]
fn outcomes_are_sorted() {
    let runtime = quiet();
    let work = |n: u32| move || if n.is_multiple_of(2) { n } else { panic!("odd") };
    let outcomes = runtime.enter(|| go_all_outcomes((0..100).map(work))).block();
    assert!(outcomes.is_partial() && !outcomes.is_complete());
    assert!(
        outcomes
            .succeeded
            .iter()
            .zip(0..)
            .all(|(&(index, n), at)| index == 2 * at && n as usize == index)
    );
    assert!(outcomes.failed.iter().zip(0..).all(|(failed, at)| failed.index == 2 * at + 1));
    assert_eq!((outcomes.succeeded.len(), outcomes.failed.len()), (50, 50));
    assert_eq!(outcomes.into_values().unwrap_err().len(), 50);
    let all = go_all_outcomes([1, 2].map(|n| async move { n })).block();
    assert_eq!(all.into_values(), Ok(vec![1, 2]));
}

#[test]
fn each_attempt_is_a_fresh_task() {
    let made = Arc::new(AtomicU32::new(0));
    let counts = made.clone();
    // The closure makes closures: what each captured is its own.
    let work = move || {
        let number = counts.fetch_add(1, Ordering::Relaxed) + 1;
        move || if number < 3 { Err(number) } else { Ok(number) }
    };
    assert_eq!(go_with_retry(quick(), work).block(), Ok(3));
    assert_eq!(made.load(Ordering::Relaxed), 3);
}

#[test]
fn errors_of_tasks_keep_their_type_and_their_rules() {
    let io = |kind| std::io::Error::from(kind);
    let retry = quick()
        .retry_if(|error: &std::io::Error| error.kind() == std::io::ErrorKind::TimedOut)
        .max_attempts(2);
    let timed_out = move || Err::<(), _>(io(std::io::ErrorKind::TimedOut));
    let failed = go_with_retry(retry.clone(), timed_out).block();
    assert!(matches!(
        failed,
        Err(RetryError::Exhausted { attempts: 2, last: Some(TryError::Failed(_)) })
    ));
    let not_found = move || async move { Err::<(), _>(io(std::io::ErrorKind::NotFound)) };
    let failed = go_with_retry(retry.clone(), not_found).block();
    assert!(matches!(failed, Err(RetryError::Rejected { attempts: 1, last: TryError::Failed(_) })));
    assert_eq!(retry.metrics().calls, 2, "the policy is one, with its metrics");
}

#[test]
fn tasks_that_are_lost_are_tried_again() {
    let runtime = quiet();
    let (told, notified) = mpsc::channel();
    let retry = quick().max_attempts(2).notify(move |retrying: &Retrying<'_, String>| {
        told.send(retrying.error.is_none()).unwrap();
    });
    let panics = || -> Result<(), String> { panic!("oh") };
    let failed = runtime.enter(|| go_with_retry(retry, panics)).block();
    let Err(RetryError::Exhausted {
        last: Some(TryError::Task(TaskError::Panicked(panic))), ..
    }) = failed
    else {
        panic!("it did not panic")
    };
    assert!(panic.task.starts_with("attempt 2 of the call from "), "{}", panic.task);
    assert_eq!(notified.recv(), Ok(true), "the task's own errors are none of it");
}

#[test]
fn an_attempt_that_takes_too_long_is_cancelled() {
    let (told, dropped) = mpsc::channel::<()>();
    let tries = AtomicU32::new(0);
    let work = move || {
        let told = told.clone();
        let number = tries.fetch_add(1, Ordering::Relaxed);
        async move {
            let _told = told;
            if number == 0 {
                future::pending::<()>().await;
            }
            Ok::<_, ()>(number)
        }
    };
    let retry = quick().attempt_timeout(Duration::from_secs(5));
    by_hand(|manual| assert_eq!(drive(manual, go_with_retry(retry, work)), Ok(1)));
    assert!(dropped.recv().is_err(), "all are gone");
}

#[test]
fn the_limit_of_an_attempt_is_told_in_one_way() {
    // The task has the same limit as the wait for it, and either may see it first.
    for _ in 0..100 {
        by_hand(|manual| {
            let retry = quick().max_attempts(2).attempt_timeout(Duration::from_millis(1));
            let failed = drive(manual, go_with_retry(retry, future::pending::<Result<(), ()>>));
            assert_eq!(failed, Err(RetryError::Exhausted { attempts: 2, last: None }));
        });
    }
}

#[test]
fn a_stop_ends_the_attempt_and_there_is_no_other() {
    let (told, dropped) = mpsc::channel::<()>();
    let calls = Arc::new(AtomicU32::new(0));
    let counts = calls.clone();
    let work = move || {
        counts.fetch_add(1, Ordering::Relaxed);
        let told = told.clone();
        async move {
            let _told = told;
            future::pending::<Result<(), ()>>().await
        }
    };
    let stopped = go_with_retry(quick(), work).timeout(Duration::ZERO).block();
    let stop = Stop::Timeout;
    assert_eq!(stopped, Err(RetryError::Stopped { stop, attempts: 1, last: None }));
    assert!(dropped.recv().is_err(), "it is gone");
    assert_eq!(calls.load(Ordering::Relaxed), 1);

    let (context, canceller) = Context::background().with_cancel();
    let work = move || {
        canceller.cancel("enough");
        Context::current().done().block();
        Err::<(), _>("what follows from the stop")
    };
    let stopped = context.run(|| go_with_retry(quick(), work).block());
    assert!(matches!(stopped, Err(RetryError::Stopped { attempts: 1, .. })), "{stopped:?}");
}

#[test]
fn they_work_in_async_code() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    tokio.block_on(async {
        assert_eq!(go_race((future::pending(), || 7)).await, Ok(7));
        assert_eq!(try_go_all([|| Ok::<_, ()>(7)]).await, Ok(vec![7]));
        assert!(go_all_outcomes([|| 7]).await.is_complete());
        assert_eq!(go_with_retry(quick(), || async { Ok::<_, ()>(7) }).await, Ok(7));
    });
}

/// A future that waits as it must not, and so tells what its task is called.
async fn told_off<T>() -> T {
    gonex_core::rt::sleep(Duration::ZERO).block();
    unreachable!("a future may not block")
}

/// What the message of its panic begins with, if it was handed in on this line of this file.
#[track_caller]
fn assert_called(error: &TaskError, name: &str) {
    let line = std::panic::Location::caller().line();
    let TaskError::Panicked(panic) = error else { panic!("{error}") };
    let start = format!("`.block()` in task \"{name}\" from {}:{line}:", file!());
    assert!(panic.message.starts_with(&start), "{:?} and not {start:?}", panic.message);
}

#[test]
fn tasks_know_their_name_and_who_started_them() {
    quiet().enter(|| {
        assert_called(&go_race([told_off::<()>()]).block().unwrap_err(), "a race");
        assert_called(&go_all_outcomes([told_off::<()>()]).block().failed[0].error, "many tasks");
        assert_called(&task_error(try_go_all([told_off::<Failing>()]).block()), "many tasks");
        let two = (told_off::<Failing>(), told_off::<Failing>());
        assert_called(&task_error(try_go_all(two).block()), "a tuple");
        let once = quick().max_attempts(1);
        let retried = go_with_retry(once, told_off::<Failing>).block().unwrap_err();
        let Some(TryError::Task(error)) = retried.into_last() else { panic!("no task") };
        let TaskError::Panicked(panic) = error else { panic!("{error}") };
        assert!(panic.message.starts_with("`.block()` in task \"attempt 1\" from "), "{panic}");
        assert!(panic.message.contains(file!()), "{panic}");
    });
}

type Failing = Result<(), ()>;

fn task_error<T: std::fmt::Debug>(result: Result<T, TryError<()>>) -> TaskError {
    match result {
        Err(TryError::Task(error)) => error,
        other => panic!("{other:?}"),
    }
}
