use std::fmt;

/// How the cases of a suite ended.
///
/// ```
/// use gonex_task::Inline;
/// use gonex_testkit::place::Conformance;
///
/// let report = Conformance::new(|| Inline).check();
/// assert!(report.is_passed());
/// assert_eq!(report.skipped().collect::<Vec<_>>(), ["refusal"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Report {
    cases: Vec<(&'static str, Ended)>,
}

/// How a case ended.
#[derive(Clone, Debug)]
enum Ended {
    Passed,
    Skipped,
    Failed(String),
}

/// A case that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Which one.
    pub case: &'static str,
    /// What was found.
    pub reason: String,
}

impl Report {
    pub(crate) fn add(&mut self, case: &'static str, result: Result<(), String>) {
        self.cases.push((case, result.map_or_else(Ended::Failed, |()| Ended::Passed)));
    }

    pub(crate) fn skip(&mut self, case: &'static str) {
        self.cases.push((case, Ended::Skipped));
    }

    /// Whether no case failed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The cases that failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = Failure> {
        self.cases.iter().filter_map(|(case, ended)| match ended {
            Ended::Failed(reason) => Some(Failure { case, reason: reason.clone() }),
            Ended::Passed | Ended::Skipped => None,
        })
    }

    /// The cases that passed, in order.
    pub fn passed(&self) -> impl Iterator<Item = &'static str> {
        let passed = self.cases.iter().filter(|(_, ended)| matches!(ended, Ended::Passed));
        passed.map(|(case, _)| *case)
    }

    /// The cases that could not be run for want of what they need.
    pub fn skipped(&self) -> impl Iterator<Item = &'static str> {
        let skipped = self.cases.iter().filter(|(_, ended)| matches!(ended, Ended::Skipped));
        skipped.map(|(case, _)| *case)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures: Vec<_> = self.failures().collect();
        write!(f, "{} of {} cases failed", failures.len(), self.cases.len())?;
        for Failure { case, reason } in failures {
            write!(f, "\n  {case}: {reason}")?;
        }
        Ok(())
    }
}
