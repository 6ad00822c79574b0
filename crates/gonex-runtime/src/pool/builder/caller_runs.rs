use std::io;
use std::sync::Arc;

use super::builder::PoolBuilder;
use crate::pool::Pool;
use crate::pool::kind::WorkerThreads;

/// Sets up a [`Pool`] whose callers run what its queue has no room for; made by
/// [`PoolBuilder::caller_runs`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `.build(handler)`"]
pub struct CallerRuns {
    builder: PoolBuilder,
}

impl CallerRuns {
    pub(super) fn new(builder: PoolBuilder) -> Self {
        Self { builder }
    }

    /// Starts the pool: threads that share a handler, which callers run as well.
    ///
    /// A future that submits runs it where it is polled, and keeps others from that thread meanwhile.
    ///
    /// # Errors
    /// As [`PoolBuilder::build`].
    pub fn build<J, R>(
        self,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        let shared = Arc::new(handler);
        let caller = shared.clone();
        let handler = move |(): &mut (), job| shared(job);
        let seats = self.builder.seats();
        let init = self.builder.supplied(|_| Ok(()));
        let kind = WorkerThreads::new(init, handler, None, seats);
        self.builder.start(kind, Some(Box::new(move |job| caller(job))))
    }
}
