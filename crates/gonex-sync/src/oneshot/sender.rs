use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Op, Stop};

use super::shared::Shared;
use crate::channel::SendError;
use crate::simulation::step;

/// The end of a [`oneshot`](super::oneshot()) into which the value goes.
///
/// Dropped without a value, it closes the channel.
pub struct OneshotSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> OneshotSender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// Sends the value, which never waits.
    ///
    /// # Errors
    /// Gives the value back as [`SendError::Closed`] if nobody can receive it any more. A value that
    /// was sent may still be dropped unseen, with its receiver.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::oneshot();
    /// drop(rx);
    /// assert_eq!(tx.send(7).unwrap_err().into_inner(), 7);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn send(self, value: T) -> Result<(), SendError<T>> {
        step("send to", "oneshot");
        self.shared.send(value).map_err(SendError::Closed)
    }

    /// Waits until nobody can receive the value any more, so that making it would be in vain.
    ///
    /// It cannot fail; under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropping it leaves nothing behind.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// let (mut tx, rx) = gonex_sync::oneshot::<u8>();
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().block();
    /// assert!(tx.is_closed());
    /// ```
    #[track_caller]
    pub fn closed(&mut self) -> Op<OneshotClosed<'_, T>> {
        Op::new(OneshotClosed { shared: &self.shared, waits: false })
    }

    /// Whether nobody can receive the value any more.
    ///
    /// ```
    /// let (tx, rx) = gonex_sync::oneshot::<u8>();
    /// assert!(!tx.is_closed());
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }
}

impl<T> Drop for OneshotSender<T> {
    fn drop(&mut self) {
        self.shared.drop_sender();
    }
}

impl<T> fmt::Debug for OneshotSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotSender").field("closed", &self.is_closed()).finish()
    }
}

/// The kind of [`OneshotSender::closed`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct OneshotClosed<'a, T> {
    shared: &'a Shared<T>,
    waits: bool,
}

impl<T> fmt::Debug for OneshotClosed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotClosed").field("waits", &self.waits).finish()
    }
}

impl<T> Kind for OneshotClosed<'_, T> {
    type Output = ();
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        self.shared.is_closed().then_some(())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.waits = true;
        self.shared.poll_closed(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the close of").of("oneshot")
    }
}

impl<T> Drop for OneshotClosed<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            self.shared.sender_leaves();
        }
    }
}
