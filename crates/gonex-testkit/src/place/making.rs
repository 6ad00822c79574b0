use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use gonex_task::Place;

/// Makes a place.
pub(super) type Make = Arc<dyn Fn() -> Arc<dyn Place> + Send + Sync>;

/// What a case gets its places from.
pub(super) struct Making {
    make: Make,
    refusing: Option<Make>,
    /// Those that go when the case has been told how it ended: one that fails may leave a place that
    /// cannot end.
    made: Mutex<Vec<Arc<dyn Place>>>,
}

impl Making {
    pub(super) fn new(make: &Make, refusing: Option<&Make>) -> Self {
        Self { make: make.clone(), refusing: refusing.cloned(), made: Mutex::default() }
    }

    /// A place that is there until the case is over.
    pub(super) fn place(&self) -> Arc<dyn Place> {
        let place = self.own_place();
        lock_std(&self.made).push(place.clone());
        place
    }

    /// A place that ends when the case drops it.
    pub(super) fn own_place(&self) -> Arc<dyn Place> {
        (self.make)()
    }

    /// A place that takes nothing.
    pub(super) fn refusing(&self) -> Arc<dyn Place> {
        let make = self.refusing.as_ref().expect("the case is skipped without one");
        let place = make();
        lock_std(&self.made).push(place.clone());
        place
    }

    /// Lets go of the places.
    pub(super) fn end(&self) {
        let made = std::mem::take(&mut *lock_std(&self.made));
        drop(made);
    }
}
