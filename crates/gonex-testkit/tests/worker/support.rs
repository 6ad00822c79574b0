//! What the tests share: a pool of simulated workers in a time of its own.

use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_runtime::pool::{PoolEvent, What};
use gonex_sync::BroadcastReceiver;

/// Runs a test in a time that moves by hand.
pub(crate) fn by_hand<T>(test: impl FnOnce(&Manual) -> T) -> T {
    let manual = Manual::seeded(7);
    rt::enter(Arc::new(manual.clone()), || test(&manual))
}

pub(crate) const fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

pub(crate) const fn secs(time: u64) -> Duration {
    Duration::from_secs(time)
}

/// What has been told since.
pub(crate) fn told(events: &mut BroadcastReceiver<PoolEvent>) -> Vec<What> {
    std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.what).collect()
}

/// Chance from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }
}
