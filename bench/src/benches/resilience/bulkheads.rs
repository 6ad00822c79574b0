//! Bulkheads with a place for whoever comes.

use std::error::Error;
use std::sync::Arc;

use gonex_resilience::Bulkhead;
use gonex_resilience::bulkhead::BulkheadConfig;
use tokio::sync::Semaphore;
use tower::Layer;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_resilience::bulkhead::BulkheadLayer;

use super::party::{self, Drivers, Party, awaits, calls};
use super::services::{Echo, serves};
use crate::rounds::Case;
use crate::standing::Standing;

const PLACES: usize = 25;

pub fn cases(count: usize, drivers: &Arc<Drivers>) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = party::cases("bulkhead", count, drivers, tried())?;
    cases.extend(party::cases("bulkhead, awaited", count, drivers, awaited())?);
    cases.extend(party::cases("bulkhead, service", count, drivers, served())?);
    Ok(cases)
}

fn ours() -> Result<Bulkhead, Box<dyn Error>> {
    Ok(Bulkhead::new(BulkheadConfig { max_concurrent: PLACES, ..BulkheadConfig::default() })?)
}

/// A semaphore is a part of a bulkhead: it has no bound to its line, no time to wait, no health and no numbers.
fn tried() -> Vec<Party> {
    vec![
        Party::ours("gonex Bulkhead", || {
            let bulkhead = ours()?;
            Ok(calls(move |_| bulkhead.try_acquire(1).is_ok()))
        }),
        Party::new("tokio Semaphore", Standing::Rival, || {
            let places = Semaphore::new(PLACES);
            Ok(calls(move |_| places.try_acquire().is_ok()))
        }),
    ]
}

fn awaited() -> Vec<Party> {
    vec![
        Party::ours("gonex Bulkhead", || {
            let bulkhead = ours()?;
            Ok(awaits(async move |_| bulkhead.acquire(1).await.is_ok()))
        }),
        Party::new("tokio Semaphore", Standing::Rival, || {
            let places = Semaphore::new(PLACES);
            Ok(awaits(async move |_| places.acquire().await.is_ok()))
        }),
    ]
}

fn served() -> Vec<Party> {
    vec![
        Party::ours("gonex Bulkhead", || Ok(serves(ours()?.layer(Echo)))),
        Party::rival("tower ConcurrencyLimit", || {
            Ok(serves(GlobalConcurrencyLimitLayer::new(PLACES).layer(Echo)))
        }),
        Party::rival("tower-resilience", || {
            let layer = BulkheadLayer::builder().max_concurrent_calls(PLACES).build()?;
            Ok(serves(layer.layer(Echo)))
        }),
    ]
}
