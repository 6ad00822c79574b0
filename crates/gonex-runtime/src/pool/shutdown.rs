use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Instant, Kind, Stop, rt};

use super::shared::Shared;
use super::state::State;
use super::status::PoolStats;
use super::watch::Watch;

/// What became of a pool that was shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says what was given up"]
pub struct PoolReport {
    /// What the pool has done, from its beginning to its end.
    pub stats: PoolStats,
    /// How many jobs had not started when the time was over.
    pub discarded: u64,
    /// How many ran then, and were cancelled.
    pub cancelled: u64,
    /// How many workers have not ended, and were left behind with what they do.
    pub left_behind: usize,
}

impl PoolReport {
    /// Whether all jobs were run to their end, and all workers have gone.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.discarded == 0 && self.cancelled == 0 && self.left_behind == 0
    }
}

impl fmt::Display for PoolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stats, discarded, cancelled, left_behind } = self;
        write!(f, "{} of {} jobs ended with a result; ", stats.completed, stats.submitted)?;
        write!(f, "at the end {discarded} were discarded and {cancelled} cancelled, and ")?;
        write!(f, "{left_behind} workers left behind")
    }
}

/// The kind of [`Pool::shutdown`](super::Pool::shutdown).
pub struct PoolShutdown<J, R> {
    pool: Arc<Shared<J, R>>,
    deadline: Instant,
    has_begun: bool,
    watch: Watch,
}

impl<J: Send + 'static, R: Send + 'static> PoolShutdown<J, R> {
    pub(super) fn new(pool: Arc<Shared<J, R>>, deadline: Instant) -> Self {
        Self { pool, deadline, has_begun: false, watch: Watch::default() }
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.has_begun, true) {
            self.close_by(self.deadline);
        }
    }

    fn close_by(&self, deadline: Instant) {
        self.pool.room.close();
        self.pool.change(|state, now, out| state.close_by(deadline, now, out));
    }

    fn report(&self) -> PoolReport {
        let (stats, given_up) = self.pool.look(|state| (state.stats(), state.given_up()));
        let (discarded, cancelled) = given_up;
        PoolReport { stats, discarded, cancelled, left_behind: stats.abandoned_now }
    }
}

impl<J, R> Unpin for PoolShutdown<J, R> {}

impl<J, R> Drop for PoolShutdown<J, R> {
    fn drop(&mut self) {
        self.pool.unwatch(&mut self.watch);
    }
}

impl<J, R> fmt::Debug for PoolShutdown<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolShutdown").field("begun", &self.has_begun).finish_non_exhaustive()
    }
}

impl<J: Send + 'static, R: Send + 'static> Kind for PoolShutdown<J, R> {
    type Output = PoolReport;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<PoolReport> {
        self.begin();
        let Self { pool, watch, .. } = &mut *self;
        match pool.watch(watch, cx.waker(), State::has_ended) {
            true => Poll::Ready(self.report()),
            false => Poll::Pending,
        }
    }

    /// Gives up at once what has not ended.
    fn stop(mut self: Pin<&mut Self>, _: Stop) -> PoolReport {
        self.begin();
        self.close_by(rt::now());
        self.report()
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the end of").of("a pool").until(self.deadline)
    }
}
