//! A run in which each party is a tokio task.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use nix::time::ClockId;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use super::cell::{Capacity, Shape};
use super::link::{Async, Tally};
use super::party::{Outcome, Run, Span, cpu, share};

type Party = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Can this kind do the shape at this capacity?
pub fn can<L: Async>(shape: Shape, capacity: Capacity) -> bool {
    match shape {
        Shape::Flow { senders, receivers } => L::open(capacity, senders, receivers).is_some(),
        Shape::PingPong => L::open(capacity, 1, 1).is_some(),
        Shape::Select(_) => L::SELECTS && L::open(capacity, 1, 1).is_some(),
    }
}

pub fn run<L: Async>(
    shape: Shape,
    capacity: Capacity,
    count: u64,
    runtime: &Runtime,
) -> Result<Run, Box<dyn Error>> {
    let parties = parties::<L>(shape, capacity, count).ok_or("the channel cannot do this cell")?;
    let barrier = Arc::new(Barrier::new(parties.len()));
    let begun = cpu(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    let ended = runtime.block_on(async {
        let tasks: Vec<_> = parties
            .into_iter()
            .map(|party| {
                let barrier = barrier.clone();
                tokio::spawn(async move {
                    barrier.wait().await;
                    let start = Instant::now();
                    let outcome = party.await;
                    (outcome, Span { start, end: Instant::now() })
                })
            })
            .collect();
        let mut ended = Vec::new();
        for task in tasks {
            ended.push(task.await?);
        }
        Ok::<_, tokio::task::JoinError>(ended)
    })?;
    let spent = cpu(ClockId::CLOCK_PROCESS_CPUTIME_ID).saturating_sub(begun);
    Run::checked(count, spent, &ended)
}

fn parties<L: Async>(shape: Shape, capacity: Capacity, count: u64) -> Option<Vec<Party>> {
    let mut parties: Vec<Party> = Vec::new();
    match shape {
        Shape::Flow { senders, receivers } => {
            let (txs, rxs) = L::open(capacity, senders, receivers)?;
            for mut rx in rxs {
                parties.push(Box::pin(async move {
                    let mut tally = Tally::default();
                    while let Some(value) = L::recv(&mut rx).await {
                        tally.add(value);
                    }
                    tally.into()
                }));
            }
            for (index, mut tx) in txs.into_iter().enumerate() {
                parties.push(Box::pin(async move {
                    for value in share(index, senders, count) {
                        L::send(&mut tx, value).await;
                    }
                    Outcome::default()
                }));
            }
        }
        Shape::PingPong => {
            let (mut there, mut arriving) = single::<L>(capacity)?;
            let (mut back, mut returning) = single::<L>(capacity)?;
            parties.push(Box::pin(async move {
                while let Some(value) = L::recv(&mut arriving).await {
                    L::send(&mut back, value).await;
                }
                Outcome::default()
            }));
            parties.push(Box::pin(async move {
                let mut tally = Tally::default();
                for value in 0..count {
                    L::send(&mut there, value).await;
                    tally.add(L::recv(&mut returning).await.expect("the other party echoes"));
                }
                tally.into()
            }));
        }
        Shape::Select(arms) => {
            let mut rxs = Vec::new();
            for index in 0..arms {
                let (mut tx, rx) = single::<L>(capacity)?;
                rxs.push(rx);
                parties.push(Box::pin(async move {
                    for value in share(index, arms, count) {
                        L::send(&mut tx, value).await;
                    }
                    Outcome { kept: Some(Box::new(tx)), ..Outcome::default() }
                }));
            }
            parties.push(Box::pin(async move { L::select(&mut rxs, count).await.into() }));
        }
    }
    Some(parties)
}

fn single<L: Async>(capacity: Capacity) -> Option<(L::Tx, L::Rx)> {
    let (txs, rxs) = L::open(capacity, 1, 1)?;
    txs.into_iter().next().zip(rxs.into_iter().next())
}
