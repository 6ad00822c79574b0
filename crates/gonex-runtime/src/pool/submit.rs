use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use gonex_sync::channel::{Reserve, Send as Sending};
use gonex_sync::{Permit, SendError, Sender};
use gonex_task::{Batch, Handle};

use super::error::SubmitError;
use super::pool::Assigned;
use crate::workers::Queued;

type Item<J, R> = Queued<Assigned<J, R>>;

/// The kind of [`Pool::submit`](super::Pool::submit).
pub struct Submit<'a, J, R> {
    sending: Sending<'a, Item<J, R>>,
    /// Handed out with success.
    handle: Option<Handle<R>>,
}

impl<'a, J, R> Submit<'a, J, R> {
    #[track_caller]
    pub(super) fn new(sender: &'a Sender<Item<J, R>>, item: Item<J, R>, handle: Handle<R>) -> Self {
        Self { sending: sender.send(item).into_kind(), handle: Some(handle) }
    }

    fn end(
        &mut self,
        sent: Result<(), SendError<Item<J, R>>>,
        failed: impl FnOnce(J) -> SubmitError<J>,
    ) -> Result<Handle<R>, SubmitError<J>> {
        match sent {
            Ok(()) => {
                let handle = self.handle.take();
                Ok(handle.expect("an operation is not polled after it was ready"))
            }
            Err(error) => Err(failed(error.into_inner().into_inner().job)),
        }
    }
}

impl<J, R> Unpin for Submit<'_, J, R> {}

impl<J, R> fmt::Debug for Submit<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit").field("waiting", &self.handle.is_some()).finish_non_exhaustive()
    }
}

impl<J, R> Kind for Submit<'_, J, R> {
    type Output = Result<Handle<R>, SubmitError<J>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let sent = self.sending.attempt()?;
        Some(self.end(sent, SubmitError::Closed))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let sent = ready!(Pin::new(&mut self.sending).poll(cx));
        Poll::Ready(self.end(sent, SubmitError::Closed))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let sent = Pin::new(&mut self.sending).stop(stop.clone());
        self.end(sent, |job| SubmitError::stopped(job, stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("submit a job to").of("a full pool")
    }
}

/// The pool takes no more.
#[derive(Clone, Copy, Debug)]
struct Closed;

/// The kind of [`Pool::submit_batch`](super::Pool::submit_batch).
///
/// When it has to wait, it waits for as many places as are half of the queue at most, and takes them
/// at once: so it is woken for many jobs and not for each, while the other half keeps the workers
/// busy.
pub struct SubmitBatch<'a, J, R> {
    sender: &'a Sender<Item<J, R>>,
    /// Its place in line, while it waits; before the items, since it leaves the line first.
    room: Option<Reserve<'a, Item<J, R>>>,
    /// What has not been handed in yet, the next one last.
    items: Vec<Item<J, R>>,
    /// Handed out with success.
    batch: Option<Batch<R>>,
}

impl<'a, J, R> SubmitBatch<'a, J, R> {
    /// Takes the items in the order in which they are to be handed in.
    pub(super) fn new(
        sender: &'a Sender<Item<J, R>>,
        mut items: Vec<Item<J, R>>,
        batch: Batch<R>,
    ) -> Self {
        items.reverse();
        Self { sender, room: None, items, batch: Some(batch) }
    }

    /// Hands in what there is room for at once; `None` if some is left.
    fn hand_in(&mut self) -> Option<Result<(), Closed>> {
        while let Some(item) = self.items.pop() {
            if let Err(error) = self.sender.try_send(item) {
                let closed = error.is_closed();
                self.items.push(error.into_inner());
                return closed.then_some(Err(Closed));
            }
        }
        Some(Ok(()))
    }

    /// Uses all places of a permit.
    fn fill(&mut self, mut permit: Permit<'a, Item<J, R>>) -> Result<(), Closed> {
        while let Some(place) = permit.split(1) {
            self.put(place)?;
        }
        self.put(permit)
    }

    fn put(&mut self, place: Permit<'a, Item<J, R>>) -> Result<(), Closed> {
        let Some(item) = self.items.pop() else { return Ok(()) };
        place.send(item).map_err(|error| {
            self.items.push(error.into_inner());
            Closed
        })
    }

    /// Stands in line for places.
    fn line_up(&mut self) {
        let capacity = self.sender.capacity().unwrap_or(usize::MAX);
        let wanted = self.items.len().min(capacity / 2).max(1);
        self.room = Some(self.sender.reserve_weight(wanted).into_kind());
    }

    fn end(&mut self, handed_in: Result<(), Closed>) -> Result<Batch<R>, SubmitError<Vec<J>>> {
        match handed_in {
            Ok(()) => {
                let batch = self.batch.take();
                Ok(batch.expect("an operation is not polled after it was ready"))
            }
            Err(Closed) => Err(SubmitError::Closed(self.give_back())),
        }
    }

    /// Cancels what was handed in, and takes back what was not.
    fn give_back(&mut self) -> Vec<J> {
        self.room = None;
        self.cancel();
        let items = std::mem::take(&mut self.items);
        items.into_iter().rev().map(|item| item.into_inner().job).collect()
    }

    fn cancel(&mut self) {
        if let Some(batch) = self.batch.take() {
            batch.cancel("the batch was not handed in to its end");
        }
    }
}

impl<J, R> Unpin for SubmitBatch<'_, J, R> {}

impl<J, R> fmt::Debug for SubmitBatch<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitBatch").field("waiting", &self.items.len()).finish_non_exhaustive()
    }
}

impl<J, R> Kind for SubmitBatch<'_, J, R> {
    type Output = Result<Batch<R>, SubmitError<Vec<J>>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let handed_in = self.hand_in()?;
        Some(self.end(handed_in))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Some(room) = &mut self.room {
                let reserved = ready!(Pin::new(room).poll(cx));
                self.room = None;
                // A reservation that is polled fails for one reason only.
                let filled = reserved.map_err(|_| Closed).and_then(|permit| self.fill(permit));
                if let Err(closed) = filled {
                    return Poll::Ready(self.end(Err(closed)));
                }
            }
            if let Some(handed_in) = self.hand_in() {
                return Poll::Ready(self.end(handed_in));
            }
            self.line_up();
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(SubmitError::stopped(self.give_back(), stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("submit a batch to").of("a full pool")
    }
}

impl<J, R> Drop for SubmitBatch<'_, J, R> {
    fn drop(&mut self) {
        // A batch that was handed out is not here any more.
        self.cancel();
    }
}
