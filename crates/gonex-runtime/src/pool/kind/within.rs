//! Whose future a thread polls or drops at the moment: of which worker the caller is.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

thread_local! {
    /// The workers whose futures are on this stack; there may be several, one run by another.
    static WORKERS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Whether the caller is a future of this worker.
pub(super) fn is_within(worker: usize) -> bool {
    WORKERS.with_borrow(|workers| workers.contains(&worker))
}

/// Keeps a worker on the list while it lives.
struct Stay;

impl Stay {
    fn with(worker: usize) -> Self {
        WORKERS.with_borrow_mut(|workers| workers.push(worker));
        Self
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        WORKERS.with_borrow_mut(Vec::pop);
    }
}

pin_project! {
    /// A future that is known as its worker's while it is polled, and while it is dropped.
    pub(super) struct Within<F> {
        worker: usize,
        // `None` once it has been dropped.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Within<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _stay = Stay::with(*this.worker);
            this.future.set(None);
        }
    }
}

impl<F> Within<F> {
    pub(super) fn new(worker: usize, future: F) -> Self {
        Self { worker, future: Some(future) }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _stay = Stay::with(*this.worker);
        // It is there until it is dropped.
        this.future.as_pin_mut().map_or(Poll::Pending, |future| future.poll(cx))
    }
}
