use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::{Kind, Stop};

use super::handle::Handle;
use crate::TaskError;

/// The kind of [`Handle::join`].
#[derive(Debug)]
pub struct Join<'a, T> {
    handle: &'a mut Handle<T>,
}

impl<'a, T> Join<'a, T> {
    pub(super) fn new(handle: &'a mut Handle<T>) -> Self {
        Self { handle }
    }
}

/// The kind of awaiting a [`Handle`] itself. A limit detaches the task.
#[derive(Debug)]
pub struct JoinOwned<T> {
    handle: Handle<T>,
}

impl<T> JoinOwned<T> {
    pub(super) fn new(handle: Handle<T>) -> Self {
        Self { handle }
    }
}

impl<T> Handle<T> {
    pub(crate) fn poll_result(&self, waker: &Waker) -> Poll<Result<T, TaskError>> {
        let taken = self.shared.slot.poll_take(waker);
        taken.map(|result| result.unwrap_or(Err(TaskError::AlreadyJoined)))
    }

    /// The result if it came at the last moment, or else the stop.
    fn stop_join(&self, stop: Stop) -> Result<T, TaskError> {
        self.shared.slot.try_take().unwrap_or_else(|| Err(stop.into()))
    }
}

impl<T> Kind for Join<'_, T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_result(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.handle.stop_join(stop)
    }

    fn limited(self) -> Self {
        self
    }
}

impl<T> Drop for Join<'_, T> {
    fn drop(&mut self) {
        self.handle.shared.slot.forget_waker();
    }
}

impl<T> Kind for JoinOwned<T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_result(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.handle.stop_join(stop)
    }

    fn limited(self) -> Self {
        self
    }
}
