use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use gonex_sync::semaphore::Acquire;
use gonex_sync::{Semaphore, TryAcquireError};
use gonex_task::handle::Completer;
use gonex_task::{Batch, Handle, TaskError};

use super::error::SubmitError;
use super::shared::{AtFull, Item, Room, Shared, end_unstarted};
use super::state::{Meta, Refused, State};

/// A job that has not been handed in.
pub(super) struct Job<J, R> {
    pub(super) job: J,
    pub(super) completer: Completer<R>,
    pub(super) meta: Meta,
}

impl<J, R> Job<J, R> {
    fn with(self, room: Option<Room>) -> (Item<J, R>, Meta) {
        let Self { job, completer, meta } = self;
        (Item { job, completer, room }, meta)
    }
}

/// What the pool said to a job.
pub(super) enum Said<J, R> {
    Taken,
    /// There is no room, and it may wait for some.
    Wait(Job<J, R>),
    /// There is no room, and it may not wait.
    Full(Job<J, R>),
    Not(SubmitError<J>),
}

impl<J: Send + 'static, R: Send + 'static> Shared<J, R> {
    /// Hands in a job for which there is room.
    pub(super) fn hand_in(&self, job: Job<J, R>, room: Option<Room>) -> Result<(), SubmitError<J>> {
        let (item, meta) = job.with(room);
        self.change(|state, now, out| state.submit(item, meta, now, out)).map_err(not_taken)
    }

    /// Takes places in the queue, if there are so many at once and nobody waits for some; what nobody wants
    /// any more gives way.
    pub(super) fn try_room(&self, places: usize) -> Result<Room, TryAcquireError> {
        match self.room.try_acquire_owned(places) {
            Err(TryAcquireError::Closed) => Err(TryAcquireError::Closed),
            Err(_) if self.change(State::make_room) => self.room.try_acquire_owned(places),
            tried => tried,
        }
    }

    /// Hands in a job if that needs no wait.
    pub(super) fn offer(&self, mut job: Job<J, R>) -> Said<J, R> {
        loop {
            let room = match self.try_room(1) {
                Ok(room) => room,
                Err(TryAcquireError::Closed) => return Said::Not(SubmitError::Closed(job.job)),
                Err(_) if self.caller.is_some() => return self.run_in_caller(job),
                Err(_) if self.at_full == AtFull::Refuse => {
                    self.look(|state| state.not_taken(false));
                    return Said::Full(job);
                }
                Err(_) if self.at_full == AtFull::DropOldest => {
                    if self.change(|state, _, out| state.drop_oldest(out)) {
                        continue;
                    }
                    return Said::Wait(job);
                }
                Err(_) => return Said::Wait(job),
            };
            let (item, meta) = job.with(Some(room));
            match self.change(|state, now, out| state.submit(item, meta, now, out)) {
                Ok(()) => return Said::Taken,
                Err(Refused::Closed(item)) => return Said::Not(SubmitError::Closed(item.job)),
                // A worker it is for is not chosen here.
                Err(Refused::NoSuchWorker(item)) => {
                    job = Job { job: item.job, completer: item.completer, meta };
                    job.meta.only = None;
                }
            }
        }
    }

    /// Runs a job on the thread of whoever hands it in.
    fn run_in_caller(&self, job: Job<J, R>) -> Said<J, R> {
        let Some(caller) = &self.caller else { return Said::Wait(job) };
        self.look(|state| state.not_taken(true));
        let Job { job, completer, .. } = job;
        completer.run(self.hook, || caller(job), &|_| ());
        Said::Taken
    }
}

pub(super) fn not_taken<J, R>(refused: Refused<Item<J, R>>) -> SubmitError<J> {
    match refused {
        Refused::Closed(item) => SubmitError::Closed(item.job),
        Refused::NoSuchWorker(item) => SubmitError::NoSuchWorker(item.job),
    }
}

/// The kind of [`Pool::submit`](super::Pool::submit).
pub struct Submit<'a, J, R> {
    pool: &'a Shared<J, R>,
    /// Its place in line, while it waits.
    waiting: Option<Acquire<Arc<Semaphore>>>,
    /// Until it is taken, or given back.
    job: Option<Job<J, R>>,
    /// Handed out with success.
    handle: Option<Handle<R>>,
}

impl<'a, J: Send + 'static, R: Send + 'static> Submit<'a, J, R> {
    pub(super) fn new(pool: &'a Shared<J, R>, job: Job<J, R>, handle: Handle<R>) -> Self {
        Self { pool, waiting: None, job: Some(job), handle: Some(handle) }
    }

    fn done(&mut self) -> Result<Handle<R>, SubmitError<J>> {
        let handle = self.handle.take();
        Ok(handle.expect("an operation is not polled after it was ready"))
    }

    fn job(&mut self) -> Job<J, R> {
        self.job.take().expect("an operation is not polled after it was ready")
    }

    fn try_now(&mut self) -> Option<Result<Handle<R>, SubmitError<J>>> {
        let job = self.job();
        match self.pool.offer(job) {
            Said::Taken => Some(self.done()),
            Said::Not(error) => Some(Err(error)),
            Said::Full(job) => Some(Err(SubmitError::Full(job.job))),
            Said::Wait(job) => {
                self.job = Some(job);
                None
            }
        }
    }

    fn hand_in(&mut self, room: Room) -> Result<Handle<R>, SubmitError<J>> {
        let job = self.job();
        self.pool.hand_in(job, Some(room))?;
        self.done()
    }
}

impl<J, R> Unpin for Submit<'_, J, R> {}

impl<J, R> fmt::Debug for Submit<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit").field("waiting", &self.waiting.is_some()).finish_non_exhaustive()
    }
}

impl<J: Send + 'static, R: Send + 'static> Kind for Submit<'_, J, R> {
    type Output = Result<Handle<R>, SubmitError<J>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        if self.waiting.is_some() { None } else { self.try_now() }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.waiting.is_none() {
            if let Some(output) = self.try_now() {
                return Poll::Ready(output);
            }
            self.waiting = Some(self.pool.room.acquire_owned(1).into_kind());
        }
        let Some(waiting) = &mut self.waiting else { return Poll::Pending };
        let acquired = ready!(Pin::new(waiting).poll(cx));
        self.waiting = None;
        Poll::Ready(match acquired {
            Ok(room) => self.hand_in(room),
            // A wait that is polled fails for one reason only.
            Err(_) => Err(SubmitError::Closed(self.job().job)),
        })
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let acquired =
            self.waiting.take().map(|mut waiting| Pin::new(&mut waiting).stop(stop.clone()));
        match acquired {
            Some(Ok(room)) => self.hand_in(room),
            _ => Err(SubmitError::stopped(self.job().job, stop)),
        }
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
pub struct SubmitBatch<'a, J: Send + 'static, R: Send + 'static> {
    pool: &'a Shared<J, R>,
    /// Its place in line, while it waits; before the jobs, since it leaves the line first.
    room: Option<Acquire<Arc<Semaphore>>>,
    /// What has not been handed in yet, the next one last.
    jobs: Vec<Job<J, R>>,
    /// Handed out with success.
    batch: Option<Batch<R>>,
}

impl<'a, J: Send + 'static, R: Send + 'static> SubmitBatch<'a, J, R> {
    /// Takes the jobs in the order in which they are to be handed in.
    pub(super) fn new(pool: &'a Shared<J, R>, mut jobs: Vec<Job<J, R>>, batch: Batch<R>) -> Self {
        jobs.reverse();
        Self { pool, room: None, jobs, batch: Some(batch) }
    }

    /// Hands in what there is room for at once; `None` if some is left.
    fn hand_in(&mut self) -> Option<Result<(), Closed>> {
        while !self.jobs.is_empty() {
            if self.pool.at_full != AtFull::Wait || self.pool.caller.is_some() {
                if let Err(closed) = self.offer_one()? {
                    return Some(Err(closed));
                }
                continue;
            }
            let wanted = self.pool.room.available().clamp(1, self.jobs.len());
            match self.pool.try_room(wanted) {
                Ok(room) => {
                    if let Err(closed) = self.fill(room) {
                        return Some(Err(closed));
                    }
                }
                Err(TryAcquireError::Closed) => return Some(Err(Closed)),
                // There is none, or who stands in line is served first, also from what is there.
                Err(_) => return None,
            }
        }
        Some(Ok(()))
    }

    /// Hands in the next job of a pool that has other ways than to wait.
    fn offer_one(&mut self) -> Option<Result<(), Closed>> {
        let Some(job) = self.jobs.pop() else { return Some(Ok(())) };
        match self.pool.offer(job) {
            Said::Taken => Some(Ok(())),
            // It ends as such, and the others of the batch are taken nevertheless.
            Said::Full(job) => {
                let (item, _) = job.with(None);
                end_unstarted(
                    item,
                    TaskError::refused(
                        "the pool's queue was full; take a larger one, or wait for room",
                    ),
                );
                Some(Ok(()))
            }
            Said::Not(_) => Some(Err(Closed)),
            Said::Wait(job) => {
                self.jobs.push(job);
                None
            }
        }
    }

    /// Uses all places of a permit.
    fn fill(&mut self, mut room: Room) -> Result<(), Closed> {
        let jobs = &mut self.jobs;
        let refused = self.pool.change(|state, now, out| {
            // What is left over of the places goes back outside the lock.
            while !jobs.is_empty()
                && let Some(place) = room.split(1)
                && let Some(job) = jobs.pop()
            {
                let (item, meta) = job.with(Some(place));
                if let Err(refused) = state.submit(item, meta, now, out) {
                    return Some((refused, meta));
                }
            }
            None
        });
        match refused {
            None => Ok(()),
            Some((Refused::Closed(item) | Refused::NoSuchWorker(item), meta)) => {
                let Item { job, completer, room } = item;
                self.jobs.push(Job { job, completer, meta });
                drop(room);
                Err(Closed)
            }
        }
    }

    /// Stands in line for places.
    fn line_up(&mut self) {
        let capacity = self.pool.room.capacity();
        let wanted = self.jobs.len().min(capacity / 2).max(1);
        self.room = Some(self.pool.room.acquire_owned(wanted).into_kind());
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
        let jobs = std::mem::take(&mut self.jobs);
        jobs.into_iter().rev().map(|job| job.job).collect()
    }
}

impl<J: Send + 'static, R: Send + 'static> SubmitBatch<'_, J, R> {
    fn cancel(&mut self) {
        if let Some(batch) = self.batch.take() {
            batch.cancel("the batch was not handed in to its end");
            self.pool.change(State::sweep);
        }
    }
}

impl<J: Send + 'static, R: Send + 'static> Unpin for SubmitBatch<'_, J, R> {}

impl<J: Send + 'static, R: Send + 'static> fmt::Debug for SubmitBatch<'_, J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitBatch").field("waiting", &self.jobs.len()).finish_non_exhaustive()
    }
}

impl<J: Send + 'static, R: Send + 'static> Kind for SubmitBatch<'_, J, R> {
    type Output = Result<Batch<R>, SubmitError<Vec<J>>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        if self.room.is_some() {
            return None;
        }
        let handed_in = self.hand_in()?;
        Some(self.end(handed_in))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Some(room) = &mut self.room {
                let acquired = ready!(Pin::new(room).poll(cx));
                self.room = None;
                // A wait that is polled fails for one reason only.
                let filled = acquired.map_err(|_| Closed).and_then(|room| self.fill(room));
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

impl<J: Send + 'static, R: Send + 'static> Drop for SubmitBatch<'_, J, R> {
    fn drop(&mut self) {
        // A batch that was handed out is not here any more.
        self.cancel();
    }
}
