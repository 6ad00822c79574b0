//! Comparing short with long, as `Gradient2Limit` of Netflix has it.
//!
//! The long average is a plain mean at first, while it is warming up, and an exponential one from then on.
//! When it is more than twice the short one, the service has recovered, and it is let down faster than by
//! the average alone. A window with a drop takes half of the limit before smoothing, where that one does not
//! look at drops.

use super::window::Seen;

/// So many windows are averaged plainly first.
const WARM_UP: u32 = 10;
/// A step takes no more than this share of the limit away, before smoothing.
const LEAST: f64 = 0.5;

#[derive(Clone, Debug, Default)]
pub(super) struct Gradient {
    /// The long average, in nanoseconds, and of how many windows it is, while it is warming up.
    long: f64,
    windows: u32,
}

impl Gradient {
    fn average(&mut self, took: f64, long_window: u32) {
        if self.windows < WARM_UP {
            self.windows += 1;
            self.long += (took - self.long) / f64::from(self.windows);
        } else {
            self.long += (took - self.long) * 2.0 / (f64::from(long_window) + 1.0);
        }
    }

    /// The limit after a window.
    pub(super) fn step(
        &mut self,
        limit: f64,
        seen: &Seen,
        (tolerance, queue, smoothing, long_window): (f64, u32, f64, u32),
    ) -> f64 {
        if let Some(took) = seen.took {
            self.average(took, long_window);
            if self.long > 2.0 * took {
                self.long *= 0.95;
            }
        }
        let next = match seen.took {
            Some(took) if !seen.dropped => {
                // The limit was not what bounded them.
                if (seen.running as f64) * 2.0 < limit {
                    return limit;
                }
                let gradient =
                    if took > 0.0 { (tolerance * self.long / took).clamp(LEAST, 1.0) } else { 1.0 };
                limit * gradient + f64::from(queue)
            }
            _ => limit * LEAST,
        };
        limit * (1.0 - smoothing) + next * smoothing
    }
}
