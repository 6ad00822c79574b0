use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Token;

pin_project! {
    /// A future that counts in a [`WaitGroup`](super::WaitGroup) until it is done or dropped; made by
    /// [`WaitGroup::wrap_future`](super::WaitGroup::wrap_future).
    #[derive(Debug)]
    #[must_use = "a future does nothing until it is polled"]
    pub struct Counted<F> {
        // Dropped before the token: what it holds is gone when the group goes on.
        #[pin]
        future: Option<F>,
        token: Option<Token>,
    }
}

impl<F> Counted<F> {
    pub(super) fn new(token: Token, future: F) -> Self {
        Self { future: Some(future), token: Some(token) }
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        let output = future.expect("a future is not polled after it was done").poll(cx);
        if output.is_ready() {
            this.future.set(None);
            *this.token = None;
        }
        output
    }
}
