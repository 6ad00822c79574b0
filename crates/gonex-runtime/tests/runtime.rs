//! `go`, and runtimes as values.
#![cfg(not(gonex_loom))]

use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_runtime::{Runtime, go, go_all};
use gonex_task::{PanicHook, TaskError};

fn named(name: &str) -> Runtime {
    Runtime::builder().name(name).threads(NonZeroUsize::new(2).unwrap()).build().unwrap()
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn closures_and_futures_run_where_they_belong() {
    let runtime = named("mine");
    let mut closure = runtime.go(thread_name);
    let mut future = runtime.go(async { thread_name() });
    assert!(closure.join().block().unwrap().starts_with("mine-"));
    assert_eq!(future.join().block().unwrap(), "mine-async");
}

#[test]
fn go_inside_a_task_uses_its_runtime() {
    let runtime = named("outer");
    let mut inner = runtime.go(|| go(thread_name));
    let mut inner = inner.join().block().unwrap();
    assert!(inner.join().block().unwrap().starts_with("outer-"));
    let mut inner = runtime.go(async { go(thread_name).await });
    assert!(inner.join().block().unwrap().unwrap().starts_with("outer-"));
}

#[test]
fn futures_go_to_the_tokio_runtime_around() {
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let here = thread_name();
    let there = tokio.block_on(async { go(async { thread_name() }).await });
    assert_eq!(there.unwrap(), here);
}

#[test]
fn tasks_inherit_the_context() {
    let context = Context::background().with_timeout(Duration::from_secs(3600));
    let work = || Context::current().deadline();
    let deadlines = context.run(|| go_all((work, async move { work() }))).block().unwrap();
    assert_eq!(deadlines, (context.deadline(), context.deadline()));
}

#[test]
fn a_tuple_holds_tasks_of_eight_kinds() {
    let all = go_all((
        || 1u8,
        async { "two" },
        || 3.0f32,
        || '4',
        async { vec![5] },
        || Some(6),
        || (),
        || String::from("8"),
    ));
    let all = all.block().unwrap();
    assert_eq!(all, (1, "two", 3.0, '4', vec![5], Some(6), (), String::from("8")));
}

#[test]
fn cancelling_drops_a_future_at_its_await() {
    struct Tell(mpsc::Sender<&'static str>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send("dropped").ok();
        }
    }
    let (sent, received) = mpsc::channel();
    let mut task = go(async move {
        let tell = Tell(sent);
        tell.0.send("running").ok();
        std::future::pending::<()>().await;
        drop(tell);
    });
    assert_eq!(received.recv(), Ok("running"));
    task.cancel("enough");
    assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
    assert_eq!(received.recv(), Ok("dropped"));
}

#[test]
fn a_cancelled_task_never_starts() {
    let runtime = Runtime::builder().threads(NonZeroUsize::MIN).build().unwrap();
    let (open, gate) = mpsc::channel::<()>();
    let mut first = runtime.go(move || gate.recv());
    let mut second = runtime.go(|| unreachable!("it was cancelled before it could start"));
    second.cancel("changed my mind");
    open.send(()).unwrap();
    first.join().block().unwrap().unwrap();
    let ended: Result<(), _> = second.join().block();
    assert!(matches!(ended, Err(TaskError::Cancelled(c)) if c.to_string() == "changed my mind"));
}

#[test]
fn a_runtime_can_be_dropped_inside_its_own_future() {
    let runtime = named("self");
    let theirs = runtime.clone();
    let (open, gate) = tokio::sync::oneshot::channel::<()>();
    let mut task = runtime.go(async move {
        gate.await.ok();
        drop(theirs);
        7
    });
    drop(runtime);
    open.send(()).unwrap();
    // The last clone goes in the middle of the task, and takes its tokio runtime along.
    let ended = task.join().block();
    assert!(matches!(ended, Ok(7) | Err(TaskError::Lost { started: true, .. })), "{ended:?}");
}

#[test]
fn blocking_in_a_future_panics_at_the_place_of_the_call() {
    let runtime = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
    let line = line!() + 1;
    let mut task = runtime.go(async { Context::background().done().block() });
    let id = task.id();
    let Err(TaskError::Panicked(panic)) = task.join().block() else { panic!("it blocked") };
    assert!(panic.message.starts_with(&format!("`.block()` in task {id} from ")), "{panic}");
    let place = panic.place.expect("the hook is installed");
    assert!(place.file.ends_with("runtime.rs"), "{place}");
    assert_eq!(place.line, line);
    let mut closure =
        runtime.go(|| Context::background().with_timeout(Duration::ZERO).done().block());
    assert_eq!(closure.join().block(), Ok(Stop::Timeout), "a closure may block");
}

#[test]
fn a_runtime_can_be_used_across_a_panic() {
    let runtime = named("sturdy");
    let seen = std::panic::catch_unwind(|| runtime.go(|| 7).join().block());
    assert!(matches!(seen, Ok(Ok(7))));
}
