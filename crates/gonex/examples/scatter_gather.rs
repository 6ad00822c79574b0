//! Work is scattered over workers, results are gathered in order; then keyed work goes to the worker
//! that the key belongs to, and one worker's queue is evened out.
//!
//! ```text
//! cargo run -p gonex --example scatter_gather
//! ```

use std::error::Error;
use std::thread::{self, JoinHandle};

use gonex::{Collector, Distributor, PeerId, Receiver, channel};

/// How many primes there are below a number, by trial division.
fn primes_below(limit: u64) -> usize {
    let is_prime = |n: &u64| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (2..limit).filter(is_prime).count()
}

/// Threads that count primes. Each ends when its jobs do.
struct Workers {
    jobs: Distributor<u64>,
    results: Collector<usize>,
    running: Vec<JoinHandle<usize>>,
}

impl Workers {
    fn start(number: usize) -> Result<Self, Box<dyn Error>> {
        let (jobs, queues) = Distributor::local(number, 64);
        let results = Collector::new();
        let mut running = Vec::new();
        for (id, queue) in queues.into_iter().enumerate() {
            let (tx, rx) = channel(64);
            results.join(PeerId::new(id as u64), rx)?;
            running.push(thread::spawn(move || {
                // The number of jobs done; results that nobody wants end the worker too.
                queue.iter().map_while(|limit| tx.send(primes_below(limit)).block().ok()).count()
            }));
        }
        Ok(Self { jobs, results, running })
    }

    /// One job for each worker, and one result from each, in the same order.
    fn round(&self, limits: &[u64]) -> Result<Vec<usize>, Box<dyn Error>> {
        self.jobs.scatter(limits.iter().copied()).block()?;
        let results = self.results.gather().block().into_iter();
        Ok(results.map(|(_, result)| result).collect::<Result<_, _>>()?)
    }

    /// Ends the workers, and says how many jobs each has done.
    fn end(self) -> Result<Vec<usize>, Box<dyn Error>> {
        self.jobs.close();
        let done = self.running.into_iter().map(JoinHandle::join);
        done.map(|done| done.map_err(|_| "a worker has panicked".into())).collect()
    }
}

fn run() -> Result<Vec<usize>, Box<dyn Error>> {
    let workers = Workers::start(4)?;
    let results = workers.round(&[10, 100, 1_000, 10_000])?;

    // The same key always finds the same worker, as long as that lives.
    let owner = workers.jobs.route("customer 7").peer();
    for _ in 0..3 {
        workers.jobs.route("customer 7").send(1_000).block()?;
        let (from, primes) = workers.results.recv().block()?;
        assert_eq!((Some(from), primes), (owner, 168));
    }
    assert_eq!(workers.end()?.iter().sum::<usize>(), 4 + 3);
    Ok(results)
}

/// How long the queues of three workers are when one of them had all the work: before and after.
fn balance() -> (Vec<usize>, Vec<usize>) {
    let (jobs, queues) = Distributor::local(3, 64);
    let lengths = || queues.iter().map(Receiver::len).collect();
    while jobs.route_to(PeerId::new(0)).try_send(1_000_u64).is_ok() {}
    let before = lengths();
    jobs.balance().block();
    (before, lengths())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("primes below 10, 100, 1,000 and 10,000: {:?}", run()?);
    let (before, after) = balance();
    println!("queues before and after balancing: {before:?} and {after:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        assert_eq!(run().unwrap(), [4, 25, 168, 1_229]);
    }

    #[test]
    fn queues_are_evened_out() {
        let (before, mut after) = balance();
        after.sort_unstable();
        assert_eq!((before, after), (vec![64, 0, 0], vec![21, 21, 22]));
    }
}
