//! What the two ends of a channel share.

use std::hint::cold_path;
use std::task::{Poll, Waker};

use super::acks::Learned;
use super::error::{TryRecvError, TrySendError};
use super::list::List;
use super::locked::Locked;
use super::ring::Ring;
use super::ringed::Ringed;
use super::store::{NoPlace, Position};
use super::through::Spot;
use super::waiting::Closed;
use crate::guarded::Guard;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::select::Seat;
use crate::wait::{Calls, Key};

/// A channel, of whichever make, with the number of its handles.
///
/// The handles are counted in each make, since there they stand beside the mark that tells makes apart.
/// Behind all else they would take a cache line of their own, as that mark does.
pub(crate) enum Shared<T> {
    /// With a bound, of at least 1.
    Ringed(Handles, Ringed<T, Ring<T>>),
    /// Without one.
    Listed(Handles, Ringed<T, List<T>>),
    /// Without a buffer, or with a weight for the bound.
    Locked(Handles, Locked<T>),
}

/// How many handles there are of each end.
pub(crate) struct Handles {
    senders: AtomicUsize,
    receivers: AtomicUsize,
}

impl Handles {
    /// One of each.
    pub(crate) fn new() -> Self {
        Self { senders: AtomicUsize::new(1), receivers: AtomicUsize::new(1) }
    }
}

/// Which end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Sending,
    Receiving,
}

/// Does the same with each make; or one thing where there is a buffer, and another where there is none.
macro_rules! either {
    ($shared:expr, $channel:ident => $body:expr) => {
        either!($shared, buffered $channel => $body, locked $channel => $body)
    };
    ($shared:expr, buffered $channel:pat => $body:expr, locked $other:pat => $otherwise:expr $(,)?) => {
        match $shared {
            Shared::Ringed(_, $channel) => $body,
            Shared::Listed(_, $channel) => $body,
            Shared::Locked(_, $other) => $otherwise,
        }
    };
}

impl<T> Shared<T> {
    // ---- sending ----

    #[inline(always)]
    pub(crate) fn try_send(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        either!(self,
            buffered channel => channel.try_send(value, lane),
            locked channel => {
                cold_path();
                channel.try_send(value)
            },
        )
    }

    /// Sends if nothing stands in the way; else it may still be possible.
    #[inline(always)]
    pub(crate) fn send_quickly(&self, value: T, lane: usize) -> Result<(), T> {
        either!(self,
            buffered channel => channel.send_quickly(value, lane),
            locked _ => Err(value),
        )
    }

    /// Tries to send for a moment, where that is worth it.
    pub(crate) fn send_spinning(&self, value: T, lane: usize) -> Result<(), T> {
        either!(self,
            buffered channel => channel.send_spinning(value, lane),
            locked _ => Err(value),
        )
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
        either!(self,
            buffered channel => channel.poll_send(value, lane, spot, waker),
            locked channel => channel.poll_send(value, false, spot, waker).map_ok(drop),
        )
    }

    pub(crate) fn poll_send_acked(
        &self,
        value: &mut Option<T>,
        lane: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<Position, Closed>> {
        either!(self,
            buffered channel => channel.poll_send_acked(value, lane, spot, waker),
            locked channel => channel.poll_send(value, true, spot, waker),
        )
    }

    /// Waits no longer to send. What the channel held of it comes back.
    pub(crate) fn leave_senders(&self, spot: Spot, lane: usize) -> Option<T> {
        either!(self,
            buffered channel => channel.leave_senders(spot, lane),
            locked channel => channel.leave_senders(spot),
        )
    }

    pub(crate) fn poll_ack(&self, position: Position, waker: &Waker) -> Poll<Learned> {
        either!(self, channel => channel.poll_ack(position, waker))
    }

    pub(crate) fn forget_ack(&self, position: Position) {
        either!(self, channel => channel.forget_ack(position));
    }

    // ---- permits ----

    pub(crate) fn try_reserve(&self, lane: usize, weight: usize) -> Result<(), NoPlace> {
        either!(self,
            buffered channel => channel.try_reserve(lane),
            locked channel => channel.try_reserve(weight),
        )
    }

    pub(crate) fn poll_reserve(
        &self,
        lane: usize,
        weight: usize,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        either!(self,
            buffered channel => channel.poll_reserve(lane, spot, waker),
            locked channel => channel.poll_reserve(weight, spot, waker),
        )
    }

    pub(crate) fn leave_reservers(&self, spot: Spot, lane: usize, weight: usize) {
        either!(self,
            buffered channel => channel.leave_reservers(spot, lane),
            locked channel => channel.leave_reservers(spot, weight),
        );
    }

    pub(crate) fn send_reserved(&self, value: T, lane: usize, weight: usize) -> Result<(), T> {
        either!(self,
            buffered channel => channel.send_reserved(value, lane),
            locked channel => channel.send_reserved(value, weight),
        )
    }

    pub(crate) fn release(&self, lane: usize, weight: usize) {
        either!(self,
            buffered channel => channel.release(lane),
            locked channel => channel.release(weight),
        );
    }

    // ---- receiving ----

    #[inline(always)]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        either!(self,
            buffered channel => channel.try_recv(),
            locked channel => {
                cold_path();
                channel.try_recv()
            },
        )
    }

    /// Whether a receive is worth trying, at little cost to the others. What it says may be out of
    /// date.
    #[inline]
    pub(crate) fn looks_ready(&self) -> bool {
        either!(self, channel => channel.looks_ready())
    }

    /// Receives if that looks possible without the lock. `Empty` may be out of date.
    #[inline(always)]
    pub(crate) fn recv_at_a_glance(&self) -> Result<T, TryRecvError> {
        either!(self,
            buffered channel => channel.recv_at_a_glance(),
            locked channel => {
                cold_path();
                if channel.looks_ready() { channel.try_recv() } else { Err(TryRecvError::Empty) }
            },
        )
    }

    /// The same for a send.
    #[inline(always)]
    pub(crate) fn send_at_a_glance(&self, value: T, lane: usize) -> Result<(), TrySendError<T>> {
        either!(self,
            // The ring keeps in mind where it was not full.
            buffered channel => channel.try_send(value, lane),
            locked channel => {
                cold_path();
                if channel.looks_roomy() { channel.try_send(value) } else { Err(TrySendError::Full(value)) }
            },
        )
    }

    /// Receives if nothing stands in the way; else it may still be possible.
    #[inline(always)]
    pub(crate) fn recv_quickly(&self) -> Option<T> {
        either!(self,
            buffered channel => channel.recv_quickly(),
            locked _ => None,
        )
    }

    /// Tries to receive for a moment, where that is worth it.
    pub(crate) fn recv_spinning(&self) -> Option<T> {
        either!(self,
            buffered channel => channel.recv_spinning(),
            locked _ => None,
        )
    }

    /// Goes on with a receive for which the quick way is barred.
    pub(crate) fn poll_recv(
        &self,
        spot: &mut Option<Spot>,
        waker: &Waker,
    ) -> Poll<Result<T, Closed>> {
        either!(self, channel => channel.poll_recv(spot, waker))
    }

    /// Waits no longer to receive. A value that was handed over meanwhile goes back.
    #[cold]
    pub(crate) fn leave_receivers(&self, spot: Spot) {
        either!(self, channel => channel.leave_receivers(spot));
    }

    /// Waits no longer to receive. A value that was handed over meanwhile is received.
    pub(crate) fn stop_receiving(&self, spot: Spot) -> Option<T> {
        either!(self, channel => channel.stop_receiving(spot))
    }

    // ---- for a select that holds the lock ----

    /// Where its lock stands in the order of locks.
    pub(crate) fn rank(&self) -> usize {
        either!(self, channel => channel.rank())
    }

    pub(crate) fn lock(&self) -> Guard<'_> {
        either!(self, channel => channel.lock())
    }

    /// How much of the capacity a value takes. Not under the lock, since users may write it.
    pub(crate) fn weigh(&self, value: &T) -> usize {
        either!(self,
            buffered _ => 1,
            locked channel => channel.weigh(value),
        )
    }

    /// Whether a send is worth trying. Room that comes without the lock may be missed.
    pub(crate) fn looks_roomy_held(&self, guard: &mut Guard<'_>, lane: usize) -> bool {
        either!(self,
            buffered channel => channel.looks_roomy_held(lane),
            locked channel => channel.looks_roomy_held(guard),
        )
    }

    /// Stands in the receivers' line of a channel with a buffer, where nobody can claim the seat yet, and
    /// receives what has come meanwhile. `None` where there is no buffer: see
    /// [`line_up_receiver_held`](Self::line_up_receiver_held).
    pub(crate) fn line_up_receiver(
        &self,
        key: &mut Option<Key>,
        seat: impl FnOnce() -> Seat,
    ) -> Option<Result<T, TryRecvError>> {
        either!(self,
            buffered channel => Some(channel.line_up_receiver(key, seat)),
            locked _ => None,
        )
    }

    /// The channel that has no buffer, whose receivers must be claimed.
    fn unbuffered(&self) -> Option<&Locked<T>> {
        either!(self, buffered _ => None, locked channel => Some(channel))
    }

    /// Whether a receive is worth trying.
    pub(crate) fn looks_ready_held(&self, guard: &mut Guard<'_>) -> bool {
        self.unbuffered().is_some_and(|channel| channel.looks_ready_held(guard))
    }

    /// Receives, for who stands in line as `key`, or not at all.
    pub(crate) fn recv_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        key: &mut Option<Key>,
    ) -> Result<T, TryRecvError> {
        let channel = self.unbuffered().ok_or(TryRecvError::Empty)?;
        channel.recv_held(guard, calls, key)
    }

    /// Stands in the receivers' line. Nobody can claim the seat yet.
    pub(crate) fn line_up_receiver_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        key: &mut Option<Key>,
        seat: Seat,
    ) {
        if let Some(channel) = self.unbuffered() {
            channel.line_up_receiver_held(guard, calls, key, seat);
        }
    }

    /// Sends what is in the slot, for who stands in line as `key`, with the value, or not at all.
    /// `None` if that cannot be done now.
    pub(crate) fn send_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        slot: &mut Option<T>,
        lane: usize,
        weight: usize,
        key: &mut Option<Key>,
    ) -> Option<Result<(), Closed>> {
        either!(self,
            buffered channel => channel.send_held(guard, calls, slot, lane, key),
            locked channel => channel.send_held(guard, calls, slot, weight, key),
        )
    }

    /// Stands in the senders' line with the value in the slot, or goes on to, where nobody can claim
    /// the seat yet; and sends it if there is room that has come meanwhile without the lock.
    pub(crate) fn line_up_sender_held(
        &self,
        guard: &mut Guard<'_>,
        calls: &mut Calls,
        cargo: (&mut Option<T>, usize),
        lane: usize,
        key: &mut Option<Key>,
        seat: Seat,
    ) -> Option<Result<(), Closed>> {
        let (slot, weight) = cargo;
        either!(self,
            buffered channel => {
                channel.line_up_sender_held(guard, calls, slot, lane, key, seat)
            },
            locked channel => {
                channel.line_up_sender_held(guard, slot, weight, key, seat);
                None
            },
        )
    }

    // ---- the channel as a whole ----

    pub(crate) fn close(&self) -> bool {
        either!(self, channel => channel.close())
    }

    pub(crate) fn is_closed(&self) -> bool {
        either!(self, channel => channel.is_closed())
    }

    pub(crate) fn len(&self) -> usize {
        either!(self, channel => channel.len())
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        either!(self,
            buffered channel => channel.capacity(),
            locked channel => Some(channel.capacity()),
        )
    }

    pub(crate) fn is_full(&self, lane: usize) -> bool {
        either!(self,
            buffered channel => channel.is_full(lane),
            locked channel => channel.is_full(),
        )
    }

    pub(crate) fn lanes(&self) -> usize {
        either!(self,
            buffered channel => channel.lanes(),
            locked _ => 1,
        )
    }

    /// Changes whenever something has happened after which a receive may succeed that did not.
    pub(crate) fn arrivals(&self) -> u64 {
        either!(self, channel => channel.arrivals())
    }

    /// Changes whenever something has happened after which a send may succeed that did not.
    pub(crate) fn departures(&self, lane: usize) -> u64 {
        either!(self,
            buffered channel => channel.departures(lane),
            locked channel => channel.departures(),
        )
    }

    /// Whether one side can succeed while nobody of the other waits.
    pub(crate) fn is_buffered(&self) -> bool {
        !matches!(self, Self::Locked(..))
    }

    /// Whether the capacity is a weight, and not a number of values.
    pub(crate) fn is_weighted(&self) -> bool {
        matches!(self, Self::Locked(_, channel) if channel.is_weighted())
    }

    // ---- handles ----

    fn handles(&self, end: End) -> &AtomicUsize {
        let (Self::Ringed(handles, _) | Self::Listed(handles, _) | Self::Locked(handles, _)) = self;
        match end {
            End::Sending => &handles.senders,
            End::Receiving => &handles.receivers,
        }
    }

    pub(crate) fn count(&self, end: End) -> usize {
        self.handles(end).load(Ordering::Relaxed)
    }

    /// One more handle, made from another.
    ///
    /// # Panics
    /// With more than half of what a `usize` counts, which only leaked handles can reach.
    pub(crate) fn add_handle(&self, end: End) {
        // Relaxed: the new handle is made from one that exists, as with `Arc`.
        let before = self.handles(end).fetch_add(1, Ordering::Relaxed);
        assert!(before < usize::MAX / 2, "too many handles of one channel");
    }

    /// One more handle, unless there is none left.
    pub(crate) fn revive(&self, end: End) -> bool {
        let handles = self.handles(end);
        let mut count = handles.load(Ordering::Relaxed);
        while count > 0 {
            match handles.compare_exchange_weak(
                count,
                count + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => count = now,
            }
        }
        false
    }

    /// One handle less. With the last of one end the channel is closed; and what nobody can receive
    /// any more is dropped.
    pub(crate) fn drop_handle(&self, end: End) {
        // AcqRel: what was done with the other handles happened before the end.
        if self.handles(end).fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        self.close();
        if end == End::Receiving {
            while let Some(value) = either!(self, channel => channel.discard()) {
                drop(value);
            }
        }
    }
}
