use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::shared::{Over, Shared};
use crate::channel::{RecvError, TryRecvError};
use crate::simulation::step;

/// The end of a [`oneshot`](super::oneshot()) out of which the value comes.
///
/// Dropped, it closes the channel, and drops a value that is inside.
pub struct OneshotReceiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> OneshotReceiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// Waits for the value.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes nothing, and another receive can be tried.
    ///
    /// # Errors
    /// [`RecvError`] when there is no value and never will be, because the sender is gone, the value
    /// has been received or the channel was closed; and when a limit or the ambient context stops it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::RecvError;
    ///
    /// let (tx, mut rx) = gonex_sync::oneshot();
    /// assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
    /// tx.send(7).unwrap();
    /// assert_eq!(rx.recv().block(), Ok(7));
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> Op<OneshotRecv<'_, T>> {
        Op::new(OneshotRecv { shared: &self.shared, waits: false })
    }

    /// Takes the value if it is there.
    ///
    /// # Errors
    /// Says whether it may still come.
    ///
    /// ```
    /// use gonex_sync::TryRecvError;
    ///
    /// let (tx, mut rx) = gonex_sync::oneshot();
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(7).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(7));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        step("try to receive from", "oneshot");
        match self.shared.try_recv() {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(TryRecvError::Empty),
            Err(Over) => Err(TryRecvError::Closed),
        }
    }

    /// Goes on with a receive that is part of another operation, which drops this with itself.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        self.shared.poll_recv(cx.waker()).map_err(|Over| RecvError::Closed)
    }

    /// Lets nothing more be sent; a value that is inside can still be received. Whether it was open.
    ///
    /// ```
    /// let (tx, mut rx) = gonex_sync::oneshot();
    /// assert!(rx.close());
    /// assert!(tx.send(7).is_err());
    /// assert!(rx.recv().block().is_err());
    /// ```
    pub fn close(&mut self) -> bool {
        self.shared.close()
    }
}

impl<T> Drop for OneshotReceiver<T> {
    fn drop(&mut self) {
        self.shared.drop_receiver();
    }
}

impl<T> fmt::Debug for OneshotReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotReceiver").field("closed", &self.shared.is_closed()).finish()
    }
}

/// The kind of [`OneshotReceiver::recv`].
#[must_use = "a receive does nothing until it is awaited or blocked on"]
pub struct OneshotRecv<'a, T> {
    shared: &'a Shared<T>,
    waits: bool,
}

impl<T> fmt::Debug for OneshotRecv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotRecv").field("waits", &self.waits).finish()
    }
}

impl<T> Kind for OneshotRecv<'_, T> {
    type Output = Result<T, RecvError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        match self.shared.try_recv() {
            Ok(value) => value.map(Ok),
            Err(Over) => Some(Err(RecvError::Closed)),
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.waits = true;
        self.shared.poll_recv(cx.waker()).map_err(|Over| RecvError::Closed)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match self.shared.try_recv() {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(stop.into()),
            Err(Over) => Err(RecvError::Closed),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("receive from").of("oneshot")
    }
}

impl<T> Drop for OneshotRecv<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            self.shared.receiver_leaves();
        }
    }
}
