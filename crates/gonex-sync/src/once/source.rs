use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// What makes a value: a closure, or a closure that gives a future. Sealed.
pub trait Source: sealed::Sealed {
    /// What it makes.
    type Output;

    #[doc(hidden)]
    fn poll_source(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output>;
}

mod sealed {
    pub trait Sealed {}
    impl<F> Sealed for super::FromClosure<F> {}
    impl<F, R> Sealed for super::FromFuture<F, R> {}
}

/// A closure that makes a value on the thread that polls.
#[derive(Debug)]
pub struct FromClosure<F>(Option<F>);

impl<F> FromClosure<F> {
    pub(crate) fn new(make: F) -> Self {
        Self(Some(make))
    }
}

// The closure is moved out before it is called, never pinned.
impl<F> Unpin for FromClosure<F> {}

impl<F: FnOnce() -> O, O> Source for FromClosure<F> {
    type Output = O;

    fn poll_source(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<O> {
        let make = self.0.take().expect("an initializer that has failed is not run again");
        Poll::Ready(make())
    }
}

pin_project! {
    /// A closure that gives a future that makes a value. It is called when it is its turn.
    #[derive(Debug)]
    pub struct FromFuture<F, R> {
        make: Option<F>,
        #[pin]
        running: Option<R>,
    }
}

impl<F, R> FromFuture<F, R> {
    pub(crate) fn new(make: F) -> Self {
        Self { make: Some(make), running: None }
    }
}

impl<F: FnOnce() -> R, R: Future> Source for FromFuture<F, R> {
    type Output = R::Output;

    fn poll_source(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R::Output> {
        let mut this = self.project();
        if let Some(make) = this.make.take() {
            this.running.set(Some(make()));
        }
        let running = this.running.as_mut().as_pin_mut();
        let output = running.expect("an initializer that has failed is not run again").poll(cx);
        if output.is_ready() {
            this.running.set(None);
        }
        output
    }
}
