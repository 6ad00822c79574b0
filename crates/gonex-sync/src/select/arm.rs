use std::task::{Context, Poll};

use super::ticket::{Seat, Ticket};
use crate::guarded::Guard;
use crate::primitive::Arc;
use crate::wait::Calls;

/// How an arm stands with its line.
#[derive(Debug)]
pub enum Enlisted {
    /// It stands there, or has none.
    Done,
    /// It happens.
    Happens,
    /// It can stand there only under all locks, and this is the rank of its own.
    Needs(usize),
}

/// One of the things that a select can do. Not for users.
///
/// Behind it stands the end of a channel, or a future. A channel has a lock, and so a
/// rank in the
/// [order of locks](Self::enlist): an arm that waits stands in one of its lines, and whoever serves it claims
/// the ticket of the select first, and so decides. A future is polled.
pub trait Arm<'a> {
    /// Whether it takes part.
    fn is_enabled(&self) -> bool;

    /// Whether it is the end of a channel.
    fn is_channel(&self) -> bool;

    /// Does it, if that is possible now, for a select that is nowhere in line. At a `glance`,
    /// what does not look ready is left alone.
    fn attempt(&mut self, glance: bool) -> bool;

    /// Polls a future.
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Differs from what it was if there may have been a moment since at which an attempt would have
    /// succeeded.
    fn changes(&self) -> u64 {
        0
    }

    /// Whether it may become possible although nobody knows that the select waits.
    fn comes_unasked(&self) -> bool {
        false
    }

    /// Ends what still waits; a value that is not sent goes back to its slot.
    fn leave(&mut self) {}

    /// Tries for a select that stands in its line, while the ticket is shut.
    fn attempt_in_line(&mut self) -> bool {
        false
    }

    /// Stands in line if that need not be done under the locks of all arms, and tries once more; or
    /// makes ready what must not run under its lock, and says where that stands in the order of locks.
    fn enlist(&mut self, _: &Arc<Ticket>, _arm: usize) -> Enlisted {
        Enlisted::Done
    }

    /// Takes that lock.
    fn lock(&self) -> Option<Guard<'a>> {
        None
    }

    /// Whether an attempt is worth while, under its lock. What comes without the lock may be missed.
    fn looks_possible(&self, _: &mut Guard<'_>) -> bool {
        false
    }

    /// Tries under its lock.
    fn attempt_held(&mut self, _: &mut Guard<'_>, _: &mut Calls) -> bool {
        false
    }

    /// Stands in line under its lock, to be claimed once the ticket is open, and then tries what may
    /// have come up meanwhile without the lock.
    fn line_up(&mut self, _: &mut Guard<'_>, _: &mut Calls, _: Seat) -> bool {
        false
    }

    /// Collects what it got when it was claimed.
    fn collect(&mut self) {}
}

/// The arms of a select, of whichever types: nested pairs that the macros write, or a list.
pub trait Arms<'a> {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'a> + '_);

    /// [Attempts](Arm::attempt) one of them.
    fn attempt(&mut self, index: usize, glance: bool) -> bool {
        self.arm(index).attempt(glance)
    }

    /// Shows all of them, in their order.
    fn each<'m>(&'m mut self, visit: &mut impl FnMut(&'m mut (dyn Arm<'a> + 'm)))
    where
        'a: 'm;

    /// Whether none of them is a future.
    fn are_channels(&mut self) -> bool {
        (0..self.count()).all(|index| self.arm(index).is_channel())
    }
}

impl<'a> Arms<'a> for () {
    fn count(&self) -> usize {
        0
    }

    fn arm(&mut self, _: usize) -> &mut (dyn Arm<'a> + '_) {
        unreachable!("an arm is asked for by an index below the number of arms")
    }

    #[inline(always)]
    fn attempt(&mut self, _: usize, _: bool) -> bool {
        false
    }

    #[inline(always)]
    fn each<'m>(&'m mut self, _: &mut impl FnMut(&'m mut (dyn Arm<'a> + 'm)))
    where
        'a: 'm,
    {
    }

    #[inline(always)]
    fn are_channels(&mut self) -> bool {
        true
    }
}

impl<'a, First: Arm<'a>, Rest: Arms<'a>> Arms<'a> for (First, Rest) {
    #[inline(always)]
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

    #[inline(always)]
    fn attempt(&mut self, index: usize, glance: bool) -> bool {
        match index.checked_sub(1) {
            None => self.0.attempt(glance),
            Some(index) => self.1.attempt(index, glance),
        }
    }

    #[inline(always)]
    fn each<'m>(&'m mut self, visit: &mut impl FnMut(&'m mut (dyn Arm<'a> + 'm)))
    where
        'a: 'm,
    {
        visit(&mut self.0);
        self.1.each(visit);
    }

    #[inline(always)]
    fn are_channels(&mut self) -> bool {
        self.0.is_channel() && self.1.are_channels()
    }
}

impl<'a, A: Arms<'a>> Arms<'a> for &mut A {
    #[inline(always)]
    fn count(&self) -> usize {
        (**self).count()
    }

    #[inline]
    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'a> + '_) {
        (**self).arm(index)
    }

    #[inline(always)]
    fn attempt(&mut self, index: usize, glance: bool) -> bool {
        (**self).attempt(index, glance)
    }

    #[inline(always)]
    fn each<'m>(&'m mut self, visit: &mut impl FnMut(&'m mut (dyn Arm<'a> + 'm)))
    where
        'a: 'm,
    {
        (**self).each(visit);
    }

    #[inline(always)]
    fn are_channels(&mut self) -> bool {
        (**self).are_channels()
    }
}
