//! Futures that nobody awaits; a latch tells when all have run.

use gonex::go_detached;

use super::close_to;
use super::runtimes::Runtimes;
use crate::benches::tasks::latch::{Latch, forget};
use crate::rounds::{Case, Subject};

pub fn outside(count: usize, runtimes: &Runtimes) -> Case {
    let Runtimes { gonex, tokio, smol } = runtimes;
    let (gonex, tokio, smol) = (gonex.clone(), tokio.clone(), smol.clone());
    let subjects = vec![
        Subject::timed("gonex go_detached", true, move || {
            forget(count, |latch| gonex.go_detached(async move { latch.count_down() }));
            Ok(())
        }),
        Subject::timed("tokio::spawn", false, move || {
            forget(count, |latch| drop(tokio.spawn(async move { latch.count_down() })));
            Ok(())
        }),
        Subject::timed("async-executor", false, move || {
            forget(count, |latch| smol.0.spawn(async move { latch.count_down() }).detach());
            Ok(())
        }),
    ];
    Case::new("futures, fire and forget, from outside", "ns/task", count, subjects)
        .with_bars([close_to("tokio::spawn")])
}

/// Ours and tokio's on the same runtime, from one of its tasks.
pub fn within(count: usize, runtimes: &Runtimes) -> Case {
    let Runtimes { tokio, smol, .. } = runtimes;
    let (ours, tokio, smol) = (tokio.clone(), tokio.clone(), smol.clone());
    let subjects = vec![
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
        Subject::timed("async-executor", false, move || {
            let latch = Latch::new(count);
            let (theirs, inner) = (latch.clone(), smol.clone());
            let first = smol.0.spawn(async move {
                for _ in 0..count {
                    let latch = theirs.clone();
                    inner.0.spawn(async move { latch.count_down() }).detach();
                }
            });
            first.detach();
            latch.wait();
            Ok(())
        }),
    ];
    Case::new("futures, fire and forget, from within", "ns/task", count, subjects)
        .with_bars([close_to("tokio::spawn")])
}
