//! How a select decides.
//!
//! Arms are tried in the order that was drawn. If none can happen, those of channels with a buffer
//! stand in line and try once more; then the locks of those without a buffer are taken, all of them,
//! in the order of their rank; each is tried, and if still none can happen, all stand in line and the
//! ticket is opened. From then on whoever claims the ticket first decides. Woken by anything else,
//! the select shuts its ticket first, or finds that it was claimed, and begins anew; it keeps its
//! places in line.
//!
//! Holding all those locks is what keeps two selects from missing one another: each looks and lines
//! up in one step.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::{Kind, Limited, Stop};
use smallvec::SmallVec;

use super::arm::{Arms, Locked};
use super::order::{Indices, MOST_ARMS, Order};
use super::ticket::{Seat, Ticket};
use crate::primitive::Arc;

/// The kind of a select: waits until one of its arms happens, and yields the index of that arm.
#[must_use = "a select does nothing until it is awaited or blocked on"]
pub struct Choose<'a, A: Arms<'a>> {
    /// What the macros lend, or what a [`Wait`](super::Wait) owns.
    pub(super) arms: A,
    order: Order,
    /// Drawn once some arm can be claimed.
    ticket: Option<Arc<Ticket>>,
    tried: bool,
    /// Whether all arms are channels with a buffer: known after the first try.
    buffered: bool,
    ended: bool,
    channels: PhantomData<&'a ()>,
}

impl<'a, A: Arms<'a>> Choose<'a, A> {
    /// Makes the kind.
    ///
    /// # Panics
    /// With more than 255 arms.
    pub fn new(arms: A, order: Order) -> Self {
        let len = arms.count();
        assert!(len <= MOST_ARMS, "a select has at most {MOST_ARMS} arms, not {len}");
        Self {
            arms,
            order,
            ticket: None,
            tried: false,
            buffered: false,
            ended: false,
            channels: PhantomData,
        }
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

    /// Tries each arm, for a select that is nowhere in line.
    fn attempt_each(&mut self, again: bool) -> Option<usize> {
        let order = self.order.draw(self.arms.count());
        let mut order = order.into_iter().map(usize::from);
        let happens = order.find(|&arm| self.arms.arm(arm).attempt(again));
        self.ended |= happens.is_some();
        happens
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
        for arm in 0..self.arms.count() {
            self.arms.arm(arm).leave();
        }
    }

    fn step(&mut self, cx: &mut Context<'_>) -> Option<usize> {
        if let Some(claimed) = self.shut() {
            return Some(claimed);
        }
        let order = self.order.draw(self.arms.count());
        let mut ranked = false;
        for arm in order.iter().map(|&arm| usize::from(arm)) {
            if self.arms.arm(arm).poll(cx) {
                return Some(arm);
            }
            ranked |= self.arms.arm(arm).rank().is_some();
        }
        if ranked { self.line_up(&order, cx.waker()) } else { None }
    }

    /// Tries the arms that can be claimed once more, and then has them claimed.
    fn line_up(&mut self, order: &Indices, waker: &Waker) -> Option<usize> {
        let ticket = self.ticket.get_or_insert_with(Ticket::new).clone();
        let mut ranked: SmallVec<[(usize, usize); 8]> = SmallVec::new();
        for &arm in order {
            let arm = usize::from(arm);
            if let Some(rank) = self.arms.arm(arm).rank() {
                self.arms.arm(arm).prepare(waker);
                ranked.push((rank, arm));
            }
        }
        let mut by_rank = ranked.clone();
        by_rank.sort_unstable();
        by_rank.dedup_by_key(|&mut (rank, _)| rank);
        let mut locks: SmallVec<[Locked<'a>; 4]> = SmallVec::new();
        locks.extend(by_rank.into_iter().filter_map(|(_, arm)| self.arms.arm(arm).lock()));

        let happens = ranked.iter().find(|&&(rank, arm)| {
            let lock = locks.iter_mut().find(|lock| lock.rank() == rank);
            lock.is_some_and(|lock| self.arms.arm(arm).attempt_locked(lock))
        });
        let happens = happens.map(|&(_, arm)| arm);
        if happens.is_none() {
            for &(rank, arm) in &ranked {
                if let Some(lock) = locks.iter_mut().find(|lock| lock.rank() == rank) {
                    self.arms.arm(arm).line_up(lock, Seat { ticket: ticket.clone(), arm });
                }
            }
            ticket.open();
        }
        let calls: SmallVec<[_; 4]> = locks.into_iter().map(Locked::unlock).collect();
        calls.into_iter().for_each(crate::wait::Calls::wake);
        happens
    }
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
        self.buffered
    }

    fn attempt(&mut self) -> Option<usize> {
        let again = std::mem::replace(&mut self.tried, true);
        let arms = self.arms.count();
        // With a future among the arms the order is kept only where that can be polled too.
        let all_channels = (0..arms).all(|arm| self.arms.arm(arm).is_channel());
        self.buffered = all_channels && (0..arms).all(|arm| self.arms.arm(arm).rank().is_none());
        if all_channels { self.attempt_each(again) } else { None }
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
