//! Keeping the queue at the service short, as `VegasLimit` of Netflix has it.
//!
//! Of `limit` calls that take `took` where they would take `alone`, `limit * (1 - alone / took)` queue. Few
//! of them mean that there is room, many that there is none. The fastest time of a window stands for the time
//! alone, where a single sample does there. When it is forgotten does not depend on chance, so that the same
//! calls always move it the same way.

use super::window::Seen;

#[derive(Clone, Debug, Default)]
pub(super) struct Vegas {
    /// The fastest time known, in nanoseconds.
    alone: Option<u64>,
    /// Windows since it was last forgotten.
    windows: u64,
}

impl Vegas {
    /// The limit after a window.
    pub(super) fn step(&mut self, limit: f64, seen: &Seen, probe: u32) -> f64 {
        let unit = limit.log10().max(1.0);
        let (Some(took), Some(fastest)) = (seen.took, seen.fastest) else {
            // All were dropped.
            return limit - unit;
        };
        self.windows += 1;
        if self.windows as f64 >= f64::from(probe) * limit {
            self.windows = 0;
            self.alone = Some(fastest);
            return if seen.dropped { limit - unit } else { limit };
        }
        let alone = self.alone.map_or(fastest, |known| known.min(fastest));
        self.alone = Some(alone);
        if seen.dropped {
            return limit - unit;
        }
        // The limit was not what bounded them.
        if (seen.running as f64) * 2.0 < limit {
            return limit;
        }
        let queued = if took > 0.0 { (limit * (1.0 - alone as f64 / took)).ceil() } else { 0.0 };
        let (alpha, beta) = (3.0 * unit, 6.0 * unit);
        if queued <= unit {
            limit + beta
        } else if queued < alpha {
            limit + unit
        } else if queued > beta {
            limit - unit
        } else {
            limit
        }
    }
}
