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

/// The most arms of one select.
pub(super) const MOST_ARMS: usize = 255;

impl Order {
    /// By the weights of the arms, in their order.
    pub fn weighted(weights: impl IntoIterator<Item = u32>) -> Self {
        Self::Weighted(weights.into_iter().collect())
    }

    /// Asks arms in an order that is drawn as far as need be, until one answers: often one arm is
    /// enough.
    ///
    /// # Panics
    /// With more than 255 arms.
    #[inline]
    pub fn find<R>(&self, arms: usize, mut ask: impl FnMut(usize) -> Option<R>) -> Option<R> {
        check_count(arms);
        let mut left = Left::all(arms);
        let mut arm = match self {
            // The first is the one that counts where several can happen.
            Self::Fair if (2..=64).contains(&arms) => {
                let first = below(arms as u64) as usize;
                left.few ^= 1 << first;
                left.count -= 1;
                first
            }
            _ if arms == 0 => return None,
            _ => self.next(&mut left),
        };
        loop {
            if let Some(answer) = ask(arm) {
                return Some(answer);
            }
            arm = match left.count {
                0 => return None,
                1 => left.take(0),
                _ => self.next(&mut left),
            };
        }
    }

    /// The same for arms that are asked only if they look ready: where many do not, most are passed
    /// over without a draw each.
    #[inline]
    pub fn find_ready<R>(
        &self,
        arms: usize,
        looks_ready: impl Fn(usize) -> bool,
        mut ask: impl FnMut(usize) -> Option<R>,
    ) -> Option<R> {
        if !matches!(self, Self::Fair) || !(3..=64).contains(&arms) {
            return self.find(arms, ask);
        }
        let first = below(arms as u64) as usize;
        if let Some(answer) = ask(first) {
            return Some(answer);
        }
        // Each of those that are ready is as likely to be drawn now as it was to be drawn first.
        let ready = (0..arms).fold(0, |bits, arm| bits | u64::from(looks_ready(arm)) << arm);
        let mut left = ready & !(1 << first);
        while left != 0 {
            let count = left.count_ones();
            let nth = if count == 1 { 0 } else { below(count.into()) as u32 };
            if let Some(answer) = ask(take_bit(&mut left, nth)) {
                return Some(answer);
            }
        }
        None
    }

    /// Draws the next of the arms that are left, of which there are some.
    fn next(&self, left: &mut Left) -> usize {
        let nth = match self {
            Self::Biased => 0,
            Self::Fair => below(left.count.into()),
            Self::Weighted(weights) => weighted(left, weights),
        };
        left.take(nth as u32)
    }
}

#[inline]
pub(super) fn check_count(arms: usize) {
    assert!(arms <= MOST_ARMS, "a select has at most {MOST_ARMS} arms, not {arms}");
}

fn weighted(left: &Left, weights: &[u32]) -> u64 {
    let weight = |arm: usize| u64::from(weights[arm]);
    let sum: u64 = left.iter().map(weight).sum();
    if sum == 0 {
        return 0;
    }
    let mut ahead = below(sum);
    let found = left.iter().position(|arm| {
        let found = ahead < weight(arm);
        ahead = ahead.saturating_sub(weight(arm));
        found
    });
    found.unwrap_or(0) as u64
}

/// The arms that have not been drawn.
struct Left {
    /// One bit for each of the first 64.
    few: u64,
    /// One for each of the others, which most selects do not have.
    more: [u64; MORE],
    count: u32,
}

const MORE: usize = MOST_ARMS.div_ceil(64) - 1;

impl Left {
    #[inline]
    fn all(arms: usize) -> Self {
        let mut all = Self { few: first_bits(arms), more: [0; MORE], count: arms as u32 };
        if arms > 64 {
            for (word, bits) in all.more.iter_mut().enumerate() {
                *bits = first_bits(arms.saturating_sub(64 * (word + 1)));
            }
        }
        all
    }

    /// Takes the `nth` out.
    #[inline]
    fn take(&mut self, nth: u32) -> usize {
        self.count -= 1;
        if self.more == [0; MORE] {
            return take_bit(&mut self.few, nth);
        }
        self.take_of_many(nth)
    }

    #[cold]
    fn take_of_many(&mut self, mut nth: u32) -> usize {
        for (word, bits) in std::iter::once(&mut self.few).chain(&mut self.more).enumerate() {
            if nth < bits.count_ones() {
                return 64 * word + take_bit(bits, nth);
            }
            nth -= bits.count_ones();
        }
        unreachable!("the nth is one of those that are left")
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let words = std::iter::once(self.few).chain(self.more);
        words.enumerate().flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| 64 * word + bit)
        })
    }
}

/// So many bits from the lowest on, at most 64.
#[inline]
fn first_bits(count: usize) -> u64 {
    if count == 0 { 0 } else { u64::MAX >> 64_usize.saturating_sub(count) }
}

/// Clears the `nth` bit that is set, and says which it was.
#[inline]
fn take_bit(bits: &mut u64, nth: u32) -> usize {
    let mut rest = *bits;
    for _ in 0..nth {
        rest &= rest - 1;
    }
    let bit = rest.trailing_zeros();
    *bits ^= 1 << bit;
    bit as usize
}

thread_local! {
    /// The state of Marsaglia, "Xorshift RNGs" (2003); 0 before the first use.
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// A number below `bound`, each about as likely; not for secrets. Under a seam that a test or a
/// simulator has entered, chance is theirs.
#[inline]
fn below(bound: u64) -> u64 {
    let drawn = match rt::entered() {
        Some(seam) => seam.random(),
        // A thread that ends may have no such variable any more.
        None => STATE.try_with(step).unwrap_or_else(|_| rt::random()),
    };
    // Lemire, "Fast random integer generation in an interval" (2019), without the correction: the
    // bounds are at most 2^40, and mostly tiny.
    ((u128::from(drawn) * u128::from(bound)) >> 64) as u64
}

#[inline]
fn step(state: &Cell<u64>) -> u64 {
    let mut x = state.get();
    if x == 0 {
        x = rt::random() | 1;
    }
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    state.set(x);
    x
}

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use super::*;

    /// The whole order.
    fn draw(order: &Order, arms: usize) -> Vec<usize> {
        let mut drawn = Vec::new();
        let nobody = order.find(arms, |arm| {
            drawn.push(arm);
            None::<()>
        });
        assert_eq!(nobody, None);
        drawn
    }

    fn firsts(order: &Order, arms: usize) -> Vec<usize> {
        let mut counts = vec![0; arms];
        for _ in 0..12_000 {
            let drawn = draw(order, arms);
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
            *counts.entry(draw(&Order::Fair, 3)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (1_700..2_300).contains(count)), "{counts:?}");
    }

    #[test]
    fn those_that_look_ready_are_found_equally_often() {
        let (ready, mut counts) = ([1, 2, 6], [0; 8]);
        for _ in 0..12_000 {
            let looks_ready = |arm: usize| ready.contains(&arm);
            let found =
                Order::Fair.find_ready(8, looks_ready, |arm| looks_ready(arm).then_some(arm));
            counts[found.unwrap()] += 1;
        }
        assert!(ready.iter().all(|&arm| (3_600..4_400).contains(&counts[arm])), "{counts:?}");
    }

    #[test]
    fn who_only_looked_ready_is_asked_once() {
        let mut asked = Vec::new();
        let nobody = Order::Fair.find_ready(
            5,
            |arm| arm % 2 == 0,
            |arm| {
                asked.push(arm);
                None::<()>
            },
        );
        assert_eq!(nobody, None);
        asked.sort_unstable();
        asked.dedup();
        assert!(asked.iter().filter(|&&arm| arm % 2 == 0).eq(&[0, 2, 4]), "{asked:?}");
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
            assert!(draw(&Order::Biased, arms).into_iter().eq(0..arms));
        }
    }
}
