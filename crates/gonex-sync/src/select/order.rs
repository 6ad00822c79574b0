use std::cell::Cell;

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
                for last in (1..arms).rev() {
                    indices.swap(last, below(last as u64 + 1) as usize);
                }
            }
            Self::Weighted(weights) => {
                for start in 0..arms.saturating_sub(1) {
                    let weight = |&index: &u8| u64::from(weights[usize::from(index)]);
                    let sum: u64 = indices[start..].iter().map(weight).sum();
                    let mut left = if sum == 0 { 0 } else { below(sum) };
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

/// A number below `bound`, each about as likely; not for secrets.
fn below(bound: u64) -> u64 {
    // Lemire, "Fast random integer generation in an interval" (2019), without the correction: the
    // bounds are tiny.
    ((u128::from(draw()) * u128::from(bound)) >> 32) as u64
}

fn draw() -> u32 {
    // Under a seam that a test or a simulator has entered, chance is theirs.
    if let Some(seam) = rt::entered() {
        return (seam.random() >> 32) as u32;
    }
    // Marsaglia, "Xorshift RNGs" (2003); a thread that ends may have no such variable any more.
    let drawn = STATE.try_with(|state| {
        let mut x = state.get();
        if x == 0 {
            x = rt::random() | 1;
        }
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        state.set(x);
        (x >> 32) as u32
    });
    drawn.unwrap_or(0)
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
