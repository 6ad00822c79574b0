//! The calls in flight, by key.
//!
//! # Deadlock safety
//! One lock. Under it keys are hashed and compared, as any map does; keys and results are neither
//! cloned nor dropped.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::once::Cell;
use crate::primitive::{Mutex, lock};

/// One execution, shared by all who have boarded.
pub(super) struct Flight<V> {
    pub(super) cell: Cell<V>,
    passengers: Mutex<Passengers>,
}

#[derive(Default)]
struct Passengers {
    aboard: usize,
    ever: usize,
}

impl<V> Flight<V> {
    fn new() -> Self {
        Self { cell: Cell::new(), passengers: Mutex::new(Passengers { aboard: 1, ever: 1 }) }
    }

    /// Whether more than one call boarded.
    pub(super) fn is_shared(&self) -> bool {
        lock(&self.passengers).ever > 1
    }

    fn board(&self) {
        let mut passengers = lock(&self.passengers);
        passengers.aboard += 1;
        passengers.ever += 1;
    }

    fn get_off(&self) -> bool {
        let mut passengers = lock(&self.passengers);
        passengers.aboard -= 1;
        passengers.aboard == 0
    }
}

pub(super) struct Flights<K, V> {
    map: Mutex<Map<K, V>>,
}

type Map<K, V> = HashMap<Arc<K>, Arc<Flight<V>>>;

impl<K: Hash + Eq, V> Flights<K, V> {
    pub(super) fn new() -> Self {
        Self { map: Mutex::new(HashMap::new()) }
    }

    /// Boards the flight with this key, which its first passenger opens.
    pub(super) fn board(&self, key: &Arc<K>) -> Arc<Flight<V>> {
        let fresh = Arc::new(Flight::new());
        let mut map = lock(&self.map);
        if let Some(flight) = map.get(key).cloned() {
            flight.board();
            return flight;
        }
        map.insert(key.clone(), fresh.clone());
        fresh
    }

    /// Gets off. A flight without passengers ends.
    pub(super) fn get_off(&self, key: &K, flight: &Arc<Flight<V>>) {
        let mut map = lock(&self.map);
        let ended = if flight.get_off() { remove(&mut map, key, flight) } else { None };
        drop(map);
        drop(ended);
    }

    /// Ends a flight: calls from now on begin another.
    pub(super) fn land(&self, key: &K, flight: &Arc<Flight<V>>) {
        let ended = remove(&mut lock(&self.map), key, flight);
        drop(ended);
    }

    pub(super) fn forget(&self, key: &K) -> bool {
        let ended = lock(&self.map).remove_entry(key);
        ended.is_some()
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.map).len()
    }
}

/// Takes a flight out, unless another has taken its place.
fn remove<K: Hash + Eq, V>(
    map: &mut Map<K, V>,
    key: &K,
    flight: &Arc<Flight<V>>,
) -> Option<(Arc<K>, Arc<Flight<V>>)> {
    let same = map.get(key).is_some_and(|other| Arc::ptr_eq(other, flight));
    if same { map.remove_entry(key) } else { None }
}
