//! A pool as its registry sees it.

use std::sync::Arc;

use gonex_core::component::{Component, Health, Lifecycle, Metrics, Snapshot};
use gonex_core::{Instant, Op, rt};

use super::shared::Shared;
use super::shutdown::PoolShutdown;
use super::state::State;

impl<J: Send + 'static, R: Send + 'static> Component for Shared<J, R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &str {
        "pool"
    }

    fn stop(self: Arc<Self>, deadline: Instant) -> Op<Lifecycle> {
        Lifecycle::of(async move {
            let report = Op::new(PoolShutdown::new(self, deadline)).await;
            if report.is_clean() { Ok(()) } else { Err(report.to_string().into()) }
        })
    }

    fn is_running(&self) -> bool {
        self.look(|state| !state.has_ended())
    }

    fn health(&self) -> Health {
        let now = rt::now();
        self.look(|state| state.health(now))
    }

    fn snapshot(&self) -> Snapshot {
        let now = rt::now();
        let (stats, workers) = self.look(|state| (state.stats(), state.status(now)));
        Snapshot::map()
            .with("workers", workers)
            .with("target", stats.target)
            .with("queued", stats.queued)
            .with("queue_size", self.room.capacity())
            .with("running", stats.running)
            .with("lingering", stats.lingering)
            .with("abandoned", stats.abandoned_now)
            .with("paused", stats.is_paused)
            .with("closed", stats.is_closed)
    }

    fn metrics(&self) -> Metrics {
        let stats = self.look(|state| state.stats());
        Metrics::new()
            .with_count("submitted", stats.submitted)
            .with_count("completed", stats.completed)
            .with_count("panicked", stats.panicked)
            .with_count("cancelled", stats.cancelled)
            .with_count("timed_out", stats.timed_out)
            .with_count("lost", stats.lost)
            .with_count("dropped", stats.dropped)
            .with_count("late", stats.late)
            .with_count("refused", stats.refused)
            .with_count("ran_in_caller", stats.ran_in_caller)
            .with_count("workers_started", stats.workers_started)
            .with_count("workers_died", stats.workers_died)
            .with_count("workers_restarted", stats.workers_restarted)
            .with_count("workers_abandoned", stats.workers_abandoned)
            .with_count("scaled_up", stats.scaled_up)
            .with_count("scaled_down", stats.scaled_down)
            .with_gauge("workers", stats.workers as f64)
            .with_gauge("queued", stats.queued as f64)
            .with_gauge("running", stats.running as f64)
            .with_gauge("abandoned", stats.abandoned_now as f64)
    }

    fn reset_metrics(&self) {
        self.look(State::reset_counts);
    }
}
