use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::core::{NotNow, Place, Refused};
use super::{AcquireError, Semaphore, SemaphorePermit};
use crate::wait::Key;

/// The kind of [`Semaphore::acquire`] and [`Semaphore::acquire_owned`].
#[must_use = "an acquire does nothing until it is awaited or blocked on"]
pub struct Acquire<H: Deref<Target = Semaphore>> {
    semaphore: H,
    permits: usize,
    /// The place in line, while it waits.
    key: Option<Key>,
}

impl<H: Deref<Target = Semaphore>> Acquire<H> {
    pub(super) fn new(semaphore: H, permits: usize) -> Self {
        Self { semaphore, permits, key: None }
    }
}

impl<H: Deref<Target = Semaphore> + Clone> Acquire<H> {
    fn done(&self, answer: Result<(), Refused>) -> Result<SemaphorePermit<H>, AcquireError> {
        answer.map_err(|refused| AcquireError::refused(refused, self.permits))?;
        Ok(SemaphorePermit::new(self.semaphore.clone(), self.permits))
    }
}

impl<H: Deref<Target = Semaphore>> fmt::Debug for Acquire<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("permits", &self.permits)
            .field("waits", &self.key.is_some())
            .finish()
    }
}

impl<H: Deref<Target = Semaphore> + Clone + Unpin> Kind for Acquire<H> {
    type Output = Result<SemaphorePermit<H>, AcquireError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        match self.semaphore.core().try_acquire(self.permits) {
            Ok(()) => Some(self.done(Ok(()))),
            Err(NotNow::Never(refused)) => Some(self.done(Err(refused))),
            Err(NotNow::Busy) => None,
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { semaphore, permits, key } = &mut *self;
        let poll = semaphore.core().poll_acquire(*permits, Place::Back, key, cx.waker());
        poll.map(|answer| self.done(answer))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let Self { semaphore, key, .. } = &mut *self;
        match semaphore.core().finish(key) {
            Some(answer) => self.done(answer),
            None => Err(stop.into()),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("acquire from").of("semaphore")
    }
}

impl<H: Deref<Target = Semaphore>> Drop for Acquire<H> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.semaphore.core().leave(key);
        }
    }
}
