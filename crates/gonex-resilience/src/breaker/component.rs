use std::sync::Arc;

use gonex_core::component::{Component, Health, Lifecycle, Metrics, Snapshot};
use gonex_core::primitive::atomic::Ordering;
use gonex_core::{Instant, Op};

use super::{BreakerState, CircuitBreaker};

/// A breaker has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<C: Send + Sync> Component for CircuitBreaker<C> {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &str {
        "circuit breaker"
    }

    fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        Lifecycle::done()
    }

    fn is_running(&self) -> bool {
        !self.shared.stopped.load(Ordering::Relaxed)
    }

    /// Unhealthy while it refuses all calls, degraded while it finds out.
    fn health(&self) -> Health {
        match self.state() {
            BreakerState::Open | BreakerState::ForcedOpen => {
                Health::unhealthy(format!("it is {}", self.state()))
            }
            BreakerState::HalfOpen => Health::degraded("it is half open"),
            _ => Health::Healthy,
        }
    }

    fn snapshot(&self) -> Snapshot {
        let (state, (calls, _), probes, generation) = self.shared.with(|machine, now| {
            let rates = machine.rates(now);
            (machine.state(), rates, machine.probes(), machine.generation())
        });
        let snapshot = Snapshot::map()
            .with("state", state.to_string())
            .with("calls_in_window", calls)
            .with("generation", generation);
        match probes {
            Some((running, kind)) => {
                snapshot.with("probes_running", running).with("half_open", format!("{kind:?}"))
            }
            None => snapshot,
        }
    }

    fn metrics(&self) -> Metrics {
        CircuitBreaker::metrics(self).named()
    }

    fn reset_metrics(&self) {
        CircuitBreaker::reset_metrics(self);
    }
}
