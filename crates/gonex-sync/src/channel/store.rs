//! Where the values of a channel with a buffer stand.
//!
//! [`Ringed`](super::ringed) works with any of them: a [`Ring`](super::ring::Ring) has so many places
//! and no more, a [`List`](super::list::List) has as many as it takes.
//!
//! # Order of memory
//! The words that say how far pushes and pops have come are advanced, and read where the answer is
//! "full" or "empty", with `SeqCst`: `Ringed` relies on it for its wake-ups.

use super::error::TrySendError;
use crate::primitive::atomic::AtomicU64;

/// Where in the order of all values of one store one stands, modulo 2^48. Each push takes the next.
pub(crate) type Position = u64;

/// The bits of a word that are the position.
pub(crate) const POSITION: u64 = (1 << 48) - 1;

/// Why nothing was pushed; the value comes back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PushError<T> {
    Full(T),
    Closed(T),
}

impl<T> PushError<T> {
    pub(crate) fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }
}

impl<T> From<PushError<T>> for TrySendError<T> {
    fn from(error: PushError<T>) -> Self {
        match error {
            PushError::Full(value) => Self::Full(value),
            PushError::Closed(value) => Self::Closed(value),
        }
    }
}

/// Why nothing was popped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PopError {
    Empty,
    /// Empty for good.
    Closed,
}

/// Why no place is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    Full,
    Closed,
}

/// A queue without locks, for any number of pushers and poppers.
pub(crate) trait Store<T> {
    /// What the user of a store reads with each push and pop; it stands on a line that both read
    /// anyway. The store itself does nothing with it.
    fn signals(&self) -> &AtomicU64;

    /// How many values fit, if there is a limit.
    fn capacity(&self) -> Option<usize>;

    /// Pushes a value if nothing stands in the way: no flag, no reserved place, no other pusher.
    /// What cannot be pushed so may still be [pushed](Self::push).
    fn push_quickly(&self, value: T) -> Result<Position, T>;

    /// Pushes a value, and says where it stands.
    fn push(&self, value: T) -> Result<Position, PushError<T>>;

    /// Keeps a place for a later [`push_reserved`](Self::push_reserved) or
    /// [`release`](Self::release).
    fn reserve(&self) -> Result<(), NoPlace>;

    /// Pushes into a reserved place. Fails only when closed, and then gives the place up.
    fn push_reserved(&self, value: T) -> Result<Position, T>;

    /// Gives up a reserved place.
    fn release(&self);

    /// Pops the oldest value if it is there and no other popper comes first. What cannot be popped
    /// so may still be [popped](Self::pop).
    fn pop_quickly(&self) -> Option<(T, Position)>;

    /// Pops the oldest value, and says where it stood.
    fn pop(&self) -> Result<(T, Position), PopError>;

    /// Whether a value can be popped right now, at as little cost to pushers as can be. `false` may
    /// be out of date.
    fn looks_ready(&self) -> bool;

    /// Whether a value can be pushed right now. `false` may be out of date.
    fn looks_roomy(&self) -> bool;

    /// Whether it is open, and nothing is inside or on its way in.
    fn is_idle(&self) -> bool;

    /// Whether it is open, and there is no place free.
    fn is_full(&self) -> bool;

    /// The number of values inside, and of places that are reserved, at one moment.
    fn fill(&self) -> (usize, usize);

    /// Changes whenever a value is pushed or the store closed.
    fn pushes(&self) -> u64;

    /// Changes whenever a value is popped.
    fn pops(&self) -> u64;

    /// Lets no more values in.
    fn close(&self);

    fn is_closed(&self) -> bool;
}

/// The next position; works on a word with flags too, and keeps them.
#[inline]
pub(crate) fn next(word: u64) -> u64 {
    (word & !POSITION) | after(word)
}

/// The position after one, without flags.
#[inline]
pub(crate) fn after(position: Position) -> Position {
    (position + 1) & POSITION
}

/// How far it is from one position to another, modulo 2^48.
#[inline]
pub(crate) fn distance(from: Position, to: Position) -> u64 {
    to.wrapping_sub(from) & POSITION
}
