//! flume: a selector can send on one channel or receive from another. Both become possible before
//! it has decided: it says that it received, and the message of the other case has been delivered
//! as well. A select chooses one case.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use flume::{Receiver, Selector, bounded};

use super::Shown;

/// Every second one or so: the selector draws which case it asks first.
const TRIES: u32 = 100;

#[derive(PartialEq)]
enum Chosen {
    Send,
    Receive,
}

/// Whom the selector wakes when it takes a waiting message. Others could as well receive on another
/// thread just then.
struct Other {
    inbox: Receiver<u64>,
    delivered: AtomicBool,
}

impl Wake for Other {
    fn wake(self: Arc<Self>) {
        self.delivered.store(self.inbox.try_recv() == Ok(1), Ordering::SeqCst);
    }
}

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| runs_both()).count() as u32 }
}

/// One thread, no runtime.
fn runs_both() -> bool {
    let (out, inbox) = bounded::<u64>(0);
    let (give, into) = bounded::<u64>(0);
    let other = Arc::new(Other { inbox, delivered: AtomicBool::new(false) });
    let mut giving = pin!(give.send_async(2));
    let waker = Waker::from(other.clone());
    let waits = giving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
    // The case that sends is lined up. The other one takes the message that waits, and its sender
    // is woken.
    let chosen =
        Selector::new().send(&out, 1, |_| Chosen::Send).recv(&into, |_| Chosen::Receive).wait();
    waits && chosen == Chosen::Receive && other.delivered.load(Ordering::SeqCst)
}
