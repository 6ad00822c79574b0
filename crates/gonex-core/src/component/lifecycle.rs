use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Failure;
use super::border::{inside, let_go};
use crate::op::Subject;
use crate::{Cause, Kind, Op, Stop};

type Work = Pin<Box<dyn Future<Output = Result<(), Cause>> + Send>>;

/// The kind of [`Component::start`](super::Component::start) and
/// [`Component::stop`](super::Component::stop).
///
/// # Cancel safety
/// What an operation leaves when it is dropped or reaches a limit is the component's to say.
#[must_use = "a component neither starts nor stops until the operation is awaited or blocked on"]
pub struct Lifecycle {
    /// Until it is done.
    work: Option<Work>,
}

impl Lifecycle {
    /// Makes an operation of what has to be done.
    ///
    /// A panic in it becomes [`Failure::Panicked`]. Code that blocks belongs on a thread of its own,
    /// for which the work then waits.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::component::{Failure, Lifecycle};
    ///
    /// assert_eq!(Lifecycle::of(async { Ok(()) }).block(), Ok(()));
    /// let endless = Lifecycle::of(std::future::pending());
    /// assert_eq!(endless.timeout(Duration::ZERO).block(), Err(Failure::Timeout));
    /// ```
    #[track_caller]
    pub fn of(work: impl Future<Output = Result<(), Cause>> + Send + 'static) -> Op<Self> {
        Op::new(Self { work: Some(Box::pin(work)) })
    }

    /// Makes an operation of what has been done already.
    ///
    /// ```
    /// assert_eq!(gonex_core::component::Lifecycle::done().block(), Ok(()));
    /// ```
    #[track_caller]
    pub fn done() -> Op<Self> {
        Op::new(Self { work: None })
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle").field("done", &self.work.is_none()).finish()
    }
}

impl Kind for Lifecycle {
    type Output = Result<(), Failure>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.work.is_none().then_some(Ok(()))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else { return Poll::Ready(Ok(())) };
        let output = match inside(|| work.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => output.map_err(Failure::Failed),
            Err(failure) => Err(failure),
        };
        let_go(self.work.take());
        Poll::Ready(output)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for").of("component")
    }
}

impl Drop for Lifecycle {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            let_go(work);
        }
    }
}
