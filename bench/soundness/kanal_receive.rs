//! kanal: a send has succeeded, the receive that it was handed to is dropped (as every losing arm
//! of a select is), and the value is gone though the channel is open and has a receiver.

use std::future::Future;
use std::task::{Context, Waker};

use super::Shown;

const TRIES: u32 = 100;

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| loses()).count() as u32 }
}

/// Nothing is left to chance: one thread, no runtime.
fn loses() -> bool {
    let (tx, rx) = kanal::bounded_async::<u64>(1);
    let mut waiting = Box::pin(rx.recv());
    let waits = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    let sent = tx.try_send(7) == Ok(true);
    drop(waiting);
    waits && sent && rx.try_recv() == Ok(None)
}
