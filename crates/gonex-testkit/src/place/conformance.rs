use std::sync::Arc;
use std::time::Duration;

use gonex_task::{PanicHook, Place};

use super::ThroughBytes;
use super::cases::{CASES, Needs};
use super::making::{Make, Making};
use crate::report::Report;
use crate::watched::watched;

/// Checks a place by all cases: see the [module](super).
///
/// `make` makes a fresh one for each case, and each case drops what it made.
///
/// # Panics
/// If a case fails, with all that failed.
///
/// ```
/// use gonex_task::Inline;
///
/// gonex_testkit::place::conformance(|| Inline);
/// ```
#[track_caller]
pub fn conformance<P: Place + 'static>(make: impl Fn() -> P + Send + Sync + 'static) {
    Conformance::new(make).run();
}

/// The cases for one kind of place, and what is known of it.
///
/// ```
/// use std::time::Duration;
/// use gonex_task::Inline;
/// use gonex_testkit::place::Conformance;
///
/// Conformance::new(|| Inline).limit(Duration::from_secs(20)).run();
/// ```
#[must_use = "nothing is checked until `.run()` or `.check()`"]
pub struct Conformance {
    make: Make,
    refusing: Option<Make>,
    takes_closures: bool,
    limit: Duration,
}

impl std::fmt::Debug for Conformance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conformance").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Conformance {
    /// Says how a place is made; `make` is called for each case.
    pub fn new<P: Place + 'static>(make: impl Fn() -> P + Send + Sync + 'static) -> Self {
        let make: Make = Arc::new(move || Arc::new(make()));
        Self { make, refusing: None, takes_closures: true, limit: Duration::from_secs(60) }
    }

    /// Says how a place is made that takes no task: one that is full, or has ended. Without it the case
    /// *refusal* is skipped.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use gonex_task::place::{NotTaken, Place, Why};
    /// use gonex_task::{Inline, Task};
    /// use gonex_testkit::place::Conformance;
    ///
    /// struct Full;
    /// impl Place for Full {
    ///     fn name(&self) -> &str {
    ///         "full"
    ///     }
    ///     fn parallelism(&self) -> NonZeroUsize {
    ///         NonZeroUsize::MIN
    ///     }
    ///     fn submit(&self, task: Task) -> Result<(), NotTaken> {
    ///         Err(task.not_taken(Why::Refused, "it is full; wait for some"))
    ///     }
    /// }
    ///
    /// let report = Conformance::new(|| Inline).refusing(|| Full).check();
    /// assert!(report.passed().any(|case| case == "refusal"));
    /// ```
    pub fn refusing<P: Place + 'static>(
        mut self,
        make: impl Fn() -> P + Send + Sync + 'static,
    ) -> Self {
        self.refusing = Some(Arc::new(move || Arc::new(make())));
        self
    }

    /// Has each call written as bytes and read again before the place runs it, as if that were elsewhere:
    /// see [`ThroughBytes`].
    ///
    /// ```
    /// use gonex_task::Inline;
    /// use gonex_testkit::place::Conformance;
    ///
    /// Conformance::new(|| Inline).through_bytes().run();
    /// ```
    pub fn through_bytes(mut self) -> Self {
        let make = self.make;
        self.make = Arc::new(move || Arc::new(ThroughBytes::new(make())));
        let refusing = self.refusing;
        self.refusing =
            refusing.map(|make| -> Make { Arc::new(move || Arc::new(ThroughBytes::new(make()))) });
        self
    }

    /// Says that the place runs nothing but calls, as one does that shares no memory with its caller. The
    /// cases of closures and futures are skipped.
    ///
    /// ```
    /// use gonex_task::Inline;
    /// use gonex_testkit::place::Conformance;
    ///
    /// let report = Conformance::new(|| Inline).only_calls().check();
    /// assert!(report.is_passed(), "{report}");
    /// assert!(report.skipped().any(|case| case == "nested"));
    /// assert!(report.passed().any(|case| case == "panics of calls"));
    /// ```
    pub fn only_calls(mut self) -> Self {
        self.takes_closures = false;
        self
    }

    /// How long a case may take before it counts as hanging; by default a minute. Its thread is left
    /// behind then.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs all cases, one after the other, and says how each ended.
    ///
    /// gonex's [panic hook](PanicHook) is installed for that, since only a hook knows where a panic
    /// happened.
    ///
    /// # Panics
    /// If the system has no threads for the cases.
    pub fn check(&self) -> Report {
        PanicHook::Record.install();
        let mut report = Report::default();
        for case in CASES {
            let making = Arc::new(Making::new(&self.make, self.refusing.as_ref()));
            let has_what_it_needs = match case.needs {
                Needs::Calls => true,
                Needs::Closures => self.takes_closures,
                Needs::Refusing => self.refusing.is_some() && self.takes_closures,
            };
            if !has_what_it_needs {
                report.skip(case.name);
            } else {
                let ending = making.clone();
                let (run, end) = (move || (case.run)(&making), move || ending.end());
                report.add(case.name, watched(case.name, "the place", self.limit, run, end));
            }
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
