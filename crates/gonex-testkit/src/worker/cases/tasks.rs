use std::sync::atomic::Ordering;

use gonex_core::Context;
use gonex_task::TaskError;

use super::Bench;
use crate::worker::recorder::{Gate, Probe};

pub(super) fn ready(bench: &Bench) {
    let worker = bench.start();
    worker.for_a_while();
    let seen = worker.seen();
    assert_eq!((seen.ready, seen.gone.len()), (1, 0), "ready once, and not gone: {seen:?}");
}

pub(super) fn results(bench: &Bench) {
    let worker = bench.start();
    let slots = u64::from(worker.kind.abilities().slots.get());
    for round in 0..50 {
        let first = worker.assign(Probe::answer(round * 100));
        for more in 1..slots.min(4) {
            worker.assign(Probe::answer(round * 100 + more));
        }
        for more in 0..slots.min(4) {
            worker.until("a task has ended", |seen| seen.ended.contains_key(&(first + more)));
            let ends = worker.seen().ended.remove(&(first + more)).unwrap_or_default();
            assert_eq!(ends, [Ok(round * 100 + more + 1)], "its result, once");
        }
    }
    worker.for_a_while();
    let seen = worker.seen();
    assert!(seen.ended.values().all(|ends| ends.len() == 1), "each ends once: {seen:?}");
}

pub(super) fn panics(bench: &Bench) {
    let worker = bench.start();
    for _ in 0..3 {
        let no = worker.assign(Probe::panics());
        worker.until("the task that panics has ended", |seen| seen.ended.contains_key(&no));
        let ends = worker.seen().ended.remove(&no).unwrap_or_default();
        let [Err(TaskError::Panicked(panic))] = ends.as_slice() else {
            panic!("the panic is its result: {ends:?}");
        };
        assert!(panic.message.contains("a job that panics"), "with its message: {panic}");
    }
    let no = worker.assign(Probe::answer(1));
    worker.until("the next task has ended", |seen| seen.ended.contains_key(&no));
    assert_eq!(worker.seen().gone, [], "the worker goes on");
}

pub(super) fn cancelled_before(bench: &Bench) {
    let worker = bench.start();
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let probe = Probe::answer(1);
    let runs = probe.runs();
    let no = worker.assign_in(&context, probe);
    worker.until("the task has ended", |seen| seen.ended.contains_key(&no));
    let ends = worker.seen().ended.remove(&no).unwrap_or_default();
    assert!(matches!(ends.as_slice(), [Err(TaskError::Cancelled(_))]), "{ends:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 0, "it never ran");
}

pub(super) fn not_within_the_call(bench: &Bench) {
    let worker = bench.start();
    for n in 0..20 {
        let no = worker.assign(Probe::answer(n));
        worker.until("the task has ended", |seen| seen.ended.contains_key(&no));
    }
    assert!(!worker.seen().within_the_call, "an end was told on the stack of who handed it in");
}

pub(super) fn slots(bench: &Bench) {
    let worker = bench.start();
    let slots = worker.kind.abilities().slots.get() as usize;
    let (gate, token) = Gate::closed();
    for _ in 0..slots {
        worker.assign(Probe::waits(&gate));
    }
    // A kind without threads cannot wait inside a job: there the job is not begun before its end.
    if worker.kind.abilities().is_tended_by_hand {
        drop(token);
    } else {
        worker.until_inside(&gate, slots);
        assert_eq!(worker.seen().ended.len(), 0);
        drop(token);
    }
    worker.until("all have ended", |seen| seen.ended.len() == slots);
}
