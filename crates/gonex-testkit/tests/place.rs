//! The places there are keep what places owe, and the suite finds those that do not.

mod broken;

use std::num::NonZeroUsize;
use std::sync::Arc;

use gonex_core::Context;
use gonex_runtime::{Runtime, Threads};
use gonex_task::place::NotTaken;
use gonex_task::{Chain, Inline, PanicHook, Place, PlaceExt, Task, TaskOptions, task};
use gonex_testkit::place::{Conformance, ThroughBytes, conformance};

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
fn behind_bytes() {
    Conformance::new(|| Inline).through_bytes().run();
    Conformance::new(|| Threads).through_bytes().run();
    Conformance::new(|| runtime(1)).refusing(ended).through_bytes().run();
    Conformance::new(|| runtime(2)).refusing(ended).through_bytes().run();
}

#[test]
fn behind_bytes_of_another_build() {
    conformance(|| ThroughBytes::new(runtime(2)).of_another_build());
}

#[task(crate = gonex_task)]
fn double(n: u32) -> u32 {
    2 * n
}

#[test]
fn a_call_behind_bytes_leaves_nothing_of_its_context() {
    let held = Arc::new(());
    let context = Context::background().with_value(held.clone());
    let options = TaskOptions::new().within(&context);
    let place = ThroughBytes::new(Inline);
    assert_eq!(place.go_with(&options, double::call(21)).join().block(), Ok(42));
    // Refused by the one inside: the call has gone back to its place.
    let place = ThroughBytes::new(ended());
    assert!(place.go_with(&options, double::call(21)).join().block().is_err());
    drop((context, options));
    assert_eq!(Arc::strong_count(&held), 1);
}

/// A place that runs nothing but calls, as one in another process.
struct OnlyCalls<P>(P);

impl<P: Place> Place for OnlyCalls<P> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn parallelism(&self) -> NonZeroUsize {
        self.0.parallelism()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        self.0.submit(task.require_call()?.into_task())
    }
}

fn only_calls() -> impl Place {
    OnlyCalls(ThroughBytes::new(runtime(2)))
}

#[test]
fn a_place_that_runs_only_calls() {
    Conformance::new(only_calls).only_calls().run();
}

#[test]
fn chains() {
    let refusing = || Chain::first(ended()).or(ended());
    Conformance::new(|| Chain::first(runtime(2)).or(Inline)).refusing(refusing).run();
    // All goes on.
    Conformance::new(|| Chain::first(ended()).or(runtime(2))).run();
    // Calls end at the first, all else at the last.
    Conformance::new(|| Chain::first(only_calls()).or(runtime(2))).run();
}

#[test]
fn a_place_behind_a_pointer() {
    conformance(|| -> Box<dyn gonex_task::Place> { Box::new(runtime(2)) });
}
