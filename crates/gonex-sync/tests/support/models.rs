//! What loom models are made of: a bound, a waker that loom understands, and polls by hand.
#![allow(dead_code, reason = "each test takes of it what it needs")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use gonex_core::rt::{self, Manual};
use gonex_sync::{Receiver, RecvError, SendError, Sender};
use loom::model::Builder;
use loom::sync::Notify;

/// An operation that owns its handle, so that it can go to another thread.
pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Tries the interleavings with up to two preemptions, unless the environment asks for another
/// number, or for as many as a time allows.
pub(crate) fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    if builder.preemption_bound.is_none() && builder.max_duration.is_none() {
        builder.preemption_bound = Some(2);
    }
    builder.max_branches = builder.max_branches.max(20_000);
    // The threads of a model are one thread of the system, so all of them see this seam. A model
    // must run alike each time, and a select draws lots.
    builder.check(move || rt::enter(Arc::new(Manual::new()), &body));
}

/// A waker that loom's scheduler understands: a thread waits on it.
pub(crate) struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Notify::new()))
    }
}

/// Waits for a future, which may have been polled with other wakers before.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let bell = Bell::new();
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        match poll(&mut future, &waker) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.0.wait(),
        }
    }
}

pub(crate) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// One poll by somebody who looks again by himself.
pub(crate) fn glance<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll(future, Waker::noop())
}

pub(crate) fn receive<T: Send + 'static>(rx: &Receiver<T>) -> Pending<Result<T, RecvError>> {
    let rx = rx.clone();
    Box::pin(async move { rx.recv().await })
}

pub(crate) fn send<T: Send + 'static>(
    tx: &Sender<T>,
    value: T,
) -> Pending<Result<(), SendError<T>>> {
    let tx = tx.clone();
    Box::pin(async move { tx.send(value).await })
}
