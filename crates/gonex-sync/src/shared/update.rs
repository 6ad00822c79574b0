use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use super::value::Inner;
use super::work::Work;
use crate::lock::{Exclusive, Seek};
use crate::{Mutex, MutexGuard};

pin_project! {
    /// The kind of [`Shared::update`](super::Shared::update) and its async form.
    #[must_use = "an update does nothing until it is awaited or blocked on"]
    pub struct Update<'a, T, W> {
        // Dropped first: a future that is given up ends before the next one's turn.
        #[pin]
        work: W,
        inner: &'a Inner<T>,
        seek: Seek<&'a Mutex<()>, Exclusive>,
        // At the head of the line: the place there, and the old value until the work has it.
        first: Option<MutexGuard<'a, ()>>,
        old: Option<Arc<T>>,
    }
}

impl<'a, T, W> Update<'a, T, W> {
    pub(super) fn new(inner: &'a Inner<T>, work: W) -> Self {
        Self { work, inner, seek: Seek::new(&inner.line), first: None, old: None }
    }
}

impl<T, W> fmt::Debug for Update<'_, T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("waits", &self.seek.waits())
            .field("works", &self.first.is_some())
            .finish()
    }
}

impl<T, W: Work<Arc<T>, Output = T>> Kind for Update<'_, T, W> {
    type Output = Arc<T>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Arc<T>> {
        let this = self.project();
        // In hand while the work runs: if it panics, it is the next one's turn.
        let first = match this.first.take() {
            Some(first) => first,
            None => {
                let first = ready!(this.seek.poll(cx.waker()));
                *this.old = Some(this.inner.get());
                first
            }
        };
        let Poll::Ready(new) = this.work.poll_work(this.old, cx) else {
            *this.first = Some(first);
            return Poll::Pending;
        };
        let new = Arc::new(new);
        this.inner.set(new.clone());
        Poll::Ready(new)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Arc<T> {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("update").of("shared value")
    }
}
