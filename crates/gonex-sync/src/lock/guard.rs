use std::sync::Arc;

use super::{Exclusive, Guard, Mutex, Readers, RwMutex, Shared, Upgradable};

/// The lock of a [`Mutex`], given up on drop.
pub type MutexGuard<'a, T> = Guard<&'a Mutex<T>, Exclusive>;
/// The lock of a [`Mutex`] in an `Arc`, which it holds itself.
pub type OwnedMutexGuard<T> = Guard<Arc<Mutex<T>>, Exclusive>;
/// A reader of a [`RwMutex`].
pub type RwReadGuard<'a, T> = Guard<&'a RwMutex<T>, Shared>;
/// The writer of a [`RwMutex`].
pub type RwWriteGuard<'a, T> = Guard<&'a RwMutex<T>, Exclusive>;
/// The reader of a [`RwMutex`] that may become its writer.
pub type RwUpgradableGuard<'a, T> = Guard<&'a RwMutex<T>, Upgradable>;
/// A reader of a [`RwMutex`] in an `Arc`, which it holds itself.
pub type OwnedRwReadGuard<T> = Guard<Arc<RwMutex<T>>, Shared>;
/// The writer of a [`RwMutex`] in an `Arc`, which it holds itself.
pub type OwnedRwWriteGuard<T> = Guard<Arc<RwMutex<T>>, Exclusive>;

impl<H: Readers> Guard<H, Exclusive> {
    /// Turns the writer into a reader, with no other writer in between.
    ///
    /// Readers at the head of the line get in beside it.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let mut writer = lock.try_write().unwrap();
    /// *writer += 1;
    /// let reader = writer.downgrade();
    /// assert_eq!((*reader, *lock.try_read().unwrap()), (2, 2));
    /// ```
    pub fn downgrade(self) -> Guard<H, Shared> {
        self.weaken()
    }
}

impl<H: Readers> Guard<H, Upgradable> {
    /// Turns it into a plain reader, so that another may become a writer.
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let reader = lock.try_upgradable_read().unwrap().downgrade();
    /// assert!(lock.try_upgradable_read().is_some());
    /// # drop(reader);
    /// ```
    pub fn downgrade(self) -> Guard<H, Shared> {
        self.weaken()
    }
}
