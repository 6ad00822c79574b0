use std::fmt;

use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// Where a token bucket keeps its one number.
///
/// [`Local`] keeps it in memory. What shares it between processes needs the same two operations, and a
/// number that is a moment by a clock all of them read.
///
/// ```
/// use gonex_resilience::limit::{Local, Store};
///
/// let store = Local::default();
/// assert_eq!(store.compare_exchange(0, 7), Ok(()));
/// assert_eq!(store.compare_exchange(0, 8), Err(7), "somebody else was faster");
/// assert_eq!(store.load(), 7);
/// ```
pub trait Store: Send + Sync + fmt::Debug {
    /// The number.
    fn load(&self) -> u64;

    /// Replaces the number if it is still this one.
    ///
    /// # Errors
    /// The number that is there instead.
    fn compare_exchange(&self, known: u64, new: u64) -> Result<(), u64>;
}

/// One word of memory.
#[derive(Debug)]
pub struct Local {
    /// Whoever takes tokens writes it. Acquire and release, so that the time of who wrote it is not after
    /// a look at the clock that follows.
    word: AtomicU64,
}

impl Default for Local {
    fn default() -> Self {
        Self { word: AtomicU64::new(0) }
    }
}

impl Store for Local {
    #[inline]
    fn load(&self) -> u64 {
        self.word.load(Ordering::Acquire)
    }

    #[inline]
    fn compare_exchange(&self, known: u64, new: u64) -> Result<(), u64> {
        let exchanged =
            self.word.compare_exchange_weak(known, new, Ordering::AcqRel, Ordering::Acquire);
        exchanged.map(drop)
    }
}
