//! Retry, breaker, limiter and time-out around one call.

use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use gonex_resilience::breaker::BreakerConfig;
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::{CircuitBreaker, Policy, Timeout, TokenBucket};
use tower::limit::RateLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::{Layer, ServiceBuilder};
use tower_resilience::circuitbreaker::{CircuitBreakerError, CircuitBreakerLayer};
use tower_resilience::ratelimiter::{RateLimiterLayer, RateLimiterServiceError};
use tower_resilience::retry::RetryLayer;
use tower_resilience::timelimiter::{TimeLimiterError, TimeLimiterLayer};

use super::party::{self, Drivers, Party, awaits, calls};
use super::retries;
use super::services::{Down, Echo, serves, serves_one};
use super::timeouts::LIMIT;
use crate::rounds::Case;
use crate::standing::Standing;

const PLENTY: u32 = 1_000_000_000;
const SECOND: Duration = Duration::from_secs(1);

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    party::cases("stack of four", count, drivers, parties())
}

fn breaker() -> Result<CircuitBreaker, Box<dyn Error>> {
    Ok(CircuitBreaker::new(BreakerConfig::default())?)
}

fn limiter() -> Result<TokenBucket, Box<dyn Error>> {
    Ok(TokenBucket::new(TokenBucketConfig::per_second(PLENTY))?)
}

/// What theirs fails with inside its retries.
type Inside = CircuitBreakerError<RateLimiterServiceError<TimeLimiterError<Down>>>;

fn parties() -> Vec<Party> {
    vec![
        Party::ours("gonex layers", || {
            let inside = limiter()?.layer(Timeout::new(LIMIT)?.layer(Echo));
            Ok(serves(retries::ours().layer(breaker()?.layer(inside))))
        }),
        Party::ours("gonex Policy, awaited", || {
            let policy = Policy::new()
                .retry(retries::ours())
                .breaker(breaker()?)
                .limiter(limiter()?)
                .timeout(Timeout::new(LIMIT)?);
            Ok(awaits(async move |n| policy.call(move || ready(Ok::<_, ()>(n))).await == Ok(n)))
        }),
        Party::ours("gonex Policy, block", || {
            let policy = Policy::new()
                .retry(retries::ours())
                .breaker(breaker()?)
                .limiter(limiter()?)
                .timeout(Timeout::new(LIMIT)?);
            Ok(calls(move |n| policy.call(move || Ok::<_, ()>(n)).block() == Ok(n)))
        }),
        Party::rival("tower-resilience", || {
            let inside = TimeLimiterLayer::builder().timeout_duration(LIMIT).build().layer(Echo);
            let limiter = RateLimiterLayer::builder()
                .limit_for_period(PLENTY as usize)
                .refresh_period(SECOND)
                .timeout_duration(SECOND)
                .build()?;
            let breaker = CircuitBreakerLayer::builder()
                .sliding_window_size(100)
                .failure_rate_threshold(0.5)
                .minimum_number_of_calls(100)
                .build()?;
            let retry = RetryLayer::<u64, u64, Inside>::builder().max_attempts(3);
            let retry = retry.exponential_backoff(Duration::from_millis(100)).build();
            Ok(serves(retry.layer(breaker.layer_fn(limiter.layer(inside)))))
        }),
        // It has no breaker, and with its limiter no clones, which its retries would need.
        Party::new("tower RateLimit and Timeout", Standing::Beside, || {
            let layers = ServiceBuilder::new()
                .layer(RateLimitLayer::new(u64::from(PLENTY), SECOND))
                .layer(TimeoutLayer::new(LIMIT));
            Ok(serves_one(layers.service(Echo)))
        })
        .of_one_thread(),
    ]
}
