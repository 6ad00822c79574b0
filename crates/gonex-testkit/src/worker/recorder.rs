use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gonex_core::primitive::lock_std;
use gonex_runtime::balance::WorkerId;
use gonex_runtime::pool::kind::{Finished, Reports, TaskNo};
use gonex_sync::WaitGroup;
use gonex_task::TaskError;

/// A job of the suite. A kind under test runs [`run`](Self::run) as its handler.
///
/// ```
/// use gonex_testkit::worker::Probe;
///
/// assert_eq!(Probe::answer(7).run(), 8);
/// ```
#[derive(Clone)]
pub struct Probe {
    what: What,
    ran: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum What {
    Answer(u64),
    Panic,
    /// Waits until the gate is open, and says before that it is there.
    Wait(Arc<Gate>),
}

#[derive(Default)]
pub(super) struct Gate {
    pub(super) inside: AtomicUsize,
    closed: WaitGroup,
}

impl Gate {
    pub(super) fn closed() -> (Arc<Self>, gonex_sync::Token) {
        let gate = Arc::new(Self::default());
        let token = gate.closed.token();
        (gate, token)
    }
}

impl Probe {
    /// A job that answers with the next number.
    #[must_use]
    pub fn answer(n: u64) -> Self {
        Self::of(What::Answer(n))
    }

    pub(super) fn panics() -> Self {
        Self::of(What::Panic)
    }

    pub(super) fn waits(gate: &Arc<Gate>) -> Self {
        Self::of(What::Wait(gate.clone()))
    }

    fn of(what: What) -> Self {
        Self { what, ran: Arc::default() }
    }

    pub(super) fn runs(&self) -> Arc<AtomicUsize> {
        self.ran.clone()
    }

    /// Whether it keeps its worker until the suite lets it go on: what a simulated worker has to be
    /// told.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(&self.what, What::Wait(_))
    }

    /// Does what it says; the handler of the kind under test.
    ///
    /// # Panics
    /// If it is the job that does.
    #[must_use]
    pub fn run(self) -> u64 {
        self.ran.fetch_add(1, Ordering::SeqCst);
        match self.what {
            What::Answer(n) => n + 1,
            What::Panic => panic!("a job that panics"),
            What::Wait(gate) => {
                gate.inside.fetch_add(1, Ordering::SeqCst);
                gate.closed.wait().block();
                0
            }
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.what {
            What::Answer(_) => "Probe::answer",
            What::Panic => "a probe that panics",
            What::Wait(_) => "a probe that waits",
        })
    }
}

thread_local! {
    /// Whether this thread is inside a call that assigns a task.
    static ASSIGNING: Cell<bool> = const { Cell::new(false) };
}

/// Who plays the pool, and writes down what the worker tells.
#[derive(Default)]
pub(super) struct Recorder {
    seen: Mutex<Seen>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) ready: usize,
    pub(super) gone: Vec<Option<String>>,
    pub(super) ended: HashMap<u64, Vec<Result<u64, TaskError>>>,
    pub(super) within_the_call: bool,
    /// Tasks whose end was told after the worker had said that it was gone.
    pub(super) after_gone: usize,
}

impl Recorder {
    pub(super) fn seen(&self) -> Seen {
        lock_std(&self.seen).clone()
    }

    pub(super) fn assigning(&self, assign: impl FnOnce()) {
        ASSIGNING.set(true);
        assign();
        ASSIGNING.set(false);
    }

    /// Waits until something is so; `drive` lets a kind go on that does not by itself.
    pub(super) fn until(
        &self,
        what: &str,
        drive: &dyn Fn(),
        limit: Duration,
        is_so: impl Fn(&Seen) -> bool,
    ) {
        let begun = Instant::now();
        loop {
            drive();
            let seen = self.seen();
            if is_so(&seen) {
                return;
            }
            assert!(begun.elapsed() < limit, "waited in vain until {what}; {seen:?}");
            std::thread::yield_now();
        }
    }
}

impl Reports<u64> for Recorder {
    fn ready(&self, _: WorkerId) {
        lock_std(&self.seen).ready += 1;
    }

    fn started(&self, _: WorkerId, _: TaskNo) {}

    fn beat(&self, _: WorkerId) {}

    fn ended(&self, _: WorkerId, finished: Finished<u64>) {
        let mut seen = lock_std(&self.seen);
        seen.within_the_call |= ASSIGNING.get();
        seen.after_gone += usize::from(!seen.gone.is_empty());
        let ends = seen.ended.entry(finished.no().get()).or_default();
        ends.push(finished.result().clone());
        drop(seen);
        drop(finished);
    }

    fn warned(&self, _: WorkerId, _: String) {}

    fn gone(&self, _: WorkerId, cause: Option<String>) {
        lock_std(&self.seen).gone.push(cause);
    }
}
