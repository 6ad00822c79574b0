use std::fmt;
use std::sync::Arc;

use super::locked::{Locked, Weigh};
use super::ringed::Ringed;
use super::shared::{Handles, Shared};
use super::{Receiver, Sender};

/// The most values a channel can be made for; more is as good as no bound.
const MOST: usize = if usize::BITS >= 64 { 1 << 40 } else { 1 << 28 };
/// The most lanes of a channel.
const MOST_LANES: usize = 64;

/// Makes a channel that holds up to `capacity` values; 0 makes every send wait for its receive.
///
/// Memory for all of them is taken at once.
///
/// # Panics
/// With a capacity beyond 2^40 (2^28 on machines of 32 bits).
///
/// ```
/// use std::thread;
/// use gonex_sync::channel;
///
/// let (tx, rx) = channel(0);
/// let greeter = thread::spawn(move || tx.send("hello").block());
/// assert_eq!(rx.recv().block(), Ok("hello"));
/// assert!(greeter.join().unwrap().is_ok());
/// ```
#[must_use]
#[track_caller]
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ChannelBuilder::new().bounded(capacity).build()
}

/// Makes a channel that takes values without a bound, so that a send never waits.
///
/// It holds as much memory as what is inside needs, and gives most of it back. A sender that is
/// faster than its receivers for long ends the program: prefer [`channel`].
///
/// ```
/// let (tx, rx) = gonex_sync::unbounded();
/// tx.send_all(0..1000).block().unwrap();
/// assert_eq!(rx.try_iter().sum::<u32>(), 499_500);
/// ```
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ChannelBuilder::new().build()
}

/// Sets a channel up step by step: bounds in values or in weight, and lanes.
///
/// ```
/// use gonex_sync::ChannelBuilder;
///
/// // At most 64 KiB of text are on their way.
/// let (tx, rx) = ChannelBuilder::new().weighted(64 * 1024, String::len).build();
/// tx.try_send("call me Ishmael".to_owned()).unwrap();
/// assert_eq!((rx.len(), rx.capacity()), (1, Some(64 * 1024)));
/// ```
#[must_use = "a builder makes nothing until it is built"]
pub struct ChannelBuilder<T> {
    bound: Bound<T>,
    lanes: usize,
}

enum Bound<T> {
    None,
    Values(usize),
    Weight(usize, Weigh<T>),
}

impl<T> fmt::Debug for ChannelBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.bound {
            Bound::None => None,
            Bound::Values(bound) | Bound::Weight(bound, _) => Some(bound),
        };
        f.debug_struct("ChannelBuilder").field("bound", &bound).field("lanes", &self.lanes).finish()
    }
}

impl<T> ChannelBuilder<T> {
    /// Begins with a channel without a bound.
    pub fn new() -> Self {
        Self { bound: Bound::None, lanes: 1 }
    }

    /// Bounds the number of values, in each lane: see [`channel`].
    pub fn bounded(self, capacity: usize) -> Self {
        Self { bound: Bound::Values(capacity), ..self }
    }

    /// Bounds the sum of the weights of the values inside, such as their bytes.
    ///
    /// Each value weighs at least 1. One that is heavier than the capacity goes in when nothing
    /// else is inside. Those who wait go in strictly in their order, so a heavy value is not
    /// overtaken by light ones. `weigh` runs in the sender, under no lock.
    pub fn weighted(
        self,
        capacity: usize,
        weigh: impl Fn(&T) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self { bound: Bound::Weight(capacity, Box::new(weigh)), ..self }
    }

    /// Divides a channel with a bounded number of values into lanes, each with its own capacity.
    ///
    /// Receivers take from the first lane that has a value, so a flood in one lane holds up none
    /// before it. [`Sender::lane`] gives the sender of a lane.
    pub fn lanes(self, lanes: usize) -> Self {
        Self { lanes, ..self }
    }

    /// Makes the channel.
    ///
    /// # Panics
    /// With a capacity beyond 2^40 (2^28 on machines of 32 bits), with no lane or more than 64,
    /// with several lanes where the number of values is not bounded by at least 1, and with a weight
    /// of 0 for the capacity.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> (Sender<T>, Receiver<T>) {
        let lanes = self.lanes;
        assert!(
            (1..=MOST_LANES).contains(&lanes),
            "a channel has 1 to {MOST_LANES} lanes, not {lanes}"
        );
        let many_values = matches!(self.bound, Bound::Values(1..));
        assert!(
            lanes == 1 || many_values,
            "{lanes} lanes need a bounded number of values, at least 1 in each: call `bounded`"
        );
        let handles = Handles::new();
        let shared = match self.bound {
            Bound::None => Shared::Listed(handles, Ringed::unbounded()),
            Bound::Values(0) => Shared::Locked(handles, Locked::new(0, None)),
            Bound::Values(capacity) => {
                assert!(
                    capacity <= MOST,
                    "a channel holds at most {MOST} values, not {capacity}: use `unbounded`"
                );
                Shared::Ringed(handles, Ringed::bounded(capacity, lanes))
            }
            Bound::Weight(0, _) => panic!("a channel that is bounded by weight holds at least 1"),
            Bound::Weight(capacity, weigh) => {
                Shared::Locked(handles, Locked::new(capacity, Some(weigh)))
            }
        };
        let shared = Arc::new(shared);
        (Sender::new(shared.clone()), Receiver::new(shared))
    }
}

impl<T> Default for ChannelBuilder<T> {
    fn default() -> Self {
        Self::new()
    }
}
