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

pub(super) type Indices = SmallVec<[u8; 8]>;

/// The most arms of one select.
pub(super) const MOST_ARMS: usize = 255;

impl Order {
    /// By the weights of the arms, in their order.
    pub fn weighted(weights: impl IntoIterator<Item = u32>) -> Self {
        Self::Weighted(weights.into_iter().collect())
    }

    pub(super) fn draw(&self, arms: usize) -> Indices {
        let mut indices: Indices = (0..arms).map(|index| index as u8).collect();
        match self {
            Self::Biased => {}
            Self::Fair => {
                let mut dice = Dice::take();
                for last in (1..arms).rev() {
                    indices.swap(last, dice.below(last as u64 + 1) as usize);
                }
            }
            Self::Weighted(weights) => {
                let mut dice = Dice::take();
                for start in 0..arms.saturating_sub(1) {
                    let weight = |&index: &u8| u64::from(weights[usize::from(index)]);
                    let sum: u64 = indices[start..].iter().map(weight).sum();
                    let mut left = if sum == 0 { 0 } else { dice.below(sum) };
                    let found = indices[start..].iter().position(|index| {
                        let weight = weight(index);
                        let found = left < weight;
                        left = left.saturating_sub(weight);
                        found
                    });
                    indices.swap(start, start + found.unwrap_or(0));
                }
            }
        }
        indices
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
            let drawn = order.draw(arms);
            let mut sorted = drawn.to_vec();
            sorted.sort_unstable();
            assert!(sorted.iter().enumerate().all(|(at, &index)| at == usize::from(index)));
            counts[usize::from(drawn[0])] += 1;
        }
        counts
    }

    #[test]
    fn a_fair_order_begins_with_each_arm_equally_often() {
        assert!(firsts(&Order::Fair, 3).iter().all(|&count| (3_600..4_400).contains(&count)));
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
        assert_eq!(Order::Biased.draw(4).as_slice(), [0, 1, 2, 3]);
    }
}
