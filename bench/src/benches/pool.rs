//! The pool against rayon and a thread for each job: what a job costs beside its work.

use std::error::Error;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use gonex::Pool;
use rayon::prelude::*;

use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject};

/// A job: so many turns of a loop of about a nanosecond.
type Turns = u64;

fn work(turns: Turns) -> u64 {
    (0..turns).fold(turns, |sum, n| black_box(sum.wrapping_mul(31) ^ n))
}

pub fn cases(_: &Options) -> Result<Made, Box<dyn Error>> {
    let even = |count: usize, turns: Turns| vec![turns; count];
    let cases = vec![
        case("2,000 empty jobs, results in order", even(2_000, 0), true)?,
        case("100,000 empty jobs, results in order", even(100_000, 0), false)?,
        case("2,000 jobs of about 20 µs", even(2_000, 20_000), true)?,
        case("2,000 jobs, a few very long, at the end", heavy_tail(2_000), true)?,
    ];
    Ok(cases.into())
}

/// Most jobs are short, and the long ones come last, where a pool that takes them in order ends
/// with one worker at work.
fn heavy_tail(count: usize) -> Vec<Turns> {
    (0..count as u64).map(|n| if n % 500 == 499 { 8_000_000 } else { 2_000 }).collect()
}

/// `threads` adds a thread for each job, which is too slow for very many.
fn case(name: &str, jobs: Vec<Turns>, threads: bool) -> Result<Case, Box<dyn Error>> {
    let count = jobs.len();
    let expected: u64 = jobs.iter().map(|&turns| work(turns)).fold(0, u64::wrapping_add);
    let check = move |results: Vec<u64>| -> Result<(), Box<dyn Error>> {
        let sum = results.iter().copied().fold(0, u64::wrapping_add);
        if (results.len(), sum) == (count, expected) { Ok(()) } else { Err("wrong results".into()) }
    };

    let pool = Pool::new(work)?;
    let batch = jobs.clone();
    let ours = Subject::timed("gonex Pool::submit_batch", true, move || {
        let mut batch = pool.submit_batch(batch.iter().copied(), |&turns| turns).block()?;
        check(batch.join_all().block()?)
    });
    let single = Pool::new(work)?;
    let singles = jobs.clone();
    let one_by_one = Subject::timed("gonex Pool::submit, one by one", true, move || {
        let handles: Result<Vec<_>, _> =
            singles.iter().map(|&turns| single.submit(turns).block()).collect();
        let results: Result<Vec<_>, _> =
            handles?.iter_mut().map(|handle| handle.join().block()).collect();
        check(results?)
    });
    let parallel = jobs.clone();
    let iterator = Subject::timed("rayon par_iter", false, move || {
        check(parallel.par_iter().map(|&turns| work(turns)).collect())
    });
    let spawned = jobs.clone();
    let spawn = Subject::timed("rayon spawn + channel", false, move || {
        let (send, receive) = mpsc::channel();
        for (index, &turns) in spawned.iter().enumerate() {
            let send = send.clone();
            // The receiver lives until all have sent.
            rayon::spawn(move || send.send((index, work(turns))).unwrap_or(()));
        }
        drop(send);
        let mut results = vec![0; spawned.len()];
        for (index, result) in receive {
            results[index] = result;
        }
        check(results)
    });
    let mut subjects = vec![ours, one_by_one, iterator, spawn];
    if threads {
        subjects.push(Subject::timed("a thread for each job", false, move || {
            let started: Vec<_> =
                jobs.iter().map(|&turns| thread::spawn(move || work(turns))).collect();
            let joined: Result<Vec<_>, _> =
                started.into_iter().map(thread::JoinHandle::join).collect();
            check(joined.map_err(|_| "a thread panicked")?)
        }));
    }
    Ok(Case::new(name, "ns/job", count, subjects))
}
