//! Contexts between tasks of the page.

use std::cell::RefCell;
use std::rc::Rc;

use gonex_core::{Context, Stop};

use crate::event_loop::{pause, spawn};

/// Whether a stop is a cancellation for this reason.
fn cancelled_for(stop: &Stop, reason: &str) -> bool {
    matches!(stop, Stop::Cancelled(cause) if cause.to_string() == reason)
}

pub(crate) async fn a_cancel_reaches_another_task() {
    let (context, canceller) = Context::background().with_cancel();
    let seen = Rc::new(RefCell::new(Vec::new()));

    let log = seen.clone();
    let waits = spawn(async move {
        log.borrow_mut().push("waits");
        let stop = context.done().await;
        assert!(cancelled_for(&stop, "enough"), "it stopped with {stop:?}");
        log.borrow_mut().push("stopped");
    });
    let log = seen.clone();
    let cancels = spawn(async move {
        log.borrow_mut().push("cancels");
        canceller.cancel("enough");
    });
    waits.await;
    cancels.await;
    assert_eq!(*seen.borrow(), ["waits", "cancels", "stopped"]);
}

pub(crate) async fn a_cancel_from_a_timer_of_the_page_reaches_a_task() {
    let (context, canceller) = Context::background().with_cancel();
    let waits = spawn(async move {
        let stop = context.done().await;
        assert!(cancelled_for(&stop, "late"), "it stopped with {stop:?}");
    });
    let cancels = spawn(async move {
        pause(20).await;
        canceller.cancel("late");
    });
    waits.await;
    cancels.await;
}
