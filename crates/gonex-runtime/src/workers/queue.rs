//! A bounded queue between operations that push and threads that pop.
//!
//! # Invariants
//! - `items.len() + free +` the places of all in `line` `+` those of all in `granted` `== capacity`.
//! - A ticket is in `line` while it waits and in `granted` once it has what it asked for; tickets
//!   are numbered in the order they were drawn, so the first in `line` came first. While `line` is
//!   not empty, `free` is 0, so nobody overtakes.
//! - A ticket asks for at most half of the capacity, and at least one place: a batch is woken for
//!   many places at once and not for each, and the other half keeps the poppers busy meanwhile.
//! - Whoever holds a granted ticket either fills its places or gives them on.
//!
//! # Lost wake-ups
//! A popper counts itself in `idle` and waits in one critical section; a pusher looks at `idle`
//! in the one that adds the item. A waiting ticket's waker is replaced in the critical section
//! that finds it still waiting.
//!
//! # Deadlock safety
//! One lock. Items are dropped, and wakers cloned, run and dropped, outside it.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::task::{Poll, Waker};

use gonex_core::primitive::{Condvar, Mutex, MutexGuard, lock, wait, wake};

/// A bounded first-in first-out queue; made public for its loom models, not for users.
#[derive(Debug)]
pub struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    ready: Condvar,
}

/// A place in line, numbered in the order of coming.
pub type Ticket = u64;

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    free: usize,
    line: BTreeMap<Ticket, Waiting>,
    /// The places of each.
    granted: BTreeMap<Ticket, usize>,
    drawn: Ticket,
    /// Poppers that wait.
    idle: usize,
    closed: bool,
}

/// Who stands in line.
#[derive(Debug)]
struct Waiting {
    waker: Waker,
    wants: usize,
    has: usize,
}

/// The queue takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Why an item was not pushed; it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError<T> {
    /// There is no room now.
    Full(T),
    /// There never will be.
    Closed(T),
}

impl<T> Queue<T> {
    /// Makes a queue of `capacity` items, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        let state = State {
            items: VecDeque::new(),
            free: capacity,
            line: BTreeMap::new(),
            granted: BTreeMap::new(),
            drawn: 0,
            idle: 0,
            closed: false,
        };
        Self { capacity, state: Mutex::new(state), ready: Condvar::new() }
    }

    /// Pushes an item if there is room.
    ///
    /// # Errors
    /// Gives it back if there is none, or somebody waits for room already.
    pub fn try_push(&self, item: T) -> Result<(), PushError<T>> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(PushError::Closed(item));
        }
        if state.free == 0 {
            return Err(PushError::Full(item));
        }
        state.free -= 1;
        state.items.push_back(item);
        self.added(state, 1);
        Ok(())
    }

    /// Pushes all `items`, as room for them comes up, in the order in which the callers first asked.
    ///
    /// `ticket` belongs to the caller, `None` at first; one that is left over must be
    /// [abandoned](Self::abandon). What was not pushed is still in `items`. Its `next` runs under
    /// the lock, so it must be an iterator of the standard library over a collection.
    pub fn poll_push(
        &self,
        items: &mut impl ExactSizeIterator<Item = T>,
        ticket: &mut Option<Ticket>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        let mut mine = Some(waker.clone());
        let mut state = lock(&self.state);
        let before = state.items.len();
        let outcome = loop {
            if items.len() == 0 {
                break Poll::Ready(Ok(()));
            } else if state.closed {
                break Poll::Ready(Err(Closed));
            }
            let room = state.room(ticket, items.len(), self.capacity, &mut mine);
            if room == 0 {
                break Poll::Pending;
            }
            state.items.extend(items.take(room));
        };
        let added = state.items.len() - before;
        self.added(state, added);
        drop(mine);
        outcome
    }

    /// Gives up a place in line, or the room that was granted.
    pub fn abandon(&self, ticket: &mut Option<Ticket>) {
        let Some(key) = ticket.take() else { return };
        let mut state = lock(&self.state);
        let left = state.line.remove(&key);
        let places = left.as_ref().map(|waiting| waiting.has).or(state.granted.remove(&key));
        let woken: Vec<Waker> = (0..places.unwrap_or(0)).filter_map(|_| state.release()).collect();
        drop(state);
        drop(left);
        woken.into_iter().for_each(wake);
    }

    /// Takes the oldest item, waiting on this thread for one; `None` once the queue is closed and
    /// empty.
    pub fn pop(&self) -> Option<T> {
        let mut state = lock(&self.state);
        loop {
            if let Some(item) = state.items.pop_front() {
                let next = state.release();
                drop(state);
                next.into_iter().for_each(wake);
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = wait(&self.ready, state);
            state.idle -= 1;
        }
    }

    /// Takes no more items; those inside are still popped. Closing twice is the same as once.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let granted = mem::take(&mut state.granted);
        let line = mem::take(&mut state.line);
        let waiting = line.values().map(|waiting| waiting.has);
        state.free += granted.into_values().chain(waiting).sum::<usize>();
        drop(state);
        self.ready.notify_all();
        line.into_values().for_each(|waiting| wake(waiting.waker));
    }

    /// Takes all items out, for the caller to drop.
    #[must_use]
    pub fn drain(&self) -> Vec<T> {
        let mut state = lock(&self.state);
        let items: Vec<T> = mem::take(&mut state.items).into();
        let woken: Vec<Waker> = items.iter().filter_map(|_| state.release()).collect();
        drop(state);
        woken.into_iter().for_each(wake);
        items
    }

    /// The number of items inside.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.state).items.len()
    }

    /// Whether no item is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items fit inside.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Wakes as many of the poppers that wait as there are new items for. Pushes to busy workers
    /// save the system call.
    fn added(&self, state: MutexGuard<'_, State<T>>, items: usize) {
        let idle = state.idle;
        drop(state);
        for _ in 0..items.min(idle) {
            self.ready.notify_one();
        }
    }
}

impl<T> State<T> {
    /// How many of the `wanted` places the caller has now, free or granted; if none, it stands in
    /// line with its waker. A waker that is no longer needed is left in `waker` for the caller to
    /// drop.
    fn room(
        &mut self,
        ticket: &mut Option<Ticket>,
        wanted: usize,
        capacity: usize,
        waker: &mut Option<Waker>,
    ) -> usize {
        if let Some(key) = *ticket {
            if let Some(waiting) = self.line.get_mut(&key) {
                if let Some(mine) = waker {
                    mem::swap(&mut waiting.waker, mine);
                }
                return 0;
            }
            *ticket = None;
            if let Some(places) = self.granted.remove(&key) {
                return places;
            }
            // Tickets end otherwise only when the queue is closed, which callers look at first.
        }
        let free = self.free.min(wanted);
        self.free -= free;
        if free == 0
            && let Some(waker) = waker.take()
        {
            let wants = wanted.min(capacity / 2).max(1);
            self.line.insert(self.drawn, Waiting { waker, wants, has: 0 });
            *ticket = Some(self.drawn);
            self.drawn += 1;
        }
        free
    }

    /// Gives a place that became free to the first in line, or to all. The waker is that of one
    /// who now has all it asked for.
    fn release(&mut self) -> Option<Waker> {
        let Some(mut first) = self.line.first_entry() else {
            self.free += 1;
            return None;
        };
        first.get_mut().has += 1;
        if first.get().has < first.get().wants {
            return None;
        }
        let (key, Waiting { waker, has, .. }) = first.remove_entry();
        self.granted.insert(key, has);
        Some(waker)
    }
}
