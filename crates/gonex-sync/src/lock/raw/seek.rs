//! On the way to a guard: a handle, and its place in line.

use std::marker::PhantomData;
use std::task::{Poll, Waker};

use super::{Exclusive, Guard, Mode, Reach, Upgradable};
use crate::semaphore::core::Place;
use crate::wait::Key;

/// One who waits for a lock. The place in line is that of the handle's lock, and of no other.
pub(crate) struct Seek<H: Reach, M: Mode> {
    /// Until the lock is got.
    handle: Option<H>,
    /// While it waits.
    key: Option<Key>,
    mode: PhantomData<M>,
}

impl<H: Reach, M: Mode> Seek<H, M> {
    pub(crate) fn new(handle: H) -> Self {
        Self { handle: Some(handle), key: None, mode: PhantomData }
    }

    pub(crate) fn waits(&self) -> bool {
        self.key.is_some()
    }

    #[inline]
    pub(crate) fn attempt(&mut self) -> Option<Guard<H, M>> {
        match Guard::attempt(self.handle.take()?) {
            Ok(guard) => Some(guard),
            Err(handle) => {
                self.handle = Some(handle);
                None
            }
        }
    }

    #[inline]
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Guard<H, M>> {
        let lock = self.handle.as_ref().expect("a lock is not polled again after it was got");
        let (core, permits) = (&lock.raw().core, M::permits(H::PERMITS));
        match core.poll_acquire(permits, Place::Back, &mut self.key, waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(answer) => {
                answer.expect("a lock is not closed, and has permits for all");
                let handle = self.handle.take().expect("it was there above");
                Poll::Ready(Guard::holding(handle))
            }
        }
    }

    /// The lock, if it was handed over just now.
    pub(crate) fn finish(&mut self) -> Option<Guard<H, M>> {
        let answer = self.handle.as_ref()?.raw().core.finish(&mut self.key)?;
        answer.expect("a lock is not closed, and has permits for all");
        self.handle.take().map(Guard::holding)
    }

    /// Waits no longer, and keeps the way to the lock, if it was not got.
    pub(crate) fn give_up(&mut self) -> Option<H> {
        let handle = self.handle.take()?;
        if let Some(key) = self.key.take() {
            handle.raw().core.leave(key);
        }
        Some(handle)
    }
}

// It pins nothing.
impl<H: Reach, M: Mode> Unpin for Seek<H, M> {}

impl<H: Reach, M: Mode> Drop for Seek<H, M> {
    fn drop(&mut self) {
        drop(self.give_up());
    }
}

/// A reader that waits for the others to go, before all who wait for the lock.
pub(crate) struct SeekUpgrade<H: Reach> {
    /// Until the lock is got.
    guard: Option<Guard<H, Upgradable>>,
    /// While it waits.
    key: Option<Key>,
}

impl<H: Reach> SeekUpgrade<H> {
    pub(crate) fn new(guard: Guard<H, Upgradable>) -> Self {
        Self { guard: Some(guard), key: None }
    }

    pub(crate) fn waits(&self) -> bool {
        self.key.is_some()
    }

    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Guard<H, Exclusive>> {
        let guard = self.guard.as_ref().expect("an upgrade is not polled again after it was got");
        let missing = H::PERMITS - Upgradable::permits(H::PERMITS);
        let core = &guard.handle.raw().core;
        match core.poll_acquire(missing, Place::Front, &mut self.key, waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(answer) => {
                answer.expect("a lock is not closed, and has permits for all");
                let guard = self.guard.take().expect("it was there above");
                Poll::Ready(guard.upgraded())
            }
        }
    }

    /// The lock, if it was handed over just now.
    pub(crate) fn finish(&mut self) -> Option<Guard<H, Exclusive>> {
        let answer = self.guard.as_ref()?.handle.raw().core.finish(&mut self.key)?;
        answer.expect("a lock is not closed, and has permits for all");
        self.guard.take().map(Guard::upgraded)
    }

    /// Waits no longer, and reads on, if it was not got.
    pub(crate) fn give_up(&mut self) -> Option<Guard<H, Upgradable>> {
        let guard = self.guard.take()?;
        if let Some(key) = self.key.take() {
            guard.handle.raw().core.leave(key);
        }
        Some(guard)
    }
}

impl<H: Reach> Drop for SeekUpgrade<H> {
    fn drop(&mut self) {
        drop(self.give_up());
    }
}
