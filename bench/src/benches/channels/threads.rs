//! A run in which each party is a thread.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::ClockId;

use super::cell::{Capacity, Shape};
use super::link::{Blocking, Tally};
use super::party::{Outcome, Run, Span, cpu, share};

type Party = Box<dyn FnOnce() -> Outcome + Send>;

/// Can this kind do the shape at this capacity?
pub fn can<L: Blocking>(shape: Shape, capacity: Capacity) -> bool {
    match shape {
        Shape::Flow { senders, receivers } => L::open(capacity, senders, receivers).is_some(),
        Shape::PingPong => L::open(capacity, 1, 1).is_some(),
        Shape::Select(_) => L::SELECT.is_some() && L::open(capacity, 1, 1).is_some(),
    }
}

pub fn run<L: Blocking>(
    shape: Shape,
    capacity: Capacity,
    count: u64,
    busy: bool,
) -> Result<Run, Box<dyn Error>> {
    let _burners = busy.then(Burners::start);
    let parties = parties::<L>(shape, capacity, count).ok_or("the channel cannot do this cell")?;
    let barrier = Arc::new(Barrier::new(parties.len()));
    let threads: Vec<_> = parties
        .into_iter()
        .map(|party| {
            let barrier = barrier.clone();
            thread::spawn(move || {
                barrier.wait();
                let begun = cpu(ClockId::CLOCK_THREAD_CPUTIME_ID);
                let start = Instant::now();
                let outcome = party();
                let span = Span { start, end: Instant::now() };
                (outcome, span, cpu(ClockId::CLOCK_THREAD_CPUTIME_ID).saturating_sub(begun))
            })
        })
        .collect();
    let mut ended = Vec::new();
    let mut spent = Duration::ZERO;
    for thread in threads {
        let (outcome, span, cpu) = thread.join().map_err(|_| "a party panicked")?;
        ended.push((outcome, span));
        spent += cpu;
    }
    Run::checked(count, spent, &ended)
}

fn parties<L: Blocking>(shape: Shape, capacity: Capacity, count: u64) -> Option<Vec<Party>> {
    let mut parties: Vec<Party> = Vec::new();
    match shape {
        Shape::Flow { senders, receivers } => {
            let (txs, rxs) = L::open(capacity, senders, receivers)?;
            for mut rx in rxs {
                parties.push(Box::new(move || {
                    let mut tally = Tally::default();
                    while let Some(value) = L::recv(&mut rx) {
                        tally.add(value);
                    }
                    tally.into()
                }));
            }
            for (index, mut tx) in txs.into_iter().enumerate() {
                parties.push(Box::new(move || {
                    share(index, senders, count).for_each(|value| L::send(&mut tx, value));
                    Outcome::default()
                }));
            }
        }
        Shape::PingPong => {
            let (mut there, mut arriving) = single::<L>(capacity)?;
            let (mut back, mut returning) = single::<L>(capacity)?;
            parties.push(Box::new(move || {
                while let Some(value) = L::recv(&mut arriving) {
                    L::send(&mut back, value);
                }
                Outcome::default()
            }));
            parties.push(Box::new(move || {
                let mut values = 0..count;
                let echo = || {
                    L::send(&mut there, values.next().unwrap_or(0));
                    L::recv(&mut returning).expect("the other party echoes")
                };
                Tally::until(count, echo).into()
            }));
        }
        Shape::Select(arms) => {
            let select = L::SELECT?;
            let mut rxs = Vec::new();
            for index in 0..arms {
                let (mut tx, rx) = single::<L>(capacity)?;
                rxs.push(rx);
                parties.push(Box::new(move || {
                    share(index, arms, count).for_each(|value| L::send(&mut tx, value));
                    Outcome { kept: Some(Box::new(tx)), ..Outcome::default() }
                }));
            }
            parties.push(Box::new(move || select(&mut rxs, count).into()));
        }
    }
    Some(parties)
}

fn single<L: Blocking>(capacity: Capacity) -> Option<(L::Tx, L::Rx)> {
    let (txs, rxs) = L::open(capacity, 1, 1)?;
    txs.into_iter().next().zip(rxs.into_iter().next())
}

/// A thread for each core that does nothing but burn CPU time, until dropped.
struct Burners {
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Burners {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let burn = |stop: Arc<AtomicBool>| {
            move || {
                while !stop.load(Ordering::Relaxed) {
                    (0..1000u64).for_each(|n| _ = std::hint::black_box(n));
                }
            }
        };
        let threads = (0..cores).map(|_| thread::spawn(burn(stop.clone()))).collect();
        Self { stop, threads }
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A burner has nothing that could panic.
            _ = thread.join();
        }
    }
}
