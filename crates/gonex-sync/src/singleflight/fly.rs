use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use super::flights::{Flight, Flights};
use crate::once::{Initializing, Source};

/// What a call yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flown<V> {
    /// The result of the execution.
    pub value: V,
    /// Whether more than one call shared it.
    pub shared: bool,
}

pin_project! {
    /// The kind of [`Group::run`](super::Group::run) and its async form.
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct Fly<'a, K, V, S>
    where
        K: Hash,
        K: Eq,
    {
        state: Boarding<'a, K, V>,
        #[pin]
        source: S,
    }
}

/// A call on its way. Dropped, it gets off.
struct Boarding<'a, K: Hash + Eq, V> {
    flights: &'a Flights<K, V>,
    key: Arc<K>,
    /// Since the first poll.
    flight: Option<Arc<Flight<V>>>,
    initializing: Initializing,
}

impl<'a, K: Hash + Eq, V, S> Fly<'a, K, V, S> {
    pub(super) fn new(flights: &'a Flights<K, V>, key: K, source: S) -> Self {
        let key = Arc::new(key);
        let initializing = Initializing::default();
        Self { state: Boarding { flights, key, flight: None, initializing }, source }
    }
}

impl<K: Hash + Eq, V> Drop for Boarding<'_, K, V> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            // The next one aboard takes over, if it was this one's turn.
            self.initializing.leave(&flight.cell);
            self.flights.get_off(&self.key, &flight);
        }
    }
}

impl<K: Hash + Eq, V, S> fmt::Debug for Fly<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fly").field("aboard", &self.state.flight.is_some()).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq, V: Clone, S: Source<Output = V>> Kind for Fly<'_, K, V, S> {
    type Output = Flown<V>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Flown<V>> {
        let this = self.project();
        let Boarding { flights, key, flight, initializing } = this.state;
        let flight = flight.get_or_insert_with(|| flights.board(key));
        let made = Ok::<V, Infallible>;
        if initializing.poll(&flight.cell, this.source, made, cx).is_pending() {
            return Poll::Pending;
        }
        flights.land(key, flight);
        let shared = flight.is_shared();
        let value = flight.cell.get().cloned();
        Poll::Ready(Flown { value: value.expect("the value is there now"), shared })
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Flown<V> {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for").of("shared call")
    }
}
