//! How a select decides.
//!
//! Arms are tried in the order that was drawn. If none can happen, all stand in
//! [line](super::lines), each tries once more, and the ticket is opened. From then on whoever claims the
//! ticket first decides: that is how values and places are served. Woken by anything else, the select
//! shuts its ticket first, or finds that it was claimed, and begins anew; it keeps its places in line.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use smallvec::SmallVec;

use super::arm::Arms;
use super::lines;
use super::order::{Order, check_count};
use super::ticket::{self, Ticket};
use crate::channel::luck::Luck;
use crate::primitive::Arc;

thread_local! {
    /// How it went with the selects of this thread.
    static LUCK: Luck = Luck::new();
}

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

    /// Tries for a moment before it waits, if that has been worth it, where an arm can become ready
    /// while nobody of the other side waits.
    fn spin(&mut self) -> Option<usize> {
        // In a model nobody spins, and no such variable may outlive it.
        if cfg!(any(gonex_loom, gonex_shuttle))
            || !(0..self.arms.count()).all(|arm| self.arms.arm(arm).comes_unasked())
        {
            return None;
        }
        // A thread that ends may have no such variable any more.
        LUCK.try_with(|luck| luck.spin(|| self.attempt_each(true))).ok().flatten()
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
        if let Some(ticket) = self.ticket.take() {
            self.arms.each(&mut |arm| arm.leave());
            ticket::keep(ticket);
        }
    }

    fn step(&mut self, cx: &mut Context<'_>) -> Option<usize> {
        if let Some(claimed) = self.shut() {
            return Some(claimed);
        }
        let in_line = self.ticket.is_some();
        let happens = if self.arms.are_channels() && !in_line {
            self.glance().or_else(|| self.spin())
        } else {
            let Self { arms, order, .. } = self;
            order.find(arms.count(), |arm| {
                // The order counts among futures and channels, so each is tried where it stands.
                let happens = if !arms.arm(arm).is_channel() {
                    arms.arm(arm).poll(cx).is_ready()
                } else if in_line {
                    arms.arm(arm).attempt_in_line()
                } else {
                    arms.attempt(arm, true)
                };
                happens.then_some(arm)
            })
        };
        happens.or_else(|| self.line_up(cx.waker()))
    }

    /// Has the channels' arms stand in line, and claimed.
    fn line_up(&mut self, waker: &Waker) -> Option<usize> {
        let all = self.arms.are_channels();
        let mut arms = SmallVec::<[_; 8]>::new();
        self.arms.each(&mut |arm| arms.push(arm));
        if !all && !arms.iter().any(|arm| arm.is_channel()) {
            return None;
        }
        lines::line_up(&mut arms, &self.order, &mut self.ticket, waker)
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

    fn subject(&self) -> Subject {
        Subject::new("select")
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
