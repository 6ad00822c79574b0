//! What the tests are made of beside what all tests share: polls by hand, and short waits.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use gonex_core::{Context, rt};

use crate::chance::Chance;

/// Polls with a waker that does nothing.
pub(crate) fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Polls, and says whether it is pending.
pub(crate) fn waits<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> bool {
    poll(future).is_pending()
}

/// Polls what must be ready by now.
#[track_caller]
pub(crate) fn ready<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> F::Output {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the operation waits"),
    }
}

/// Waits for an operation that has been polled before.
pub(crate) fn wait_for<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> F::Output {
    rt::block(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => rt::Blocked::Done(output),
        Poll::Pending => rt::Blocked::Until(None),
    })
}

pub(crate) fn cancelled() -> Context {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    context
}

/// A time-out that is sometimes shorter than what is waited for.
pub(crate) fn moment(chance: &mut Chance) -> Duration {
    Duration::from_micros(chance.below(200))
}
