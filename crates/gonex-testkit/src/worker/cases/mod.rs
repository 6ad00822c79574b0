//! What workers owe, one function each.

mod ends;
mod tasks;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gonex_core::Context;
use gonex_runtime::balance::WorkerId;
use gonex_runtime::pool::kind::{Assignment, Link, Start, TaskNo, Worker, WorkerKind};
use gonex_task::Spec;
use gonex_task::handle::{Completer, pair};

use super::conformance::{Drive, Make};
use super::recorder::{Gate, Probe, Recorder, Seen};

/// A case of the suite.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(&Bench),
}

pub(super) const CASES: &[Case] = &[
    Case { name: "ready", run: tasks::ready },
    Case { name: "results", run: tasks::results },
    Case { name: "panics", run: tasks::panics },
    Case { name: "cancelled before", run: tasks::cancelled_before },
    Case { name: "not within the call", run: tasks::not_within_the_call },
    Case { name: "slots", run: tasks::slots },
    Case { name: "stop", run: ends::stop },
    Case { name: "stop twice", run: ends::stop_twice },
    Case { name: "kill", run: ends::kill },
    Case { name: "after the end", run: ends::after_the_end },
];

/// What a case works with: one worker, and who plays its pool.
pub(super) struct Bench {
    make: Make,
    drive: Drive,
    limit: Duration,
}

/// A worker under test.
pub(super) struct Subject<'a> {
    bench: &'a Bench,
    pub(super) kind: Box<dyn WorkerKind<Probe, u64>>,
    pub(super) worker: Arc<dyn Worker<Probe, u64>>,
    recorder: Arc<Recorder>,
    next: std::cell::Cell<u64>,
    kept: std::cell::RefCell<Vec<Completer<u64>>>,
}

impl Bench {
    pub(super) fn new(make: Make, drive: Drive, limit: Duration) -> Self {
        Self { make, drive, limit }
    }

    /// Starts a worker, and waits until it is ready.
    pub(super) fn start(&self) -> Subject<'_> {
        let kind = (self.make)();
        let recorder = Arc::new(Recorder::default());
        let id = WorkerId::new(1);
        let link = Link::new(recorder.clone(), id);
        let started = kind.start(&Start::new(id, 0, "worker under test"), link);
        let worker = started.expect("the worker can be started");
        let next = std::cell::Cell::new(1);
        let subject =
            Subject { bench: self, kind, worker, recorder, next, kept: Vec::new().into() };
        subject.until("the worker is ready", |seen| seen.ready > 0);
        subject
    }
}

impl Subject<'_> {
    /// Hands it a job; the number of the task.
    pub(super) fn assign(&self, probe: Probe) -> u64 {
        self.assign_in(&Context::background(), probe)
    }

    pub(super) fn assign_in(&self, context: &Context, probe: Probe) -> u64 {
        let no = self.next.get();
        self.next.set(no + 1);
        let (completer, handle) = pair(Spec::new(context.clone()));
        handle.detach();
        let (runner, completer) = completer.split();
        self.kept.borrow_mut().push(completer);
        let assignment = Assignment::new(TaskNo::new(no), probe, runner);
        self.recorder.assigning(|| self.worker.assign(assignment));
        no
    }

    pub(super) fn seen(&self) -> Seen {
        self.recorder.seen()
    }

    pub(super) fn until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) {
        self.recorder.until(what, &*self.bench.drive, self.bench.limit, is_so);
    }

    /// Waits until a job is inside its gate.
    pub(super) fn until_inside(&self, gate: &Gate, count: usize) {
        self.until("a job has begun", |_| gate.inside.load(Ordering::SeqCst) >= count);
    }

    /// Lets it go on for a while, in which nothing more should happen.
    pub(super) fn for_a_while(&self) {
        for _ in 0..200 {
            (self.bench.drive)();
            std::thread::yield_now();
        }
    }
}

impl Drop for Subject<'_> {
    fn drop(&mut self) {
        self.worker.stop();
    }
}
