//! Who is to be woken, after the lock.

use std::task::Waker;

use gonex_core::primitive::wake;

/// Wakers, collected under a lock and woken after it.
#[derive(Default)]
#[must_use = "who was called must be woken"]
pub struct Calls {
    /// Mostly there is one; or two, one of each side.
    first: Option<Waker>,
    second: Option<Waker>,
    more: Vec<Waker>,
}

impl Calls {
    #[inline]
    pub(crate) fn add(&mut self, waker: Option<Waker>) {
        match waker {
            Some(waker) if self.first.is_none() => self.first = Some(waker),
            Some(waker) if self.second.is_none() => self.second = Some(waker),
            Some(waker) => self.more.push(waker),
            None => {}
        }
    }

    #[inline]
    pub(crate) fn wake(self) {
        if self.first.is_some() {
            self.wake_all();
        } else {
            // There is nothing to drop either, which the compiler cannot see.
            std::mem::forget(self);
        }
    }

    #[inline(never)]
    fn wake_all(self) {
        self.first.into_iter().chain(self.second).for_each(wake);
        if !self.more.is_empty() {
            self.more.into_iter().for_each(wake);
        }
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
