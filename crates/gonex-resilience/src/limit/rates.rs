//! The arithmetic of the generic cell rate algorithm (GCRA), which is that of a token bucket with one
//! number: the moment at which the bucket will be full again.
//!
//! Taking `n` tokens moves that moment on by what `n` cost, from now if it has passed. It may lie no
//! further ahead than a whole bucket costs. Time is counted in *units*. Where tokens come one after the
//! other, a unit is a sixteenth of a nanosecond, so that also fast rates are kept to a fraction of a
//! percent, rounded to the slower side; the numbers last for 36 years. Where they come in steps, a unit
//! is a token, and all is exact.

use super::{Refill, TokenBucketConfig};
use crate::moment::nanos;

/// Units of a nanosecond, where tokens come one after the other.
const FINE: u64 = 16;

/// What a rate is, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rates {
    /// Time moves on in steps of so many nanoseconds.
    pub(super) step: u64,
    /// How many units a step brings.
    pub(super) gain: u64,
    /// What a token costs.
    pub(super) cost: u64,
    /// What all that can be there at once cost.
    pub(super) burst: u64,
}

/// What becomes of the word when tokens are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The word if they are taken.
    pub(super) next: u64,
    /// The unit from which on they are there.
    pub(super) ready: u64,
}

impl Rates {
    /// Of a configuration that has been looked at.
    pub(super) fn new(config: &TokenBucketConfig) -> Self {
        let interval = nanos(config.refill_interval);
        let rate = u64::from(config.refill_rate);
        let (step, gain, cost) = match config.refill {
            Refill::Continuous => (1, FINE, (interval * FINE).div_ceil(rate)),
            Refill::Stepped => (interval, rate, 1),
        };
        Self { step, gain, cost, burst: cost * u64::from(config.most()) }
    }

    /// How many can be there at once.
    pub(super) fn most(&self) -> u32 {
        // Never more than a `u32` of them make the burst.
        (self.burst / self.cost) as u32
    }

    /// The units that have passed at a moment.
    #[inline]
    pub(super) fn units(&self, nanos: u64) -> u64 {
        let steps = if self.step == 1 { nanos } else { nanos / self.step };
        steps.saturating_mul(self.gain)
    }

    /// The first nanosecond at which so many units have passed.
    pub(super) fn moment(&self, units: u64) -> u64 {
        // By a number that the compiler knows it need not divide.
        let steps =
            if self.gain == FINE { units.div_ceil(FINE) } else { units.div_ceil(self.gain) };
        steps.saturating_mul(self.step)
    }

    /// What becomes of `word`; `None` at the end of all times.
    #[inline]
    pub(super) fn claim(&self, word: u64, tokens: u64, now: u64) -> Option<Claim> {
        let next = word.max(now).checked_add(self.cost.checked_mul(tokens)?)?;
        // At the end of all times nothing may seem to have come back.
        (next < u64::MAX).then_some(Claim { next, ready: next.saturating_sub(self.burst) })
    }

    /// How many whole tokens are there.
    pub(super) fn available(&self, word: u64, now: u64) -> u32 {
        let owed = word.saturating_sub(now);
        // Never more than a `u32` of them make the burst.
        (self.burst.saturating_sub(owed) / self.cost) as u32
    }

    /// The word for other rates at which as much is there as at these, or as much is owed.
    pub(super) fn convert(&self, word: u64, now: u64, to: &Self, then: u64) -> u64 {
        let owed = word.saturating_sub(now);
        let scaled = |units: u64, up: bool| {
            let product = u128::from(units) * u128::from(to.cost);
            let cost = u128::from(self.cost);
            let scaled = if up { product.div_ceil(cost) } else { product / cost };
            u64::try_from(scaled).unwrap_or(u64::MAX)
        };
        let owed_then = match self.burst.checked_sub(owed) {
            Some(there) => to.burst - scaled(there, false).min(to.burst),
            None => to.burst.saturating_add(scaled(owed - self.burst, true)),
        };
        then.saturating_add(owed_then)
    }
}
