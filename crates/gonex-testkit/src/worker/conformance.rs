use std::sync::Arc;
use std::time::Duration;

use gonex_runtime::pool::kind::WorkerKind;
use gonex_task::PanicHook;

use super::cases::{Bench, CASES};
use super::recorder::Probe;
use crate::report::Report;
use crate::watched::watched;

/// Makes a kind of worker for a case.
pub(super) type Make = Arc<dyn Fn() -> Box<dyn WorkerKind<Probe, u64>> + Send + Sync>;

/// Lets a kind go on that does not by itself.
pub(super) type Drive = Arc<dyn Fn() + Send + Sync>;

/// Checks a kind of worker by all cases: see the [module](super). Its handler is
/// [`Probe::run`].
///
/// # Panics
/// If a case fails, with all that failed.
#[track_caller]
pub fn conformance<K: WorkerKind<Probe, u64>>(make: impl Fn() -> K + Send + Sync + 'static) {
    Conformance::new(make).run();
}

/// The cases for one kind of worker.
#[must_use = "nothing is checked until `.run()` or `.check()`"]
pub struct Conformance {
    make: Make,
    drive: Drive,
    limit: Duration,
}

impl std::fmt::Debug for Conformance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conformance").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Conformance {
    /// Says how a kind is made; `make` is called for each case.
    pub fn new<K: WorkerKind<Probe, u64>>(make: impl Fn() -> K + Send + Sync + 'static) -> Self {
        let make: Make = Arc::new(move || Box::new(make()));
        Self { make, drive: Arc::new(|| ()), limit: Duration::from_secs(60) }
    }

    /// Says how a kind goes on that does not by itself: called again and again while a case waits.
    pub fn driven_by(mut self, drive: impl Fn() + Send + Sync + 'static) -> Self {
        self.drive = Arc::new(drive);
        self
    }

    /// How long a case may wait for something before it has failed; by default a minute.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs all cases, one after the other, and says how each ended.
    ///
    /// # Panics
    /// If the system has no threads for the cases.
    pub fn check(&self) -> Report {
        PanicHook::Record.install();
        let mut report = Report::default();
        for case in CASES {
            let bench = Bench::new(self.make.clone(), self.drive.clone(), self.limit);
            let run = case.run;
            let ended =
                watched(case.name, "the worker", self.limit * 4, move || run(&bench), || ());
            report.add(case.name, ended);
        }
        report
    }

    /// Runs all cases.
    ///
    /// # Panics
    /// If one fails, with all that failed.
    #[track_caller]
    pub fn run(&self) {
        let report = self.check();
        assert!(report.is_passed(), "{report}");
    }
}
