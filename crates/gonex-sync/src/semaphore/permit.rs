use std::fmt;
use std::mem;
use std::ops::Deref;
use std::ptr;

use super::Semaphore;

/// Permits of a [`Semaphore`], given back on drop.
///
/// `H` is how it reaches the semaphore: `&Semaphore`, or `Arc<Semaphore>` to be moved anywhere.
///
/// ```
/// use gonex_sync::Semaphore;
///
/// let semaphore = Semaphore::new(3);
/// let permit = semaphore.try_acquire(2).unwrap();
/// assert_eq!((permit.permits(), semaphore.available()), (2, 1));
/// drop(permit);
/// assert_eq!(semaphore.available(), 3);
/// ```
#[must_use = "dropping a permit gives it back"]
pub struct SemaphorePermit<H: Deref<Target = Semaphore>> {
    semaphore: H,
    permits: usize,
}

impl<H: Deref<Target = Semaphore>> SemaphorePermit<H> {
    /// For permits that have been acquired.
    pub(super) fn new(semaphore: H, permits: usize) -> Self {
        Self { semaphore, permits }
    }

    /// How many permits these are.
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(3);
    /// assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
    /// ```
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// Takes permits of another guard of the same semaphore over.
    ///
    /// # Panics
    /// If they are of another semaphore.
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire(1).unwrap();
    /// permit.merge(semaphore.try_acquire(2).unwrap());
    /// assert_eq!((permit.permits(), semaphore.available()), (3, 0));
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            ptr::eq::<Semaphore>(&*self.semaphore, &*other.semaphore),
            "permits of two semaphores cannot be merged: keep two guards"
        );
        self.permits += mem::take(&mut other.permits);
    }

    /// Takes these permits away for good: the semaphore is smaller by them from now on.
    ///
    /// Whoever waits for more than is left gets [`AcquireError::TooMany`](crate::AcquireError).
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(3);
    /// semaphore.try_acquire(1).unwrap().forget();
    /// assert_eq!((semaphore.available(), semaphore.capacity()), (2, 2));
    /// ```
    pub fn forget(mut self) {
        self.semaphore.core().forget(mem::take(&mut self.permits));
    }
}

impl<H: Deref<Target = Semaphore> + Clone> SemaphorePermit<H> {
    /// Splits permits off into a guard of their own; `None` if there are fewer.
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire(3).unwrap();
    /// drop(permit.split(2));
    /// assert_eq!((permit.permits(), semaphore.available()), (1, 2));
    /// assert!(permit.split(2).is_none());
    /// ```
    #[must_use = "dropping the other permits gives them back"]
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(Self::new(self.semaphore.clone(), permits))
    }
}

impl<H: Deref<Target = Semaphore>> Drop for SemaphorePermit<H> {
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.core().release(self.permits);
        }
    }
}

impl<H: Deref<Target = Semaphore>> fmt::Debug for SemaphorePermit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphorePermit").field("permits", &self.permits).finish_non_exhaustive()
    }
}
