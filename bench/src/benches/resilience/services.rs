//! Services of tower: the one inside, and calls of those around it.

use std::convert::Infallible;
use std::future::{Ready, poll_fn, ready};
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::runtime::Runtime;
use tower::Service;

use super::party::{Calls, Failed, as_they_should};

/// Answers at once with what it is asked, which the compiler does not see through.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

/// What it would fail with.
pub type Down = Infallible;

impl Service<u64> for Echo {
    type Response = u64;
    type Error = Down;
    type Future = Ready<Result<u64, Down>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Down>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: u64) -> Self::Future {
        ready(Ok(black_box(request)))
    }
}

/// Calls of a service, of which each thread has a clone.
pub fn serves<S>(service: S) -> Calls
where
    S: Service<u64, Response = u64> + Clone + Send + 'static,
{
    // Not every service can be looked at by two threads.
    let service = Mutex::new(service);
    Arc::new(move |runtime, count| {
        let mut own = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all(runtime, &mut own, count)
    })
}

/// Calls of a service that cannot be cloned.
pub fn serves_one<S>(service: S) -> Calls
where
    S: Service<u64, Response = u64> + Send + 'static,
{
    let service = Mutex::new(service);
    Arc::new(move |runtime, count| {
        all(runtime, &mut *service.lock().unwrap_or_else(PoisonError::into_inner), count)
    })
}

fn all<S>(runtime: &Runtime, service: &mut S, count: usize) -> Result<(), Failed>
where
    S: Service<u64, Response = u64>,
{
    let wrong = runtime.block_on(async {
        let mut wrong = 0;
        for n in 0..count as u64 {
            let ready = poll_fn(|cx| service.poll_ready(cx)).await.is_ok();
            let answered = ready && service.call(n).await.is_ok_and(|answer| answer == n);
            wrong += usize::from(!answered);
        }
        wrong
    });
    as_they_should(wrong, count)
}
