use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use gonex_core::Op;

use super::map_state::{Change, Inner};
use super::map_update::UpdateEntry;
use super::map_write::{RemoveEntry, WriteEntry};
use super::work::{FromFn, FromFutureFn};
use crate::simulation::step;
use crate::{BroadcastReceiver, OnLag};

/// Values by key that several tasks share: read at any time, changed by one at a time, each change told
/// to who subscribed; cheap to clone.
///
/// Changes of all keys are made one after the other, and every subscriber sees them in that order. How
/// it works, and when to take it, is told in [the module](crate::shared). Keys are hashed and compared
/// under a lock: that should be quick, and not come back to the map.
///
/// ```
/// use gonex_sync::SharedMap;
///
/// let words = SharedMap::new();
/// let mut whales = words.subscribe_key("whale");
/// for word in ["the", "whale", "the", "whale"] {
///     words.update(word, |n| Some(n.copied().unwrap_or(0) + 1)).block();
/// }
/// assert_eq!(words.get(&"the").as_deref(), Some(&2));
/// assert_eq!(words.get(&"ship"), None);
/// assert_eq!(whales.recv().block()?.value.as_deref(), Some(&1));
/// assert_eq!(whales.recv().block()?.value.as_deref(), Some(&2));
/// # Ok::<(), gonex_sync::BroadcastRecvError>(())
/// ```
pub struct SharedMap<K, V> {
    inner: Arc<Inner<K, V>>,
}

/// How many changes a subscriber may be behind, unless something else is said.
const CAPACITY: usize = 1_024;

impl<K, V> SharedMap<K, V> {
    /// Makes an empty map, of which a subscriber may be 1,024 changes behind.
    ///
    /// ```
    /// assert!(gonex_sync::SharedMap::<&str, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Makes an empty map, of which a subscriber may be so many changes behind before its
    /// [`OnLag`] counts.
    ///
    /// # Panics
    /// With a capacity of 0: a change must be somewhere until all have received it.
    ///
    /// ```
    /// assert_eq!(gonex_sync::SharedMap::<&str, u8>::with_capacity(8).capacity(), 8);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_capacity(changes: usize) -> Self {
        assert!(
            changes > 0,
            "a shared map of capacity 0 could keep no change until all have received it: use 1 or \
             more"
        );
        Self { inner: Arc::new(Inner::new(changes)) }
    }

    /// How many keys have a value.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// map.write("answer", 42).block();
    /// assert_eq!(map.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether no key has a value.
    ///
    /// ```
    /// assert!(gonex_sync::SharedMap::<&str, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many changes a subscriber may be behind.
    ///
    /// ```
    /// assert_eq!(gonex_sync::SharedMap::<&str, u8>::new().capacity(), 1_024);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// All keys with their values at one moment, in no order.
    ///
    /// Whoever subscribes first and then takes this has all: a change in between is in both.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// map.write("answer", 42).block();
    /// let all: Vec<_> = map.entries().into_iter().map(|(key, value)| (*key, *value)).collect();
    /// assert_eq!(all, [("answer", 42)]);
    /// ```
    #[must_use]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn entries(&self) -> Vec<(Arc<K>, Arc<V>)> {
        step("read", "shared map");
        self.inner.entries()
    }

    /// Subscribes to the changes of all keys from now on; writers wait for a subscriber that is too
    /// slow.
    ///
    /// It is told when the last handle of the map has gone.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// let mut changes = map.subscribe();
    /// map.write("answer", 42).block();
    /// let change = changes.recv().block()?;
    /// assert_eq!((*change.key, change.value.as_deref()), ("answer", Some(&42)));
    /// # Ok::<(), gonex_sync::BroadcastRecvError>(())
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> BroadcastReceiver<Change<K, V>> {
        self.subscribe_with(OnLag::Wait)
    }

    /// Subscribes to the changes of all keys from now on, and says what becomes of a subscriber that is
    /// too slow.
    ///
    /// ```
    /// use gonex_sync::{BroadcastRecvError, OnLag, SharedMap};
    ///
    /// let map = SharedMap::with_capacity(1);
    /// let mut changes = map.subscribe_with(OnLag::Error);
    /// (1..=3).for_each(|n| drop(map.write("answer", n).block()));
    /// assert_eq!(changes.recv().block().unwrap_err(), BroadcastRecvError::Lagged(2));
    /// assert_eq!(changes.recv().block().unwrap().value.as_deref(), Some(&3));
    /// ```
    #[must_use]
    pub fn subscribe_with(&self, on_lag: OnLag) -> BroadcastReceiver<Change<K, V>> {
        self.inner.subscribe(on_lag)
    }
}

impl<K: Hash + Eq, V> SharedMap<K, V> {
    /// Takes a share of the value of a key as it is now; `None` if it has none.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// map.write("answer", 42).block();
    /// assert_eq!(map.get(&"answer").as_deref(), Some(&42));
    /// assert_eq!(map.get(&"question"), None);
    /// ```
    #[must_use]
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        step("read", "shared map");
        self.inner.get(key)
    }

    /// Looks at the value of a key as it is now. Writers do not wait for the closure.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// map.write("answers", vec![42]).block();
    /// assert_eq!(map.read(&"answers", |found| found.map(Vec::len)), Some(1));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn read<R>(&self, key: &K, look: impl FnOnce(Option<&V>) -> R) -> R {
        look(self.get(key).as_deref())
    }

    /// Sets the value of a key, after those who wait in line to change the map; yields the one before.
    ///
    /// It waits, too, for room with subscribers that [want that](OnLag::Wait). It cannot fail; under a
    /// limit it yields a `Result`, and gives the new value back when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it changes nothing, tells nobody, and the new value is dropped.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// assert_eq!(map.write("answer", 41).block(), None);
    /// assert_eq!(map.write("answer", 42).block().as_deref(), Some(&41));
    /// ```
    #[track_caller]
    pub fn write(&self, key: K, value: V) -> Op<WriteEntry<'_, K, V>> {
        Op::new(WriteEntry::new(&self.inner, key, value))
    }

    /// Removes a key, after those who wait in line to change the map; yields its value.
    ///
    /// A key without a value is left alone, and nobody is told. It waits as [`write`](Self::write)
    /// does. It cannot fail; under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it changes nothing, and tells nobody.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// map.write("answer", 42).block();
    /// assert_eq!(map.remove("answer").block().as_deref(), Some(&42));
    /// assert_eq!(map.remove("answer").block(), None);
    /// ```
    #[track_caller]
    pub fn remove(&self, key: K) -> Op<RemoveEntry<'_, K, V>> {
        Op::new(RemoveEntry::new(&self.inner, key))
    }

    /// Changes the value of a key by a function, after those who wait in line to change the map; yields
    /// the new one.
    ///
    /// The function is given `None` for a key without a value, and yields `None` to have it removed, or
    /// left without one. Nobody else changes the map between what it sees and what it makes. It is run
    /// once, by whoever awaits or blocks on this, when there is room with the subscribers; readers
    /// meanwhile see the old value. If it waits to change the same map, it waits for itself.
    ///
    /// It cannot fail; under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it changes nothing, and the function has not run.
    ///
    /// # Panics
    /// With the function; the old value stays then, and nobody is told. When the ambient context stops
    /// it, it unwinds to the border of the task; without one it is a panic.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// let count = |old: Option<&u32>| Some(old.copied().unwrap_or(0) + 1);
    /// assert_eq!(map.update("whale", count).block().as_deref(), Some(&1));
    /// assert_eq!(map.update("whale", count).block().as_deref(), Some(&2));
    /// assert_eq!(map.update("whale", |_| None).block(), None);
    /// assert!(map.is_empty());
    /// ```
    #[track_caller]
    pub fn update<F>(&self, key: K, function: F) -> Op<UpdateEntry<'_, K, V, FromFn<F>>>
    where
        F: FnOnce(Option<&V>) -> Option<V>,
    {
        Op::new(UpdateEntry::new(&self.inner, key, FromFn::new(function)))
    }

    /// The same as [`update`](Self::update), by a function that gives a future. Others who want to
    /// change the map wait in line until it is done.
    ///
    /// # Cancel safety
    /// Dropped before it is done, at whichever step of the future, it changes nothing.
    ///
    /// # Panics
    /// As [`update`](Self::update).
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// let updated = map.update_async("whale", async |old| {
    ///     gonex_core::rt::yield_now().await;
    ///     Some(old.map_or(0, |n| *n) + 1)
    /// });
    /// assert_eq!(updated.block().as_deref(), Some(&1));
    /// ```
    #[track_caller]
    pub fn update_async<F, R>(
        &self,
        key: K,
        function: F,
    ) -> Op<UpdateEntry<'_, K, V, FromFutureFn<F, R>>>
    where
        F: FnOnce(Option<Arc<V>>) -> R,
        R: Future<Output = Option<V>>,
    {
        Op::new(UpdateEntry::new(&self.inner, key, FromFutureFn::new(function)))
    }

    /// Subscribes to the changes of one key from now on; writers of that key wait for a subscriber that
    /// is too slow.
    ///
    /// ```
    /// let map = gonex_sync::SharedMap::new();
    /// let mut answers = map.subscribe_key("answer");
    /// map.write("question", 0).block();
    /// map.write("answer", 42).block();
    /// assert_eq!(answers.recv().block()?.value.as_deref(), Some(&42));
    /// # Ok::<(), gonex_sync::BroadcastRecvError>(())
    /// ```
    #[must_use]
    pub fn subscribe_key(&self, key: K) -> BroadcastReceiver<Change<K, V>> {
        self.subscribe_key_with(key, OnLag::Wait)
    }

    /// Subscribes to the changes of one key from now on, and says what becomes of a subscriber that is
    /// too slow.
    ///
    /// ```
    /// use gonex_sync::{OnLag, SharedMap};
    ///
    /// let map = SharedMap::with_capacity(1);
    /// let mut answers = map.subscribe_key_with("answer", OnLag::DropOldest);
    /// (1..=3).for_each(|n| drop(map.write("answer", n).block()));
    /// assert_eq!(answers.recv().block().unwrap().value.as_deref(), Some(&3));
    /// assert_eq!(answers.missed(), 2);
    /// ```
    #[must_use]
    pub fn subscribe_key_with(&self, key: K, on_lag: OnLag) -> BroadcastReceiver<Change<K, V>> {
        self.inner.subscribe_key(key, on_lag)
    }
}

impl<K, V> Clone for SharedMap<K, V> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries()).finish()
    }
}
