//! Retries whose first attempt succeeds. What is called is hidden from the compiler, which would leave out
//! theirs else.

use std::error::Error;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use gonex_resilience::Retry;
use tower::Layer;
use tower::retry::{Policy, RetryLayer as TowerRetry};
use tower_resilience::retry::RetryLayer;

use super::party::{self, Drivers, Party, awaits, calls};
use super::services::{Down, Echo, serves};
use crate::rounds::Case;

const FIRST: Duration = Duration::from_millis(100);

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = party::cases("retry, first succeeds", count, drivers, plain())?;
    cases.extend(party::cases("retry, first succeeds, awaited", count, drivers, awaited())?);
    cases.extend(party::cases("retry, first succeeds, service", count, drivers, served())?);
    Ok(cases)
}

/// Three attempts at most, after delays that double.
pub fn ours() -> Retry {
    Retry::exponential().initial_delay(FIRST).max_attempts(3)
}

fn theirs() -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(FIRST).with_max_times(2)
}

fn plain() -> Vec<Party> {
    vec![
        Party::ours("gonex Retry", || {
            let retry = ours();
            Ok(calls(move |n| retry.call(|| Ok::<_, ()>(black_box(n))).block() == Ok(n)))
        }),
        Party::rival("backon", || {
            Ok(calls(|n| (|| Ok::<_, ()>(black_box(n))).retry(theirs()).call() == Ok(n)))
        }),
    ]
}

fn awaited() -> Vec<Party> {
    vec![
        Party::ours("gonex Retry", || {
            let retry = ours();
            Ok(awaits(async move |n| {
                retry.call(|| ready(Ok::<_, ()>(black_box(n)))).await == Ok(n)
            }))
        }),
        Party::rival("backon", || {
            Ok(awaits(async |n| {
                (|| ready(Ok::<_, ()>(black_box(n)))).retry(theirs()).await == Ok(n)
            }))
        }),
    ]
}

/// So many attempts are left; without delays, which tower leaves to the program.
#[derive(Clone, Copy, Debug)]
struct Attempts {
    left: u32,
}

impl<E> Policy<u64, u64, E> for Attempts {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut u64, result: &mut Result<u64, E>) -> Option<Ready<()>> {
        if result.is_ok() {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &u64) -> Option<u64> {
        Some(*request)
    }
}

fn served() -> Vec<Party> {
    vec![
        Party::ours("gonex Retry", || Ok(serves(ours().layer(Echo)))),
        Party::rival("tower Retry", || {
            Ok(serves(TowerRetry::new(Attempts { left: 2 }).layer(Echo)))
        }),
        Party::rival("tower-resilience", || {
            let layer = RetryLayer::<u64, u64, Down>::builder();
            let layer = layer.max_attempts(3).exponential_backoff(FIRST).build();
            Ok(serves(layer.layer(Echo)))
        }),
    ]
}
