use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::error::{RecvError, TryRecvError};
use super::shared::Shared;
use super::through::Spot;

/// A receive that borrows, or owns, its way to the channel.
macro_rules! receiving {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident [$($lifetime:lifetime)?] { $shared:ty }) => {
        $(#[$doc])*
        #[must_use = "a receive does nothing until it is awaited or blocked on"]
        $visibility struct $name<$($lifetime,)? T> {
            shared: $shared,
            /// The place in line, while it waits.
            spot: Option<Spot>,
        }

        impl<$($lifetime,)? T> $name<$($lifetime,)? T> {
            pub(super) fn new(shared: $shared) -> Self {
                Self { shared, spot: None }
            }

            // An `Option`, since a `Poll` that a call yields goes through memory.
            #[inline(never)]
            fn wait(&mut self, cx: &mut Context<'_>) -> Option<Result<T, RecvError>> {
                if self.spot.is_none()
                    && let Some(value) = self.shared.recv_spinning()
                {
                    return Some(Ok(value));
                }
                match self.shared.poll_recv(&mut self.spot, cx.waker()) {
                    Poll::Ready(outcome) => Some(outcome.map_err(|_| RecvError::Closed)),
                    Poll::Pending => None,
                }
            }
        }

        impl<$($lifetime,)? T> std::fmt::Debug for $name<$($lifetime,)? T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("waits", &self.spot.is_some()).finish()
            }
        }

        impl<$($lifetime,)? T> Kind for $name<$($lifetime,)? T> {
            type Output = Result<T, RecvError>;
            type Limited = Self;

            const SPINS: bool = true;

            fn comes_unasked(&self) -> bool {
                self.shared.is_buffered()
            }

            #[inline(always)]
            fn attempt(&mut self) -> Option<Self::Output> {
                // To look at more than this would disturb senders. Whether the channel is closed is
                // seen before the thread parks.
                if !self.shared.looks_ready() {
                    return None;
                }
                match self.shared.try_recv() {
                    Ok(value) => Some(Ok(value)),
                    Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
                    Err(TryRecvError::Empty) => None,
                }
            }

            #[inline(always)]
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                if self.spot.is_none()
                    && let Some(value) = self.shared.recv_quickly()
                {
                    return Poll::Ready(Ok(value));
                }
                self.wait(cx).map_or(Poll::Pending, Poll::Ready)
            }

            fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
                let spot = self.spot.take();
                spot.and_then(|spot| self.shared.stop_receiving(spot)).ok_or_else(|| stop.into())
            }

            fn limited(self) -> Self {
                self
            }

            fn subject(&self) -> Subject {
                Subject::new("receive from").of("channel")
            }
        }

        impl<$($lifetime,)? T> Drop for $name<$($lifetime,)? T> {
            #[inline]
            fn drop(&mut self) {
                // `take` alone would write.
                if self.spot.is_some()
                    && let Some(spot) = self.spot.take()
                {
                    self.shared.leave_receivers(spot);
                }
            }
        }
    };
}

receiving! {
    /// The kind of [`Receiver::recv`](crate::Receiver::recv).
    pub struct Recv['a] { &'a Shared<T> }
}

receiving! {
    /// A receive that does not borrow its receiver.
    pub(super) struct RecvOwned[] { Arc<Shared<T>> }
}
