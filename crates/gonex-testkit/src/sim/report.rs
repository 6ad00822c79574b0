use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::Fault;

/// What was tried, when no seed has failed.
///
/// ```
/// use gonex_testkit::sim::Sim;
///
/// let report = Sim::new().seeds(0..10).run(|| ());
/// assert_eq!(report.runs, 10);
/// println!("{report}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many seeds were tried.
    pub runs: u64,
    /// The steps that they took together.
    pub steps: u64,
    /// The longest simulated time that one of them took.
    pub longest: Duration,
    /// The interleaving of the last.
    pub last: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, steps, longest, .. } = self;
        write!(f, "{runs} seeds passed, {steps} steps, at most {longest:?} of simulated time")
    }
}

/// A seed whose run failed, why, and what had happened.
///
/// As text it is all there is to know, many lines long.
///
/// ```
/// use gonex_testkit::sim::Sim;
///
/// let failure = Sim::new().seeds(7..8).find(|| panic!("no bread")).unwrap_err();
/// assert_eq!(failure.seed(), 7);
/// assert!(failure.to_string().contains("GONEX_SIM_SEED=7"));
/// ```
#[derive(Clone, Debug)]
pub struct Failure {
    pub(super) seed: u64,
    pub(super) fault: Fault,
    pub(super) interleaving: String,
    pub(super) threads_left: usize,
}

impl Failure {
    /// The seed: with it alone the run is the same again.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Why the run has failed.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Who the threads were, and the last lines of what they did.
    #[must_use]
    pub fn interleaving(&self) -> &str {
        &self.interleaving
    }

    /// How many threads of the system could not be ended, and are parked for good.
    #[must_use]
    pub fn threads_left(&self) -> usize {
        self.threads_left
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, fault, interleaving, threads_left } = self;
        writeln!(f, "seed {seed} fails: {fault}\n")?;
        f.write_str(interleaving)?;
        if *threads_left > 0 {
            writeln!(f, "\n{threads_left} threads could not be ended, and are parked for good")?;
        }
        write!(f, "\nto see it again: GONEX_SIM_SEED={seed}")
    }
}

impl Error for Failure {}
