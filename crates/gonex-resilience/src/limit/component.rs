use std::sync::Arc;

use gonex_core::component::{Component, Health, Lifecycle, Metrics, Snapshot};
use gonex_core::primitive::atomic::Ordering;
use gonex_core::{Instant, Op};

use super::{Limiter, Meter};

/// A limiter has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<M: Meter> Component for Limiter<M> {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &str {
        "limiter"
    }

    fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        Lifecycle::done()
    }

    fn is_running(&self) -> bool {
        !self.shared.stopped.load(Ordering::Relaxed)
    }

    /// Healthy as long as somebody could still join the line.
    fn health(&self) -> Health {
        let (waiting, most) = (self.waiting(), self.shared.max_waiting());
        if waiting > 0 && waiting >= most {
            return Health::degraded(format!("{waiting} wait, which is the most that may"));
        }
        Health::Healthy
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map()
            .with("available", self.available())
            .with("most", self.shared.meter.most())
            .with("waiting", self.waiting())
            .with("config", format!("{:?}", self.config()))
    }

    fn metrics(&self) -> Metrics {
        Limiter::metrics(self).named()
    }

    fn reset_metrics(&self) {
        Limiter::reset_metrics(self);
    }
}
