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

/// The class that holds so much: its index in the sizes.
#[inline]
pub(super) fn class_for(sizes: &[usize], size: usize) -> Option<usize> {
    let class = sizes.partition_point(|&class| class < size);
    (class < sizes.len()).then_some(class)
}

/// The class of just this size.
#[inline]
pub(super) fn class_of(sizes: &[usize], size: usize) -> Option<usize> {
    class_for(sizes, size).filter(|&class| sizes[class] == size)
}
