use std::sync::Arc;

use gonex_sync::{Semaphore, SemaphorePermit};

/// A place inside a bulkhead, free again when it is dropped.
///
/// ```
/// use gonex_resilience::Bulkhead;
/// use gonex_resilience::bulkhead::BulkheadConfig;
///
/// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(3))?;
/// let inside = bulkhead.try_acquire(2).unwrap();
/// assert_eq!((inside.weight(), bulkhead.available()), (2, 1));
/// drop(inside);
/// assert_eq!(bulkhead.available(), 3);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it frees the place"]
pub struct BulkheadPermit(pub(super) SemaphorePermit<Arc<Semaphore>>);

impl BulkheadPermit {
    /// What the call weighs.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::default())?;
    /// assert_eq!(bulkhead.try_acquire(2).unwrap().weight(), 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.permits()
    }
}

/// However a call ends, its place is free then.
impl<T, E> crate::call::Settle<T, E> for BulkheadPermit {
    fn settle(self, _: &Result<T, E>) {}
}
