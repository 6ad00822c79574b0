//! The side of the senders.

use std::task::{Poll, Waker};

use super::{ACKS, RECEIVERS, Ringed, SENDERS, SENDERS_TURN, Waiters, tagged};
use crate::channel::acks::Learned;
use crate::channel::entry::{Entry, Stage};
use crate::channel::error::TrySendError;
use crate::channel::store::{NoPlace, Position, Store};
use crate::channel::waiting::Closed;
use crate::primitive::atomic::Ordering;
use crate::primitive::write_then_read;
use crate::wait::Key;

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
        self.lane(lane).push_quickly(value)?;
        self.pushed();
        Ok(())
    }

    /// Tries to send for a moment, if that has been worth it.
    pub(crate) fn send_spinning(&self, value: T, lane: usize) -> Result<(), T> {
        let mut unsent = Some(value);
        let sent = self.senders_luck.spin(|| {
            if !self.lane(lane).looks_roomy() {
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
        self.lane(lane).push(value)?;
        self.pushed();
        Ok(())
    }

    /// After a push: somebody may wait for it.
    #[inline]
    fn pushed(&self) {
        if self.signals() & RECEIVERS != 0 {
            self.announce();
        }
    }

    #[cold]
    fn announce(&self) {
        self.locked(|waiters, _| waiters.arrived += 1);
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
        let position = tagged(self.lane(lane).push(value)?, lane);
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
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if key.is_none() {
            if value.is_none() {
                return Poll::Ready(Ok(()));
            }
            // Where there is no room, who lines up looks closely anyway.
            if self.lane(lane).looks_roomy()
                && let Poll::Ready(sent) = tried(value, |unsent| self.send_on(unsent, lane))
            {
                return Poll::Ready(sent);
            }
        }
        self.wait_to_send(value, lane, false, key, waker).map_ok(drop)
    }

    /// Goes on with a send whose sender waits for the acknowledgment; yields the position.
    pub(crate) fn poll_send_acked(
        &self,
        value: &mut Option<T>,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        if key.is_none() {
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
        self.wait_to_send(value, lane, true, key, waker)
    }

    /// Waits in the senders' line; yields the position, which counts for who waits for it.
    fn wait_to_send(
        &self,
        value: &mut Option<T>,
        lane: usize,
        acked: bool,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        let entry = || Entry { acked, ..Entry::sender(value.take(), 1, None) };
        self.stand(entry, lane, key, waker).map(|entry| {
            *value = entry.value;
            if entry.stage == Stage::Served { Ok(entry.position) } else { Err(Closed) }
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
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        if key.is_none() {
            match self.try_reserve(lane) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(NoPlace::Closed) => return Poll::Ready(Err(Closed)),
                Err(_) => {}
            }
        }
        self.stand(|| Entry::sender(None, 1, None), lane, key, waker)
            .map(|entry| if entry.is_served() { Ok(()) } else { Err(Closed) })
    }

    /// Keeps a place.
    pub(crate) fn try_reserve(&self, lane: usize) -> Result<(), NoPlace> {
        if self.marked().load(Ordering::Relaxed) & SENDERS_TURN == 0 {
            return self.lane(lane).reserve();
        }
        self.locked(|waiters, calls| {
            self.admit(waiters, lane, calls);
            self.lane(lane).reserve()
        })
    }

    /// Sends into a place that was kept.
    pub(crate) fn send_reserved(&self, value: T, lane: usize) -> Result<(), T> {
        self.lane(lane).push_reserved(value)?;
        // A ring counts so many reserved places and no more: a sender may wait for that.
        if self.signals() & (RECEIVERS | SENDERS) != 0 {
            self.locked(|waiters, calls| {
                waiters.arrived += 1;
                self.admit(waiters, lane, calls);
            });
        }
        Ok(())
    }

    /// Gives a place up that was kept.
    pub(crate) fn release(&self, lane: usize) {
        self.lane(lane).release();
        self.given_back.fetch_add(1, Ordering::SeqCst);
        if self.signals() & SENDERS != 0 {
            self.locked(|waiters, calls| self.admit(waiters, lane, calls));
        }
    }

    /// Stands in the senders' line, unless the wait has ended.
    fn stand(
        &self,
        entry: impl FnOnce() -> Entry<T>,
        lane: usize,
        key: &mut Option<Key>,
        waker: &Waker,
    ) -> Poll<Entry<T>> {
        let mut mine = None;
        while key.is_some() {
            let look = |waiters: &mut Waiters<T>| waiters.entries.look(key, waker, &mut mine);
            if let Some(polled) = self.waiters.with(look) {
                return polled;
            }
            mine = Some(waker.clone());
        }
        let entry = entry();
        let mut mine = Some(waker.clone());
        let polled = self.locked(|waiters, calls| {
            let at = self.line_up_sender(waiters, entry, lane);
            write_then_read();
            self.admit(waiters, lane, calls);
            let entry = waiters.entries.get_mut(at);
            if entry.is_in_line() {
                entry.waker = mine.take();
                *key = Some(at);
                return Poll::Pending;
            }
            Poll::Ready(waiters.entries.remove(at))
        });
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
        let key = waiters.entries.insert(entry);
        waiters.entries.push_back(&mut waiters.senders[lane], key);
        waiters.senders_in_line += 1;
        self.say(waiters);
        key
    }

    /// Waits no longer in the senders' line. A value that was not sent comes back.
    pub(crate) fn leave_senders(&self, key: Key, lane: usize) -> Option<T> {
        let (value, wakers) = self.locked(|waiters, _| {
            let entry = waiters.leave_senders(key, lane);
            // Nobody will ask any more.
            let told = if entry.acked { waiters.acks.forget(entry.position) } else { None };
            (entry.value, (entry.waker, told))
        });
        drop(wakers);
        value
    }

    /// Waits no longer for a permit; one that was given already is given up.
    pub(crate) fn leave_reservers(&self, key: Key, lane: usize) {
        let entry = self.locked(|waiters, _| waiters.leave_senders(key, lane));
        if entry.is_served() {
            self.release(lane);
        }
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
