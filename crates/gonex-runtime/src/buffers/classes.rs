/// Which sizes of buffers a pool keeps: a buffer is of the smallest class that it fits into.
///
/// ```
/// use gonex_runtime::buffers::SizeClasses;
///
/// let classes = SizeClasses::PowersOfTwo { smallest: 1_000, largest: 5_000 };
/// assert_eq!(classes.sizes(), [1_024, 2_048, 4_096, 8_192]);
/// assert_eq!(SizeClasses::Custom(vec![300, 100]).sizes(), [100, 300]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SizeClasses {
    /// One size. What is larger is made for its user and not kept.
    Exact(usize),
    /// All powers of two, from that which holds the smallest to that which holds the largest. No more
    /// than half of a buffer is wasted.
    PowersOfTwo {
        /// What the smallest holds.
        smallest: usize,
        /// What the largest holds.
        largest: usize,
    },
    /// These, in any order.
    Custom(Vec<usize>),
}

impl Default for SizeClasses {
    /// Powers of two from 1 KiB to 1 MiB.
    fn default() -> Self {
        Self::PowersOfTwo { smallest: 1 << 10, largest: 1 << 20 }
    }
}

impl SizeClasses {
    /// The sizes, in order, each once.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Exact(size) => vec![*size],
            Self::PowersOfTwo { smallest, largest } => {
                let first = smallest.checked_next_power_of_two();
                let sizes = std::iter::successors(first, |&size| {
                    (size < *largest).then(|| size.checked_mul(2)).flatten()
                });
                sizes.collect()
            }
            Self::Custom(sizes) => {
                let mut sizes = sizes.clone();
                sizes.sort_unstable();
                sizes.dedup();
                sizes
            }
        }
    }
}

/// The sizes of a pool, and which one is for what.
#[derive(Debug)]
pub(super) struct Sizes {
    /// In order, and each above 0.
    all: Box<[usize]>,
    /// The logarithm of the first, where all are powers of two one after the other: then no search is
    /// needed.
    first: Option<u32>,
}

/// What is of no class.
pub(super) const NONE: usize = usize::MAX;

impl Sizes {
    pub(super) fn new(all: Vec<usize>) -> Self {
        let are_doubled = all.windows(2).all(|pair| pair[0].checked_mul(2) == Some(pair[1]));
        let first = all.first().filter(|first| are_doubled && first.is_power_of_two());
        Self { first: first.map(|first| first.ilog2()), all: all.into_boxed_slice() }
    }

    pub(super) fn all(&self) -> &[usize] {
        &self.all
    }

    /// The size of a class; `None` for none.
    #[inline]
    pub(super) fn get(&self, class: usize) -> Option<usize> {
        self.all.get(class).copied()
    }

    /// The class that holds so much, or one that there is not.
    #[inline]
    pub(super) fn holding(&self, size: usize) -> usize {
        match self.first {
            Some(first) => {
                let log = usize::BITS - size.saturating_sub(1).leading_zeros();
                log.saturating_sub(first) as usize
            }
            None => self.all.partition_point(|&class| class < size),
        }
    }

    /// The class of just this size, or [`NONE`].
    pub(super) fn of(&self, size: usize) -> usize {
        self.all.binary_search(&size).unwrap_or(NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_of_the_smallest_class_that_holds_it() {
        let doubled = Sizes::new(vec![1_024, 2_048, 4_096]);
        assert!(doubled.first.is_some());
        let searched = Sizes::new(vec![1_000, 2_000, 4_000]);
        assert!(searched.first.is_none());
        for sizes in [doubled, searched, Sizes::new(vec![64]), Sizes::new(vec![1])] {
            for size in 0..5_000 {
                let expected = sizes.all.iter().find(|&&class| class >= size).copied();
                assert_eq!(sizes.get(sizes.holding(size)), expected, "{size} in {sizes:?}");
            }
            assert_eq!(sizes.get(sizes.holding(usize::MAX)), None);
        }
    }
}
