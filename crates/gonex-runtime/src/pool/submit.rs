use std::fmt;
use std::option;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::vec;

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use gonex_task::{Batch, Handle};

use super::error::SubmitError;
use super::pool::Assigned;
use crate::workers::{Closed, Queue, Queued, Ticket};

type Item<J, R> = Queued<Assigned<J, R>>;

/// Room in a queue for items, one after the other; leaves the line when dropped.
struct Line<T> {
    queue: Arc<Queue<T>>,
    ticket: Option<Ticket>,
}

impl<T> Line<T> {
    fn new(queue: Arc<Queue<T>>) -> Self {
        Self { queue, ticket: None }
    }

    fn poll_push(
        &mut self,
        items: &mut impl ExactSizeIterator<Item = T>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        self.queue.poll_push(items, &mut self.ticket, waker)
    }
}

impl<T> Drop for Line<T> {
    fn drop(&mut self) {
        self.queue.abandon(&mut self.ticket);
    }
}

/// The kind of [`Pool::submit`](super::Pool::submit).
pub struct Submit<J, R> {
    line: Line<Item<J, R>>,
    item: option::IntoIter<Item<J, R>>,
    /// Handed out with success.
    handle: Option<Handle<R>>,
}

impl<J, R> Submit<J, R> {
    pub(super) fn new(queue: Arc<Queue<Item<J, R>>>, item: Item<J, R>, handle: Handle<R>) -> Self {
        Self { line: Line::new(queue), item: Some(item).into_iter(), handle: Some(handle) }
    }

    fn give_back(&mut self) -> J {
        let item = self.item.next().expect("an operation is not polled after it was ready");
        item.into_inner().job
    }
}

impl<J, R> Unpin for Submit<J, R> {}

impl<J, R> fmt::Debug for Submit<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit").field("waiting", &(self.item.len() > 0)).finish_non_exhaustive()
    }
}

impl<J, R> Kind for Submit<J, R> {
    type Output = Result<Handle<R>, SubmitError<J>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match this.line.poll_push(&mut this.item, cx.waker()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(Closed)) => Poll::Ready(Err(SubmitError::Closed(this.give_back()))),
            Poll::Ready(Ok(())) => {
                let handle = this.handle.take();
                Poll::Ready(Ok(handle.expect("an operation is not polled after it was ready")))
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let job = self.give_back();
        Err(match stop {
            Stop::Timeout => SubmitError::Timeout(job),
            Stop::Cancelled(cause) => SubmitError::Cancelled(job, cause),
        })
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("submit a job to").of("a full pool")
    }
}

/// The kind of [`Pool::submit_batch`](super::Pool::submit_batch).
pub struct SubmitBatch<J, R> {
    line: Line<Item<J, R>>,
    /// What has not been pushed yet.
    items: vec::IntoIter<Item<J, R>>,
    /// Handed out with success.
    batch: Option<Batch<R>>,
}

impl<J, R> SubmitBatch<J, R> {
    pub(super) fn new(
        queue: Arc<Queue<Item<J, R>>>,
        items: Vec<Item<J, R>>,
        batch: Batch<R>,
    ) -> Self {
        Self { line: Line::new(queue), items: items.into_iter(), batch: Some(batch) }
    }

    /// Cancels what was pushed, and takes back what was not.
    fn give_back(&mut self) -> Vec<J> {
        self.cancel();
        self.items.by_ref().map(|item| item.into_inner().job).collect()
    }

    fn cancel(&mut self) {
        if let Some(batch) = self.batch.take() {
            batch.cancel("the batch was not handed in to its end");
        }
    }
}

impl<J, R> Unpin for SubmitBatch<J, R> {}

impl<J, R> fmt::Debug for SubmitBatch<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitBatch").field("waiting", &self.items.len()).finish_non_exhaustive()
    }
}

impl<J, R> Kind for SubmitBatch<J, R> {
    type Output = Result<Batch<R>, SubmitError<Vec<J>>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match this.line.poll_push(&mut this.items, cx.waker()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(Closed)) => Poll::Ready(Err(SubmitError::Closed(this.give_back()))),
            Poll::Ready(Ok(())) => {
                let batch = this.batch.take();
                Poll::Ready(Ok(batch.expect("an operation is not polled after it was ready")))
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let jobs = self.give_back();
        Err(match stop {
            Stop::Timeout => SubmitError::Timeout(jobs),
            Stop::Cancelled(cause) => SubmitError::Cancelled(jobs, cause),
        })
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("submit a batch to").of("a full pool")
    }
}

impl<J, R> Drop for SubmitBatch<J, R> {
    fn drop(&mut self) {
        // A batch that was handed out is not here any more.
        self.cancel();
    }
}
