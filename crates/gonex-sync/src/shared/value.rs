use std::fmt;
use std::future::Future;
use std::sync::Arc;

use gonex_core::Op;

use super::update::Update;
use super::work::{FromFn, FromFutureFn};
use super::write::Write;
use crate::simulation::step;
use crate::{Mutex, WatchReceiver, WatchSender};

/// A value that several tasks share: read at any time, changed by one at a time, and watched; cheap to
/// clone.
///
/// How it works, and when to take it, is told in [the module](crate::shared). Each change allocates.
///
/// ```
/// use gonex_sync::Shared;
///
/// let settings = Shared::new(vec!["fast"]);
/// let mut watcher = settings.subscribe();
/// let theirs = settings.clone();
/// std::thread::spawn(move || theirs.update(|old| [&old[..], &["safe"]].concat()).block());
/// watcher.changed().block()?;
/// assert_eq!(*settings.get(), ["fast", "safe"]);
/// # Ok::<(), gonex_sync::WatchError>(())
/// ```
pub struct Shared<T> {
    inner: Arc<Inner<T>>,
}

pub(super) struct Inner<T> {
    /// The line of those who change the value. Nothing is behind it: who waits for their turn does not
    /// keep anybody from reading.
    pub(super) line: Mutex<()>,
    pub(super) value: WatchSender<Arc<T>>,
}

impl<T> Inner<T> {
    pub(super) fn get(&self) -> Arc<T> {
        self.value.peek().clone()
    }

    /// Replaces the value; only for who is at the head of the line.
    pub(super) fn set(&self, value: Arc<T>) {
        // The old one is dropped here, under no lock but the line.
        drop(self.value.replace(value));
    }
}

impl<T> Shared<T> {
    /// Makes a shared value.
    ///
    /// ```
    /// assert_eq!(*gonex_sync::Shared::new(1).get(), 1);
    /// ```
    #[must_use]
    pub fn new(value: T) -> Self {
        let value = WatchSender::new(Arc::new(value));
        Self { inner: Arc::new(Inner { line: Mutex::new(()), value }) }
    }

    /// Takes a share of the value as it is now. Later changes replace it, and leave this one as it is.
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new(1);
    /// let before = shared.get();
    /// shared.write(2).block();
    /// assert_eq!((*before, *shared.get()), (1, 2));
    /// ```
    #[must_use]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn get(&self) -> Arc<T> {
        step("read", "shared value");
        self.inner.get()
    }

    /// Looks at the value as it is now. Writers do not wait for the closure.
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new(vec![1, 2, 3]);
    /// assert_eq!(shared.read(|values| values.len()), 3);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.get())
    }

    /// Replaces the value, after those who wait in line to change it.
    ///
    /// It cannot fail. Under a limit it yields a `Result`, and gives the new value back when that is
    /// reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line, and the new value is dropped.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new("starting");
    /// shared.write("ready").block();
    /// assert_eq!(*shared.get(), "ready");
    /// ```
    #[track_caller]
    pub fn write(&self, value: T) -> Op<Write<'_, T>> {
        Op::new(Write::new(&self.inner, value))
    }

    /// Replaces the value by what a function makes of it, after those who wait in line to change it;
    /// yields the new one.
    ///
    /// Nobody else changes the value between what the function sees and what it makes. It is run once,
    /// by whoever awaits or blocks on this; readers meanwhile see the old value. If it waits to change
    /// the same value, it waits for itself.
    ///
    /// It cannot fail. Under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line, and the function has not run.
    ///
    /// # Panics
    /// With the function; the old value stays then. When the ambient context stops it, it unwinds to
    /// the border of the task; without one it is a panic.
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new(20);
    /// assert_eq!(*shared.update(|n| n + 1).block(), 21);
    /// assert_eq!(*shared.get(), 21);
    /// ```
    #[track_caller]
    pub fn update<F: FnOnce(&T) -> T>(&self, function: F) -> Op<Update<'_, T, FromFn<F>>> {
        Op::new(Update::new(&self.inner, FromFn::new(function)))
    }

    /// The same as [`update`](Self::update), by a function that gives a future. Others who want to
    /// change the value wait in line until it is done.
    ///
    /// # Cancel safety
    /// Dropped before it is done, at whichever step of the future, it leaves the line, and the old value
    /// stays.
    ///
    /// # Panics
    /// As [`update`](Self::update).
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new(20);
    /// let updated = shared.update_async(async |n| {
    ///     gonex_core::rt::yield_now().await;
    ///     *n + 1
    /// });
    /// assert_eq!(*updated.block(), 21);
    /// ```
    #[track_caller]
    pub fn update_async<F, R>(&self, function: F) -> Op<Update<'_, T, FromFutureFn<F, R>>>
    where
        F: FnOnce(Arc<T>) -> R,
        R: Future<Output = T>,
    {
        Op::new(Update::new(&self.inner, FromFutureFn::new(function)))
    }

    /// Subscribes to changes: of several, a subscriber sees the last.
    ///
    /// It has seen the value as it is now, and is told when the last handle of this value has gone.
    ///
    /// ```
    /// use gonex_sync::{Shared, WatchError};
    ///
    /// let shared = Shared::new(1);
    /// let mut watcher = shared.subscribe();
    /// shared.write(2).block();
    /// assert_eq!(watcher.changed().block(), Ok(()));
    /// assert_eq!(**watcher.borrow(), 2);
    /// drop(shared);
    /// assert_eq!(watcher.changed().block(), Err(WatchError::Closed));
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> WatchReceiver<Arc<T>> {
        self.inner.value.subscribe()
    }

    /// Whether it is a handle of the same value.
    ///
    /// ```
    /// let shared = gonex_sync::Shared::new(1);
    /// assert!(shared.same_value(&shared.clone()));
    /// assert!(!shared.same_value(&gonex_sync::Shared::new(1)));
    /// ```
    #[must_use]
    pub fn same_value(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.get()).finish()
    }
}
