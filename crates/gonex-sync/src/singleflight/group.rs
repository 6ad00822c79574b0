use std::fmt;
use std::future::Future;
use std::hash::Hash;

use gonex_core::Op;

use super::Fly;
use super::flights::Flights;
use crate::once::{FromClosure, FromFuture};

/// Calls by key, of which those that overlap share one execution.
///
/// The first call for a key runs what it brought; those that come meanwhile wait and get a clone of
/// the result. A call that comes when all that is over runs anew: this is no cache.
///
/// The one that runs is nobody special. When it is given up or cancelled, or panics, the next one in
/// line runs what it has brought itself; a panic stays with the caller whose code it was. So nobody
/// is stranded, and nobody gets an error that is not its own. What should be shared even so, a
/// failure for instance, is a `Result` as value.
///
/// At most one entry per key in flight is kept. Keys are hashed and compared under the group's lock,
/// and should do no more than that.
///
/// ```
/// use gonex_sync::singleflight::Group;
///
/// let pages: Group<&str, usize> = Group::new();
/// let flown = pages.run("index", || "<html>".len()).block();
/// assert_eq!((flown.value, flown.shared), (6, false));
/// ```
pub struct Group<K, V> {
    flights: Flights<K, V>,
}

impl<K: Hash + Eq, V: Clone> Group<K, V> {
    /// Makes a group with nothing in flight.
    #[must_use]
    pub fn new() -> Self {
        Self { flights: Flights::new() }
    }

    /// Runs the closure, or waits for a call with an equal key that runs already, and yields the
    /// result.
    ///
    /// The closure runs on the thread that polls or blocks: in async code it should be short. Calling
    /// with the same key in the closure waits for itself, for ever. It cannot fail; under a limit it
    /// yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the others to go on without it; if it was the one that
    /// runs, the next one runs its own.
    ///
    /// # Panics
    /// With the closure, and then the next one runs its own. When the ambient context stops the wait,
    /// it unwinds to the border of the task; without one it is a panic.
    ///
    /// ```
    /// let group = gonex_sync::singleflight::Group::new();
    /// let parsed = group.run(7, || "12".parse::<u8>()).block();
    /// assert_eq!(parsed.value, Ok(12));
    /// assert!(group.is_empty(), "nothing is kept");
    /// ```
    #[track_caller]
    pub fn run<F: FnOnce() -> V>(&self, key: K, call: F) -> Op<Fly<'_, K, V, FromClosure<F>>> {
        Op::new(Fly::new(&self.flights, key, FromClosure::new(call)))
    }

    /// Runs a future, or waits for a call with an equal key that runs already, and yields the result.
    ///
    /// The closure is called when it is its turn. Where it is blocked on, the future runs on this
    /// thread.
    ///
    /// # Cancel safety
    /// As [`run`](Self::run); the future is dropped.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    ///
    /// ```
    /// let group = gonex_sync::singleflight::Group::new();
    /// assert_eq!(group.run_async("key", async || 7).block().value, 7);
    /// ```
    #[track_caller]
    pub fn run_async<F, R>(&self, key: K, call: F) -> Op<Fly<'_, K, V, FromFuture<F, R>>>
    where
        F: FnOnce() -> R,
        R: Future<Output = V>,
    {
        Op::new(Fly::new(&self.flights, key, FromFuture::new(call)))
    }

    /// Lets calls from now on begin anew, though one with this key may be in flight; those aboard get
    /// its result. Whether there was one.
    ///
    /// ```
    /// let group: gonex_sync::singleflight::Group<u8, u8> = Default::default();
    /// assert!(!group.forget(&1));
    /// ```
    pub fn forget(&self, key: &K) -> bool {
        self.flights.forget(key)
    }

    /// The number of keys in flight, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::singleflight::Group::<u8, u8>::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.flights.len()
    }

    /// Whether nothing is in flight.
    ///
    /// ```
    /// assert!(gonex_sync::singleflight::Group::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Hash + Eq, V: Clone> Default for Group<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Hash + Eq, V: Clone> fmt::Debug for Group<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("len", &self.len()).finish()
    }
}
