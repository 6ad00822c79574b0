use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Op, Stop};

use super::WatchReceiver;
use super::shared::{End, For, Latest, Shared};
use crate::channel::SendError;
use crate::simulation::step;
use crate::wait::Key;

/// Makes a value that can be watched, with one who watches it, and has seen this first value.
///
/// ```
/// use gonex_sync::{WatchError, watch};
///
/// let (tx, mut rx) = watch("starting");
/// assert_eq!(rx.has_changed(), Ok(false));
/// tx.send("working").unwrap();
/// tx.send("ready").unwrap();
/// assert_eq!(rx.changed().block(), Ok(()));
/// assert_eq!(*rx.borrow(), "ready");
/// drop(tx);
/// assert_eq!(rx.changed().block(), Err(WatchError::Closed));
/// ```
#[must_use]
pub fn watch<T>(value: T) -> (WatchSender<T>, WatchReceiver<T>) {
    let tx = WatchSender::new(value);
    let rx = tx.subscribe();
    (tx, rx)
}

/// The end of a [`watch`](super::watch()) that changes the value; cheap to clone.
pub struct WatchSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WatchSender<T> {
    /// Makes a value that nobody watches yet.
    ///
    /// ```
    /// let tx = gonex_sync::WatchSender::new(1);
    /// assert_eq!((*tx.borrow(), tx.receiver_count()), (1, 0));
    /// ```
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { shared: Arc::new(Shared::new(value)) }
    }

    /// Replaces the value, if anybody watches it. The old one is dropped.
    ///
    /// # Errors
    /// Gives the new value back as [`SendError::Closed`] if nobody watches;
    /// [`send_replace`](Self::send_replace) does not care.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// drop(rx);
    /// assert_eq!(tx.send(3).unwrap_err().into_inner(), 3);
    /// assert_eq!(*tx.borrow(), 2);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        step("change", "watch");
        if self.receiver_count() == 0 {
            return Err(SendError::Closed(value));
        }
        self.replace(value);
        Ok(())
    }

    /// Replaces the value, and returns the old one.
    ///
    /// ```
    /// let tx = gonex_sync::WatchSender::new(1);
    /// assert_eq!(tx.send_replace(2), 1);
    /// assert_eq!(*tx.subscribe().borrow(), 2);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn send_replace(&self, value: T) -> T {
        step("change", "watch");
        self.replace(value)
    }

    /// The same for who has said to a simulator what it does.
    pub(crate) fn replace(&self, value: T) -> T {
        self.shared.change(|place| (true, mem::replace(place, value))).1
    }

    /// Changes the value in place.
    ///
    /// Nobody can look meanwhile: the closure should be short, and not look at the value by other
    /// means, which would wait for itself. If it panics, nobody is told of what it did.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::watch(vec![1]);
    /// tx.send_modify(|values| values.push(2));
    /// assert_eq!(*rx.borrow_and_update(), [1, 2]);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn send_modify(&self, change: impl FnOnce(&mut T)) {
        step("change", "watch");
        self.shared.change(|place| (true, change(place)));
    }

    /// Changes the value in place, and tells the watchers only if the closure says that it did.
    /// Whether it did: see [`send_modify`](Self::send_modify).
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// assert!(!tx.send_if_modified(|value| *value > 1));
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn send_if_modified(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        step("change", "watch");
        self.shared.change(|place| (change(place), ())).0
    }

    /// Looks at the value.
    ///
    /// ```
    /// assert_eq!(*gonex_sync::WatchSender::new(1).borrow(), 1);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn borrow(&self) -> Latest<'_, T> {
        step("read", "watch");
        self.peek()
    }

    /// The same for who has said to a simulator what it does.
    pub(crate) fn peek(&self) -> Latest<'_, T> {
        self.shared.borrow(None).0
    }

    /// Makes one more watcher, which has seen the value as it is now.
    ///
    /// ```
    /// let (tx, _rx) = gonex_sync::watch(1);
    /// tx.send(2).unwrap();
    /// let late = tx.subscribe();
    /// assert_eq!((*late.borrow(), late.has_changed()), (2, Ok(false)));
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> WatchReceiver<T> {
        WatchReceiver::new(self.shared.clone())
    }

    /// The number of watchers, which may have changed when it is returned.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// assert_eq!(tx.receiver_count(), 1);
    /// drop(rx);
    /// assert_eq!(tx.receiver_count(), 0);
    /// ```
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.count(End::Receiving)
    }

    /// Waits until nobody watches.
    ///
    /// It cannot fail; under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropping it leaves nothing behind.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::watch(1);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().block();
    /// assert_eq!(tx.receiver_count(), 0);
    /// ```
    #[track_caller]
    pub fn closed(&self) -> Op<Unwatched<'_, T>> {
        Op::new(Unwatched { shared: &self.shared, key: None })
    }
}

impl<T> Clone for WatchSender<T> {
    fn clone(&self) -> Self {
        self.shared.add(End::Sending);
        Self { shared: self.shared.clone() }
    }
}

impl<T> Drop for WatchSender<T> {
    fn drop(&mut self) {
        self.shared.remove(End::Sending);
    }
}

impl<T> fmt::Debug for WatchSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchSender")
            .field("receivers", &self.receiver_count())
            .finish_non_exhaustive()
    }
}

/// The kind of [`WatchSender::closed`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct Unwatched<'a, T> {
    shared: &'a Shared<T>,
    key: Option<Key>,
}

impl<T> fmt::Debug for Unwatched<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwatched").field("waits", &self.key.is_some()).finish()
    }
}

impl<T> Kind for Unwatched<'_, T> {
    type Output = ();
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        (self.shared.count(End::Receiving) == 0).then_some(())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { shared, key } = &mut *self;
        shared.stand(For::NoReceivers, key, cx.waker());
        if shared.count(End::Receiving) > 0 {
            return Poll::Pending;
        }
        shared.leave(For::NoReceivers, key);
        Poll::Ready(())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the close of").of("watch")
    }
}

impl<T> Drop for Unwatched<'_, T> {
    fn drop(&mut self) {
        self.shared.leave(For::NoReceivers, &mut self.key);
    }
}
