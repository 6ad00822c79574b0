//! gonex in a program that has a tokio runtime: futures run there, on its threads and its clock, and
//! everything the program did before works as before.
//!
//! ```text
//! cargo run -p gonex --example inside_tokio
//! ```

use std::error::Error;
use std::time::Duration;

use gonex::{aio, channel, compute, go};
use tokio::runtime::Handle;

/// What the program did before, with tokio alone.
async fn before() -> Result<u32, tokio::task::JoinError> {
    let local = tokio::task::spawn(async { 40 });
    let blocking = tokio::task::spawn_blocking(|| 2);
    Ok(local.await? + blocking.await?)
}

/// What gonex adds. The sum of what arrives.
async fn added() -> Result<u64, Box<dyn Error>> {
    // A future of `go` is polled by the runtime that is there.
    let here = Handle::current().id();
    let there = go(async { Handle::current().id() }).await?;
    assert_eq!(here, there);

    // Between a task of tokio and a closure, which blocks on a thread of gonex.
    let (tx, rx) = channel::<u64>(4);
    let sending = tokio::spawn(async move {
        for n in 1..=100 {
            tx.send(n).await?;
        }
        Ok::<(), gonex::SendError<u64>>(())
    });
    let sum = go(move || rx.iter().sum::<u64>());

    // A computation on all cores, awaited: the runtime's only thread goes on meanwhile.
    let squares = compute::background(|| compute::parallel(1..=100_u32, |n| u64::from(n) * 2));
    let (sum, squares) = aio::join!(sum.into_future(), squares.into_future());
    sending.await??;

    // Limits go by tokio's clock.
    let never = aio::timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
    assert_eq!(never, Err(gonex::Stop::Timeout));
    Ok(sum? + squares?.iter().sum::<u64>())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("before: {}, added: {}, after: {}", before().await?, added().await?, before().await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_live_in_one_program() {
        assert_eq!(before().await.unwrap(), 42);
        assert_eq!(added().await.unwrap(), 5_050 + 10_100);
        assert_eq!(before().await.unwrap(), 42);
    }
}
