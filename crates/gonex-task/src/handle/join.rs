use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::handle::{Handle, Way};
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
    pub(crate) fn poll_result(&mut self, waker: &Waker) -> Poll<Result<T, TaskError>> {
        match &mut self.way {
            Way::Shared(ending) => {
                let taken = ending.cell().slot.poll_take(waker);
                taken.map(|result| result.unwrap_or(Err(TaskError::AlreadyJoined)))
            }
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.poll_take(waker),
        }
    }

    fn try_take(&mut self) -> Option<Result<T, TaskError>> {
        match &mut self.way {
            Way::Shared(ending) => ending.cell().slot.try_take(),
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.try_take(),
        }
    }

    /// Takes the waker of the last poll out; for whoever polled and leaves.
    pub(crate) fn forget_waker(&mut self) {
        match &mut self.way {
            Way::Shared(ending) => ending.cell().slot.forget_waker(),
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            Way::Tokio(task) => task.forget_waker(),
        }
    }
}

impl<T> Kind for Join<'_, T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.handle.try_take()
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_result(cx.waker())
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The result may have come at the last moment.
        self.handle.try_take().unwrap_or_else(|| Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        let handle = &*self.handle;
        let subject = Subject::new("join").made_at(handle.origin());
        match handle.shared_name() {
            Some(name) => subject.named("task", name.clone()),
            None => subject.numbered("task", handle.id().number()),
        }
    }
}

impl<T> Drop for Join<'_, T> {
    fn drop(&mut self) {
        self.handle.forget_waker();
    }
}
