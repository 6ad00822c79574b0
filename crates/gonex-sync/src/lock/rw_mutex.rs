use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::mutex::common;
use super::raw::Raw;
use super::{
    Exclusive, Guard, Lock, OwnedRwReadGuard, OwnedRwWriteGuard, RwReadGuard, RwUpgradableGuard,
    RwWriteGuard, Shared, Upgradable,
};
use crate::constant::constant;
use crate::primitive::atomic::Ordering;
use crate::simulation::tried;

/// A value that many can read at a time, or one can write.
///
/// Readers and writers stand in one line. A writer that waits holds up the readers that come after
/// it, so it is never starved; readers next to one another in line get in together. A task that
/// reads and asks to read again may therefore wait for a writer that waits for itself.
///
/// How it compares with others, and what a panic does to it, is told at [`lock`](crate::lock).
///
/// ```
/// use gonex_sync::RwMutex;
///
/// let settings = RwMutex::new(vec!["fast"]);
/// {
///     let (one, other) = (settings.read().block(), settings.read().block());
///     assert_eq!((one.len(), other.len()), (1, 1));
///     assert!(settings.try_write().is_none());
/// }
/// settings.write().block().push("safe");
/// assert_eq!(settings.into_inner(), ["fast", "safe"]);
/// ```
pub struct RwMutex<T> {
    raw: Raw<T>,
}

impl<T> RwMutex<T> {
    /// So many readers at once, and half as many beside one that may become a writer.
    pub(super) const PERMITS: usize = 1 << 28;

    constant! {
        /// Makes a lock around a value.
        #[must_use]
        pub const fn new(value: T) -> Self {
            Self { raw: Raw::new(1 << 28, value) }
        }
    }

    pub(super) fn reach(&self) -> &Raw<T> {
        &self.raw
    }

    /// Waits in line to read.
    ///
    /// It cannot fail. Under a limit it yields `Err(Stop)` when that is reached. At most 2^28 read
    /// at once; further ones wait.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line and does not read later.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// assert_eq!(*lock.read().block() + *lock.read().block(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn read(&self) -> Op<Lock<&Self, Shared>> {
        Op::new(Lock::new(self))
    }

    /// Waits in line to write.
    ///
    /// It cannot fail. Under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; readers that it held up get in.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let reader = lock.read().block();
    /// assert!(lock.write().timeout(Duration::ZERO).block().is_err());
    /// drop(reader);
    /// *lock.write().block() += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn write(&self) -> Op<Lock<&Self, Exclusive>> {
        Op::new(Lock::new(self))
    }

    /// Waits in line to read, with the right to become the writer: see
    /// [`upgrade`](Guard::upgrade).
    ///
    /// Plain readers may read beside it, but no second one of its kind.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let upgradable = lock.upgradable_read().block();
    /// assert_eq!(*lock.try_read().unwrap(), 1);
    /// assert!(lock.try_upgradable_read().is_none());
    /// # drop(upgradable);
    /// ```
    #[track_caller]
    pub fn upgradable_read(&self) -> Op<Lock<&Self, Upgradable>> {
        Op::new(Lock::new(self))
    }

    /// Waits to read, with a guard that holds the lock itself: see [`read`](Self::read).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(gonex_sync::RwMutex::new(1));
    /// let reader = lock.read_owned().block();
    /// assert_eq!(std::thread::spawn(move || *reader).join().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn read_owned(self: &Arc<Self>) -> Op<Lock<Arc<Self>, Shared>> {
        Op::new(Lock::new(self.clone()))
    }

    /// Waits to write, with a guard that holds the lock itself: see [`write`](Self::write).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(gonex_sync::RwMutex::new(1));
    /// let mut writer = lock.write_owned().block();
    /// std::thread::spawn(move || *writer += 1).join().unwrap();
    /// assert_eq!(*lock.read().block(), 2);
    /// ```
    #[track_caller]
    pub fn write_owned(self: &Arc<Self>) -> Op<Lock<Arc<Self>, Exclusive>> {
        Op::new(Lock::new(self.clone()))
    }

    /// Reads if nobody writes and nobody waits.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let reader = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_some());
    /// # drop(reader);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_read(&self) -> Option<RwReadGuard<'_, T>> {
        tried("try to read", "rw_mutex", || Guard::attempt(self).ok())
    }

    /// Writes if nobody reads, writes or waits.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let writer = lock.try_write().unwrap();
    /// assert!(lock.try_write().is_none() && lock.try_read().is_none());
    /// # drop(writer);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_write(&self) -> Option<RwWriteGuard<'_, T>> {
        tried("try to write", "rw_mutex", || Guard::attempt(self).ok())
    }

    /// Reads, with the right to become the writer, if nobody else has it, writes or waits.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// assert_eq!(*lock.try_upgradable_read().unwrap(), 1);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_upgradable_read(&self) -> Option<RwUpgradableGuard<'_, T>> {
        tried("try to read", "rw_mutex", || Guard::attempt(self).ok())
    }

    /// As [`try_read`](Self::try_read), with a guard that holds the lock itself.
    ///
    /// ```
    /// let lock = std::sync::Arc::new(gonex_sync::RwMutex::new(1));
    /// assert_eq!(*lock.try_read_owned().unwrap(), 1);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwReadGuard<T>> {
        tried("try to read", "rw_mutex", || Guard::attempt(self.clone()).ok())
    }

    /// As [`try_write`](Self::try_write), with a guard that holds the lock itself.
    ///
    /// ```
    /// let lock = std::sync::Arc::new(gonex_sync::RwMutex::new(1));
    /// *lock.try_write_owned().unwrap() += 1;
    /// assert_eq!(*lock.read().block(), 2);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwWriteGuard<T>> {
        tried("try to write", "rw_mutex", || Guard::attempt(self.clone()).ok())
    }
}

common!(RwMutex);

impl<T: fmt::Debug> fmt::Debug for RwMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwMutex");
        match self.try_read() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.field("poisoned", &self.is_poisoned()).finish()
    }
}
