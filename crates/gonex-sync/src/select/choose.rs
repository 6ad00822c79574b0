//! How a select decides.
//!
//! Arms are tried in the order that was drawn. If none can happen, the locks of all its channels are
//! taken, in the order of their rank; each arm is tried, and if still none can happen, all stand in
//! line and the ticket is opened. From then on whoever claims the ticket first decides: that is how
//! values and places are served. Woken by anything else, the select shuts its ticket first, or finds
//! that it was claimed, and begins anew; it keeps its places in line.
//!
//! Holding all those locks is what keeps two selects from missing one another: each looks and lines
//! up in one step. Into a buffer values come without a lock; so those who can be are served once more
//! when the ticket is open, and that may be this select.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::{Kind, Limited, Stop};
use smallvec::SmallVec;

use super::arm::{Arm, Arms};
use super::order::{Order, check_count};
use super::ticket::{Seat, Ticket};
use crate::guarded::Guard;
use crate::primitive::Arc;
use crate::wait::Calls;

/// The kind of a select: waits until one of its arms happens, and yields the index of that arm.
#[must_use = "a select does nothing until it is awaited or blocked on"]
pub struct Choose<'a, A: Arms<'a>> {
    /// What the macros lend, or what a [`Wait`](super::Wait) owns.
    pub(super) arms: A,
    order: Order,
    /// Drawn once some arm can be claimed.
    ticket: Option<Arc<Ticket>>,
    tried: bool,
    /// Whether each arm has been glanced at just now.
    glanced: bool,
    /// Whether it is worth trying again: known after the first try.
    unasked: bool,
    ended: bool,
    channels: PhantomData<&'a ()>,
}

impl<'a, A: Arms<'a>> Choose<'a, A> {
    /// Makes the kind.
    ///
    /// # Panics
    /// With more than 255 arms.
    pub fn new(arms: A, order: Order) -> Self {
        check_count(arms.count());
        Self {
            arms,
            order,
            ticket: None,
            tried: false,
            glanced: false,
            unasked: false,
            ended: false,
            channels: PhantomData,
        }
    }

    /// The same, for who says whether each arm was [glanced](super::glance) at just now.
    ///
    /// # Panics
    /// With more than 255 arms.
    pub fn after_glance(arms: A, order: Order, glanced: bool) -> Self {
        let mut choose = Self::new(arms, order);
        choose.glanced = glanced;
        choose
    }

    /// Does one of the arms if one can happen now, and else says `None`.
    ///
    /// `None` means that there was a moment at which none could happen.
    pub fn try_now(mut self) -> Option<usize> {
        self.now()
    }

    /// The same, for who wants the arms afterwards.
    pub(super) fn now(&mut self) -> Option<usize> {
        loop {
            let before: SmallVec<[u64; 8]> = self.changes();
            if let Some(arm) = self.attempt_each(false) {
                return Some(arm);
            }
            // None of them has changed since: so none could happen at the time of the first look.
            if self.changes() == before {
                return None;
            }
        }
    }

    fn changes(&mut self) -> SmallVec<[u64; 8]> {
        (0..self.arms.count()).map(|arm| self.arms.arm(arm).changes()).collect()
    }

    /// Tries each arm, for a select that is nowhere in line; with `glance`, only those that look ready.
    #[inline]
    fn attempt_each(&mut self, glance: bool) -> Option<usize> {
        let Self { arms, order, ended, .. } = self;
        let happens = order.find(arms.count(), |arm| arms.attempt(arm, glance).then_some(arm));
        *ended |= happens.is_some();
        happens
    }

    /// Tries what looks ready, unless that was done just now.
    #[inline]
    fn glance(&mut self) -> Option<usize> {
        if std::mem::take(&mut self.glanced) { None } else { self.attempt_each(true) }
    }

    /// Has nobody claim any arm from now on. If somebody has already, that arm happens.
    fn shut(&mut self) -> Option<usize> {
        let claimed = self.ticket.as_ref()?.shut().err()?;
        self.arms.arm(claimed).collect();
        Some(claimed)
    }

    /// Waits no longer. If an arm was claimed just before, it has happened.
    pub(super) fn end(&mut self) -> Option<usize> {
        let claimed = self.shut();
        self.leave();
        claimed
    }

    /// Leaves all lines.
    fn leave(&mut self) {
        self.ended = true;
        if self.ticket.is_none() {
            return;
        }
        for arm in 0..self.arms.count() {
            self.arms.arm(arm).leave();
        }
    }

    fn step(&mut self, cx: &mut Context<'_>) -> Option<usize> {
        if let Some(claimed) = self.shut() {
            return Some(claimed);
        }
        let in_line = self.ticket.is_some();
        let happens = if self.arms.are_channels() {
            // A closer look follows under their locks.
            if in_line { None } else { self.glance() }
        } else {
            let Self { arms, order, .. } = self;
            order.find(arms.count(), |arm| {
                // The order counts among futures and channels, so each is tried where it stands.
                let happens = if !arms.arm(arm).is_channel() {
                    arms.arm(arm).poll(cx).is_ready()
                } else if in_line {
                    attempt_closely(arms.arm(arm))
                } else {
                    arms.attempt(arm, true)
                };
                happens.then_some(arm)
            })
        };
        happens.or_else(|| self.line_up(cx.waker()))
    }

    /// Tries the channels once more, and then has their arms claimed.
    fn line_up(&mut self, waker: &Waker) -> Option<usize> {
        let Self { arms, order, ticket, .. } = self;
        let count = arms.count();
        // By arm; and by lock, in the order in which they are taken.
        let mut ranks: SmallVec<[Option<usize>; 8]> = SmallVec::new();
        let mut by_rank: SmallVec<[(usize, usize); 8]> = SmallVec::new();
        for index in 0..count {
            let arm = arms.arm(index);
            arm.prepare();
            ranks.push(arm.rank());
            by_rank.extend(arm.rank().map(|rank| (rank, index)));
        }
        if by_rank.is_empty() {
            return None;
        }
        let ticket = ticket.get_or_insert_with(Ticket::new);
        ticket.tell(waker);
        by_rank.sort_unstable();
        by_rank.dedup_by_key(|&mut (rank, _)| rank);
        let mut guards: SmallVec<[Guard<'a>; 8]> = SmallVec::new();
        guards.extend(by_rank.into_iter().filter_map(|(_, index)| arms.arm(index).lock()));
        let mut calls = Calls::default();
        let guard_of =
            |rank: &Option<usize>| guards.binary_search_by_key(&(*rank)?, Guard::rank).ok();
        let at: SmallVec<[Option<usize>; 8]> = ranks.iter().map(guard_of).collect();

        let mut happens = order.find(count, |arm| {
            let at = at[arm]?;
            arms.arm(arm).attempt_held(&mut guards[at], &mut calls).then_some(arm)
        });
        if happens.is_none() {
            for arm in 0..count {
                if let Some(at) = at[arm] {
                    let seat = Seat { ticket: ticket.clone(), arm };
                    arms.arm(arm).line_up(&mut guards[at], &mut calls, seat);
                }
            }
            ticket.open();
            for arm in 0..count {
                if let Some(at) = at[arm] {
                    arms.arm(arm).serve(&mut guards[at], &mut calls);
                }
            }
        }
        drop(guards);
        calls.wake();
        if happens.is_none() {
            happens = ticket.claimed();
            if let Some(claimed) = happens {
                arms.arm(claimed).collect();
            }
        }
        happens
    }
}

/// Tries an arm that may stand in line, while its ticket is shut.
fn attempt_closely<'a>(arm: &mut (dyn Arm<'a> + '_)) -> bool {
    let Some(mut guard) = arm.lock() else { return false };
    let mut calls = Calls::default();
    let happens = arm.attempt_held(&mut guard, &mut calls);
    drop(guard);
    calls.wake();
    happens
}

// The arms are used through `&mut` only.
impl<'a, A: Arms<'a>> Unpin for Choose<'a, A> {}

impl<'a, A: Arms<'a>> fmt::Debug for Choose<'a, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choose")
            .field("arms", &self.arms.count())
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

impl<'a, A: Arms<'a>> Kind for Choose<'a, A> {
    type Output = usize;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;
    const SPINS: bool = true;

    fn comes_unasked(&self) -> bool {
        self.unasked
    }

    #[inline]
    fn attempt(&mut self) -> Option<usize> {
        // With a future among the arms the order is kept only where that can be polled too.
        if !self.arms.are_channels() {
            return None;
        }
        // To look at more than this would disturb the other sides. A closer look follows before the
        // thread parks.
        let happens = self.glance();
        if !std::mem::replace(&mut self.tried, true) && happens.is_none() {
            self.unasked = (0..self.arms.count()).all(|arm| self.arms.arm(arm).comes_unasked());
        }
        happens
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        match self.step(cx) {
            Some(arm) => {
                self.leave();
                Poll::Ready(arm)
            }
            None => Poll::Pending,
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> usize {
        self.end().unwrap_or_else(|| stop.unwind())
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<usize, Stop> {
        self.end().ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }
}

impl<'a, A: Arms<'a>> Drop for Choose<'a, A> {
    fn drop(&mut self) {
        if !self.ended {
            // Whoever claims from here on finds it shut; what was claimed goes back with its arm.
            let _ = self.ticket.as_ref().map(|ticket| ticket.shut());
            self.leave();
        }
    }
}
