//! Futures that are ready at once, or yield.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;

use async_executor::Executor;
use gonex::{Runtime, go, go_detached, rt};
use tokio::runtime::{Builder, Runtime as Tokio};

use super::latch::Latch;
use super::{case, cores};
use crate::rounds::{Case, Subject};

pub fn cases(count: usize) -> Result<Vec<Case>, Box<dyn Error>> {
    let gonex = Runtime::new()?;
    let tokio = || Builder::new_multi_thread().worker_threads(cores()).enable_all().build();
    let (theirs, within, joined, one, yields) = (tokio()?, tokio()?, tokio()?, tokio()?, tokio()?);
    let smol = executor()?;
    let outside = vec![
        Subject::timed("gonex go_detached", true, move || {
            forget(count, |latch| gonex.go_detached(async move { latch.count_down() }));
            Ok(())
        }),
        Subject::timed("tokio::spawn", false, move || {
            forget(count, |latch| drop(theirs.spawn(async move { latch.count_down() })));
            Ok(())
        }),
        Subject::timed("async-executor", false, move || {
            forget(count, |latch| smol.spawn(async move { latch.count_down() }).detach());
            Ok(())
        }),
    ];
    Ok(vec![
        case("futures, fire and forget, from outside", count, outside),
        case("futures, fire and forget, from within", count, forgotten_within(count, within)),
        case("futures, joined, from within", count, joined_within(count, joined)),
        case("futures, one at a time, from within", count / 100, one_by_one(count / 100, one)),
        case("futures, yields", count, yielding(count, yields)),
    ])
}

/// An executor with a thread for each core, as long as the process.
fn executor() -> Result<Arc<Executor<'static>>, Box<dyn Error>> {
    let executor = Arc::new(Executor::new());
    for core in 0..cores() {
        let theirs = executor.clone();
        let builder = thread::Builder::new().name(format!("async-executor-{core}"));
        builder.spawn(move || {
            pollster(theirs.run(std::future::pending::<()>()));
        })?;
    }
    Ok(executor)
}

/// Polls a future on this thread: gonex's own way to block would be no rival's.
fn pollster(future: impl Future<Output = ()>) {
    struct Unpark(thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    while future.as_mut().poll(&mut cx).is_pending() {
        thread::park();
    }
}

fn forget(count: usize, start: impl Fn(Arc<Latch>)) {
    let latch = Latch::new(count);
    (0..count).for_each(|_| start(latch.clone()));
    latch.wait();
}

/// Both on a tokio runtime of the same kind, from one of its tasks.
fn forgotten_within(count: usize, tokio: Tokio) -> Vec<Subject> {
    let tokio = Arc::new(tokio);
    let ours = tokio.clone();
    vec![
        Subject::timed("gonex go_detached", true, move || {
            let latch = Latch::new(count);
            let theirs = latch.clone();
            ours.spawn(async move {
                for _ in 0..count {
                    let latch = theirs.clone();
                    go_detached(async move { latch.count_down() });
                }
            });
            latch.wait();
            Ok(())
        }),
        Subject::timed("tokio::spawn", false, move || {
            let latch = Latch::new(count);
            let theirs = latch.clone();
            tokio.spawn(async move {
                for _ in 0..count {
                    let latch = theirs.clone();
                    tokio::spawn(async move { latch.count_down() });
                }
            });
            latch.wait();
            Ok(())
        }),
    ]
}

fn joined_within(count: usize, tokio: Tokio) -> Vec<Subject> {
    let tokio = Arc::new(tokio);
    let ours = tokio.clone();
    vec![
        Subject::timed("gonex go, await", true, move || {
            let all = ours.spawn(async move {
                let handles: Vec<_> = (0..count).map(|n| go(async move { black_box(n) })).collect();
                for handle in handles {
                    handle.await?;
                }
                Ok::<(), gonex::TaskError>(())
            });
            Ok(ours.block_on(all)??)
        }),
        Subject::timed("tokio::spawn, await", false, move || {
            let all = tokio.spawn(async move {
                let handles: Vec<_> =
                    (0..count).map(|n| tokio::spawn(async move { black_box(n) })).collect();
                for handle in handles {
                    handle.await?;
                }
                Ok::<(), tokio::task::JoinError>(())
            });
            Ok(tokio.block_on(all)??)
        }),
    ]
}

fn one_by_one(count: usize, tokio: Tokio) -> Vec<Subject> {
    let tokio = Arc::new(tokio);
    let ours = tokio.clone();
    vec![
        Subject::timed("gonex go, await", true, move || {
            let all = ours.spawn(async move {
                for n in 0..count {
                    go(async move { black_box(n) }).await?;
                }
                Ok::<(), gonex::TaskError>(())
            });
            Ok(ours.block_on(all)??)
        }),
        Subject::timed("tokio::spawn, await", false, move || {
            let all = tokio.spawn(async move {
                for n in 0..count {
                    tokio::spawn(async move { black_box(n) }).await?;
                }
                Ok::<(), tokio::task::JoinError>(())
            });
            Ok(tokio.block_on(all)??)
        }),
    ]
}

/// Two tasks that yield to each other.
fn yielding(count: usize, tokio: Tokio) -> Vec<Subject> {
    let tokio = Arc::new(tokio);
    let ours = tokio.clone();
    vec![
        Subject::timed("gonex rt::yield_now", true, move || {
            let two = (0..2).map(|_| {
                ours.spawn(async move {
                    for _ in 0..count / 2 {
                        rt::yield_now().await;
                    }
                })
            });
            two.collect::<Vec<_>>().into_iter().try_for_each(|task| ours.block_on(task))?;
            Ok(())
        }),
        Subject::timed("tokio::task::yield_now", false, move || {
            let two = (0..2).map(|_| {
                tokio.spawn(async move {
                    for _ in 0..count / 2 {
                        tokio::task::yield_now().await;
                    }
                })
            });
            two.collect::<Vec<_>>().into_iter().try_for_each(|task| tokio.block_on(task))?;
            Ok(())
        }),
    ]
}
