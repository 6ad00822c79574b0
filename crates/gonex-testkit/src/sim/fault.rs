use std::fmt;
use std::time::Duration;

/// Why a run has failed.
///
/// ```
/// use gonex_testkit::sim::{Fault, Sim};
///
/// let failure = Sim::new().seeds(0..1).find(|| panic!("no bread")).unwrap_err();
/// assert!(matches!(failure.fault(), Fault::Panicked { message, .. } if message == "no bread"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A thread has panicked.
    Panicked {
        /// Which.
        thread: String,
        /// What it said.
        message: String,
        /// Where; `None` for a panic that was resumed.
        place: Option<String>,
    },
    /// All threads wait, and no timer will wake one.
    Deadlock {
        /// Whether the body was through, and left the others behind.
        body_has_ended: bool,
        /// Who waits.
        waiting: Vec<Waiting>,
    },
    /// The run has taken as many [steps](super::Sim::max_steps) as it may.
    Steps(u64),
    /// The run has taken as much [simulated time](super::Sim::max_time) as it may.
    Time(Duration),
    /// The run has started as many [threads](super::Sim::max_threads) as it may have at once.
    Threads(usize),
    /// A thread has kept its turn for so long, by the clock on the wall.
    Stuck {
        /// Which.
        thread: String,
        /// How long.
        patience: Duration,
    },
}

/// A thread that waits for ever.
///
/// ```
/// use gonex_sync::Mutex;
/// use gonex_testkit::sim::{Fault, Sim};
///
/// let failure = Sim::new().seeds(0..1).find(|| {
///     let mutex = Mutex::new(());
///     let _first = mutex.lock().block();
///     let _again = mutex.lock().block();
/// });
/// let Fault::Deadlock { waiting, .. } = failure.unwrap_err().fault().clone() else { panic!() };
/// assert_eq!((waiting.len(), &*waiting[0].thread), (1, "main"));
/// assert!(waiting[0].what[0].starts_with("lock mutex, at "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// What it is called.
    pub thread: String,
    /// Its number in the run.
    pub number: usize,
    /// What it waits for, and where: more than one thing in a future that awaits several.
    pub what: Vec<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { thread, message, place } => {
                write!(f, "{thread} panicked")?;
                if let Some(place) = place {
                    write!(f, " at {place}")?;
                }
                write!(f, ": {message}")?;
                if message.contains("Tokio 1.x runtime") {
                    write!(f, " (tokio is not simulated: use what gonex has instead of it)")?;
                }
                Ok(())
            }
            Self::Deadlock { body_has_ended: false, waiting } => {
                write!(f, "deadlock: all threads wait, and no timer is set")?;
                waiting.iter().try_for_each(|waiting| write!(f, "\n  {waiting}"))
            }
            Self::Deadlock { body_has_ended: true, waiting } => {
                write!(f, "the body has ended, and has left behind what waits for ever")?;
                waiting.iter().try_for_each(|waiting| write!(f, "\n  {waiting}"))
            }
            Self::Steps(most) => write!(
                f,
                "no end after {most} steps: a loop without end, or `max_steps` is too low for it"
            ),
            Self::Time(most) => {
                write!(f, "no end after {most:?} of simulated time, which is `max_time`")
            }
            Self::Threads(most) => {
                write!(f, "more than {most} threads at once, which is `max_threads`")
            }
            Self::Stuck { thread, patience } => write!(
                f,
                "{thread} has kept its turn for {patience:?}: it computes, or it waits for something \
                 that is not simulated, such as a lock of the standard library, a file or a socket"
            ),
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { thread, number, what } = self;
        write!(f, "[{number}] {thread} waits: {}", what.join("; "))
    }
}
