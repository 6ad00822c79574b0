//! The places there are keep what places owe, and the suite finds those that do not.

mod broken;

use std::num::NonZeroUsize;

use gonex_runtime::{Runtime, Threads};
use gonex_task::{Inline, PanicHook};
use gonex_testkit::place::{Conformance, conformance};

fn runtime(threads: usize) -> Runtime {
    let threads = NonZeroUsize::new(threads).unwrap();
    Runtime::builder().threads(threads).panic_hook(PanicHook::Quiet).build().unwrap()
}

/// A runtime whose owner has gone, as a task may still hold it.
fn ended() -> Runtime {
    let runtime = runtime(1);
    runtime.go(Runtime::current).join().block().unwrap()
}

#[test]
fn inline() {
    conformance(|| Inline);
}

#[test]
fn the_threads_of_the_current_runtime() {
    conformance(|| Threads);
}

#[test]
fn a_runtime_of_two_threads() {
    Conformance::new(|| runtime(2)).refusing(ended).run();
}

#[test]
fn a_runtime_of_one_thread() {
    Conformance::new(|| runtime(1)).refusing(ended).run();
}

#[test]
fn a_place_behind_a_pointer() {
    conformance(|| -> Box<dyn gonex_task::Place> { Box::new(runtime(2)) });
}
