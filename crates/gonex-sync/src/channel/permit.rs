use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::{Kind, Stop};

use super::error::{ReserveError, SendError};
use super::shared::Shared;
use super::through::Spot;

/// A place in a channel, kept for one value.
///
/// Dropping it gives the place to the next who waits for one.
#[must_use = "dropping a permit gives its place up"]
pub struct Permit<'a, T> {
    shared: &'a Shared<T>,
    lane: usize,
    weight: usize,
}

impl<'a, T> Permit<'a, T> {
    /// For a place that has been reserved.
    pub(super) fn new(shared: &'a Shared<T>, lane: usize, weight: usize) -> Self {
        Self { shared, lane, weight }
    }

    /// Sends a value into the place, without waiting.
    ///
    /// # Errors
    /// Gives the value back as [`SendError::Closed`] if the channel has been closed meanwhile.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (tx, rx) = gonex_sync::channel(1);
    /// let permit = tx.reserve().block()?;
    /// assert!(tx.try_send("no room").is_err());
    /// permit.send("kept")?;
    /// assert_eq!(rx.recv().block()?, "kept");
    /// # Ok(())
    /// # }
    /// ```
    pub fn send(self, value: T) -> Result<(), SendError<T>> {
        let Self { shared, lane, weight } = self;
        std::mem::forget(self);
        shared.send_reserved(value, lane, weight).map_err(SendError::Closed)
    }

    /// Splits a permit of less weight off, so that one wait is enough for several values.
    ///
    /// `None` if this permit has no more than `weight`, if `weight` is 0, and where the capacity is
    /// a number of values: a permit is for one of them.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (tx, rx) = gonex_sync::ChannelBuilder::new().weighted(4, |_: &u8| 2).build();
    /// let mut both = tx.reserve_weight(4).block()?;
    /// let first = both.split(2).expect("4 is more than 2");
    /// assert!(both.split(2).is_none());
    /// first.send(1)?;
    /// both.send(2)?;
    /// assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn split(&mut self, weight: usize) -> Option<Self> {
        if weight == 0 || weight >= self.weight || !self.shared.is_weighted() {
            return None;
        }
        self.weight -= weight;
        Some(Self::new(self.shared, self.lane, weight))
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.shared.release(self.lane, self.weight);
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// The kind of [`Sender::reserve`](crate::Sender::reserve).
#[must_use = "a reservation does nothing until it is awaited or blocked on"]
pub struct Reserve<'a, T> {
    shared: &'a Shared<T>,
    lane: usize,
    weight: usize,
    spot: Option<Spot>,
}

impl<'a, T> Reserve<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, lane: usize, weight: usize) -> Self {
        Self { shared, lane, weight, spot: None }
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve").field("waits", &self.spot.is_some()).finish()
    }
}

impl<'a, T> Kind for Reserve<'a, T> {
    type Output = Result<Permit<'a, T>, ReserveError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { shared, lane, weight, spot } = &mut *self;
        shared.poll_reserve(*lane, *weight, spot, cx.waker()).map(|reserved| match reserved {
            Ok(()) => Ok(Permit::new(shared, *lane, *weight)),
            Err(_) => Err(ReserveError::Closed),
        })
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // A place that was reserved just now is given up on drop.
        Err(stop.into())
    }

    fn limited(self) -> Self {
        self
    }
}

impl<T> Drop for Reserve<'_, T> {
    fn drop(&mut self) {
        if let Some(spot) = self.spot.take() {
            self.shared.leave_reservers(spot, self.lane, self.weight);
        }
    }
}
