//! Futures whose results are awaited: all started before the first is awaited, or one at a time.

use std::error::Error;
use std::hint::black_box;

use gonex::{Handle, TaskError, go};
use tokio::runtime::Runtime as Tokio;
use tokio::task::{JoinError, JoinHandle};

use super::close_to;
use super::executor::{Smol, block_on};
use super::runtimes::Runtimes;
use crate::rounds::{Case, Subject};

const NAME: &str = "tokio::spawn, await";

/// Started and joined by a thread that is no worker.
pub fn outside(count: usize, runtimes: &Runtimes) -> Case {
    let Runtimes { gonex, tokio, smol } = runtimes;
    let (gonex, tokio, smol) = (gonex.clone(), tokio.clone(), smol.clone());
    let subjects = vec![
        Subject::timed("gonex go, join", true, move || {
            let mut handles: Vec<_> =
                (0..count).map(|n| gonex.go(async move { black_box(n) })).collect();
            handles.iter_mut().try_for_each(|handle| handle.join().block().map(drop))?;
            Ok(())
        }),
        Subject::timed(NAME, false, move || {
            let handles = (0..count).map(|n| tokio.spawn(async move { black_box(n) })).collect();
            Ok(tokio.block_on(await_tokio(handles))?)
        }),
        Subject::timed("async-executor", false, move || {
            let tasks: Vec<_> =
                (0..count).map(|n| smol.0.spawn(async move { black_box(n) })).collect();
            block_on(async {
                for task in tasks {
                    task.await;
                }
            });
            Ok(())
        }),
    ];
    Case::new("futures, joined, from outside", "ns/task", count, subjects)
        .with_bars([close_to(NAME)])
}

/// Started and joined by a task; ours and tokio's on the same runtime.
pub fn within(count: usize, runtimes: &Runtimes) -> Case {
    let subjects = subjects(
        runtimes,
        move || async move {
            await_gonex((0..count).map(|n| go(async move { black_box(n) })).collect()).await
        },
        move || async move {
            await_tokio((0..count).map(|n| tokio::spawn(async move { black_box(n) })).collect())
                .await
        },
        move |smol| async move {
            let tasks: Vec<_> =
                (0..count).map(|n| smol.0.spawn(async move { black_box(n) })).collect();
            for task in tasks {
                task.await;
            }
        },
    );
    Case::new("futures, joined, from within", "ns/task", count, subjects)
        .with_bars([close_to(NAME)])
}

/// Each started when the last has ended.
pub fn one_by_one(count: usize, runtimes: &Runtimes) -> Case {
    let subjects = subjects(
        runtimes,
        move || async move {
            for n in 0..count {
                go(async move { black_box(n) }).await?;
            }
            Ok(())
        },
        move || async move {
            for n in 0..count {
                tokio::spawn(async move { black_box(n) }).await?;
            }
            Ok(())
        },
        move |smol| async move {
            for n in 0..count {
                smol.0.spawn(async move { black_box(n) }).await;
            }
        },
    );
    Case::new("futures, one at a time, from within", "ns/task", count, subjects)
        .with_bars([close_to(NAME)])
}

/// What each does in a task of its own runtime.
fn subjects<Ours, Theirs, Smols>(
    runtimes: &Runtimes,
    ours: impl Fn() -> Ours + 'static,
    theirs: impl Fn() -> Theirs + 'static,
    smols: impl Fn(Smol) -> Smols + 'static,
) -> Vec<Subject>
where
    Ours: Future<Output = Result<(), TaskError>> + Send + 'static,
    Theirs: Future<Output = Result<(), JoinError>> + Send + 'static,
    Smols: Future<Output = ()> + Send + 'static,
{
    let Runtimes { tokio, smol, .. } = runtimes;
    let (first, second, smol) = (tokio.clone(), tokio.clone(), smol.clone());
    vec![
        Subject::timed("gonex go, await", true, move || in_task(&first, ours())),
        Subject::timed(NAME, false, move || in_task(&second, theirs())),
        Subject::timed("async-executor", false, move || {
            smol.run(smols(smol.clone()));
            Ok(())
        }),
    ]
}

/// Runs a future as a task of tokio's, on one of its workers.
fn in_task<E: Error + Send + 'static>(
    tokio: &Tokio,
    future: impl Future<Output = Result<(), E>> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    Ok(tokio.block_on(tokio.spawn(future))??)
}

async fn await_gonex(handles: Vec<Handle<usize>>) -> Result<(), TaskError> {
    for handle in handles {
        handle.await?;
    }
    Ok(())
}

async fn await_tokio(handles: Vec<JoinHandle<usize>>) -> Result<(), JoinError> {
    for handle in handles {
        handle.await?;
    }
    Ok(())
}
