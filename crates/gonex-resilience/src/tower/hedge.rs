use std::task::{Context, Poll};

use gonex_core::Op;
use tower_layer::Layer;
use tower_service::Service;

use super::ServiceWork;
use crate::Hedge;
use crate::hedge::HedgeCall;

/// A service whose calls are made again while the first answer is still awaited. Requests are cloned for each
/// attempt, and each but the first one waits until its service is ready.
#[derive(Clone, Debug)]
pub struct HedgeService<S> {
    inner: S,
    hedge: Hedge,
}

impl<S> Layer<S> for Hedge {
    type Service = HedgeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HedgeService { inner, hedge: self.clone() }
    }
}

impl<S: Service<Q> + Clone, Q: Clone> Service<Q> for HedgeService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Op<HedgeCall<ServiceWork<S, Q>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        self.hedge.run(ServiceWork::take(&mut self.inner, request))
    }
}
