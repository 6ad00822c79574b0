use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::raw::Raw;
use super::{Exclusive, Guard, Lock, MutexGuard, OwnedMutexGuard};
use crate::constant::constant;
use crate::primitive::atomic::Ordering;
use crate::simulation::tried;

/// A value that one task or thread at a time can use.
///
/// The lock is handed over in the order in which operations began to wait. How it compares with
/// others, and what a panic does to it, is told at [`lock`](crate::lock).
///
/// A guard may be held across an `.await`, and may be moved to another thread. Locking twice in one
/// task waits for itself, for ever.
///
/// ```
/// use gonex_sync::Mutex;
///
/// static TOTAL: Mutex<u64> = Mutex::new(0);
///
/// std::thread::scope(|scope| {
///     for n in 1..=4 {
///         scope.spawn(move || *TOTAL.lock().block() += n);
///     }
/// });
/// assert_eq!(*TOTAL.lock().block(), 10);
/// ```
pub struct Mutex<T> {
    raw: Raw<T>,
}

impl<T> Mutex<T> {
    pub(super) const PERMITS: usize = 1;

    constant! {
        /// Makes a mutex around a value.
        #[must_use]
        pub const fn new(value: T) -> Self {
            Self { raw: Raw::new(1, value) }
        }
    }

    pub(super) fn reach(&self) -> &Raw<T> {
        &self.raw
    }

    /// Waits in line for the lock, and yields a guard that gives it up on drop.
    ///
    /// It cannot fail. Under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; a lock that had been handed to it goes to the
    /// next.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::Mutex;
    ///
    /// let mutex = Mutex::new(1);
    /// let guard = mutex.lock().block();
    /// assert!(mutex.lock().timeout(Duration::ZERO).block().is_err());
    /// drop(guard);
    /// *mutex.lock().block() += 1;
    /// assert_eq!(mutex.into_inner(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> Op<Lock<&Self, Exclusive>> {
        Op::new(Lock::new(self))
    }

    /// Waits for the lock, and yields a guard that holds the mutex itself: see [`lock`](Self::lock).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_sync::Mutex;
    ///
    /// let mutex = Arc::new(Mutex::new(1));
    /// let mut guard = mutex.lock_owned().block();
    /// std::thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*mutex.lock().block(), 2);
    /// ```
    #[track_caller]
    pub fn lock_owned(self: &Arc<Self>) -> Op<Lock<Arc<Self>, Exclusive>> {
        Op::new(Lock::new(self.clone()))
    }

    /// Locks if the lock is free and nobody waits for it.
    ///
    /// ```
    /// let mutex = gonex_sync::Mutex::new(1);
    /// let guard = mutex.try_lock().unwrap();
    /// assert!(mutex.try_lock().is_none());
    /// # drop(guard);
    /// ```
    #[inline]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        tried("try to lock", "mutex", || Guard::attempt(self).ok())
    }

    /// Locks, with a guard that holds the mutex itself, if the lock is free and nobody waits for it.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let mutex = Arc::new(gonex_sync::Mutex::new(1));
    /// let guard = mutex.try_lock_owned().unwrap();
    /// assert!(mutex.try_lock_owned().is_none());
    /// # drop(guard);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedMutexGuard<T>> {
        tried("try to lock", "mutex", || Guard::attempt(self.clone()).ok())
    }
}

/// Writes what all locks have in common.
macro_rules! common {
    ($lock:ident) => {
        impl<T> $lock<T> {
            /// The value, without locking: nobody else can reach it.
            ///
            #[doc = concat!("```\nlet mut lock = gonex_sync::", stringify!($lock), "::new(1);")]
            /// *lock.get_mut() += 1;
            /// assert_eq!(lock.into_inner(), 2);
            /// ```
            pub fn get_mut(&mut self) -> &mut T {
                self.raw.get_mut()
            }

            /// The value, out of its lock.
            ///
            #[doc = concat!("```\nlet lock = gonex_sync::", stringify!($lock), "::new(1);")]
            /// assert_eq!(lock.into_inner(), 1);
            /// ```
            pub fn into_inner(self) -> T {
                self.raw.into_inner()
            }

            /// Whether a panic, or a cancellation that unwinds, met somebody who could change the
            /// value. The lock works on: see [poisoning](crate::lock#poisoning).
            ///
            #[doc = concat!("```\nlet mut lock = gonex_sync::", stringify!($lock), "::new(1);")]
            /// assert!(!lock.is_poisoned());
            /// ```
            #[must_use]
            pub fn is_poisoned(&self) -> bool {
                self.raw.poisoned().load(Ordering::Relaxed)
            }

            /// Forgets a panic, for who has looked at the value and found it whole.
            ///
            #[doc = concat!("```\nlet mut lock = gonex_sync::", stringify!($lock), "::new(1);")]
            /// lock.clear_poison();
            /// assert!(!lock.is_poisoned());
            /// ```
            pub fn clear_poison(&self) {
                self.raw.poisoned().store(false, Ordering::Relaxed);
            }
        }

        impl<T: Default> Default for $lock<T> {
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> From<T> for $lock<T> {
            fn from(value: T) -> Self {
                Self::new(value)
            }
        }
    };
}

pub(super) use common;

common!(Mutex);

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.field("poisoned", &self.is_poisoned()).finish()
    }
}
