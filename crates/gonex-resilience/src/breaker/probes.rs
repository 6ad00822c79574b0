//! What a breaker does while it is half open: whom it lets in, and when it knows enough.

use super::window::Sum;
use super::{BreakerConfig, HalfOpen};

/// The calls of one time of being half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Probes {
    /// Those let in that have not ended.
    pub(super) running: u32,
    /// Those that have ended and count.
    pub(super) ended: Sum,
}

/// What the probes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Unknown,
    Close,
    Open,
}

impl Probes {
    /// Takes note of a call that ended.
    pub(super) fn record(&mut self, call: Sum, half_open: HalfOpen) {
        let call = match half_open {
            HalfOpen::Rate { .. } => call,
            // Where single calls are judged, a slow one has failed.
            _ => Sum { failures: call.failures.max(call.slow), ..call },
        };
        self.ended.add(call);
    }

    /// Whether one more is let in.
    pub(super) fn admits(&self, half_open: HalfOpen) -> bool {
        let used = self.running.saturating_add(self.ended.calls);
        let most = match half_open {
            HalfOpen::Rate { calls } | HalfOpen::KOfN { calls, .. } => calls,
            // What all stages up to this one let in: 1, 3, 7. The next one begins when all have ended.
            HalfOpen::Progressive { .. } => (self.ended.calls + 2).next_power_of_two() - 1,
        };
        used < most
    }

    /// What is known once a call has ended.
    pub(super) fn finding(&self, config: &BreakerConfig) -> Finding {
        let Sum { calls, failures: failed, .. } = self.ended;
        match config.half_open {
            HalfOpen::Rate { calls: wanted } => match self.ended.rates() {
                Some((failed, slow)) if calls >= wanted => {
                    if failed >= config.failure_rate || slow >= config.slow_rate {
                        Finding::Open
                    } else {
                        Finding::Close
                    }
                }
                _ => Finding::Unknown,
            },
            HalfOpen::KOfN { successes, calls: wanted } => {
                if calls - failed >= successes {
                    Finding::Close
                } else if failed > wanted - successes {
                    Finding::Open
                } else {
                    Finding::Unknown
                }
            }
            HalfOpen::Progressive { stages } => {
                if failed > 0 {
                    Finding::Open
                } else if calls >= (1 << stages) - 1 {
                    Finding::Close
                } else {
                    Finding::Unknown
                }
            }
        }
    }
}
