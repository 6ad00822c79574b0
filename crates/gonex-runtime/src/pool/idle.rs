use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::shared::Shared;
use super::state::State;
use super::watch::Watch;

/// The kind of [`Pool::wait_idle`](super::Pool::wait_idle).
pub struct Idle<'a, J, R> {
    pool: &'a Shared<J, R>,
    watch: Watch,
}

impl<'a, J, R> Idle<'a, J, R> {
    pub(super) fn new(pool: &'a Shared<J, R>) -> Self {
        Self { pool, watch: Watch::default() }
    }
}

impl<J, R> Drop for Idle<'_, J, R> {
    fn drop(&mut self) {
        self.pool.unwatch(&mut self.watch);
    }
}

impl<J, R> fmt::Debug for Idle<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}

impl<J: Send + 'static, R: Send + 'static> Kind for Idle<'_, J, R> {
    type Output = Result<(), Stop>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.pool.look(|state| state.is_idle()).then_some(Ok(()))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { pool, watch } = &mut *self;
        match pool.watch(watch, cx.waker(), State::is_idle) {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the rest of").of("a pool")
    }
}
