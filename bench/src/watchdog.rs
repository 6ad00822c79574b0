//! Ends the bench, with the name of who hangs, when a run does not end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// No run takes nearly as long, unless it has deadlocked.
const LIMIT: Duration = Duration::from_secs(120);

type Current = Arc<Mutex<Option<(String, Instant)>>>;

/// Looks once a second whether the current run is overdue.
pub struct Watchdog {
    current: Current,
}

/// Watches a run until dropped.
pub struct Watched<'a>(&'a Watchdog);

impl Watchdog {
    /// Starts the thread that looks; it ends with the process.
    pub fn start() -> Self {
        let current = Current::default();
        let watched = current.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                if let Some((name, since)) = &*lock(&watched)
                    && since.elapsed() > LIMIT
                {
                    eprintln!(
                        "\ngonex-bench: {name} has not ended for {} s: a deadlock, or a machine \
                         that is far too slow; leave the cell out with --only to see the others",
                        LIMIT.as_secs()
                    );
                    std::process::exit(1);
                }
            }
        });
        Self { current }
    }

    pub fn watch(&self, name: &str) -> Watched<'_> {
        *lock(&self.current) = Some((name.to_owned(), Instant::now()));
        Watched(self)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        *lock(&self.0.current) = None;
    }
}

/// Nothing can be half done under this lock.
fn lock(current: &Current) -> MutexGuard<'_, Option<(String, Instant)>> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}
