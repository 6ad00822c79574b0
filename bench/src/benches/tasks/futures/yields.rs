//! Two tasks that yield to each other.

use std::error::Error;
use std::future::poll_fn;
use std::task::Poll;

use gonex::rt;
use tokio::runtime::Runtime as Tokio;

use super::close_to;
use super::executor::block_on;
use super::runtimes::Runtimes;
use crate::go::Beside;
use crate::rounds::{Case, Subject};

const NAME: &str = "tokio::task::yield_now";

pub fn cases(count: usize, runtimes: &Runtimes, go: &Beside) -> Case {
    let Runtimes { tokio, smol, .. } = runtimes;
    let (first, second, smol) = (tokio.clone(), tokio.clone(), smol.clone());
    let mut subjects = vec![
        Subject::timed("gonex rt::yield_now", true, move || {
            two(&first, move || async move {
                for _ in 0..count / 2 {
                    rt::yield_now().await;
                }
            })
        }),
        Subject::timed(NAME, false, move || {
            two(&second, move || async move {
                for _ in 0..count / 2 {
                    tokio::task::yield_now().await;
                }
            })
        }),
        Subject::timed("async-executor", false, move || {
            let two = [(); 2].map(|()| {
                smol.0.spawn(async move {
                    for _ in 0..count / 2 {
                        yield_now().await;
                    }
                })
            });
            for task in two {
                block_on(task);
            }
            Ok(())
        }),
    ];
    subjects.extend(go.subject("yield", count));
    Case::new("futures, yields", "ns/yield", count, subjects).with_bars([close_to(NAME)])
}

/// Runs a future twice at a time, as tasks of tokio's.
fn two<F>(tokio: &Tokio, make: impl Fn() -> F) -> Result<(), Box<dyn Error>>
where
    F: Future<Output = ()> + Send + 'static,
{
    for task in [(); 2].map(|()| tokio.spawn(make())) {
        tokio.block_on(task)?;
    }
    Ok(())
}

/// Wakes the task that it suspends, as smol's own does.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
