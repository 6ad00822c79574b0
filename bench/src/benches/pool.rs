//! The pool against tasks of a runtime, rayon, the pools of others, and a thread for each job: what a job
//! costs beside its work.

use std::error::Error;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use gonex::{Pool, Runtime};
use rayon::prelude::*;

use crate::benches::tasks::cores;
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

/// Tasks of a runtime, which nobody looks after: what a managed job costs beside them.
fn go(
    jobs: &[Turns],
    check: impl Fn(Vec<u64>) -> Result<(), Box<dyn Error>> + 'static,
) -> Result<Subject, Box<dyn Error>> {
    let (runtime, jobs) = (Runtime::new()?, jobs.to_vec());
    Ok(Subject::timed("gonex Runtime::go", true, move || {
        let tasks = jobs.iter().map(|&turns| runtime.go(move || work(turns)));
        let mut tasks: Vec<_> = tasks.collect();
        let results: Result<Vec<_>, _> = tasks.iter_mut().map(|task| task.join().block()).collect();
        check(results?)
    }))
}

/// Pools of threads, whose results come back by a channel, and tokio's.
fn pools_of_others(
    jobs: &[Turns],
    check: impl Fn(Vec<u64>) -> Result<(), Box<dyn Error>> + Copy + 'static,
) -> Result<Vec<Subject>, Box<dyn Error>> {
    let rusty = rusty_pool::ThreadPool::new(cores(), cores(), Duration::from_secs(60));
    let plain = threadpool::ThreadPool::new(cores());
    let tokio =
        tokio::runtime::Builder::new_multi_thread().max_blocking_threads(cores()).build()?;
    let in_order = |count: usize, receive: mpsc::Receiver<(usize, u64)>| {
        let mut results = vec![0; count];
        for (index, result) in receive {
            results[index] = result;
        }
        results
    };
    let (of_rusty, of_plain, of_tokio) = (jobs.to_vec(), jobs.to_vec(), jobs.to_vec());
    let rusty = Subject::timed("rusty_pool execute + channel", false, move || {
        let (send, receive) = mpsc::channel();
        for (index, &turns) in of_rusty.iter().enumerate() {
            let send = send.clone();
            // The receiver lives until all have sent.
            rusty.execute(move || send.send((index, work(turns))).unwrap_or(()));
        }
        drop(send);
        check(in_order(of_rusty.len(), receive))
    });
    let plain = Subject::timed("threadpool execute + channel", false, move || {
        let (send, receive) = mpsc::channel();
        for (index, &turns) in of_plain.iter().enumerate() {
            let send = send.clone();
            plain.execute(move || send.send((index, work(turns))).unwrap_or(()));
        }
        drop(send);
        check(in_order(of_plain.len(), receive))
    });
    let blocking = Subject::timed("tokio spawn_blocking", false, move || {
        let handles = of_tokio.iter().map(|&turns| tokio.spawn_blocking(move || work(turns)));
        let handles: Vec<_> = handles.collect();
        let results = handles.into_iter().map(|handle| tokio.block_on(handle));
        let results: Result<Vec<_>, _> = results.collect();
        check(results?)
    });
    Ok(vec![rusty, plain, blocking])
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
    let mut subjects = vec![ours, one_by_one, go(&jobs, check)?, iterator, spawn];
    subjects.extend(pools_of_others(&jobs, check)?);
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
