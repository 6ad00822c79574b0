use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::{Instant, rt};

use super::run::{RunMetrics, WorkerMetrics};
use super::sampler::{Sampler, Samples};
use crate::pool::state::{Count, SlotCounts};

/// A measurement that is under way; [`finish`](Self::finish) ends it.
///
/// It counts tasks that *end* while it runs. Of two at once on one pool, the longest queue wait
/// goes to the one that ends first.
#[must_use = "a measurement says nothing until it is finished"]
pub struct Measure {
    counted: Arc<dyn Counted>,
    before: Vec<Count>,
    start: Instant,
    sampler: Option<Sampler>,
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measure").field("start", &self.start).finish_non_exhaustive()
    }
}

/// What a measurement is of: something whose workers are counted in slots.
pub(crate) trait Counted: Send + Sync {
    /// The counts of each slot; the longest waits begin anew if `takes_waits`.
    fn slots(&self, takes_waits: bool) -> Vec<SlotCounts>;
}

impl Measure {
    pub(crate) fn start(counted: Arc<dyn Counted>, sample: Option<Duration>) -> Self {
        let before = counted.slots(true).iter().map(|slot| slot.count).collect();
        Self { counted, before, start: rt::now(), sampler: sample.map(Sampler::start) }
    }

    /// Ends the measurement.
    #[must_use]
    pub fn finish(self) -> RunMetrics {
        let wall = rt::now().saturating_duration_since(self.start);
        let samples = self.sampler.map(Sampler::finish).unwrap_or_default();
        let slots = self.counted.slots(true);
        let max_queue_wait = slots.iter().map(|slot| slot.longest_wait).max().unwrap_or_default();
        // Slots that came meanwhile began with nothing.
        let before = self.before.iter().copied().chain(std::iter::repeat(Count::default()));
        let counts: Vec<(&str, Count)> = slots
            .iter()
            .zip(before)
            .map(|(slot, before)| (slot.name.as_str(), slot.count - before))
            .collect();
        summarise(wall, max_queue_wait, &counts, samples)
    }
}

fn summarise(
    wall: Duration,
    max_queue_wait: Duration,
    counts: &[(&str, Count)],
    samples: Samples,
) -> RunMetrics {
    let workers = counts.len();
    let sum = |of: fn(&Count) -> Duration| counts.iter().map(|(_, count)| of(count)).sum();
    let tasks_completed = counts.iter().map(|(_, count)| count.completed).sum();
    let tasks_failed = counts.iter().map(|(_, count)| count.failed).sum();
    let tasks: u64 = tasks_completed + tasks_failed;
    let busy: Duration = sum(|count| count.busy);
    let waited: Duration = sum(|count| count.waited);
    let busiest = counts.iter().map(|(_, count)| count.busy).max().unwrap_or_default();
    let speedup = ratio(busy, wall);
    RunMetrics {
        wall,
        workers,
        tasks_completed,
        tasks_failed,
        tasks_per_second: per_second(tasks, wall),
        mean_task_time: mean(busy, tasks),
        mean_queue_wait: mean(waited, tasks),
        max_queue_wait,
        sequential_estimate: busy,
        speedup,
        parallel_efficiency: if workers == 0 { 0.0 } else { speedup / workers as f64 },
        scalability: scalability(speedup, workers),
        load_balance: if workers == 0 { 0.0 } else { ratio(busy, busiest) / workers as f64 },
        per_worker: counts.iter().map(|(name, count)| worker(name, count, wall)).collect(),
        cpu_samples: samples.cores,
        memory_samples: samples.memory,
        io_wait: samples.io_wait,
    }
}

fn worker(name: &str, count: &Count, wall: Duration) -> WorkerMetrics {
    let tasks = count.completed + count.failed;
    WorkerMetrics {
        name: name.to_owned(),
        tasks,
        busy: count.busy,
        utilisation: ratio(count.busy, wall),
        throughput: per_second(tasks, wall),
    }
}

/// Karp and Flatt: the serial share is `(1/speedup − 1/p) / (1 − 1/p)`, and Amdahl's bound is one
/// over that.
fn scalability(speedup: f64, workers: usize) -> Option<f64> {
    if workers < 2 || speedup <= 0.0 {
        return None;
    }
    let p = workers as f64;
    let serial = (1.0 / speedup - 1.0 / p) / (1.0 - 1.0 / p);
    Some(if serial <= 0.0 { f64::INFINITY } else { 1.0 / serial })
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() { 0.0 } else { part.as_secs_f64() / whole.as_secs_f64() }
}

fn per_second(tasks: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { tasks as f64 / time.as_secs_f64() }
}

fn mean(sum: Duration, tasks: u64) -> Duration {
    if tasks == 0 { Duration::ZERO } else { sum.div_f64(tasks as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(completed: u64, busy_ms: u64, waited_ms: u64) -> Count {
        Count {
            completed,
            failed: 0,
            busy: Duration::from_millis(busy_ms),
            waited: Duration::from_millis(waited_ms),
        }
    }

    #[test]
    fn two_workers_of_uneven_load() {
        let counts = [("a", count(3, 100, 6)), ("b", count(1, 60, 2))];
        let wall = Duration::from_millis(100);
        let run = summarise(wall, Duration::from_millis(5), &counts, Samples::default());
        assert_eq!(run.tasks_completed, 4);
        assert_eq!(run.sequential_estimate, Duration::from_millis(160));
        assert!((run.speedup - 1.6).abs() < 1e-9);
        assert!((run.parallel_efficiency - 0.8).abs() < 1e-9);
        assert!((run.load_balance - 0.8).abs() < 1e-9);
        assert!((run.tasks_per_second - 40.0).abs() < 1e-9);
        assert_eq!(run.mean_task_time, Duration::from_millis(40));
        assert_eq!(run.mean_queue_wait, Duration::from_millis(2));
        assert!((run.per_worker[1].utilisation - 0.6).abs() < 1e-9);
        // A quarter of the work is serial: 1/1.6 = s + (1 - s)/2, so s = 0.25.
        assert!((run.scalability.unwrap() - 4.0).abs() < 1e-9);
    }

    #[test]
    fn an_idle_stretch_divides_by_nothing() {
        let run = summarise(Duration::ZERO, Duration::ZERO, &[], Samples::default());
        assert_eq!((run.speedup, run.load_balance, run.scalability), (0.0, 0.0, None));
        let counts = [("a", Count::default()), ("b", Count::default())];
        let run = summarise(Duration::from_secs(1), Duration::ZERO, &counts, Samples::default());
        assert_eq!((run.load_balance, run.scalability), (0.0, None));
    }

    #[test]
    fn no_serial_share_scales_without_end() {
        assert_eq!(scalability(2.0, 2), Some(f64::INFINITY));
        assert_eq!(scalability(1.0, 1), None);
    }
}
