//! What is started from inside the layers runs on the runtime of whoever called them.

use std::num::NonZeroUsize;

use gonex_runtime::{Runtime, aio, compute, go, thread};
use gonex_task::PanicHook;

/// The name of the thread that a closure of `go` runs on here.
fn where_go_runs() -> String {
    let name = || std::thread::current().name().unwrap_or_default().to_owned();
    go(name).join().block().unwrap()
}

fn named(name: &str) -> Runtime {
    let two = NonZeroUsize::new(2).unwrap();
    let builder = Runtime::builder().name(name).threads(two);
    builder.panic_hook(PanicHook::Quiet).build().unwrap()
}

#[test]
fn in_a_computation() {
    let mine = named("mine");
    let names = mine.enter(|| compute::parallel(0..64, |_| where_go_runs()));
    assert!(names.iter().all(|name| name.starts_with("mine-")), "{names:?}");
    let (left, right) = mine.enter(|| compute::join(where_go_runs, where_go_runs));
    assert!(left.starts_with("mine-") && right.starts_with("mine-"), "{left}, {right}");
    // The same workers, for whoever comes next.
    let names = compute::parallel(0..64, |_| where_go_runs());
    assert!(names.iter().all(|name| !name.starts_with("mine-")), "{names:?}");
}

#[test]
fn in_what_a_task_computes_in_the_background() {
    let mine = named("background");
    let name = mine.go(|| compute::background(where_go_runs).join().block());
    assert!({ name }.join().block().unwrap().unwrap().starts_with("background-"));
    let name = mine.go(async { compute::background(where_go_runs).await });
    assert!({ name }.join().block().unwrap().unwrap().starts_with("background-"));
}

#[test]
fn on_a_thread_of_its_own() {
    let mine = named("beside");
    let name = mine.enter(|| thread::spawn(where_go_runs)).join().block().unwrap();
    assert!(name.starts_with("beside-"), "{name}");
    let name = aio::block_on(async { mine.enter(|| thread::spawn(where_go_runs)).await });
    assert!(name.unwrap().starts_with("beside-"));
}

#[test]
fn a_runtime_that_has_gone_is_not_waited_for() {
    let mine = named("gone");
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let mut service = mine.enter(|| {
        thread::spawn(move || {
            begun.send(()).unwrap();
            told.recv().unwrap_err();
            where_go_runs()
        })
    });
    has_begun.recv().unwrap();
    drop(mine);
    drop(tell);
    // What a thread of its own starts then runs on the shared one.
    let name = service.join().block().unwrap();
    assert!(name.starts_with("gonex-"), "{name}");
}
