use std::task::{Context, Waker};

use super::ticket::Seat;
use crate::guarded::Guard;
use crate::wait::Calls;

/// One of the things that a select can do. Not for users.
///
/// Two sorts of channels stand behind it. Those with a buffer *call* an arm that waits, which then
/// tries for itself. Those without one *claim* the ticket of the select, and so decide. Only the
/// latter have a [`rank`](Self::rank).
pub trait Arm<'a> {
    /// Whether it takes part.
    fn is_enabled(&self) -> bool;

    /// Does it, if that is possible now. No other arm of the select can be claimed meanwhile. Who
    /// tries `again` soon may be told no from a first glance.
    fn attempt(&mut self, again: bool) -> bool;

    /// Whether an attempt needs no waker to come true later.
    fn is_channel(&self) -> bool {
        true
    }

    /// Does it, or has the waker of `cx` called when that may have become possible. Arms with a rank
    /// only try.
    fn poll(&mut self, cx: &mut Context<'_>) -> bool;

    /// Differs from what it was if there may have been a moment since at which an attempt would have
    /// succeeded.
    fn changes(&self) -> u64;

    /// Ends what still waits; a value that is not sent goes back to its slot.
    fn leave(&mut self);

    /// Where its lock stands in the order of locks, if whoever serves it must claim the ticket.
    fn rank(&self) -> Option<usize> {
        None
    }

    /// Takes that lock.
    fn lock(&self) -> Option<Locked<'a>> {
        None
    }

    /// Tries under its lock.
    fn attempt_locked(&mut self, _: &mut Locked<'_>) -> bool {
        false
    }

    /// Makes ready what must not run under the lock.
    fn prepare(&mut self, _: &Waker) {}

    /// Stands in line under its lock, to be claimed.
    fn line_up(&mut self, _: &mut Locked<'_>, _: Seat) {}

    /// Collects what it got when it was claimed.
    fn collect(&mut self) {}
}

/// A lock that is held for an arm, and who is to be woken after it.
pub struct Locked<'a> {
    pub(crate) guard: Guard<'a>,
    pub(crate) calls: Calls,
}

impl Locked<'_> {
    pub(crate) fn rank(&self) -> usize {
        self.guard.rank()
    }

    /// Lets go of the lock.
    pub(crate) fn unlock(self) -> Calls {
        self.calls
    }
}

/// The arms of a select, of whichever types: nested pairs that the macros write, or a list.
pub trait Arms<'a> {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'a> + '_);
}

impl<'a> Arms<'a> for () {
    fn count(&self) -> usize {
        0
    }

    fn arm(&mut self, _: usize) -> &mut (dyn Arm<'a> + '_) {
        unreachable!("an arm is asked for by an index below the number of arms")
    }
}

impl<'a, First: Arm<'a>, Rest: Arms<'a>> Arms<'a> for (First, Rest) {
    #[inline]
    fn count(&self) -> usize {
        1 + self.1.count()
    }

    #[inline]
    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'a> + '_) {
        match index.checked_sub(1) {
            None => &mut self.0,
            Some(index) => self.1.arm(index),
        }
    }
}

impl<'a, A: Arms<'a>> Arms<'a> for &mut A {
    #[inline]
    fn count(&self) -> usize {
        (**self).count()
    }

    #[inline]
    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'a> + '_) {
        (**self).arm(index)
    }
}
