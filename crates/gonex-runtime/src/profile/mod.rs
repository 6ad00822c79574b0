//! How long named things take, for each worker: counts, means and percentiles.
//!
//! A [`Profiler`] keeps a histogram for each name, and for each worker that says who it is. Histograms are
//! of Gil Tene's kind (HDR): any percentile is exact to one part in a hundred, from a nanosecond to hours,
//! and to record costs the same whatever was recorded before.
//!
//! ```
//! use std::time::Duration;
//! use gonex_runtime::profile::Profiler;
//!
//! let profiler = Profiler::new();
//! let sum: u64 = profiler.time("sum", || (0..1_000).sum());
//! for millis in 1..=100 {
//!     profiler.record("query", Duration::from_millis(millis));
//! }
//!
//! let report = profiler.report();
//! let query = report.total("query").unwrap();
//! assert_eq!(query.count, 100);
//! assert!(query.p90.abs_diff(Duration::from_millis(90)) < Duration::from_millis(1));
//! println!("{report}");
//! # assert_eq!(sum, 499_500);
//! # assert_eq!(report.total("sum").unwrap().count, 1);
//! ```

mod profiler;
mod recorder;
mod report;

pub use profiler::Profiler;
pub use recorder::{Recorder, Timing};
pub use report::{Measurement, ProfileReport};
