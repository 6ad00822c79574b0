use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::onward::{self, Link};
use super::{NotTaken, Place};
use crate::PanicHook;
use crate::work::Task;

/// Places that are tried one after the other, as one place: the next takes what the one before does not.
///
/// A task goes on to the next place if the one before refuses it, is not there, or goes down before it
/// begins; if it went down *while* the task ran, only a call of a function that is declared `idempotent` goes
/// on. What the task itself ends with, an error, a panic, a cancellation, a time-out, is its result: see the
/// table at [`Guarantee::falls_through`](crate::portable::Guarantee::falls_through). If no place takes it, its
/// handle says what each has said.
///
/// A closure or a future that has begun is gone with its place; so is an async function that a place ran in
/// this process.
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_task::place::{Chain, Inline, NotTaken, Place, PlaceExt, Why};
/// use gonex_task::{Task, task};
///
/// struct Closed;
/// impl Place for Closed {
///     fn name(&self) -> &str {
///         "closed"
///     }
///     fn parallelism(&self) -> NonZeroUsize {
///         NonZeroUsize::MIN
///     }
///     fn submit(&self, task: Task) -> Result<(), NotTaken> {
///         Err(task.not_taken(Why::Unavailable, "closed on Sundays; come again tomorrow"))
///     }
/// }
///
/// #[task(crate = gonex_task)]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// let place = Chain::first(Closed).or(Inline);
/// assert_eq!(place.go(double::call(21)).join().block(), Ok(42));
/// assert_eq!(place.go(|| "a closure, too").join().block(), Ok("a closure, too"));
///
/// let closed = Chain::first(Closed).or(Closed).go(double::call(21)).join().block();
/// assert!(closed.unwrap_err().to_string().contains("closed on Sundays"));
/// ```
#[derive(Clone)]
pub struct Chain {
    name: String,
    /// At least one.
    places: Vec<Arc<dyn Place>>,
    first: Arc<Link>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chain").field(&self.name).finish()
    }
}

impl Chain {
    /// A chain of one place.
    #[must_use]
    pub fn first(place: impl Place + 'static) -> Self {
        Self::of(vec![Arc::new(place)])
    }

    /// The same, with one more place to be tried if none before takes a task.
    #[must_use]
    pub fn or(mut self, place: impl Place + 'static) -> Self {
        self.places.push(Arc::new(place));
        Self::of(self.places)
    }

    fn of(places: Vec<Arc<dyn Place>>) -> Self {
        let names: Vec<_> = places.iter().map(Place::name).collect();
        let (name, first) = (names.join(" or "), Link::chain(&places));
        Self { name, places, first }
    }

    fn first_place(&self) -> &dyn Place {
        &*self.first.place
    }
}

impl Place for Chain {
    /// The names of its places, with `or` in between.
    fn name(&self) -> &str {
        &self.name
    }

    /// That of the first place, which takes what it can.
    fn parallelism(&self) -> NonZeroUsize {
        self.first_place().parallelism()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        onward::hand_down(&self.first, task, Vec::new())
    }

    fn hook(&self) -> PanicHook {
        self.first_place().hook()
    }
}
