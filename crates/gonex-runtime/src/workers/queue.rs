//! A bounded queue between operations that push and threads that pop.
//!
//! # Invariants
//! - `items.len() + free + granted tickets == capacity`.
//! - `line` holds the keys of the waiting tickets, in the order they came; while it is not empty,
//!   `free` is 0, so nobody overtakes.
//! - A ticket is granted when a place becomes free, and whoever holds it either fills the place or
//!   gives it to the next in line.
//!
//! # Lost wake-ups
//! A popper counts itself in `idle` and waits in one critical section; a pusher looks at `idle`
//! in the one that adds the item. A waiting ticket's waker is replaced in the critical section
//! that finds it still waiting.
//!
//! # Deadlock safety
//! One lock. Items are dropped, and wakers cloned, run and dropped, outside it.

use std::collections::VecDeque;
use std::mem;
use std::task::{Poll, Waker};

use gonex_core::primitive::{Condvar, Mutex, MutexGuard, lock, wait};
use slab::Slab;

/// A bounded first-in first-out queue; made public for its loom models, not for users.
#[derive(Debug)]
pub struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    ready: Condvar,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    free: usize,
    tickets: Slab<Ticket>,
    line: VecDeque<usize>,
    /// Poppers that wait.
    idle: usize,
    closed: bool,
}

#[derive(Debug)]
enum Ticket {
    Waiting(Waker),
    Granted,
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
            tickets: Slab::new(),
            line: VecDeque::new(),
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
        ticket: &mut Option<usize>,
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
            } else if !state.admit(ticket, &mut mine) {
                break Poll::Pending;
            }
            state.items.extend(items.next());
        };
        let added = state.items.len() - before;
        self.added(state, added);
        drop(mine);
        outcome
    }

    /// Gives up a place in line, or the room that was granted.
    pub fn abandon(&self, ticket: &mut Option<usize>) {
        let Some(key) = ticket.take() else { return };
        let mut state = lock(&self.state);
        let (ticket, next) = match state.tickets.try_remove(key) {
            Some(Ticket::Granted) => (None, state.release()),
            Some(Ticket::Waiting(waker)) => {
                state.line.retain(|&other| other != key);
                (Some(waker), None)
            }
            None => (None, None),
        };
        drop(state);
        drop(ticket);
        next.into_iter().for_each(Waker::wake);
    }

    /// Takes the oldest item, waiting on this thread for one; `None` once the queue is closed and
    /// empty.
    pub fn pop(&self) -> Option<T> {
        let mut state = lock(&self.state);
        loop {
            if let Some(item) = state.items.pop_front() {
                let next = state.release();
                drop(state);
                next.into_iter().for_each(Waker::wake);
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
        state.line.clear();
        let tickets = mem::take(&mut state.tickets);
        drop(state);
        self.ready.notify_all();
        for (_, ticket) in tickets {
            if let Ticket::Waiting(waker) = ticket {
                waker.wake();
            }
        }
    }

    /// Takes all items out, for the caller to drop.
    #[must_use]
    pub fn drain(&self) -> Vec<T> {
        let mut state = lock(&self.state);
        let items: Vec<T> = mem::take(&mut state.items).into();
        let woken: Vec<Waker> = items.iter().filter_map(|_| state.release()).collect();
        drop(state);
        woken.into_iter().for_each(Waker::wake);
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
    /// Whether the caller has room, either free or granted; if not, it stands in line with its
    /// waker. A waker that is no longer needed is left in `waker` for the caller to drop.
    fn admit(&mut self, ticket: &mut Option<usize>, waker: &mut Option<Waker>) -> bool {
        if let Some(key) = *ticket {
            match self.tickets.get_mut(key) {
                Some(Ticket::Waiting(known)) => {
                    if let Some(mine) = waker {
                        mem::swap(known, mine);
                    }
                    return false;
                }
                Some(Ticket::Granted) => {
                    self.tickets.remove(key);
                    *ticket = None;
                    return true;
                }
                // Tickets end only with the queue, which callers look at first.
                None => *ticket = None,
            }
        }
        if self.free > 0 {
            self.free -= 1;
            return true;
        }
        if let Some(waker) = waker.take() {
            let key = self.tickets.insert(Ticket::Waiting(waker));
            self.line.push_back(key);
            *ticket = Some(key);
        }
        false
    }

    /// Gives room that became free to the first in line, whose waker is returned, or to all.
    fn release(&mut self) -> Option<Waker> {
        while let Some(key) = self.line.pop_front() {
            if let Some(ticket) = self.tickets.get_mut(key)
                && let Ticket::Waiting(waker) = mem::replace(ticket, Ticket::Granted)
            {
                return Some(waker);
            }
        }
        self.free += 1;
        None
    }
}
