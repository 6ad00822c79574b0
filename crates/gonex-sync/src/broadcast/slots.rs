//! The values of a broadcast, and who has still to read them. Nothing here locks or wakes.
//!
//! # Invariants
//! - A value's position never changes; `head` is that of the first slot.
//! - `unread` of a slot is the number of subscribers at or before its position, and `holding` that of
//!   those among them for whom senders wait.
//! - The first slot is unread by somebody.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use slab::Slab;

/// What becomes of a subscriber that is too slow, when the channel is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLag {
    /// Senders wait for it.
    #[default]
    Wait,
    /// It misses the oldest values, and receives on; how many is counted.
    DropOldest,
    /// It misses the oldest values, and the next receive says how many.
    Error,
}

/// A value that is cloned outside the lock. The box is used again when its last reader has gone.
pub(super) type Shelf<T> = Arc<Option<T>>;

pub(super) struct Slots<T> {
    capacity: usize,
    slots: VecDeque<Slot<T>>,
    head: u64,
    subscribers: Slab<Subscriber>,
    /// Empty shelves.
    spare: Vec<Shelf<T>>,
}

struct Slot<T> {
    shelf: Shelf<T>,
    unread: usize,
    holding: usize,
}

pub(super) struct Subscriber {
    next: u64,
    on_lag: OnLag,
    missed: u64,
    /// Missed, and not told yet.
    untold: u64,
    pub(super) waker: Option<Waker>,
}

/// What there is for a subscriber.
pub(super) enum Next<T> {
    /// Others may read it too.
    Shared(Shelf<T>),
    /// The others have read it.
    Owned(T),
    Lagged(u64),
    Nothing,
}

/// A value that is in the channel no more; for the caller to use or drop outside the lock.
pub(super) enum Popped<T> {
    Value(T),
    /// Somebody clones it just now.
    Read(Shelf<T>),
}

impl<T> Popped<T> {
    fn into_next(self) -> Next<T> {
        match self {
            Self::Value(value) => Next::Owned(value),
            Self::Read(shelf) => Next::Shared(shelf),
        }
    }
}

impl<T> Slots<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let (slots, subscribers) = (VecDeque::new(), Slab::new());
        Self { capacity, slots, head: 0, subscribers, spare: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    fn tail(&self) -> u64 {
        self.head + self.slots.len() as u64
    }

    pub(super) fn subscribe(&mut self, on_lag: OnLag) -> usize {
        let next = self.tail();
        let fresh = Subscriber { next, on_lag, missed: 0, untold: 0, waker: None };
        self.subscribers.insert(fresh)
    }

    pub(super) fn subscriber(&mut self, key: usize) -> &mut Subscriber {
        &mut self.subscribers[key]
    }

    pub(super) fn missed(&self, key: usize) -> u64 {
        let subscriber = &self.subscribers[key];
        subscriber.missed + self.head.saturating_sub(subscriber.next)
    }

    /// How many values a subscriber has still to receive.
    pub(super) fn unread(&self, key: usize) -> usize {
        (self.tail() - self.subscribers[key].next.max(self.head)) as usize
    }

    /// Whether a value can go in now: there is room, or those who hold it up may miss the oldest.
    pub(super) fn has_room(&self) -> bool {
        self.slots.len() < self.capacity || self.slots.front().is_none_or(|slot| slot.holding == 0)
    }

    /// Puts a value in, for which there is room; what drops out is for the caller to drop outside the
    /// lock.
    pub(super) fn push(&mut self, value: T) -> Result<Option<Popped<T>>, T> {
        if self.subscribers.is_empty() {
            return Err(value);
        }
        let oldest = if self.slots.len() < self.capacity { None } else { self.pop() };
        let mut shelf = self.spare.pop().unwrap_or_default();
        match Arc::get_mut(&mut shelf) {
            Some(place) => *place = Some(value),
            None => shelf = Arc::new(Some(value)),
        }
        let unread = self.subscribers.len();
        let holds = |subscriber: &&Subscriber| subscriber.on_lag == OnLag::Wait;
        let holding = self.subscribers.iter().map(|(_, one)| one).filter(holds).count();
        self.slots.push_back(Slot { shelf, unread, holding });
        Ok(oldest)
    }

    /// Takes the next for a subscriber; and whether that made room.
    pub(super) fn take(&mut self, key: usize) -> (Next<T>, bool) {
        let (head, tail) = (self.head, self.tail());
        let subscriber = &mut self.subscribers[key];
        let behind = head.saturating_sub(subscriber.next);
        subscriber.next += behind;
        subscriber.missed += behind;
        subscriber.untold += behind;
        if subscriber.on_lag == OnLag::Error && subscriber.untold > 0 {
            return (Next::Lagged(std::mem::take(&mut subscriber.untold)), false);
        }
        subscriber.untold = 0;
        if subscriber.next == tail {
            return (Next::Nothing, false);
        }
        let at = (subscriber.next - head) as usize;
        subscriber.next += 1;
        let holds = subscriber.on_lag == OnLag::Wait;
        let slot = &mut self.slots[at];
        slot.unread -= 1;
        slot.holding -= usize::from(holds);
        let made_room = at == 0 && slot.holding == 0;
        if slot.unread > 0 {
            return (Next::Shared(slot.shelf.clone()), made_room);
        }
        // Whoever has not read this one has not read those behind it: it is the first.
        (self.pop().map_or(Next::Nothing, Popped::into_next), made_room)
    }

    /// Takes a subscriber away, with what only it had still to read.
    pub(super) fn unsubscribe(&mut self, key: usize) -> (Subscriber, Vec<Popped<T>>) {
        let subscriber = self.subscribers.remove(key);
        let holds = subscriber.on_lag == OnLag::Wait;
        let at = (subscriber.next.max(self.head) - self.head) as usize;
        for slot in self.slots.range_mut(at..) {
            slot.unread -= 1;
            slot.holding -= usize::from(holds);
        }
        let mut left = Vec::new();
        while self.slots.front().is_some_and(|slot| slot.unread == 0) {
            left.extend(self.pop());
        }
        (subscriber, left)
    }

    /// Takes the first slot out.
    fn pop(&mut self) -> Option<Popped<T>> {
        let mut shelf = self.slots.pop_front()?.shelf;
        self.head += 1;
        let Some(value) = Arc::get_mut(&mut shelf).and_then(Option::take) else {
            return Some(Popped::Read(shelf));
        };
        if self.spare.len() < self.capacity {
            self.spare.push(shelf);
        }
        Some(Popped::Value(value))
    }

    pub(super) fn wakers(&mut self) -> impl Iterator<Item = Waker> + '_ {
        self.subscribers.iter_mut().filter_map(|(_, subscriber)| subscriber.waker.take())
    }
}
