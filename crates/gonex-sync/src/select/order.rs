use std::cell::Cell;
use std::sync::Arc;

use gonex_core::rt;
use smallvec::SmallVec;

/// In which order the arms of a select are tried.
#[derive(Clone, Debug, Default)]
pub enum Order {
    /// Each order is as likely as any other, so arms that are ready happen equally often.
    #[default]
    Fair,
    /// The first arm that can happen does.
    Biased,
    /// An arm that is ready is tried first with a chance in proportion to its weight.
    Weighted(SmallVec<[u32; 8]>),
}

/// The most arms of one select.
pub(super) const MOST_ARMS: usize = 255;

impl Order {
    /// By the weights of the arms, in their order.
    pub fn weighted(weights: impl IntoIterator<Item = u32>) -> Self {
        Self::Weighted(weights.into_iter().collect())
    }

    /// Draws the arms one after the other, each once.
    #[inline]
    pub(super) fn draw(&self, arms: usize) -> Draw<'_> {
        Draw { order: self, left: Left::all(arms), dice: None }
    }
}

/// An order that is drawn as far as somebody asks: often the first arm is enough.
pub(super) struct Draw<'o> {
    order: &'o Order,
    left: Left,
    dice: Option<Dice>,
}

impl Iterator for Draw<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.left.count == 0 {
            return None;
        }
        let nth = match self.order {
            _ if self.left.count == 1 => 0,
            Order::Biased => 0,
            Order::Fair => {
                let dice = self.dice.get_or_insert_with(Dice::take);
                dice.below(u64::from(self.left.count)) as u32
            }
            Order::Weighted(weights) => self.weighted(weights),
        };
        Some(self.left.take(nth))
    }
}

impl Draw<'_> {
    fn weighted(&mut self, weights: &[u32]) -> u32 {
        let weight = |arm: usize| u64::from(weights[arm]);
        let sum: u64 = self.left.iter().map(weight).sum();
        if sum == 0 {
            return 0;
        }
        let mut ahead = self.dice.get_or_insert_with(Dice::take).below(sum);
        let found = self.left.iter().position(|arm| {
            let found = ahead < weight(arm);
            ahead = ahead.saturating_sub(weight(arm));
            found
        });
        found.unwrap_or(0) as u32
    }
}

/// The arms that have not been drawn, one bit for each.
struct Left {
    bits: [u64; MOST_ARMS.div_ceil(64)],
    count: u32,
}

impl Left {
    #[inline]
    fn all(arms: usize) -> Self {
        let mut bits = [0; _];
        for (word, bits) in bits.iter_mut().enumerate() {
            let here = arms.saturating_sub(64 * word).min(64);
            *bits = if here == 0 { 0 } else { u64::MAX >> (64 - here) };
        }
        Self { bits, count: arms as u32 }
    }

    /// Takes the `nth` out.
    #[inline]
    fn take(&mut self, mut nth: u32) -> usize {
        let mut word = 0;
        while nth >= self.bits[word].count_ones() {
            nth -= self.bits[word].count_ones();
            word += 1;
        }
        let mut rest = self.bits[word];
        for _ in 0..nth {
            rest &= rest - 1;
        }
        let bit = rest.trailing_zeros();
        self.bits[word] ^= 1 << bit;
        self.count -= 1;
        64 * word + bit as usize
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let arms = 0..64 * self.bits.len();
        arms.filter(|arm| self.bits[arm / 64] >> (arm % 64) & 1 == 1)
    }
}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Chance for one order; not for secrets.
enum Dice {
    /// Under a seam that a test or a simulator has entered, chance is theirs.
    Seam(Arc<dyn rt::Seam>),
    /// The state of Marsaglia, "Xorshift RNGs" (2003).
    Own(u64),
}

impl Dice {
    fn take() -> Self {
        match rt::entered() {
            Some(seam) => Self::Seam(seam),
            // A thread that ends may have no such variable any more.
            None => Self::Own(match STATE.try_with(Cell::get) {
                Ok(0) | Err(_) => rt::random() | 1,
                Ok(state) => state,
            }),
        }
    }

    /// A number below `bound`, each about as likely.
    fn below(&mut self, bound: u64) -> u64 {
        let drawn = match self {
            Self::Seam(seam) => seam.random() >> 32,
            Self::Own(x) => {
                *x ^= *x << 13;
                *x ^= *x >> 7;
                *x ^= *x << 17;
                *x >> 32
            }
        };
        // Lemire, "Fast random integer generation in an interval" (2019), without the correction:
        // the bounds are tiny.
        ((u128::from(drawn) * u128::from(bound)) >> 32) as u64
    }
}

impl Drop for Dice {
    fn drop(&mut self) {
        if let Self::Own(state) = *self {
            STATE.try_with(|place| place.set(state)).ok();
        }
    }
}

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use super::*;

    fn firsts(order: &Order, arms: usize) -> Vec<usize> {
        let mut counts = vec![0; arms];
        for _ in 0..12_000 {
            let drawn: Vec<usize> = order.draw(arms).collect();
            let mut sorted = drawn.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..arms));
            counts[drawn[0]] += 1;
        }
        counts
    }

    #[test]
    fn a_fair_order_begins_with_each_arm_equally_often() {
        assert!(firsts(&Order::Fair, 3).iter().all(|&count| (3_600..4_400).contains(&count)));
    }

    #[test]
    fn each_fair_order_of_three_comes_equally_often() {
        let mut counts = std::collections::HashMap::new();
        for _ in 0..12_000 {
            *counts.entry(Order::Fair.draw(3).collect::<Vec<_>>()).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (1_700..2_300).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_weighted_order_follows_its_weights() {
        let counts = firsts(&Order::Weighted(SmallVec::from_slice(&[1, 2, 0, 3])), 4);
        assert!((1_700..2_300).contains(&counts[0]), "{counts:?}");
        assert!((3_600..4_400).contains(&counts[1]), "{counts:?}");
        assert_eq!(counts[2], 0);
        assert!((5_500..6_500).contains(&counts[3]), "{counts:?}");
    }

    #[test]
    fn a_biased_order_is_the_order_of_writing() {
        for arms in [0, 1, 4, 63, 64, 65, 130, MOST_ARMS] {
            assert!(Order::Biased.draw(arms).eq(0..arms));
        }
    }
}
