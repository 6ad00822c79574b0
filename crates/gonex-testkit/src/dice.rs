use gonex_core::rt::{Manual, Seam};

/// Numbers that a seed repeats.
#[derive(Debug)]
pub(crate) struct Dice(Manual);

impl Dice {
    /// Dice of a seed. Each `purpose` has its own, so that more throws for one do not change another.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let spread = Manual::seeded(seed).random();
        Self(Manual::seeded(spread ^ purpose.rotate_left(32)))
    }

    pub(crate) fn throw(&self) -> u64 {
        self.0.random()
    }

    /// A number below `bound`, which is not 0; each is about as likely.
    pub(crate) fn below(&self, bound: usize) -> usize {
        // The product is less than `bound` times 2^64.
        ((u128::from(self.throw()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 up to 1, which is not reached.
    pub(crate) fn fraction(&self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
