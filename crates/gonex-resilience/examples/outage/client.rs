//! The client: hyper's, with a fallback around retries around a breaker around a time-out.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Uri};
use gonex_resilience::breaker::{BreakerError, Outcome};
use gonex_resilience::timeout::TimeoutError;
use gonex_resilience::{
    CallError, CircuitBreaker, Fallback, InvalidConfig, Retry, RetryError, Timeout,
};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use thiserror::Error;
use tower::{Service, ServiceBuilder, service_fn};

/// What a user gets to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The page as it is now.
    Fresh,
    /// The page as it was, since the service was not even called.
    KeptSinceRefused,
    /// The page as it was, since the service failed.
    KeptSinceFailed,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("the service cannot be reached: {0}")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("the service is busy")]
    Busy,
    #[error("the service said {0}")]
    Said(StatusCode),
}

type Timed = TimeoutError<Failure>;
type Guarded = BreakerError<Timed>;
pub(crate) type Failed = RetryError<Guarded>;

/// Sends requests to one address.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
}

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self { client, address }
    }

    /// Sends one request, and says whether it was answered.
    pub(crate) async fn send(&self, method: Method, path: &str) -> Result<(), Failure> {
        let uri = Uri::builder().scheme("http").authority(self.address.to_string());
        let uri = uri.path_and_query(path).build();
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = uri.unwrap_or_default();
        match self.client.request(request).await?.status() {
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => Err(Failure::Busy),
            status => Err(Failure::Said(status)),
        }
    }
}

/// The service as its users call it: by the path of a page. So long an answer is waited for.
pub(crate) fn resilient(
    http: Http,
    breaker: CircuitBreaker,
    patience: Duration,
) -> Result<
    impl Service<&'static str, Response = Answer, Error = Failed, Future: Send> + Clone + Send,
    InvalidConfig,
> {
    let fallback = Fallback::or_else(|failed: Failed| {
        Ok::<_, Failed>(match failed.last() {
            Some(CallError::Refused(_)) => Answer::KeptSinceRefused,
            _ => Answer::KeptSinceFailed,
        })
    });
    // What the breaker refuses is not tried again: it says for how long that would be in vain.
    let retry = Retry::exponential()
        .initial_delay(Duration::from_millis(5))
        .max_attempts(2)
        .retry_if(|error: &Guarded| !matches!(error, CallError::Refused(_)));
    // A service that is busy is well, so that says nothing about whether it is down.
    let breaker = breaker.classify(|result: &Result<Answer, Timed>| match result {
        Ok(_) => Outcome::Success,
        Err(TimeoutError::Failed(Failure::Busy)) => Outcome::Ignored,
        Err(_) => Outcome::Failure,
    });
    let page = service_fn(move |path: &'static str| {
        let http = http.clone();
        async move { http.send(Method::GET, path).await.map(|()| Answer::Fresh) }
    });
    let layers = ServiceBuilder::new().layer(fallback).layer(retry).layer(breaker);
    Ok(layers.layer(Timeout::new(patience)?).service(page))
}
