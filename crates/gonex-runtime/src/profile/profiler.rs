use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gonex_core::primitive::lock_std;

use super::recorder::{Record, Recorder, Timing};
use super::report::ProfileReport;
use crate::balance::WorkerId;

/// Measures how long named things take.
///
/// A clone is the same profiler. Threads that record the same name on the same worker wait for one another
/// for some nanoseconds; with a [`Recorder`] of its own, each worker is alone.
#[derive(Clone)]
pub struct Profiler {
    inner: Arc<Inner>,
}

struct Inner {
    records: Mutex<HashMap<Key, Arc<Record>>>,
    most: usize,
}

/// A name, and whose it is.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    name: Arc<str>,
    worker: Option<WorkerId>,
}

/// A key that owns nothing, to look one up.
trait Look {
    fn parts(&self) -> (&str, Option<WorkerId>);
}

impl Look for Key {
    fn parts(&self) -> (&str, Option<WorkerId>) {
        (&self.name, self.worker)
    }
}

impl Look for (&str, Option<WorkerId>) {
    fn parts(&self) -> (&str, Option<WorkerId>) {
        *self
    }
}

impl PartialEq for dyn Look + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Look + '_ {}

impl Hash for dyn Look + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl<'a> Borrow<dyn Look + 'a> for Key {
    fn borrow(&self) -> &(dyn Look + 'a) {
        self
    }
}

/// What is recorded once there are too many names.
const OTHER: &str = "(other)";

/// How many histograms there are at most by default. Each takes up to about 35 KB.
const MOST: NonZeroUsize = NonZeroUsize::new(512).unwrap();

impl fmt::Debug for Profiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiler").field("most", &self.inner.most).finish_non_exhaustive()
    }
}

impl Default for Profiler {
    fn default() -> Self {
        Self::new()
    }
}

impl Profiler {
    /// Makes one for up to 512 names and workers together.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(MOST)
    }

    /// Makes one for up to so many names and workers together. What comes with another name when all are
    /// taken is recorded as `(other)`, which is not counted.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use std::time::Duration;
    /// use gonex_runtime::profile::Profiler;
    ///
    /// let profiler = Profiler::bounded(NonZeroUsize::MIN);
    /// for name in ["first", "second", "third"] {
    ///     profiler.record(name, Duration::from_millis(1));
    /// }
    /// let report = profiler.report();
    /// assert_eq!(report.total("(other)").unwrap().count, 2);
    /// ```
    #[must_use]
    pub fn bounded(most: NonZeroUsize) -> Self {
        let inner = Inner { records: Mutex::default(), most: most.get() };
        Self { inner: Arc::new(inner) }
    }

    /// What records under a name, for those who do it often.
    #[must_use]
    pub fn recorder(&self, name: &str) -> Recorder {
        Recorder::new(self.find(name, None))
    }

    /// What records under a name, for a worker.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::balance::WorkerId;
    /// use gonex_runtime::profile::Profiler;
    ///
    /// let profiler = Profiler::new();
    /// for number in [1, 2] {
    ///     let recorder = profiler.recorder_of("parse", WorkerId::new(number));
    ///     recorder.record(Duration::from_millis(number));
    /// }
    /// let report = profiler.report();
    /// assert_eq!(report.total("parse").unwrap().count, 2);
    /// assert_eq!(report.of_worker("parse", WorkerId::new(2)).unwrap().count, 1);
    /// ```
    #[must_use]
    pub fn recorder_of(&self, name: &str, worker: WorkerId) -> Recorder {
        Recorder::new(self.find(name, Some(worker)))
    }

    /// Records that something took so long.
    pub fn record(&self, name: &str, took: Duration) {
        self.find(name, None).add(took);
    }

    /// Calls a function and records how long that takes, also if it panics.
    pub fn time<R>(&self, name: &str, work: impl FnOnce() -> R) -> R {
        let _timing = self.start(name);
        work()
    }

    /// Begins to measure, until what comes back is dropped: for what has awaits in it, or several ends.
    ///
    /// ```
    /// use gonex_runtime::profile::Profiler;
    ///
    /// let profiler = Profiler::new();
    /// let timing = profiler.start("load");
    /// drop(timing);
    /// profiler.start("load").cancel();
    /// assert_eq!(profiler.report().total("load").unwrap().count, 1);
    /// ```
    pub fn start(&self, name: &str) -> Timing {
        self.recorder(name).start()
    }

    /// What was recorded so far.
    #[must_use]
    pub fn report(&self) -> ProfileReport {
        let records: Vec<_> = {
            let records = lock_std(&self.inner.records);
            records.iter().map(|(key, record)| (key.clone(), record.clone())).collect()
        };
        // Outside the lock: whoever records meanwhile does not wait for all of this.
        let taken = records.into_iter().map(|(key, record)| (key.name, key.worker, record.copy()));
        ProfileReport::of(taken.collect())
    }

    /// Forgets what was recorded so far. Recorders that are there go on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_runtime::profile::Profiler;
    ///
    /// let profiler = Profiler::new();
    /// profiler.record("query", Duration::from_millis(1));
    /// profiler.reset();
    /// assert_eq!(profiler.report().total("query"), None);
    /// ```
    pub fn reset(&self) {
        let mut records = lock_std(&self.inner.records);
        // Those that nobody else holds need not come back.
        records.retain(|_, record| Arc::strong_count(record) > 1);
        records.values().for_each(|record| record.clear());
    }

    fn find(&self, name: &str, worker: Option<WorkerId>) -> Arc<Record> {
        let mut records = lock_std(&self.inner.records);
        let look: &dyn Look = &(name, worker);
        if let Some(record) = records.get(look) {
            return record.clone();
        }
        let is_full = records.keys().filter(|key| &*key.name != OTHER).count() >= self.inner.most;
        let (name, worker) = if is_full { (OTHER, None) } else { (name, worker) };
        let key = Key { name: name.into(), worker };
        records.entry(key).or_default().clone()
    }
}
