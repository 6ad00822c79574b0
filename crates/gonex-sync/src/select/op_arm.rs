use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::arm::Arm;

/// Awaits an operation, or any other future.
pub struct OpArm<'p, F: Future> {
    /// `None` in an arm that is disabled, and when it is done.
    future: Option<Pin<&'p mut F>>,
    output: Option<F::Output>,
}

impl<'p, F: Future> OpArm<'p, F> {
    /// From a future, if the arm takes part.
    pub fn new(future: Option<Pin<&'p mut F>>) -> Self {
        Self { future, output: None }
    }

    /// What the future yielded, in the arm that happened.
    pub fn take(&mut self) -> Option<F::Output> {
        self.output.take()
    }
}

impl<F: Future> fmt::Debug for OpArm<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpArm").field("enabled", &self.future.is_some()).finish_non_exhaustive()
    }
}

impl<'a, F: Future> Arm<'a> for OpArm<'_, F> {
    fn is_enabled(&self) -> bool {
        self.future.is_some()
    }

    /// With nobody to wake: for a select that does not wait.
    fn attempt(&mut self, _: bool) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn is_channel(&self) -> bool {
        false
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let output = ready!(future.as_mut().poll(cx));
        self.output = Some(output);
        self.future = None;
        Poll::Ready(())
    }
}
