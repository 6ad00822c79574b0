use super::ledger::{OnStall, with};
use super::report::{Report, Waits};
use crate::switches::INSIGHT;

/// Turns insight on. Operations that wait already are listed when they are next polled.
///
/// ```
/// use gonex_core::insight;
///
/// insight::enable();
/// assert!(insight::is_enabled());
/// insight::disable();
/// assert!(!insight::is_enabled());
/// ```
pub fn enable() {
    // Under the lock, so that two who turn it at once leave it as the last one said.
    with(|ledger| {
        if !INSIGHT.turn(true) {
            ledger.begin_epoch();
        }
    });
}

/// Turns insight off, and forgets what is listed.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut done = pin!(context.done());
/// assert!(done.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert_eq!(insight::waits().len(), 1);
/// insight::disable();
/// assert_eq!(insight::waits().len(), 0);
/// ```
pub fn disable() {
    with(|ledger| {
        INSIGHT.turn(false);
        ledger.begin_epoch();
    });
}

/// Whether insight is on.
///
/// ```
/// use gonex_core::insight;
///
/// assert!(!insight::is_enabled(), "it is off by default");
/// ```
#[must_use]
#[inline]
pub fn is_enabled() -> bool {
    // Whoever acts on it takes the ledger's lock.
    INSIGHT.is_on()
}

/// The operations that wait now.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut done = pin!(context.done());
/// assert!(done.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert_eq!(insight::waits()[0].subject.verb, "wait for the end of");
/// # insight::disable();
/// ```
#[must_use]
pub fn waits() -> Waits {
    with(|ledger| ledger.waits())
}

/// The stall of the moment, if there is one: see the [module](crate::insight).
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, canceller) = Context::background().with_cancel();
/// let mut alone = pin!(insight::register_task("alone").wrap(context.done()));
/// assert!(alone.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert_eq!(insight::stalled().unwrap().tasks, 1);
/// canceller.cancel("enough");
/// assert!(insight::stalled().is_none());
/// # insight::disable();
/// ```
#[must_use]
pub fn stalled() -> Option<Report> {
    if !is_enabled() {
        return None;
    }
    with(|ledger| ledger.stall())
}

/// Sets what is called for each stall, once, on the thread of the task that parked last, and returns
/// to before when given `None`.
///
/// It is called under no lock of gonex, but in the middle of that task's wait: to end the stall, it
/// can cancel a context or send into a channel without waiting. A panic in it is left to the panic
/// hook.
///
/// ```
/// use std::pin::pin;
/// use std::future::Future;
/// use std::sync::{Arc, mpsc};
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (sent, told) = mpsc::channel();
/// insight::on_stall(Some(Arc::new(move |report| sent.send(report.to_string()).unwrap())));
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut alone = pin!(insight::register_task("alone").wrap(context.done()));
/// assert!(alone.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert!(told.recv().unwrap().starts_with("the only task waits"));
/// # insight::on_stall(None);
/// # insight::disable();
/// ```
pub fn on_stall(callback: Option<OnStall>) {
    let before = with(|ledger| ledger.set_on_stall(callback));
    drop(before);
}
