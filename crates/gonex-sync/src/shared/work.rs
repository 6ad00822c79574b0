use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// What makes a new value of an old one: a function, or one that gives a future. Sealed.
pub trait Work<I>: sealed::Sealed {
    /// What it makes.
    type Output;

    /// Goes on; the old value is taken at the first call.
    #[doc(hidden)]
    fn poll_work(
        self: Pin<&mut Self>,
        old: &mut Option<I>,
        cx: &mut Context<'_>,
    ) -> Poll<Self::Output>;
}

mod sealed {
    pub trait Sealed {}
    impl<F> Sealed for super::FromFn<F> {}
    impl<F, R> Sealed for super::FromFutureFn<F, R> {}
}

const ONCE: &str = "an update that has panicked is not polled again";

/// A function that runs on the thread that polls.
pub struct FromFn<F>(Option<F>);

impl<F> FromFn<F> {
    pub(super) fn new(function: F) -> Self {
        Self(Some(function))
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}

// The function is moved out before it is called, never pinned.
impl<F> Unpin for FromFn<F> {}

/// Of the value that there is.
impl<T, O, F: FnOnce(&T) -> O> Work<Arc<T>> for FromFn<F> {
    type Output = O;

    fn poll_work(
        mut self: Pin<&mut Self>,
        old: &mut Option<Arc<T>>,
        _: &mut Context<'_>,
    ) -> Poll<O> {
        let (function, old) = self.0.take().zip(old.take()).expect(ONCE);
        Poll::Ready(function(&old))
    }
}

/// Of the value that may be there.
impl<T, O, F: FnOnce(Option<&T>) -> O> Work<Option<Arc<T>>> for FromFn<F> {
    type Output = O;

    fn poll_work(
        mut self: Pin<&mut Self>,
        old: &mut Option<Option<Arc<T>>>,
        _: &mut Context<'_>,
    ) -> Poll<O> {
        let (function, old) = self.0.take().zip(old.take()).expect(ONCE);
        Poll::Ready(function(old.as_deref()))
    }
}

pin_project! {
    /// A function that gives a future. It is called at the head of the line.
    pub struct FromFutureFn<F, R> {
        function: Option<F>,
        #[pin]
        running: Option<R>,
    }
}

impl<F, R> FromFutureFn<F, R> {
    pub(super) fn new(function: F) -> Self {
        Self { function: Some(function), running: None }
    }
}

impl<F, R> fmt::Debug for FromFutureFn<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFutureFn").field("runs", &self.running.is_some()).finish()
    }
}

impl<I, F: FnOnce(I) -> R, R: Future> Work<I> for FromFutureFn<F, R> {
    type Output = R::Output;

    fn poll_work(
        self: Pin<&mut Self>,
        old: &mut Option<I>,
        cx: &mut Context<'_>,
    ) -> Poll<R::Output> {
        let mut this = self.project();
        if let Some((function, old)) = this.function.take().zip(old.take()) {
            this.running.set(Some(function(old)));
        }
        let output = this.running.as_mut().as_pin_mut().expect(ONCE).poll(cx);
        if output.is_ready() {
            // Before the change can be seen, so that a destructor that panics leaves the old value.
            this.running.set(None);
        }
        output
    }
}
