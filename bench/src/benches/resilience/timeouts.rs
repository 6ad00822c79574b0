//! Time-outs of calls that end at once.

use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use gonex_resilience::Timeout;
use tower::Layer;
use tower::timeout::TimeoutLayer;
use tower_resilience::timelimiter::TimeLimiterLayer;

use super::party::{self, Drivers, Party, awaits};
use super::services::{Echo, serves};
use crate::rounds::Case;

pub const LIMIT: Duration = Duration::from_secs(5);

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = party::cases("time-out, awaited", count, drivers, awaited())?;
    cases.extend(party::cases("time-out, service", count, drivers, served())?);
    Ok(cases)
}

fn awaited() -> Vec<Party> {
    vec![
        Party::ours("gonex Timeout", || {
            let timeout = Timeout::new(LIMIT)?;
            Ok(awaits(async move |n| timeout.call(|| ready(Ok::<_, ()>(n))).await == Ok(n)))
        }),
        Party::rival("tokio timeout", || {
            Ok(awaits(async |n| tokio::time::timeout(LIMIT, ready(n)).await == Ok(n)))
        }),
    ]
}

fn served() -> Vec<Party> {
    vec![
        Party::ours("gonex Timeout", || Ok(serves(Timeout::new(LIMIT)?.layer(Echo)))),
        Party::rival("tower Timeout", || Ok(serves(TimeoutLayer::new(LIMIT).layer(Echo)))),
        Party::rival("tower-resilience", || {
            let layer = TimeLimiterLayer::builder().timeout_duration(LIMIT).build();
            Ok(serves(layer.layer(Echo)))
        }),
    ]
}
