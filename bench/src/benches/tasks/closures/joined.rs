//! Tasks with a handle each, all started before the first is joined for its result.

use std::error::Error;
use std::hint::black_box;
use std::thread;

use gonex::{Handle, TaskError, go};

use super::pools::{Pools, rival, thread_each};
use crate::go::Beside;
use crate::rounds::{Case, Subject};

pub fn outside(count: usize, pools: &Pools, go: &Beside) -> Case {
    let Pools { gonex, rusty, .. } = pools.clone();
    let mut subjects = vec![
        Subject::timed("gonex go, join", true, move || {
            Ok(join_all((0..count).map(|n| gonex.go(move || black_box(n))))?)
        }),
        rival("rusty_pool evaluate", move || evaluate_all(&rusty, count)),
        thread_each("std::thread::spawn", count, join_threads),
    ];
    subjects.extend(go.subject("join-outside", count));
    Case::new("closures, joined, from outside", "ns/task", count, subjects)
}

pub fn within(count: usize, pools: &Pools, beside: &Beside) -> Case {
    let Pools { gonex, rusty, .. } = pools.clone();
    let mut subjects = vec![
        Subject::timed("gonex go, join", true, move || {
            let mut all = gonex.go(move || join_all((0..count).map(|n| go(move || black_box(n)))));
            Ok(all.join().block()??)
        }),
        rival("rusty_pool evaluate", move || {
            let inner = rusty.clone();
            rusty.evaluate(move || evaluate_all(&inner, count)).await_complete();
        }),
    ];
    subjects.extend(beside.subject("join-within", count));
    Case::new("closures, joined, from within", "ns/task", count, subjects)
}

fn join_all(handles: impl Iterator<Item = Handle<usize>>) -> Result<(), TaskError> {
    let mut handles: Vec<_> = handles.collect();
    handles.iter_mut().try_for_each(|handle| handle.join().block().map(drop))
}

fn evaluate_all(pool: &rusty_pool::ThreadPool, count: usize) {
    let handles: Vec<_> = (0..count).map(|n| pool.evaluate(move || black_box(n))).collect();
    for handle in handles {
        handle.await_complete();
    }
}

fn join_threads(count: usize) -> Result<(), Box<dyn Error>> {
    let handles: Vec<_> = (0..count).map(|n| thread::spawn(move || black_box(n))).collect();
    for handle in handles {
        handle.join().map_err(|_| "a thread panicked")?;
    }
    Ok(())
}
