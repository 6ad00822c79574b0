use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::handle::Handle;
use crate::TaskError;
use crate::holding::Holding;

/// The kind of [`Handle::join`], which borrows the handle, and of awaiting a handle, which owns it:
/// there a limit detaches the task.
#[derive(Debug)]
pub struct Join<'a, T> {
    handle: Holding<'a, Handle<T>>,
}

impl<'a, T> Join<'a, T> {
    pub(super) fn borrowed(handle: &'a mut Handle<T>) -> Self {
        Self { handle: Holding::Borrowed(handle) }
    }

    pub(super) fn owned(handle: Handle<T>) -> Self {
        Self { handle: Holding::Owned(handle) }
    }
}

impl<T> Handle<T> {
    pub(crate) fn poll_result(&self, waker: &Waker) -> Poll<Result<T, TaskError>> {
        let taken = self.cell().slot.poll_take(waker);
        taken.map(|result| result.unwrap_or(Err(TaskError::AlreadyJoined)))
    }

    /// Takes the waker of the last poll out; for whoever polled and leaves.
    pub(crate) fn forget_waker(&self) {
        self.cell().slot.forget_waker();
    }
}

impl<T> Kind for Join<'_, T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_result(cx.waker())
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The result may have come at the last moment.
        self.handle.cell().slot.try_take().unwrap_or_else(|| Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        let head = &self.handle.cell().head;
        let subject = Subject::new("join").made_at(head.origin);
        match head.name() {
            Some(name) => subject.named("task", name.clone()),
            None => subject.numbered("task", head.id.number()),
        }
    }
}

impl<T> Drop for Join<'_, T> {
    fn drop(&mut self) {
        self.handle.forget_waker();
    }
}
