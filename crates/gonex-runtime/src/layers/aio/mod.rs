//! Waiting for many things at once: futures, on tokio.
//!
//! | to … | take |
//! | --- | --- |
//! | start a future and go on | [`spawn`](spawn()) |
//! | await several of different types | [`join!`], [`try_join!`] |
//! | await many of one type | [`join_all`], [`try_join_all`] |
//! | put a limit on one | [`timeout`], or [`operation`](operation()) with any of an [`Op`](gonex_core::Op)'s |
//! | wait for a time | [`sleep`], [`sleep_until`] |
//! | wait for a future on a thread | [`block_on`](block_on()) |
//! | call what blocks, from a future | [`spawn_blocking`] |
//! | start a future that cannot change threads | [`spawn_local`], inside [`local`](local()) or [`block_on`](block_on()) |
//!
//! Operations of gonex need none of this to be used on either side: an [`Op`](gonex_core::Op) is a future, and
//! [`.block()`](gonex_core::Op::block) waits for it on a thread. This is for futures of others.
//!
//! ```
//! use std::time::Duration;
//! use gonex_runtime::aio;
//!
//! let sum = aio::block_on(async {
//!     let (a, b) = aio::join!(async { 1 }, async { 2 });
//!     let more = aio::join_all((3..=4).map(|n| async move { n })).await;
//!     let late = aio::timeout(Duration::ZERO, std::future::pending::<i32>()).await;
//!     a + b + more.into_iter().sum::<i32>() + late.unwrap_or(5)
//! });
//! assert_eq!(sum, 15);
//! ```

mod block_on;
mod local;
mod operation;
mod spawn;

pub use block_on::block_on;
pub use futures_util::future::{join_all, try_join_all};
pub use gonex_core::rt::{sleep, sleep_until, yield_now};
pub use local::{Local, local, spawn_local};
pub use operation::{Awaited, operation, timeout};
pub use spawn::{spawn, spawn_blocking};
pub use tokio::{join, try_join};
