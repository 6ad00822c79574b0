use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gonex_core::primitive::lock_std;
use gonex_core::{Instant, rt};
use hdrhistogram::Histogram;

/// Records how long one named thing takes. It comes from
/// [`Profiler::recorder`](super::Profiler::recorder).
#[derive(Clone)]
pub struct Recorder {
    record: Arc<Record>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.record.copy().map_or(0, |times| times.len());
        f.debug_struct("Recorder").field("count", &count).finish_non_exhaustive()
    }
}

impl Recorder {
    pub(super) fn new(record: Arc<Record>) -> Self {
        Self { record }
    }

    /// Records that it took so long.
    pub fn record(&self, took: Duration) {
        self.record.add(took);
    }

    /// Begins to measure, until what comes back is dropped.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use gonex_core::rt::{self, Manual};
    /// use gonex_runtime::profile::Profiler;
    ///
    /// let (profiler, clock) = (Profiler::new(), Manual::new());
    /// rt::enter(Arc::new(clock.clone()), || {
    ///     let timing = profiler.recorder("wait").start();
    ///     clock.advance(Duration::from_secs(2));
    ///     drop(timing);
    /// });
    /// let wait = profiler.report().total("wait").unwrap().max;
    /// assert!(wait.abs_diff(Duration::from_secs(2)) < Duration::from_millis(20));
    /// ```
    pub fn start(&self) -> Timing {
        Timing { record: Some(self.record.clone()), since: rt::now() }
    }
}

/// A measurement that is under way; it ends when this is dropped.
#[must_use = "a measurement that is dropped at once measures nothing"]
pub struct Timing {
    record: Option<Arc<Record>>,
    since: Instant,
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timing").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Timing {
    /// Ends it without a record.
    pub fn cancel(mut self) {
        self.record = None;
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            record.add(rt::now().saturating_duration_since(self.since));
        }
    }
}

/// The times of one name on one worker, in nanoseconds; nothing until the first one comes, since most of
/// the room is needed then.
#[derive(Default)]
pub(super) struct Record(Mutex<Option<Histogram<u64>>>);

/// How many digits of a time are kept.
const DIGITS: u8 = 2;
/// What takes longer is recorded as this long: it bounds the memory.
const LONGEST: u64 = 24 * 3_600 * 1_000_000_000;

impl Record {
    pub(super) fn add(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).clamp(1, LONGEST);
        let mut times = lock_std(&self.0);
        times.get_or_insert_with(empty).record(nanos).expect("it grows as it has to");
    }

    pub(super) fn copy(&self) -> Option<Histogram<u64>> {
        lock_std(&self.0).clone()
    }

    pub(super) fn clear(&self) {
        *lock_std(&self.0) = None;
    }
}

/// A histogram that grows with what comes.
pub(super) fn empty() -> Histogram<u64> {
    Histogram::new(DIGITS).expect("so few digits are allowed")
}
