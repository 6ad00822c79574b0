use std::collections::HashMap;
use std::fmt;
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
    records: Mutex<Records>,
    most: usize,
}

#[derive(Default)]
struct Records {
    names: HashMap<Arc<str>, OfName>,
    /// How many were there by name and worker; not those that take what there was no room for.
    count: usize,
}

/// What is recorded under a name.
#[derive(Default)]
struct OfName {
    /// Of no worker, or of one for which there was no room.
    total: Option<Arc<Record>>,
    workers: HashMap<WorkerId, Arc<Record>>,
}

impl OfName {
    fn get(&self, worker: Option<WorkerId>) -> Option<&Arc<Record>> {
        match worker {
            None => self.total.as_ref(),
            Some(id) => self.workers.get(&id),
        }
    }

    fn get_or_add(&mut self, worker: Option<WorkerId>) -> Arc<Record> {
        let record = match worker {
            None => self.total.get_or_insert_default(),
            Some(id) => self.workers.entry(id).or_default(),
        };
        record.clone()
    }

    fn iter(&self) -> impl Iterator<Item = (Option<WorkerId>, &Arc<Record>)> {
        let of_workers = self.workers.iter().map(|(&id, record)| (Some(id), record));
        self.total.iter().map(|record| (None, record)).chain(of_workers)
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

    /// Makes one for up to so many names and workers together. When all are taken, what another worker does
    /// under a name that is known is recorded for the name alone, and what comes with another name as
    /// `(other)`. These are not counted; they are at most one for each name, and one.
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
            let of_name = |(name, of_name): (&Arc<str>, &OfName)| -> Vec<_> {
                let name = || name.clone();
                of_name.iter().map(|(worker, record)| (name(), worker, record.clone())).collect()
            };
            records.names.iter().flat_map(of_name).collect()
        };
        // Outside the lock: whoever records meanwhile does not wait for all of this.
        let taken = records.into_iter().map(|(name, worker, record)| (name, worker, record.copy()));
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
        let Records { names, count } = &mut *records;
        // Those that nobody else holds need not come back.
        let is_held = |record: &Arc<Record>| Arc::strong_count(record) > 1;
        names.retain(|_, of_name| {
            of_name.total = of_name.total.take().filter(is_held);
            of_name.workers.retain(|_, record| is_held(record));
            of_name.iter().next().is_some()
        });
        let left = names.values().flat_map(OfName::iter);
        *count = left.map(|(_, record)| record.clear()).count();
    }

    fn find(&self, name: &str, worker: Option<WorkerId>) -> Arc<Record> {
        let mut records = lock_std(&self.inner.records);
        let Records { names, count } = &mut *records;
        let is_full = *count >= self.inner.most;
        if let Some(of_name) = names.get_mut(name) {
            if let Some(record) = of_name.get(worker) {
                return record.clone();
            }
            if is_full {
                return of_name.get_or_add(None);
            }
        }
        let (name, worker) = if is_full { (OTHER, None) } else { (name, worker) };
        *count += usize::from(!is_full);
        names.entry(name.into()).or_default().get_or_add(worker)
    }
}
