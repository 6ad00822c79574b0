use std::fmt;

use tower_service::Service;

use crate::call::Start;

/// One request to a service that is ready.
pub struct Calls<S, Q> {
    service: S,
    request: Q,
}

impl<S: Clone, Q> Calls<S, Q> {
    /// Takes the instance that is ready, and leaves a clone.
    pub(super) fn take(service: &mut S, request: Q) -> Self {
        let clone = service.clone();
        Self { service: std::mem::replace(service, clone), request }
    }
}

impl<S, Q> fmt::Debug for Calls<S, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

impl<S: Service<Q>, Q> Start for Calls<S, Q> {
    type Value = S::Response;
    type Error = S::Error;
    type Running = S::Future;

    fn start(mut self) -> S::Future {
        self.service.call(self.request)
    }
}
