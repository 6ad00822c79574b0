//! Jobs for one worker: addresses within a pool.

use std::fmt;

use gonex_core::Context;
use gonex_task::{Handle, Spec};

use super::error::SubmitError;
use super::pool::{Pool, step};
use super::state::Meta;
use crate::balance::WorkerId;

/// What became of a job for one of several workers: whose it was, and the way to its answer.
pub type Asked<J, R> = (WorkerId, Result<Handle<R>, SubmitError<J>>);

/// There is no such worker, or it is about to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchWorker(pub WorkerId);

impl fmt::Display for NoSuchWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pool has no {}; `Pool::workers` lists those that are there", self.0)
    }
}

impl std::error::Error for NoSuchWorker {}

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// The addresses of the workers that take jobs, or will soon.
    #[must_use]
    pub fn workers(&self) -> Vec<WorkerId> {
        self.shared.look(|state| state.worker_ids())
    }

    /// Hands in a job for one worker, if there is room at once, and yields the handle to its answer.
    ///
    /// It is run before what the worker takes for all, in the order in which such jobs came, and by
    /// nobody else: if the worker goes before, the job is [lost](gonex_task::TaskError::Lost).
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder()
    ///     .workers(2.try_into()?)
    ///     .build_stateful(|_| Ok(0), |sum: &mut u32, n: u32| { *sum += n; *sum })?;
    /// let first = pool.workers()[0];
    /// pool.send(first, 3)?;
    /// assert_eq!(pool.ask(first, 4)?.join().block(), Ok(7));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Gives the job back if there is no such worker, the queue is full, or the pool is closed.
    #[track_caller]
    pub fn ask(&self, worker: WorkerId, job: J) -> Result<Handle<R>, SubmitError<J>> {
        step("submit to a worker of");
        let meta = Meta { only: Some(worker), ..Meta::default() };
        if !self.shared.look(|state| state.has_worker(worker)) {
            return Err(SubmitError::NoSuchWorker(job));
        }
        let room = match self.shared.try_room(1) {
            Ok(room) => room,
            Err(gonex_sync::TryAcquireError::Closed) => return Err(SubmitError::Closed(job)),
            Err(_) => return Err(SubmitError::Full(job)),
        };
        let (job, handle) = self.job(job, Spec::new(Context::current()), meta);
        self.shared.hand_in(job, Some(room))?;
        Ok(handle)
    }

    /// Hands in a job for one worker, of which nobody wants the answer: see [`ask`](Self::ask).
    ///
    /// # Errors
    /// As `ask`.
    #[track_caller]
    pub fn send(&self, worker: WorkerId, job: J) -> Result<(), SubmitError<J>> {
        self.ask(worker, job).map(Handle::detach)
    }

    /// Hands in a job for each worker, and yields one handle or refusal for each, in the order of
    /// [`workers`](Self::workers).
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().workers(3.try_into()?).build(|text: &str| text.len())?;
    /// let answers = pool.broadcast(|_| "reload").into_iter();
    /// let answers: Vec<_> = answers.map(|(_, asked)| asked.unwrap().join().block()).collect();
    /// assert_eq!(answers, [Ok(6), Ok(6), Ok(6)]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn broadcast(&self, mut job: impl FnMut(WorkerId) -> J) -> Vec<Asked<J, R>> {
        let spec = Spec::new(Context::current());
        let send = |worker| {
            let meta = Meta { only: Some(worker), ..Meta::default() };
            let (job, handle) = self.job(job(worker), spec.clone(), meta);
            let room = match self.shared.try_room(1) {
                Ok(room) => room,
                Err(gonex_sync::TryAcquireError::Closed) => {
                    return (worker, Err(SubmitError::Closed(job.job)));
                }
                Err(_) => return (worker, Err(SubmitError::Full(job.job))),
            };
            (worker, self.shared.hand_in(job, Some(room)).map(|()| handle))
        };
        self.workers().into_iter().map(send).collect()
    }

    /// Has one worker replaced when it has ended what it runs: for one that the caller knows to be
    /// unwell.
    ///
    /// # Errors
    /// If there is no such worker.
    pub fn replace(&self, worker: WorkerId, reason: &str) -> Result<(), NoSuchWorker> {
        if !self.shared.look(|state| state.has_worker(worker)) {
            return Err(NoSuchWorker(worker));
        }
        self.shared.change(|state, now, out| {
            state.judge(worker, Some(reason.to_owned()), now, out);
        });
        Ok(())
    }
}
