use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::recorder::empty;
use crate::balance::WorkerId;

/// What a [`Profiler`](super::Profiler) has recorded, as a table ([`Display`](fmt::Display)) or, with the
/// feature `serde`, as JSON and the like.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ProfileReport {
    /// In the order of names; of each first all of it, then what each worker has done.
    pub measurements: Vec<Measurement>,
}

/// How long one named thing took. Times are exact to one part in a hundred.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Measurement {
    /// What was measured.
    pub name: String,
    /// On which worker; `None` for all together.
    #[cfg_attr(feature = "serde", serde(serialize_with = "written::worker"))]
    pub worker: Option<WorkerId>,
    /// How many times.
    pub count: u64,
    /// The average.
    #[cfg_attr(feature = "serde", serde(rename = "mean_ns", serialize_with = "written::nanos"))]
    pub mean: Duration,
    /// How far times are from it: the standard deviation.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "deviation_ns", serialize_with = "written::nanos")
    )]
    pub deviation: Duration,
    /// The shortest.
    #[cfg_attr(feature = "serde", serde(rename = "min_ns", serialize_with = "written::nanos"))]
    pub min: Duration,
    /// The median.
    #[cfg_attr(feature = "serde", serde(rename = "p50_ns", serialize_with = "written::nanos"))]
    pub p50: Duration,
    /// Nine of ten took no longer.
    #[cfg_attr(feature = "serde", serde(rename = "p90_ns", serialize_with = "written::nanos"))]
    pub p90: Duration,
    /// Of a hundred, one took longer.
    #[cfg_attr(feature = "serde", serde(rename = "p99_ns", serialize_with = "written::nanos"))]
    pub p99: Duration,
    /// Of a thousand, one took longer.
    #[cfg_attr(feature = "serde", serde(rename = "p999_ns", serialize_with = "written::nanos"))]
    pub p999: Duration,
    /// The longest.
    #[cfg_attr(feature = "serde", serde(rename = "max_ns", serialize_with = "written::nanos"))]
    pub max: Duration,
}

/// How fields are written for programs.
#[cfg(feature = "serde")]
mod written {
    use std::time::Duration;

    use serde::Serializer;

    use crate::balance::WorkerId;

    pub(super) fn nanos<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(super) fn worker<S: Serializer>(
        worker: &Option<WorkerId>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match worker {
            Some(worker) => to.serialize_some(&worker.get()),
            None => to.serialize_none(),
        }
    }
}

type Taken = (Arc<str>, Option<WorkerId>, Option<Histogram<u64>>);

impl ProfileReport {
    pub(super) fn of(taken: Vec<Taken>) -> Self {
        // Of each name what all have done, and what each has.
        type Of = (Histogram<u64>, BTreeMap<WorkerId, Histogram<u64>>);
        let mut names: BTreeMap<Arc<str>, Of> = BTreeMap::new();
        for (name, worker, times) in taken {
            // What was never recorded is not there.
            let Some(times) = times else { continue };
            let (all, workers) = names.entry(name).or_insert_with(|| (empty(), BTreeMap::new()));
            all.add(&times).expect("it grows as it has to");
            if let Some(worker) = worker {
                workers.insert(worker, times);
            }
        }
        let mut measurements = Vec::new();
        for (name, (all, workers)) in names {
            measurements.push(Measurement::new(&name, None, &all));
            let each = workers.iter().map(|(&id, times)| Measurement::new(&name, Some(id), times));
            measurements.extend(each);
        }
        Self { measurements }
    }

    /// All that was recorded under a name.
    #[must_use]
    pub fn total(&self, name: &str) -> Option<&Measurement> {
        self.find(name, None)
    }

    /// What a worker recorded under a name.
    #[must_use]
    pub fn of_worker(&self, name: &str, worker: WorkerId) -> Option<&Measurement> {
        self.find(name, Some(worker))
    }

    fn find(&self, name: &str, worker: Option<WorkerId>) -> Option<&Measurement> {
        self.measurements.iter().find(|of| of.name == name && of.worker == worker)
    }
}

impl Measurement {
    fn new(name: &str, worker: Option<WorkerId>, times: &Histogram<u64>) -> Self {
        let at = |quantile| Duration::from_nanos(times.value_at_quantile(quantile));
        Self {
            name: name.to_owned(),
            worker,
            count: times.len(),
            mean: Duration::from_nanos(times.mean() as u64),
            deviation: Duration::from_nanos(times.stdev() as u64),
            min: Duration::from_nanos(times.min()),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: Duration::from_nanos(times.max()),
        }
    }
}

impl fmt::Display for ProfileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.measurements.iter().map(|of| of.name.chars().count() + 2);
        let width = names.chain(["worker 000000".len() + 2]).max().unwrap_or(0);
        write!(f, "{:<width$}{:>10}", "", "count")?;
        for column in ["mean", "min", "p50", "p90", "p99", "p99.9", "max"] {
            write!(f, "{column:>10}")?;
        }
        writeln!(f)?;
        for of in &self.measurements {
            // What a worker has done stands below what all have.
            let name = of.worker.map_or_else(|| of.name.clone(), |worker| format!("  {worker}"));
            write!(f, "{name:<width$}{:>10}", of.count)?;
            for time in [of.mean, of.min, of.p50, of.p90, of.p99, of.p999, of.max] {
                write!(f, "{:>10}", Short(time).to_string())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A time in three digits and the unit that fits.
struct Short(Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos() as f64;
        let (value, unit) = match nanos {
            n if n < 1e3 => (n, "ns"),
            n if n < 1e6 => (n / 1e3, "µs"),
            n if n < 1e9 => (n / 1e6, "ms"),
            n => (n / 1e9, "s"),
        };
        let digits =
            if value >= 100.0 || unit == "ns" { 0 } else { 2 - usize::from(value >= 10.0) };
        write!(f, "{value:.digits$} {unit}")
    }
}
