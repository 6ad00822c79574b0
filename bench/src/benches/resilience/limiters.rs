//! Limiters that allow, that deny, and that keep a limit for each key.

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gonex_resilience::limit::{Gcra, TokenBucketConfig};
use gonex_resilience::{KeyedLimiter, TokenBucket};
use governor::{Quota, RateLimiter};
use tower::Layer;
use tower::limit::RateLimitLayer;
use tower_resilience::ratelimiter::RateLimiterLayer;

use super::party::{self, Drivers, Party, awaits, calls};
use super::services::{Echo, serves, serves_one};
use crate::rounds::Case;

/// So many in a second that nobody is ever denied.
const PLENTY: u32 = 1_000_000_000;
const HOUR: Duration = Duration::from_secs(3600);
const KEYS: u64 = 1000;

fn plenty() -> Result<Quota, Box<dyn Error>> {
    Ok(Quota::per_second(NonZeroU32::new(PLENTY).ok_or("there are none")?))
}

/// One in an hour.
fn hourly() -> Result<Quota, Box<dyn Error>> {
    Ok(Quota::with_period(HOUR).ok_or("an hour is none")?)
}

fn leaky() -> leaky_bucket::RateLimiter {
    let plenty = PLENTY as usize;
    leaky_bucket::RateLimiter::builder()
        .max(plenty)
        .initial(plenty)
        .refill(plenty)
        .interval(Duration::from_secs(1))
        .build()
}

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = party::cases("limiter, allowed", count, drivers, allowed())?;
    cases.extend(party::cases("limiter, denied", count, drivers, denied())?);
    cases.extend(party::cases("limiter, awaited", count, drivers, awaited())?);
    cases.extend(party::cases("limiter, service", count, drivers, served())?);
    cases.extend(party::cases("limiter by key, one key", count, drivers, keyed(1))?);
    cases.extend(party::cases("limiter by key, 1,000 keys", count, drivers, keyed(KEYS))?);
    Ok(cases)
}

fn allowed() -> Vec<Party> {
    vec![
        Party::ours("gonex TokenBucket", || {
            let limiter = TokenBucket::new(TokenBucketConfig::per_second(PLENTY))?;
            Ok(calls(move |_| limiter.try_acquire(1).is_ok()))
        }),
        Party::rival("governor", || {
            let limiter = RateLimiter::direct(plenty()?);
            Ok(calls(move |_| limiter.check().is_ok()))
        }),
        Party::rival("leaky-bucket", || {
            let limiter = leaky();
            Ok(calls(move |_| limiter.try_acquire(1)))
        }),
        Party::rival("ratelimit", || {
            let plenty = u64::from(PLENTY);
            let limiter = ratelimit::Ratelimiter::builder(plenty)
                .max_tokens(plenty)
                .initial_available(plenty)
                .build()?;
            Ok(calls(move |_| limiter.try_wait().is_ok()))
        }),
    ]
}

fn denied() -> Vec<Party> {
    vec![
        Party::ours("gonex TokenBucket", || {
            let limiter = TokenBucket::new(TokenBucketConfig::per(1, HOUR))?;
            limiter.try_acquire(1)?;
            Ok(calls(move |_| limiter.try_acquire(1).is_err()))
        }),
        Party::rival("governor", || {
            let limiter = RateLimiter::direct(hourly()?);
            limiter.check().map_err(|denied| denied.to_string())?;
            Ok(calls(move |_| limiter.check().is_err()))
        }),
        Party::rival("leaky-bucket", || {
            let limiter =
                leaky_bucket::RateLimiter::builder().max(1).initial(0).interval(HOUR).build();
            Ok(calls(move |_| !limiter.try_acquire(1)))
        }),
        Party::rival("ratelimit", || {
            let limiter = ratelimit::Ratelimiter::builder(1)
                .period(HOUR)
                .max_tokens(1)
                .initial_available(0)
                .build()?;
            Ok(calls(move |_| limiter.try_wait().is_err()))
        }),
    ]
}

fn awaited() -> Vec<Party> {
    vec![
        Party::ours("gonex TokenBucket", || {
            let limiter = TokenBucket::new(TokenBucketConfig::per_second(PLENTY))?;
            Ok(awaits(async move |_| limiter.acquire(1).await.is_ok()))
        }),
        Party::rival("governor", || {
            let limiter = RateLimiter::direct(plenty()?);
            Ok(awaits(async move |_| {
                limiter.until_ready().await;
                true
            }))
        }),
        Party::rival("leaky-bucket", || {
            let limiter = leaky();
            Ok(awaits(async move |_| {
                limiter.acquire_one().await;
                true
            }))
        }),
    ]
}

fn served() -> Vec<Party> {
    const SECOND: Duration = Duration::from_secs(1);
    vec![
        Party::ours("gonex TokenBucket", || {
            let limiter = TokenBucket::new(TokenBucketConfig::per_second(PLENTY))?;
            Ok(serves(limiter.layer(Echo)))
        }),
        Party::rival("tower-resilience", || {
            let layer = RateLimiterLayer::builder()
                .limit_for_period(PLENTY as usize)
                .refresh_period(SECOND)
                .timeout_duration(SECOND)
                .build()?;
            Ok(serves(layer.layer(Echo)))
        }),
        // It has no clones, since its count is its own.
        Party::rival("tower RateLimit", || {
            let layer = RateLimitLayer::new(u64::from(PLENTY), SECOND);
            Ok(serves_one(layer.layer(Echo)))
        })
        .of_one_thread(),
    ]
}

fn keyed(keys: u64) -> Vec<Party> {
    vec![
        Party::ours("gonex KeyedLimiter", move || {
            let config = TokenBucketConfig::per_second(PLENTY);
            // Each of the parts among which keys are spread has its share of the bound.
            let limiter = KeyedLimiter::<u64, Gcra>::new(config, 16 * KEYS as usize)?;
            Ok(calls(move |n| limiter.try_acquire(&(n as u64 % keys), 1).is_ok()))
        }),
        Party::rival("governor, DashMap", move || {
            let limiter = RateLimiter::dashmap(plenty()?);
            Ok(calls(move |n| limiter.check_key(&(n as u64 % keys)).is_ok()))
        }),
        Party::rival("governor, HashMap", move || {
            let limiter = RateLimiter::hashmap(plenty()?);
            Ok(calls(move |n| limiter.check_key(&(n as u64 % keys)).is_ok()))
        }),
    ]
}
