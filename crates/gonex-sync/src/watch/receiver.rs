use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::WatchError;
use super::shared::{End, For, Latest, Shared};
use crate::simulation::step;
use crate::wait::Key;

/// One who watches the value of a [`watch`](super::watch()).
///
/// It remembers which version it has seen: a new one has seen the value as it is, and a clone what the
/// one before has.
pub struct WatchReceiver<T> {
    shared: Arc<Shared<T>>,
    /// The version that was seen last; `None` after [`mark_changed`](Self::mark_changed).
    seen: Option<u64>,
}

impl<T> WatchReceiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        shared.add(End::Receiving);
        let seen = Some(shared.version());
        Self { shared, seen }
    }

    /// Waits for a value that this watcher has not seen, and marks it as seen.
    ///
    /// Of several changes only the last counts.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it marks nothing as seen.
    ///
    /// # Errors
    /// [`WatchError`] when all senders are gone and the last value has been seen; and when a limit or
    /// the ambient context stops it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::WatchError;
    ///
    /// let (tx, mut rx) = gonex_sync::watch(1);
    /// assert_eq!(rx.changed().timeout(Duration::ZERO).block(), Err(WatchError::Timeout));
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.changed().block(), Ok(()));
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> Op<Changed<'_, T>> {
        Op::new(Changed { receiver: self, key: None })
    }

    /// Waits until the value, this one or a later one, is what the closure wants, and marks it as
    /// seen.
    ///
    /// The value may be another one when the operation is done: look for yourself. The closure looks
    /// at the value under its lock, and should be short.
    ///
    /// # Cancel safety
    /// Dropped before it is done, what it has looked at is marked as seen.
    ///
    /// # Errors
    /// As [`changed`](Self::changed).
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::watch(1);
    /// std::thread::spawn(move || (2..=5).for_each(|n| drop(tx.send_replace(n))));
    /// assert_eq!(rx.wait_until(|n| *n == 5).block(), Ok(()));
    /// assert_eq!(*rx.borrow(), 5);
    /// ```
    #[track_caller]
    pub fn wait_until<F: FnMut(&T) -> bool>(&mut self, wanted: F) -> Op<WaitUntil<'_, T, F>> {
        let changed = Changed { receiver: self, key: None };
        Op::new(WaitUntil { changed, wanted, looked: false })
    }

    /// Looks at the value, without marking it as seen.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// assert_eq!((*rx.borrow(), rx.has_changed()), (2, Ok(true)));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn borrow(&self) -> Latest<'_, T> {
        step("read", "watch");
        self.look().0
    }

    /// Looks at the value, and marks it as seen.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow_and_update(), 2);
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn borrow_and_update(&mut self) -> Latest<'_, T> {
        step("read", "watch");
        // A version for none that can be: it is the very first one.
        let seen = Some(self.seen.unwrap_or(u64::MAX));
        let (latest, version) = self.shared.borrow(seen);
        self.seen = Some(version);
        latest
    }

    fn look(&self) -> (Latest<'_, T>, u64) {
        self.shared.borrow(Some(self.seen.unwrap_or(u64::MAX)))
    }

    /// Whether there is a value that this watcher has not seen.
    ///
    /// # Errors
    /// [`WatchError::Closed`] if not, and all senders are gone.
    ///
    /// ```
    /// use gonex_sync::WatchError;
    ///
    /// let (tx, rx) = gonex_sync::watch(1);
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// drop(tx);
    /// assert_eq!(rx.has_changed(), Err(WatchError::Closed));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn has_changed(&self) -> Result<bool, WatchError> {
        step("read", "watch");
        // Asked first: what the last sender did before it went is seen then.
        let closed = self.shared.count(End::Sending) == 0;
        match self.seen != Some(self.shared.version()) {
            false if closed => Err(WatchError::Closed),
            changed => Ok(changed),
        }
    }

    /// Marks the value as not seen.
    ///
    /// ```
    /// let (_tx, mut rx) = gonex_sync::watch(1);
    /// rx.mark_changed();
    /// assert_eq!(rx.changed().block(), Ok(()));
    /// ```
    pub fn mark_changed(&mut self) {
        self.seen = None;
    }

    /// Marks the value, as it is now, as seen.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// rx.mark_unchanged();
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    pub fn mark_unchanged(&mut self) {
        self.seen = Some(self.shared.version());
    }

    /// Whether it watches the same value.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// assert!(rx.same_channel(&tx.subscribe()));
    /// ```
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for WatchReceiver<T> {
    fn clone(&self) -> Self {
        self.shared.add(End::Receiving);
        Self { shared: self.shared.clone(), seen: self.seen }
    }
}

impl<T> Drop for WatchReceiver<T> {
    fn drop(&mut self) {
        self.shared.remove(End::Receiving);
    }
}

impl<T> fmt::Debug for WatchReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = self.has_changed();
        f.debug_struct("WatchReceiver").field("changed", &changed).finish_non_exhaustive()
    }
}

/// The kind of [`WatchReceiver::changed`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct Changed<'a, T> {
    receiver: &'a mut WatchReceiver<T>,
    key: Option<Key>,
}

impl<T> Changed<'_, T> {
    fn look(&mut self) -> Option<Result<(), WatchError>> {
        match self.receiver.has_changed() {
            Ok(false) => None,
            Ok(true) => {
                self.receiver.mark_unchanged();
                Some(Ok(()))
            }
            Err(closed) => Some(Err(closed)),
        }
    }

    fn leave(&mut self) {
        self.receiver.shared.leave(For::Changes, &mut self.key);
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WatchError>> {
        if let Some(seen) = self.look() {
            return Poll::Ready(seen);
        }
        self.receiver.shared.stand(For::Changes, &mut self.key, cx.waker());
        // Stood first, looked second: a change in between is seen by the one or the other.
        self.look().map_or(Poll::Pending, Poll::Ready)
    }
}

impl<T> fmt::Debug for Changed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed").field("waits", &self.key.is_some()).finish()
    }
}

impl<T> Kind for Changed<'_, T> {
    type Output = Result<(), WatchError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.look()
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.go_on(cx)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.look().unwrap_or_else(|| Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for a change of").of("watch")
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The kind of [`WatchReceiver::wait_until`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct WaitUntil<'a, T, F> {
    changed: Changed<'a, T>,
    wanted: F,
    /// Whether the first look, at a value that may have been seen before, has been taken.
    looked: bool,
}

impl<T, F: FnMut(&T) -> bool> WaitUntil<'_, T, F> {
    /// Whether the value that has just been marked as seen is the one.
    fn is_wanted(&mut self) -> bool {
        let latest = self.changed.receiver.borrow_and_update();
        (self.wanted)(&latest)
    }
}

impl<T, F> fmt::Debug for WaitUntil<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntil").field("changed", &self.changed).finish_non_exhaustive()
    }
}

// The closure is only called, never pinned.
impl<T, F> Unpin for WaitUntil<'_, T, F> {}

impl<T, F: FnMut(&T) -> bool> Kind for WaitUntil<'_, T, F> {
    type Output = Result<(), WatchError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !std::mem::replace(&mut self.looked, true) && self.is_wanted() {
            return Poll::Ready(Ok(()));
        }
        loop {
            match self.changed.go_on(cx) {
                Poll::Ready(Ok(())) if !self.is_wanted() => {}
                done => return done,
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match self.changed.look() {
            Some(Ok(())) if self.is_wanted() => Ok(()),
            Some(Err(closed)) => Err(closed),
            _ => Err(stop.into()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.changed.subject()
    }
}
