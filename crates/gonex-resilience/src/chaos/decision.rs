//! What is decided for a call: a pure function of its number and the settings.

use std::time::Duration;

use super::ChaosConfig;
use crate::moment::nanos;

/// What happens to a call on purpose.
///
/// ```
/// use gonex_resilience::Chaos;
/// use gonex_resilience::chaos::{ChaosConfig, Fault};
///
/// let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() })?;
/// let decision = chaos.decision(7);
/// assert_eq!((decision.delay, decision.fault), (None, Some(Fault::Error)));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// The number of the call, from 1 on; 0 where nothing is injected.
    pub number: u64,
    /// How long it waits first.
    pub delay: Option<Duration>,
    /// What happens to it then, in the place of the call.
    pub fault: Option<Fault>,
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// It fails.
    Error,
    /// It panics.
    Panic,
}

/// A call failed on purpose; nothing was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not called: chaos lets call {number} fail (seed {seed})")]
#[non_exhaustive]
pub struct Injected {
    /// The number of the call, from 1 on.
    pub number: u64,
    /// The seed by which that was decided.
    pub seed: u64,
}

/// A number of 64 bits that looks like chance: `SplitMix64` of Steele, Lea and Flood.
fn mixed(seed: u64, step: u64) -> u64 {
    let mut mixed = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// From 0 on, and below 1.
fn share(mixed: u64) -> f64 {
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

impl ChaosConfig {
    /// What happens to the call of this number.
    pub(super) fn decide(&self, number: u64) -> Decision {
        // Three draws for each call, whatever the settings are: so a share that is changed leaves the
        // others' calls the same.
        let draw = |which| mixed(self.seed, number.wrapping_mul(3).wrapping_add(which));
        let delay = (share(draw(0)) < self.delays).then(|| {
            let (least, most) = (nanos(self.min_delay), nanos(self.max_delay));
            let width = u128::from(most.saturating_sub(least)) + 1;
            // Below `width`, so the sum is `most` at most.
            let more = ((u128::from(draw(1)) * width) >> 64) as u64;
            Duration::from_nanos(least + more)
        });
        let drawn = share(draw(2));
        let fault = if drawn < self.errors {
            Some(Fault::Error)
        } else if drawn < self.errors + self.panics {
            Some(Fault::Panic)
        } else {
            None
        };
        Decision { number, delay, fault }
    }
}
