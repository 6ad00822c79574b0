use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::engine::Progress;

/// A run shorter than this shows no bar: it would only flash.
const PATIENCE: Duration = Duration::from_millis(300);

/// A progress bar on standard error, shown once a run takes a while.
///
/// Where standard error is no terminal, or when made [quiet](Bar::quiet), it shows nothing.
#[derive(Debug)]
pub struct Bar {
    is_quiet: bool,
    start: Instant,
    files: AtomicU64,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    /// Makes a bar.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_quiet: false,
            start: Instant::now(),
            files: AtomicU64::new(0),
            done: AtomicU64::new(0),
            bar: OnceLock::new(),
        }
    }

    /// Shows nothing, if `quiet`.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.is_quiet = quiet;
        self
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn start(&self, files: u64) {
        self.files.store(files, Ordering::Relaxed);
    }

    fn file_done(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_quiet || self.start.elapsed() < PATIENCE {
            return;
        }
        // indicatif draws to standard error, and only if that is a terminal.
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::new(self.files.load(Ordering::Relaxed));
            match ProgressStyle::with_template("checking {bar:40} {pos}/{len} files {eta}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_position(done);
    }

    fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_draws_nothing_and_still_counts() {
        let bar = Bar::new();
        bar.start(2);
        bar.file_done();
        bar.file_done();
        bar.finish();
        assert_eq!(bar.done.load(Ordering::Relaxed), 2);
        assert!(bar.bar.get().is_none());
    }
}
