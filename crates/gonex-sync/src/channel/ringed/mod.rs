//! Channels with a buffer: a [`Store`] for the values, and lines for who waits.
//!
//! # How it works
//! A send pushes and a receive pops, without a lock. Then each looks at `signals`, one word that
//! says what needs more: somebody waits on the other side, and so on. An operation that has to wait
//! leaves its waker, says so in `signals`, and *looks once more*. A receiver that finds nobody waiting
//! does that [alone](Solo), without the lock; all others stand in line under it, a sender with its
//! value.
//!
//! Who waits to *send* is served where it stands: a pop moves the value of the first in line into the
//! place that it made. Who waits to *receive* is called: it leaves the line and is woken, and takes a
//! value when it gets to run. So no value waits in the hands of a task that does not run, while
//! another asks for one. Either learns it from a [number](Through), and asks under the lock only if
//! there is more to know: a select, an acknowledgment, or a call that was in vain.
//!
//! A newcomer may be quicker than either. Who has been *overtaken* a few times in a row goes before
//! everybody: newcomers serve the line first, and a receiver is handed the next value right there. A
//! receiver that came in vain goes back to the line before all who came after it. So nobody waits for
//! ever, and on a busy machine the channel need not wait for the one that has no core.
//!
//! # No wake-up is lost
//! The pusher writes `tail` and then reads `signals`; the receiver writes `signals` and then reads
//! `tail` (an empty store is one whose tail was seen to be equal to its head). All four accesses are
//! sequentially consistent, so at least one of the two sees what the other wrote. With `head` the
//! same holds for the sender that finds the ring full.
//!
//! A receiver that was called and goes away, or that finds another way (a select), passes the call on.
//! While receivers stand in line, one that was called and has not looked yet answers for a value. It is
//! counted before it can look, and counted out before it takes a value; whoever counts reads first how
//! many values are inside. So the count is never too high for the values that are seen, and one too low
//! only calls somebody in vain.
//!
//! # Deadlock safety
//! A select takes the locks of several channels, in the order of their
//! [rank](crate::guarded::Guarded::rank); all else takes one. Under them values and wakers are moved, but neither
//! dropped, nor cloned, nor woken.

mod held;
mod recv;
mod send;
mod serve;

use std::collections::VecDeque;

use smallvec::SmallVec;

use super::acks::Acks;
use super::entry::{Entry, Stage};
use super::list::List;
use super::luck::Luck;
use super::ring::Ring;
use super::solo::{FLAGS, SOMEBODY, Solo};
use super::store::{Position, Store};
use super::through::Through;
use super::waiting::Taken;
use crate::guarded::Guarded;
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::write_then_read;
use crate::wait::{Calls, Entries, Key, Line};

/// Some receiver stands in line.
const RECEIVERS: u64 = 1;
/// Some sender stands in line.
const SENDERS: u64 = 1 << 1;
/// Some receiver in line has been overtaken often enough.
const RECEIVERS_TURN: u64 = 1 << 2;
/// Some sender in line has been overtaken often enough.
const SENDERS_TURN: u64 = 1 << 3;
/// Values came back from receives that were given up; they go out first.
const RETURNED: u64 = 1 << 4;
/// Some sender waits until its value is received.
const ACKS: u64 = 1 << 5;
/// Nothing more comes in: for a glance, since it is the pushers' word that decides.
const ENDED: u64 = 1 << 6;

/// A channel with a buffer: a ring for each lane, or one list.
pub(crate) struct Ringed<T, S> {
    /// One for each priority, the first going out first.
    ///
    /// The signals of the first are those of all. They are written under the lock, from what stands
    /// there.
    first: Lane<S>,
    further: Box<[Lane<S>]>,
    senders_luck: Luck,
    receivers_luck: Luck,
    /// A receiver that waits alone. Its word is that of the signals.
    solo: Solo,
    /// The last of its rounds that was counted when it was called.
    solo_counted: AtomicU64,
    /// For receivers in line that have been called.
    receivers_through: Through,
    /// How many receivers have been called and have not looked yet, each for a value inside; or fewer.
    /// It grows under the lock alone.
    called: AtomicU32,
    /// Grows when a value comes back or a place is given up: what the stores' own counts do not say.
    given_back: AtomicU64,
    waiters: Guarded<Waiters<T>>,
}

struct Lane<S> {
    store: S,
    /// For senders that have been let in.
    senders_through: Through,
}

struct Waiters<T> {
    entries: Entries<Entry<T>>,
    receivers: Line,
    /// By lane.
    senders: SmallVec<[Line; 1]>,
    /// In the order of their positions.
    returned: VecDeque<Taken<T>>,
    acks: Acks,
    /// How many have come to wait.
    came: u64,
    /// How many values have been pushed by who came, and not let in, since the lock was last let go.
    arrived: u32,
    /// How many of those in line have been overtaken often enough.
    receivers_in_turn: usize,
    senders_in_turn: usize,
    /// In all lanes.
    senders_in_line: usize,
    closed: bool,
}

impl<T> Ringed<T, Ring<T>> {
    /// A channel for `capacity` values in each of `lanes`.
    pub(crate) fn bounded(capacity: usize, lanes: usize) -> Self {
        Self::new(|| Ring::new(capacity), lanes)
    }
}

impl<T> Ringed<T, List<T>> {
    /// A channel for as many values as come.
    pub(crate) fn unbounded() -> Self {
        Self::new(List::new, 1)
    }
}

impl<T, S: Store<T>> Ringed<T, S> {
    fn new(store: impl Fn() -> S, lanes: usize) -> Self {
        let waiters = Waiters {
            entries: Entries::new(),
            receivers: Line::new(),
            senders: (0..lanes).map(|_| Line::new()).collect(),
            returned: VecDeque::new(),
            acks: Acks::default(),
            came: 0,
            arrived: 0,
            receivers_in_turn: 0,
            senders_in_turn: 0,
            senders_in_line: 0,
            closed: false,
        };
        let lane = || Lane { store: store(), senders_through: Through::new() };
        Self {
            first: lane(),
            further: (1..lanes).map(|_| lane()).collect(),
            senders_luck: Luck::new(),
            receivers_luck: Luck::new(),
            solo: Solo::new(),
            solo_counted: AtomicU64::new(u64::MAX),
            receivers_through: Through::new(),
            called: AtomicU32::new(0),
            given_back: AtomicU64::new(0),
            waiters: Guarded::new(waiters),
        }
    }

    #[inline(always)]
    fn marked(&self) -> &AtomicU64 {
        self.first.store.signals()
    }

    #[inline]
    fn lane(&self, lane: usize) -> &Lane<S> {
        match lane.checked_sub(1) {
            None => &self.first,
            Some(further) => &self.further[further],
        }
    }

    #[inline]
    fn store(&self, lane: usize) -> &S {
        &self.lane(lane).store
    }

    fn each_store(&self) -> impl Iterator<Item = &S> {
        std::iter::once(&self.first).chain(&self.further).map(|lane| &lane.store)
    }

    /// Whether it is open, and nothing stands in the stores or is on its way in.
    #[inline]
    fn is_idle(&self) -> bool {
        self.first.store.is_idle() && self.further.iter().all(|lane| lane.store.is_idle())
    }

    /// What needs attention after the stores have been changed.
    #[inline]
    fn signals(&self) -> u64 {
        write_then_read();
        self.marked().load(Ordering::SeqCst)
    }

    /// Says what there is to say. Called whenever lines or values under the lock have changed.
    fn say(&self, waiters: &Waiters<T>) {
        let on = |signal: u64, on: bool| if on { signal } else { 0 };
        let signals = on(RECEIVERS, !waiters.receivers.is_empty())
            | on(RECEIVERS_TURN, waiters.receivers_in_turn > 0)
            | on(SENDERS, waiters.senders_in_line > 0)
            | on(SENDERS_TURN, waiters.senders_in_turn > 0)
            | on(RETURNED, !waiters.returned.is_empty())
            | on(ACKS, !waiters.acks.is_empty())
            | on(ENDED, waiters.closed);
        // Written under the lock alone, so what is read here is the last that was said.
        let changed = self.marked().load(Ordering::Relaxed) & FLAGS ^ signals;
        if changed != 0 {
            self.marked().fetch_xor(changed, Ordering::SeqCst);
        }
    }

    /// Does something under the lock, says what has changed, and wakes who was called.
    fn locked<R>(&self, body: impl FnOnce(&mut Waiters<T>, &mut Calls) -> R) -> R {
        let mut calls = Calls::default();
        let result = self.waiters.with(|waiters| {
            let result = body(waiters, &mut calls);
            self.settle(waiters, &mut calls);
            result
        });
        calls.wake();
        result
    }

    /// Lets nothing more in, and tells all who wait. Whether it was the first time.
    pub(crate) fn close(&self) -> bool {
        self.locked(|waiters, calls| {
            // Rings are closed under the lock alone.
            let first = !self.is_closed();
            waiters.closed = true;
            self.each_store().for_each(S::close);
            for lane in 0..self.lanes() {
                self.admit(waiters, lane, calls);
            }
            write_then_read();
            calls.add(self.solo.end(self.marked(), None));
            while let Some(key) = waiters.receivers.first() {
                self.end_receiver(waiters, key, Stage::Called, calls);
            }
            first
        })
    }

    /// Takes all values out, for the caller to drop. Only for when nobody can receive any more.
    pub(crate) fn discard(&self) -> Option<T> {
        self.locked(|waiters, calls| {
            let (value, position) = self.take(waiters, calls).ok()?;
            waiters.acks.discarded(position, calls);
            Some(value)
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.first.store.is_closed()
    }

    /// The number of values inside.
    pub(crate) fn len(&self) -> usize {
        let rings = || self.each_store().map(|ring| ring.fill().0).sum::<usize>();
        if self.marked().load(Ordering::Relaxed) & RETURNED == 0 {
            return rings();
        }
        self.waiters.with(|waiters| rings() + waiters.returned.len())
    }

    /// How many values fit, if there is a limit.
    pub(crate) fn capacity(&self) -> Option<usize> {
        self.each_store().map(S::capacity).sum()
    }

    pub(crate) fn is_full(&self, lane: usize) -> bool {
        let (inside, reserved) = self.store(lane).fill();
        self.store(lane).capacity().is_some_and(|capacity| inside + reserved >= capacity)
    }

    pub(crate) fn lanes(&self) -> usize {
        1 + self.further.len()
    }

    /// Changes whenever something has happened after which a receive may succeed that did not.
    pub(crate) fn arrivals(&self) -> u64 {
        let given_back = self.given_back.load(Ordering::SeqCst);
        let pushes = self.each_store().map(S::pushes);
        pushes.fold(given_back << 48, u64::wrapping_add)
    }

    /// Changes whenever something has happened after which a send may succeed that did not.
    pub(crate) fn departures(&self, lane: usize) -> u64 {
        let given_back = self.given_back.load(Ordering::SeqCst);
        let closed = u64::from(self.is_closed());
        self.store(lane).pops().wrapping_add((given_back << 1 | closed) << 48)
    }
}

impl<T> Waiters<T> {
    /// Takes an entry out of its line.
    fn unlink_sender(&mut self, key: Key, lane: usize) {
        self.entries.unlink(&mut self.senders[lane], key);
        self.senders_in_line -= 1;
        self.senders_in_turn -= usize::from(self.entries.get(key).is_its_turn());
    }

    /// The same.
    fn unlink_receiver(&mut self, key: Key) {
        self.entries.unlink(&mut self.receivers, key);
        self.receivers_in_turn -= usize::from(self.entries.get(key).is_its_turn());
    }

    /// Takes an entry out, and out of its line.
    fn leave_senders(&mut self, key: Key, lane: usize) -> Entry<T> {
        if self.entries.get(key).is_in_line() {
            self.unlink_sender(key, lane);
        }
        self.entries.remove(key)
    }
}

/// A position that tells lanes apart.
fn tagged(position: Position, lane: usize) -> Position {
    position | (lane as u64) << 48
}
