//! Parties that wait by blocking a thread or by yielding to a runtime, written once for both.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::thread;

use gonex_core::rt;

/// Whether a party waits by blocking its thread or by yielding to its runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Thread,
    Task,
}

/// Waits for an operation in the way of the party.
macro_rules! wait {
    ($way:expr, $op:expr) => {
        match $way {
            $crate::ways::Way::Thread => $op.block(),
            $crate::ways::Way::Task => $op.await,
        }
    };
}

/// Selects in the way of the party.
macro_rules! choose {
    ($way:expr, $($arms:tt)*) => {
        match $way {
            $crate::ways::Way::Thread => gonex_sync::select_block! { $($arms)* },
            $crate::ways::Way::Task => gonex_sync::select! { $($arms)* },
        }
    };
}

pub(crate) use {choose, wait};

/// Lets others come first.
pub(crate) async fn pause(way: Way) {
    match way {
        Way::Thread => thread::yield_now(),
        Way::Task => tokio::task::yield_now().await,
    }
}

/// Runs a party on this thread.
pub(crate) fn drive<T>(party: impl Future<Output = T>) -> T {
    let mut party = pin!(party);
    rt::block(|cx| match party.as_mut().poll(cx) {
        Poll::Ready(output) => rt::Blocked::Done(output),
        Poll::Pending => rt::Blocked::Until(None),
    })
}
