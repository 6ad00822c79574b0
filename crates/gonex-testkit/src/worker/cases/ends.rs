use std::sync::atomic::Ordering;

use super::Bench;
use crate::worker::recorder::{Gate, Probe};

pub(super) fn stop(bench: &Bench) {
    let worker = bench.start();
    let (gate, token) = Gate::closed();
    let no = worker.assign(Probe::waits(&gate));
    if !worker.kind.abilities().is_tended_by_hand {
        worker.until_inside(&gate, 1);
        worker.worker.stop();
        worker.for_a_while();
        assert_eq!(worker.seen().gone, [], "it is not gone while it runs something");
    } else {
        worker.worker.stop();
    }
    drop(token);
    worker.until("the worker is gone", |seen| !seen.gone.is_empty());
    worker.for_a_while();
    let seen = worker.seen();
    assert_eq!(seen.ended.get(&no).map(Vec::len), Some(1), "its task has ended: {seen:?}");
    assert_eq!(seen.after_gone, 0, "and before that: {seen:?}");
    assert_eq!(seen.gone, [None], "once, and without a cause");
}

pub(super) fn stop_twice(bench: &Bench) {
    let worker = bench.start();
    worker.worker.stop();
    worker.worker.stop();
    worker.until("the worker is gone", |seen| !seen.gone.is_empty());
    worker.worker.stop();
    worker.for_a_while();
    assert_eq!(worker.seen().gone, [None], "once, and without a cause");
}

pub(super) fn kill(bench: &Bench) {
    let worker = bench.start();
    let (gate, token) = Gate::closed();
    let no = worker.assign(Probe::waits(&gate));
    let abilities = worker.kind.abilities();
    if !abilities.is_tended_by_hand {
        worker.until_inside(&gate, 1);
    }
    worker.worker.kill();
    if abilities.ends_when_killed {
        worker.until("the worker is gone", |seen| !seen.gone.is_empty());
        drop(token);
    } else {
        drop(token);
        worker.until("the worker is gone", |seen| !seen.gone.is_empty());
    }
    worker.for_a_while();
    let seen = worker.seen();
    assert_eq!(seen.gone.len(), 1, "it is gone once: {seen:?}");
    let ends = seen.ended.get(&no).map_or(0, Vec::len);
    assert!(ends <= 1, "its task ends once, if at all: {seen:?}");
}

pub(super) fn after_the_end(bench: &Bench) {
    let worker = bench.start();
    worker.worker.stop();
    worker.until("the worker is gone", |seen| !seen.gone.is_empty());
    let probe = Probe::answer(1);
    let runs = probe.runs();
    worker.assign(probe);
    worker.for_a_while();
    assert_eq!(runs.load(Ordering::SeqCst), 0, "a worker that has gone runs nothing");
    assert_eq!(worker.seen().gone.len(), 1, "and is gone once");
}
