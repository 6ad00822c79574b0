//! Additive increase, multiplicative decrease, as `AIMDLimit` of Netflix has it.
//!
//! A step is a window here, where it is a single sample there.

use std::time::Duration;

use super::window::Seen;
use crate::moment::nanos;

/// The limit after a window.
pub(super) fn step(limit: f64, seen: &Seen, backoff: f64, too_slow: Option<Duration>) -> f64 {
    let slow = match (seen.took, too_slow) {
        (Some(took), Some(most)) => took > nanos(most) as f64,
        _ => false,
    };
    if seen.dropped || slow {
        limit * backoff
    } else if seen.running as f64 * 2.0 >= limit {
        limit + 1.0
    } else {
        limit
    }
}
