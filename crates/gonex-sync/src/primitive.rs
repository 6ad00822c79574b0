//! Where locks, atomics and cells enter this crate, so that loom and shuttle can replace them.

pub(crate) use gonex_core::primitive::{Arc, atomic};

#[cfg(gonex_loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
#[cfg(not(any(gonex_loom, gonex_shuttle)))]
pub(crate) use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(gonex_shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Takes a lock. Nothing of others runs under the locks of this crate, so none is ever poisoned by
/// them.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    #[cfg(any(gonex_loom, gonex_shuttle))]
    return mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    #[cfg(not(any(gonex_loom, gonex_shuttle)))]
    return mutex.lock();
}

/// The standard library's cell with loom's interface.
#[cfg(not(gonex_loom))]
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(gonex_loom))]
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, body: impl FnOnce(*const T) -> R) -> R {
        body(self.0.get())
    }

    pub(crate) fn with_mut<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        body(self.0.get())
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// Stands between a sequentially consistent write and a sequentially consistent read of another
/// variable, where each of two threads must not miss both what the other wrote.
///
/// The single order of such accesses suffices, so this is nothing; but loom does not model that
/// order and needs a fence to see it.
#[inline]
pub(crate) fn write_then_read() {
    #[cfg(gonex_loom)]
    atomic::fence(atomic::Ordering::SeqCst);
}

/// Lets another thread do what this one has to wait for.
pub(crate) fn relax(turn: &mut u32) {
    #[cfg(gonex_loom)]
    loom::thread::yield_now();
    #[cfg(gonex_shuttle)]
    shuttle::thread::yield_now();
    #[cfg(not(any(gonex_loom, gonex_shuttle)))]
    if *turn < 6 {
        for _ in 0..1 << *turn {
            std::hint::spin_loop();
        }
    } else {
        std::thread::yield_now();
    }
    *turn += 1;
}

/// Pauses after a compare-and-swap that another thread won, longer each time.
///
/// Who asks again at once takes the cache line from the winner, who wants it for its next operation,
/// and so the line wanders for each single one. With a pause one thread does several before it goes.
/// Another has gone on, so there is nothing to wait for and no core to give away.
#[inline]
pub(crate) fn back_off(turn: &mut u32) {
    // A model tries all orders anyway.
    #[cfg(any(gonex_loom, gonex_shuttle))]
    let _ = turn;
    #[cfg(not(any(gonex_loom, gonex_shuttle)))]
    {
        for _ in 0..1 << *turn {
            std::hint::spin_loop();
        }
        *turn = (*turn + 1).min(6);
    }
}

/// Goes on, after a pause, where another thread was quicker. A call, lest it weigh on those who are not
/// in a race.
#[cold]
#[inline(never)]
pub(crate) fn after_loss<R>(go_on: impl FnOnce() -> R) -> R {
    back_off(&mut 0);
    go_on()
}

/// Takes a lock for reading. A thread may do so twice: one that waits to write does not come between.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    #[cfg(any(gonex_loom, gonex_shuttle))]
    return lock.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    #[cfg(not(any(gonex_loom, gonex_shuttle)))]
    return lock.read_recursive();
}

/// Takes a lock for writing.
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    #[cfg(any(gonex_loom, gonex_shuttle))]
    return lock.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    #[cfg(not(any(gonex_loom, gonex_shuttle)))]
    return lock.write();
}
