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

/// Whether the caller is a future of this worker. At the end of a thread nobody knows any more.
pub(super) fn is_within(worker: usize) -> bool {
    WORKERS.try_with(|workers| workers.borrow().contains(&worker)).unwrap_or(false)
}

/// Keeps a worker on the list while it lives.
pub(super) struct Stay;

impl Stay {
    pub(super) fn with(worker: usize) -> Self {
        WORKERS.try_with(|workers| workers.borrow_mut().push(worker)).ok();
        Self
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        WORKERS.try_with(|workers| workers.borrow_mut().pop()).ok();
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::mpsc::{self, Sender};
    use std::thread;

    use super::*;

    /// Asks when its thread ends.
    struct Late(Sender<bool>);

    impl Drop for Late {
        fn drop(&mut self) {
            let _stay = Stay::with(7);
            self.0.send(is_within(7)).unwrap();
        }
    }

    thread_local! {
        static BEFORE: Cell<Option<Late>> = const { Cell::new(None) };
        static AFTER: Cell<Option<Late>> = const { Cell::new(None) };
    }

    #[test]
    fn at_the_end_of_a_thread_it_may_be_asked_too() {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            // The list is gone before one of the two, whichever order the system takes.
            BEFORE.set(Some(Late(tell.clone())));
            let stay = Stay::with(7);
            AFTER.set(Some(Late(tell)));
            assert!(is_within(7) && !is_within(8));
            drop(stay);
            assert!(!is_within(7));
        });
        thread.join().unwrap();
        let mut told: Vec<bool> = told.iter().collect();
        told.sort_unstable();
        assert_eq!(told, [false, true]);
    }
}
