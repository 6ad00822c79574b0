use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gonex_runtime::balance::Balancer;

use super::cases::{CASES, Make};
use crate::report::Report;
use crate::watched::watched;

/// Checks a balancer by all cases: see the [module](super).
///
/// `make` makes a fresh one for each case; two of them have to answer alike.
///
/// # Panics
/// If a case fails, with all that failed.
///
/// ```
/// use gonex_runtime::balance::RoundRobin;
///
/// gonex_testkit::balance::conformance(RoundRobin::new);
/// ```
#[track_caller]
pub fn conformance<B: Balancer + 'static>(make: impl Fn() -> B + Send + Sync + 'static) {
    Conformance::new(make).run();
}

/// The cases for one balancer.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::balance::RoundRobin;
/// use gonex_testkit::balance::Conformance;
///
/// let report = Conformance::new(RoundRobin::new).limit(Duration::from_secs(20)).check();
/// assert!(report.is_passed(), "{report}");
/// ```
#[must_use = "nothing is checked until `.run()` or `.check()`"]
pub struct Conformance {
    make: Make,
    limit: Duration,
}

impl fmt::Debug for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conformance").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Conformance {
    /// Says how a balancer is made.
    pub fn new<B: Balancer + 'static>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        let make: Make = Arc::new(move || Box::new(make()));
        Self { make, limit: Duration::from_secs(60) }
    }

    /// How long a case may take before it counts as hanging; by default a minute. Its thread is left
    /// behind then.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs all cases, one after the other, and says how each ended.
    ///
    /// # Panics
    /// If the system has no threads for the cases.
    pub fn check(&self) -> Report {
        let mut report = Report::default();
        for &(name, case) in CASES {
            let make = self.make.clone();
            let run = move || case(&make);
            report.add(name, watched(name, "the balancer", self.limit, run, || ()));
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
