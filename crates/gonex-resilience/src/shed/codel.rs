//! The delays of one interval after the other. It is told the time, and does nothing but count.
//!
//! Where `CoDel` drops packets at a rate that grows with the square root of their number, this refuses one
//! priority after the other: what is refused is chosen by its worth, not by its turn.

use super::ShedConfig;
use crate::moment::nanos;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Codel {
    /// When the interval began; `None` before the first delay.
    since: Option<u64>,
    /// The shortest delay in it.
    shortest: Option<u64>,
    /// The priorities of a lower rank are refused.
    level: usize,
}

/// At this level also critical calls are refused.
const ALL: usize = 4;

impl Codel {
    /// Takes note of a delay at a moment, and says of which rank one has to be to be let in.
    pub(super) fn level(&mut self, delay: u64, now: u64, config: &ShedConfig) -> usize {
        if config.target.is_none() {
            return 0;
        }
        self.pass(now, config);
        self.since.get_or_insert(now);
        self.shortest = Some(self.shortest.map_or(delay, |shortest| shortest.min(delay)));
        self.level
    }

    /// Ends the intervals that are over at a moment.
    pub(super) fn pass(&mut self, now: u64, config: &ShedConfig) {
        let (Some(target), Some(since)) = (config.target, self.since) else { return };
        let interval = nanos(config.interval);
        let passed = now.saturating_sub(since) / interval;
        if passed > 0 {
            let above = self.shortest.is_some_and(|shortest| shortest > nanos(target));
            self.level =
                if above { (self.level + 1).min(ALL) } else { self.level.saturating_sub(1) };
            // In the intervals without any call there was no queue.
            let empty = usize::try_from(passed - 1).unwrap_or(usize::MAX);
            self.level = self.level.saturating_sub(empty);
            self.since = Some(since + passed * interval);
            self.shortest = None;
        }
    }

    /// The level at the last look.
    pub(super) fn known(&self) -> usize {
        self.level
    }
}
