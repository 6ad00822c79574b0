//! A value behind a lock, with a guard that does not name the type of the value.
//!
//! A select holds the locks of several channels at once, and each may carry another type.

#![expect(unsafe_code, reason = "the guard proves the access; the types cannot say so")]

use std::cell::UnsafeCell;
use std::fmt;
use std::ptr;

use crate::primitive::{Mutex, MutexGuard, lock};

/// A value that is reached with the [`Guard`] of its lock.
pub(crate) struct Guarded<T> {
    lock: Mutex<()>,
    /// A model must take locks in the same order each time it runs, and addresses differ.
    #[cfg(gonex_loom)]
    made: usize,
    value: UnsafeCell<T>,
}

/// Proves that a lock is held.
pub struct Guard<'a> {
    lock: &'a Mutex<()>,
    _held: MutexGuard<'a, ()>,
}

// SAFETY: the value is only reached through a guard of the lock beside it, so by one thread at a
// time; what a lock may share it may also send.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> fmt::Debug for Guarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

impl<T> Guarded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            lock: Mutex::new(()),
            #[cfg(gonex_loom)]
            made: made(),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock.
    pub(crate) fn lock(&self) -> Guard<'_> {
        Guard { lock: &self.lock, _held: lock(&self.lock) }
    }

    /// The value, as long as its guard is borrowed.
    ///
    /// # Panics
    /// With the guard of another lock.
    #[inline]
    pub(crate) fn get<'g>(&'g self, guard: &'g mut Guard<'_>) -> &'g mut T {
        assert!(ptr::eq(guard.lock, &raw const self.lock), "a guard opens its own lock");
        // SAFETY: the guard holds this value's lock, as was just seen, and it is borrowed
        // exclusively for as long as the reference lives. So no other reference exists.
        unsafe { &mut *self.value.get() }
    }

    /// Takes the lock for one use of the value.
    #[inline]
    pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        let mut guard = self.lock();
        body(self.get(&mut guard))
    }

    /// The place of the lock in the order in which several are taken.
    pub(crate) fn rank(&self) -> usize {
        #[cfg(gonex_loom)]
        return self.made;
        #[cfg(not(gonex_loom))]
        return ptr::from_ref(&self.lock).addr();
    }
}

/// The number of this lock in the order in which they are made.
#[cfg(gonex_loom)]
fn made() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static MADE: AtomicUsize = AtomicUsize::new(0);
    MADE.fetch_add(1, Ordering::Relaxed)
}
