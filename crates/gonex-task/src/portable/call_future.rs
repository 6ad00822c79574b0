use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use gonex_core::Context;

use super::PortableTask;
use crate::TaskError;
use crate::handle::Spec;
use crate::work::EndableFuture;

/// A call of an async function as a place has it that runs it itself: portable until it is first polled.
pub(crate) enum CallFuture {
    Waits(PortableTask),
    Runs(Pin<Box<dyn EndableFuture + Send>>),
    Ended,
}

impl Future for CallFuture {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        if matches!(&*self, Self::Waits(_))
            && let Self::Waits(call) = mem::replace(&mut *self, Self::Ended)
        {
            *self = Self::Runs(call.into_future());
        }
        match &mut *self {
            Self::Runs(future) => future.as_mut().poll(cx),
            Self::Waits(_) | Self::Ended => Poll::Ready(()),
        }
    }
}

impl EndableFuture for CallFuture {
    fn end(mut self: Pin<&mut Self>, error: TaskError) {
        match mem::replace(&mut *self, Self::Ended) {
            Self::Waits(call) => call.end(error),
            Self::Runs(mut future) => future.as_mut().end(error),
            Self::Ended => {}
        }
    }

    fn spec(&self) -> Spec {
        match self {
            Self::Waits(call) => call.spec(),
            Self::Runs(future) => future.spec(),
            Self::Ended => Spec::new(Context::background()),
        }
    }

    fn is_call(&self) -> bool {
        matches!(self, Self::Waits(_))
    }

    fn take_call(mut self: Pin<&mut Self>) -> Option<PortableTask> {
        match mem::replace(&mut *self, Self::Ended) {
            Self::Waits(call) => Some(call),
            before => {
                *self = before;
                None
            }
        }
    }
}
