use std::hash::Hash;

use gonex_core::component::{Component, Health, Snapshot};

use super::{BreakerState, CircuitBreaker, KeyedBreaker};
use crate::part::part;

/// A breaker has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<C: Send + Sync> Component for CircuitBreaker<C> {
    part!("circuit breaker");

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
}

/// Has nothing to end: after a stop it goes on to answer, and says that it was stopped.
impl<K: Hash + Eq + Clone + Send> Component for KeyedBreaker<K> {
    part!("keyed circuit breaker");

    /// Degraded while some of the keys are refused.
    fn health(&self) -> Health {
        match self.open() {
            0 => Health::Healthy,
            open => Health::degraded(format!("{open} of {} are open", self.len())),
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("keys", self.len()).with("open", self.open())
    }
}
