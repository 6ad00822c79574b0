//! The one place where locks and atomics enter gonex, so that loom and shuttle can replace them.
//!
//! Compiled with `--cfg gonex_loom` (a name of our own: tokio reacts to `loom`) these are loom's,
//! which tries every interleaving of a small model; with `--cfg gonex_shuttle`, shuttle's, which
//! tries random ones of a larger model; else the standard library's. Not for users.

#[cfg(all(gonex_loom, gonex_shuttle))]
compile_error!("the code is compiled for loom or for shuttle; set one of the two cfgs only");

#[cfg(gonex_loom)]
pub use loom::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
#[cfg(gonex_shuttle)]
pub use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(any(gonex_loom, gonex_shuttle)))]
pub use std::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};

/// Locks a mutex, poisoned or not.
///
/// No user code runs under the locks of gonex, so a poisoned one means that a bug of ours
/// panicked elsewhere; the data behind it is whole all the same.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits on a condition, poisoned or not.
pub fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Wakes a waker whose owner may be anyone: a panic in it is left to the panic hook, and does not
/// keep the others from being woken.
pub fn wake(waker: std::task::Waker) {
    let woken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.wake()));
    if let Err(payload) = woken {
        discard(payload);
    }
}

/// Drops the payload of a panic, which may itself panic when dropped.
pub fn discard(payload: Box<dyn std::any::Any + Send>) {
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(payload)));
    // There is an end to patience: what panics again is leaked.
    dropped.unwrap_or_else(std::mem::forget);
}

/// Locks one of the standard library's mutexes, poisoned or not, for what no loom model runs.
pub fn lock_std<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
