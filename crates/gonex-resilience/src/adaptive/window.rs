//! The samples of one window, added up.

use super::AdaptiveConfig;
use crate::moment::nanos;

/// What a call says when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// When it ended, and how long it took, in nanoseconds.
    pub(super) now: u64,
    pub(super) took: u64,
    /// How many ran when it began, itself included.
    pub(super) running: usize,
    /// Whether it was dropped: too much for the service.
    pub(super) dropped: bool,
}

/// What a window says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// How long the calls took that were not dropped, on average; `None` if all were.
    pub(super) took: Option<f64>,
    /// The shortest of these.
    pub(super) fastest: Option<u64>,
    /// The most that ran at once.
    pub(super) running: usize,
    /// Whether something was dropped.
    pub(super) dropped: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    /// When its first sample came.
    since: Option<u64>,
    /// Those that were not dropped, and how long they took together.
    succeeded: u64,
    took: f64,
    fastest: u64,
    dropped: u64,
    running: usize,
}

impl Window {
    /// Adds a sample. If that ends the window, says what it has seen, and begins anew.
    pub(super) fn add(&mut self, sample: Sample, config: &AdaptiveConfig) -> Option<Seen> {
        let since = *self.since.get_or_insert(sample.now);
        self.running = self.running.max(sample.running);
        if sample.dropped {
            self.dropped += 1;
        } else {
            let first = self.succeeded == 0;
            self.fastest = if first { sample.took } else { self.fastest.min(sample.took) };
            self.succeeded += 1;
            self.took += sample.took as f64;
        }
        let samples = self.succeeded + self.dropped;
        let long = sample.now.saturating_sub(since) >= nanos(config.window);
        if !long || samples < u64::from(config.window_samples) {
            return None;
        }
        let Self { succeeded, took, fastest, dropped, running, .. } = std::mem::take(self);
        let any = succeeded > 0;
        Some(Seen {
            took: any.then(|| took / succeeded as f64),
            fastest: any.then_some(fastest),
            running,
            dropped: dropped > 0,
        })
    }
}
