use std::fmt;
use std::time::Duration;

/// How well the work was spread.
///
/// ```
/// use gonex_runtime::balance::RoundRobin;
/// use gonex_testkit::balance::{Feed, Workload, simulate};
///
/// let scene = Workload::find("even").unwrap().scene(1);
/// let score = simulate(&scene, Feed::Stream, RoundRobin::new());
/// assert!(score.p50 <= score.p99 && score.p99 <= score.makespan);
/// assert!(score.spread >= 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// From the first task that came to the last that ended.
    pub makespan: Duration,
    /// The median of the times from when a task came to when it ended.
    pub p50: Duration,
    /// Of a hundred of these times, the longest but one.
    pub p99: Duration,
    /// How long the busiest worker was busy for each second that workers were on average: 1 is even.
    pub spread: f64,
}

impl Score {
    /// Sums up. `took` is the time of each task, `busy` of each worker.
    pub(super) fn of(makespan: Duration, mut took: Vec<Duration>, busy: &[Duration]) -> Self {
        took.sort_unstable();
        let rank = |share: f64| {
            let index = (took.len() as f64 * share) as usize;
            took.get(index.min(took.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        let (p50, p99) = (rank(0.5), rank(0.99));
        let mean = busy.iter().sum::<Duration>().as_secs_f64() / busy.len().max(1) as f64;
        let most = busy.iter().max().copied().unwrap_or_default().as_secs_f64();
        let spread = if mean > 0.0 { most / mean } else { 1.0 };
        Self { makespan, p50, p99, spread }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { makespan, p50, p99, spread } = self;
        write!(f, "makespan {makespan:?}, p50 {p50:?}, p99 {p99:?}, spread {spread:.2}")
    }
}
