//! A value behind permits, and the guards that hold them. All that is unsafe about locks is here;
//! what makes guards is in this folder.
//!
//! There are as many permits as a lock lets readers in. A reader holds one, a writer all, and a
//! reader that may become a writer more than half, so that there is one of its kind. Hence the
//! types below: a [`Guard`] *is* its permits.

#![expect(unsafe_code, reason = "permits prove the access; the types cannot say so")]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr;
use std::sync::Arc;
use std::thread;

use super::super::{Mutex, RwMutex};
use crate::constant::constant;
use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicBool, Ordering};
use crate::semaphore::core::Core;

/// What is behind a lock.
pub struct Raw<T> {
    pub(super) core: Core,
    poisoned: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: all access to the value goes through permits. Of a `Mutex` all guards are exclusive, so
// the value is used by one thread at a time, which `T: Send` allows. The other fields are `Sync`.
unsafe impl<T: Send> Sync for Mutex<T> {}
// SAFETY: as above, and readers use the value from several threads at once, which `T: Sync` allows.
unsafe impl<T: Send + Sync> Sync for RwMutex<T> {}

impl<T> Raw<T> {
    constant! {
        pub(in crate::lock) const fn new(permits: usize, value: T) -> Self {
            Self {
                core: Core::new(permits),
                poisoned: AtomicBool::new(false),
                value: UnsafeCell::new(value),
            }
        }
    }

    pub(in crate::lock) fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }

    pub(in crate::lock) fn get_mut(&mut self) -> &mut T {
        // SAFETY: there is no guard while the lock is borrowed exclusively: guards borrow it, or
        // share its ownership.
        self.value.with_mut(|value| unsafe { &mut *value })
    }

    pub(in crate::lock) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// How a guard reaches its lock: by reference, or by sharing ownership. Sealed.
///
/// # Safety
/// [`raw`](Self::raw) gives the same value each time, also after the handle was moved, for as long
/// as the handle exists. [`PERMITS`](Self::PERMITS) is how many permits that value was made with.
pub unsafe trait Reach {
    /// The type of the value behind the lock.
    type Value;

    #[doc(hidden)]
    const PERMITS: usize;

    #[doc(hidden)]
    fn raw(&self) -> &Raw<Self::Value>;
}

/// The handles of locks that let readers in. Sealed.
pub trait Readers: Reach {}

impl<T> Readers for &RwMutex<T> {}
impl<T> Readers for Arc<RwMutex<T>> {}

macro_rules! reach {
    ($($lock:ident through $handle:ty),+) => { $(
        // SAFETY: the lock is where the handle points to, and stays there. It is made with these
        // permits only.
        unsafe impl<T> Reach for $handle {
            type Value = T;

            const PERMITS: usize = $lock::<()>::PERMITS;

            #[inline]
            fn raw(&self) -> &Raw<T> {
                self.reach()
            }
        }
    )+ };
}

reach! {
    Mutex through &Mutex<T>,
    Mutex through Arc<Mutex<T>>,
    RwMutex through &RwMutex<T>,
    RwMutex through Arc<RwMutex<T>>
}

/// What a guard lets its holder do. Sealed.
pub trait Mode: sealed::Sealed {
    #[doc(hidden)]
    fn permits(all: usize) -> usize;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Exclusive {}
    impl Sealed for super::Shared {}
    impl Sealed for super::Upgradable {}
}

/// A guard that lets nobody else in: of a mutex, or of a writer.
#[derive(Debug)]
pub enum Exclusive {}

/// A guard beside which others may read.
#[derive(Debug)]
pub enum Shared {}

/// A guard beside which others may read, and that may become exclusive.
#[derive(Debug)]
pub enum Upgradable {}

impl Mode for Exclusive {
    fn permits(all: usize) -> usize {
        all
    }
}

impl Mode for Shared {
    fn permits(_: usize) -> usize {
        1
    }
}

impl Mode for Upgradable {
    fn permits(all: usize) -> usize {
        all / 2 + 1
    }
}

/// Access to the value behind a lock, given up on drop.
///
/// `H` is how it reaches the lock, by reference or by `Arc`; the aliases
/// [`MutexGuard`](crate::MutexGuard), [`RwReadGuard`](crate::RwReadGuard) and so on are how to name
/// it.
#[must_use = "dropping a guard unlocks"]
pub struct Guard<H: Reach, M: Mode> {
    pub(super) handle: H,
    /// Whether the thread was panicking already when it got the guard: not the fault of this use.
    panicking: bool,
    /// A guard gives out references to the value, and is as sendable as they are.
    mode: PhantomData<(H::Value, M)>,
}

impl<H: Reach, M: Mode> Guard<H, M> {
    /// For one who holds the permits of this mode; seen in this folder only, which shows who does.
    pub(super) fn holding(handle: H) -> Self {
        Self { handle, panicking: thread::panicking(), mode: PhantomData }
    }

    /// Locks if that needs no wait.
    #[inline]
    pub(in crate::lock) fn attempt(handle: H) -> Result<Self, H> {
        if handle.raw().core.take(M::permits(H::PERMITS)) {
            Ok(Self::holding(handle))
        } else {
            Err(handle)
        }
    }

    /// Unlocks, and keeps the way to the lock.
    pub(crate) fn unlock(self) -> H {
        let (handle, panicking) = self.take_apart();
        give_up::<H, M>(&handle, panicking);
        handle
    }

    /// Gives the permits up that a weaker mode has no need of.
    pub(in crate::lock) fn weaken<W: Mode>(self) -> Guard<H, W> {
        let (handle, panicking) = self.take_apart();
        let all = H::PERMITS;
        let spare = M::permits(all).checked_sub(W::permits(all));
        handle.raw().core.release(spare.expect("a guard is weakened to a mode of fewer permits"));
        Guard { handle, panicking, mode: PhantomData }
    }

    fn take_apart(self) -> (H, bool) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, and not dropped, so the handle is moved out once.
        (unsafe { ptr::read(&raw const this.handle) }, this.panicking)
    }
}

impl<H: Reach> Guard<H, Upgradable> {
    /// For one who has got the permits that it was missing.
    pub(super) fn upgraded(self) -> Guard<H, Exclusive> {
        let (handle, panicking) = self.take_apart();
        Guard { handle, panicking, mode: PhantomData }
    }
}

fn give_up<H: Reach, M: Mode>(handle: &H, panicking: bool) {
    let raw = handle.raw();
    let permits = M::permits(H::PERMITS);
    // Readers change nothing, so nothing is half-changed.
    if permits == H::PERMITS && !panicking && thread::panicking() {
        raw.poisoned.store(true, Ordering::Relaxed);
    }
    raw.core.release(permits);
}

// A guard pins nothing.
impl<H: Reach, M: Mode> Unpin for Guard<H, M> {}

impl<H: Reach, M: Mode> Drop for Guard<H, M> {
    #[inline]
    fn drop(&mut self) {
        give_up::<H, M>(&self.handle, self.panicking);
    }
}

impl<H: Reach, M: Mode> Deref for Guard<H, M> {
    type Target = H::Value;

    #[inline]
    fn deref(&self) -> &H::Value {
        // SAFETY: this guard's permits keep every writer out while it lives, except itself; and a
        // write through itself borrows it exclusively, so not while this reference lives.
        self.handle.raw().value.with(|value| unsafe { &*value })
    }
}

impl<H: Reach> DerefMut for Guard<H, Exclusive> {
    #[inline]
    fn deref_mut(&mut self) -> &mut H::Value {
        // SAFETY: this guard holds all permits, so no other guard exists, and it is borrowed
        // exclusively for as long as the reference lives.
        self.handle.raw().value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<H: Reach<Value: fmt::Debug>, M: Mode> fmt::Debug for Guard<H, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<H: Reach<Value: fmt::Display>, M: Mode> fmt::Display for Guard<H, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
