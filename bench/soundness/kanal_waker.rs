//! kanal: a send future is polled by one task and then by another, as when it moves into a select
//! or a set of futures. The send ends, and only the first task is woken; the second, which waits
//! for it, never is. `Future::poll` promises the waker of the last poll.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use super::Shown;

const TRIES: u32 = 100;

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| forgets()).count() as u32 }
}

/// Nothing is left to chance: one thread, no runtime.
fn forgets() -> bool {
    let (tx, rx) = kanal::bounded_async::<u64>(0);
    let (first, second) = (Flag::default(), Flag::default());
    let mut sending = Box::pin(tx.send(7));
    let mut waits = true;
    for flag in [&first, &second] {
        let waker = Waker::from(flag.0.clone());
        waits &= sending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
    }
    let received = rx.try_recv() == Ok(Some(7));
    waits && received && !second.is_woken()
}

#[derive(Default)]
struct Flag(Arc<Woken>);

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Flag {
    fn is_woken(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }
}
