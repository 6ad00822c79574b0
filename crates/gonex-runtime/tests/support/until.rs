//! Waiting for what nothing announces; included where it is needed, by its path.

use std::time::{Duration, Instant};

const WATCHDOG: Duration = Duration::from_secs(120);

/// Lets others run until something is so.
///
/// # Panics
/// If it is not after two minutes of real time.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < WATCHDOG, "waited in vain until {what}");
        std::thread::yield_now();
    }
}
