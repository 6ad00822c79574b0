//! The side of the senders.

use std::task::{Poll, Waker};

use gonex_core::primitive::wake;

use super::{ACKS, RECEIVERS, Ringed, SENDERS, SENDERS_TURN, SOMEBODY, Waiters, tagged};
use crate::channel::acks::Learned;
use crate::channel::entry::{Entry, Stage};
use crate::channel::error::TrySendError;
use crate::channel::store::{NoPlace, Position, Store};
use crate::channel::through::Spot;
use crate::channel::waiting::Closed;
use crate::primitive::atomic::Ordering;
use crate::primitive::write_then_read;
use crate::wait::{Calls, Key};

impl<T, S: Store<T>> Ringed<T, S> {
    #[inline(always)]
    pub(crate) fn try_send(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        self.send_quickly(value, lane).or_else(|value| self.send_on(value, lane))
    }

    /// Sends if nothing stands in the way; else it may still be possible.
    #[inline(always)]
    pub(crate) fn send_quickly(&self, value: T, lane: usize) -> Result<(), T> {
        if self.marked().load(Ordering::Relaxed) & SENDERS_TURN != 0 {
            return Err(value);
        }
        self.store(lane).push_quickly(value)?;
        self.pushed();
        Ok(())
    }

    /// Tries to send for a moment, if that has been worth it.
    pub(crate) fn send_spinning(&self, value: T, lane: usize) -> Result<(), T> {
        let mut unsent = Some(value);
        let sent = self.senders_luck.spin(|| {
            if !self.store(lane).looks_roomy() {
                return None;
            }
            match self.try_send(unsent.take()?, lane) {
                Ok(()) => Some(()),
                Err(error) => {
                    unsent = Some(error.into_inner());
                    None
                }
            }
        });
        match (sent, unsent) {
            (None, Some(value)) => Err(value),
            _ => Ok(()),
        }
    }

    /// Sends where the quick way is barred.
    #[inline(never)]
    fn send_on(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        if self.marked().load(Ordering::Relaxed) & SENDERS_TURN != 0 {
            return self.send_in_turn(value, lane);
        }
        self.store(lane).push(value)?;
        self.pushed();
        Ok(())
    }

    /// After a push: somebody may wait for it.
    #[inline]
    fn pushed(&self) {
        let signals = self.signals();
        if signals & (RECEIVERS | SOMEBODY) != 0 {
            self.announce(signals);
        }
    }

    #[inline(never)]
    fn announce(&self, signals: u64) {
        if signals & RECEIVERS != 0 {
            return self.locked(|waiters, _| waiters.arrived += 1);
        }
        // If nobody is there any more, whoever came since has looked after the push.
        if let Some(waker) = self.solo.end(self.marked(), None) {
            wake(waker);
        }
    }

    /// Sends while it is somebody's turn: after those in line, if there is room left.
    #[cold]
    fn send_in_turn(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        self.locked(|waiters, calls| {
            self.admit(waiters, lane, calls);
            self.push(waiters, value, lane, false).map(drop)
        })
    }

    /// Pushes under the lock.
    pub(super) fn push(
        &self,
        waiters: &mut Waiters<T>,
        value: T,
        lane: usize,
        acked: bool,
    ) -> Result<Position, TrySendError<T>> {
        if acked {
            // As for those who are admitted.
            self.marked().fetch_or(ACKS, Ordering::SeqCst);
        }
        let position = tagged(self.store(lane).push(value)?, lane);
        if acked {
            waiters.acks.expect(position);
        }
        waiters.arrived += 1;
        Ok(position)
    }

    /// Goes on with a send for which the quick way is barred; `value` is taken while it waits and when
    /// it is done.
    pub(crate) fn poll_send(
        &self,
        value: &mut Option<T>,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if spot.is_none() {
            if value.is_none() {
                return Poll::Ready(Ok(()));
            }
            // Where there is no room, who lines up looks closely anyway.
            if self.store(lane).looks_roomy()
                && let Poll::Ready(sent) = tried(value, |unsent| self.send_on(unsent, lane))
            {
                return Poll::Ready(sent);
            }
        }
        self.wait_to_send(value, lane, false, spot, waker).map_ok(drop)
    }

    /// Goes on with a send whose sender waits for the acknowledgment; yields the position.
    pub(crate) fn poll_send_acked(
        &self,
        value: &mut Option<T>,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        if spot.is_none() {
            if value.is_none() {
                return Poll::Ready(Err(Closed));
            }
            let sent = tried(value, |unsent| {
                self.locked(|waiters, calls| {
                    self.admit(waiters, lane, calls);
                    self.push(waiters, unsent, lane, true)
                })
            });
            if sent.is_ready() {
                return sent;
            }
        }
        self.wait_to_send(value, lane, true, spot, waker)
    }

    /// Waits in the senders' line; yields the position, which counts for who waits for it.
    fn wait_to_send(
        &self,
        value: &mut Option<T>,
        lane: usize,
        acked: bool,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        // Only who waits for the acknowledgment has to know the position.
        let entry = || Entry { acked, asks: acked, ..Entry::sender(value.take(), 1, None) };
        self.stand(entry, lane, spot, waker).map(|left| match left {
            None => Ok(0),
            Some(entry) => {
                *value = entry.value;
                if entry.stage == Stage::Served { Ok(entry.position) } else { Err(Closed) }
            }
        })
    }

    /// How it stands with a value that was sent.
    pub(crate) fn poll_ack(&self, position: Position, waker: &Waker) -> Poll<Learned> {
        let mut mine = Some(waker.clone());
        let learned = self.waiters.with(|waiters| waiters.acks.look(position, &mut mine));
        if learned == Learned::NotYet { Poll::Pending } else { Poll::Ready(learned) }
    }

    /// The sender of a value waits for its acknowledgment no longer.
    pub(crate) fn forget_ack(&self, position: Position) {
        let waker = self.locked(|waiters, _| waiters.acks.forget(position));
        drop(waker);
    }

    /// Goes on with a reservation.
    pub(crate) fn poll_reserve(
        &self,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if spot.is_none() {
            match self.try_reserve(lane) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(NoPlace::Closed) => return Poll::Ready(Err(Closed)),
                Err(_) => {}
            }
        }
        let entry = || Entry { asks: false, ..Entry::sender(None, 1, None) };
        self.stand(entry, lane, spot, waker).map(|left| {
            if left.is_none_or(|entry| entry.is_served()) { Ok(()) } else { Err(Closed) }
        })
    }

    /// Keeps a place.
    pub(crate) fn try_reserve(&self, lane: usize) -> Result<(), NoPlace> {
        if self.marked().load(Ordering::Relaxed) & SENDERS_TURN == 0 {
            return self.store(lane).reserve();
        }
        self.locked(|waiters, calls| {
            self.admit(waiters, lane, calls);
            self.store(lane).reserve()
        })
    }

    /// Sends into a place that was kept.
    pub(crate) fn send_reserved(&self, value: T, lane: usize) -> Result<(), T> {
        self.store(lane).push_reserved(value)?;
        // A ring counts so many reserved places and no more: a sender may wait for that.
        if self.signals() & (RECEIVERS | SOMEBODY | SENDERS) != 0 {
            self.locked(|waiters, calls| {
                waiters.arrived += 1;
                self.admit(waiters, lane, calls);
            });
        }
        Ok(())
    }

    /// Gives a place up that was kept.
    pub(crate) fn release(&self, lane: usize) {
        self.store(lane).release();
        self.given_back.fetch_add(1, Ordering::SeqCst);
        if self.signals() & SENDERS != 0 {
            self.locked(|waiters, calls| self.admit(waiters, lane, calls));
        }
    }

    /// Stands in the senders' line, unless the wait has ended: then the entry is what is left of it,
    /// if anything is.
    fn stand(
        &self,
        entry: impl FnOnce() -> Entry<T>,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Option<Entry<T>>> {
        let Some(at) = *spot else { return self.line_up_to_send(entry(), lane, spot, waker) };
        let through = &self.lane(lane).senders_through;
        if through.has(at) {
            *spot = None;
            return Poll::Ready(None);
        }
        let mut mine = None;
        loop {
            let look = |waiters: &mut Waiters<T>| {
                if through.has(at) {
                    return Some(Poll::Ready(None));
                }
                let entry = waiters.entries.get_mut(at.key);
                if entry.is_in_line() {
                    return entry.renew(waker, &mut mine).then_some(Poll::Pending);
                }
                Some(Poll::Ready(Some(waiters.entries.remove(at.key))))
            };
            if let Some(polled) = self.waiters.with(look) {
                if polled.is_ready() {
                    *spot = None;
                }
                return polled;
            }
            mine = Some(waker.clone());
        }
    }

    /// Stands in the senders' line, unless there is room after all.
    fn line_up_to_send(
        &self,
        entry: Entry<T>,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Option<Entry<T>>> {
        let mut mine = Some(waker.clone());
        let mut calls = Calls::default();
        let polled = self.waiters.with(|waiters| {
            let key = self.line_up_sender(waiters, entry, lane);
            write_then_read();
            let at = waiters.entries.get(key).spot(key);
            if !self.store(lane).is_full() {
                self.admit(waiters, lane, &mut calls);
                self.settle(waiters, &mut calls);
                if self.lane(lane).senders_through.has(at) {
                    return Poll::Ready(None);
                }
                if !waiters.entries.get(key).is_in_line() {
                    return Poll::Ready(Some(waiters.entries.remove(key)));
                }
            }
            waiters.entries.get_mut(key).waker = mine.take();
            *spot = Some(at);
            Poll::Pending
        });
        calls.wake();
        drop(mine);
        polled
    }

    /// Puts somebody in line and says so; whether there is room now is still to be seen.
    pub(super) fn line_up_sender(
        &self,
        waiters: &mut Waiters<T>,
        entry: Entry<T>,
        lane: usize,
    ) -> Key {
        waiters.came += 1;
        let key = waiters.entries.insert(Entry { came: waiters.came, ..entry });
        waiters.entries.push_back(&mut waiters.senders[lane], key);
        waiters.senders_in_line += 1;
        self.say(waiters);
        key
    }

    /// Waits no longer in the senders' line. A value that was not sent comes back.
    pub(crate) fn leave_senders(&self, spot: Spot, lane: usize) -> Option<T> {
        let left = self.locked(|waiters, _| {
            let entry = self.leave_line(waiters, spot, lane)?;
            // Nobody will ask any more.
            let told = if entry.acked { waiters.acks.forget(entry.position) } else { None };
            Some((entry.value, (entry.waker, told)))
        });
        left?.0
    }

    /// Waits no longer for a permit; one that was given already is given up.
    pub(crate) fn leave_reservers(&self, spot: Spot, lane: usize) {
        let left = self.locked(|waiters, _| self.leave_line(waiters, spot, lane));
        if left.is_none_or(|entry| entry.is_served()) {
            self.release(lane);
        }
    }

    /// Takes an entry out of the senders' line, unless it has been served and is gone.
    fn leave_line(&self, waiters: &mut Waiters<T>, spot: Spot, lane: usize) -> Option<Entry<T>> {
        let through = self.lane(lane).senders_through.has(spot);
        if through { None } else { Some(waiters.leave_senders(spot.key, lane)) }
    }
}

/// Tries to send what is there, which is taken when it is sent.
fn tried<T, P>(
    value: &mut Option<T>,
    send: impl FnOnce(T) -> Result<P, TrySendError<T>>,
) -> Poll<Result<P, Closed>> {
    let Some(unsent) = value.take() else { return Poll::Pending };
    match send(unsent) {
        Ok(sent) => Poll::Ready(Ok(sent)),
        Err(error) => {
            let full = error.is_full();
            *value = Some(error.into_inner());
            if full { Poll::Pending } else { Poll::Ready(Err(Closed)) }
        }
    }
}
