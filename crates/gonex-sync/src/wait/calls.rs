//! Who is to be woken, after the lock.

use std::task::Waker;

use gonex_core::primitive::wake;
use smallvec::SmallVec;

/// Wakers, collected under a lock and woken after it.
#[derive(Default)]
#[must_use = "who was called must be woken"]
pub struct Calls(SmallVec<[Waker; 2]>);

impl Calls {
    pub(crate) fn add(&mut self, waker: Option<Waker>) {
        self.0.extend(waker);
    }

    pub(crate) fn wake(self) {
        self.0.into_iter().for_each(wake);
    }
}

/// Puts a waker in its place, unless the one there wakes the same; what is left over is for the
/// caller to drop, outside the lock.
pub(crate) fn renew(place: &mut Option<Waker>, mine: &mut Option<Waker>) {
    let known = place.as_ref().zip(mine.as_ref()).is_some_and(|(old, new)| old.will_wake(new));
    if !known {
        std::mem::swap(place, mine);
    }
}
