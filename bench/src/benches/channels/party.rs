//! What the parties of a run brought back.

use std::any::Any;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

use super::link::Tally;

/// What one party did.
#[derive(Default)]
pub struct Outcome {
    pub tally: Tally,
    /// An end that must outlive the other parties: a select must not see a channel close.
    #[expect(dead_code, reason = "lives for its destructor")]
    pub kept: Option<Box<dyn Any + Send>>,
}

impl From<Tally> for Outcome {
    fn from(tally: Tally) -> Self {
        Self { tally, kept: None }
    }
}

/// When a party started and ended.
#[derive(Clone, Copy)]
pub struct Span {
    pub start: Instant,
    pub end: Instant,
}

/// A run: from the first start to the last end.
pub struct Run {
    pub wall: Duration,
    pub cpu: Duration,
}

impl Run {
    /// Checks that all messages came, once each.
    pub fn checked(
        count: u64,
        cpu: Duration,
        parties: &[(Outcome, Span)],
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let mut tally = Tally::default();
        for (outcome, _) in parties {
            tally.merge(outcome.tally);
        }
        let expected = Tally { count, sum: (0..count).fold(0, u64::wrapping_add) };
        if tally != expected {
            return Err(format!(
                "wrong result: {} messages with sum {}, not {count} with {}",
                tally.count, tally.sum, expected.sum
            )
            .into());
        }
        let start = parties.iter().map(|(_, span)| span.start).min();
        let end = parties.iter().map(|(_, span)| span.end).max();
        let wall = start.zip(end).map_or(Duration::ZERO, |(start, end)| end - start);
        Ok(Self { wall, cpu })
    }
}

/// The CPU time of this thread or of this process so far, to the nanosecond.
pub fn cpu(clock: ClockId) -> Duration {
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}

/// The values that one of several senders sends.
pub fn share(index: usize, senders: usize, count: u64) -> std::ops::Range<u64> {
    let each = count / senders as u64;
    index as u64 * each..(index as u64 + 1) * each
}
