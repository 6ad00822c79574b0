use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;
use scoped_tls::scoped_thread_local;

use super::{Context, Deferred};
use crate::rt::Inside;

scoped_thread_local!(
    /// The context of what runs on a thread. Borrowed for as long as that runs: to enter a task counts
    /// nothing, and so shares nothing with the thread that handed it in.
    static CURRENT: Deferred
);

impl Context {
    /// Returns the context of the running task, or else [`background`](Self::background).
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let context = Context::background().with_value(7_u8);
    /// assert_eq!(context.run(|| Context::current().value().copied()), Some(7_u8));
    /// assert_eq!(Context::current().value::<u8>(), None);
    /// ```
    #[must_use]
    pub fn current() -> Self {
        if CURRENT.is_set() {
            CURRENT.with(|current| current.context().clone())
        } else {
            Self::background()
        }
    }

    /// Whether the running task may be in a context other than the background.
    #[inline]
    pub(crate) fn is_any_current() -> bool {
        CURRENT.is_set() && CURRENT.with(|current| !current.is_background())
    }

    /// The context of the running task, if it is not the background: cheaper to ask than
    /// [`current`](Self::current) where it mostly is.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// assert!(Context::current_if_any().is_none());
    /// let context = Context::background().with_value(7_u8);
    /// assert!(context.run(Context::current_if_any).is_some());
    /// ```
    #[must_use]
    #[inline]
    pub fn current_if_any() -> Option<Self> {
        Self::is_any_current().then(Self::current).filter(|current| !current.is_background())
    }

    /// Runs a closure in this context, and puts the one before back, also if it panics.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::Context;
    ///
    /// let context = Context::background().with_timeout(Duration::from_secs(1));
    /// let inner = context.run(|| Context::current().deadline());
    /// assert_eq!(inner, context.deadline());
    /// assert_eq!(Context::current().deadline(), None);
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        Deferred::made(self.clone()).run(body)
    }

    /// Makes a future run in this context, wherever it is polled.
    ///
    /// ```
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Poll, Waker};
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let future = context.wrap(async { Context::current().stopped() });
    /// canceller.cancel("enough");
    /// let mut cx = std::task::Context::from_waker(Waker::noop());
    /// assert!(matches!(pin!(future).poll(&mut cx), Poll::Ready(Some(_))));
    /// ```
    pub fn wrap<F: Future>(&self, future: F) -> InContext<F> {
        InContext { future, context: self.clone() }
    }
}

impl Deferred {
    /// Runs a closure in this context; else as [`Context::run`].
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Deferred;
    ///
    /// let named = Context::background().with_value("a name");
    /// let task = Deferred::child_of(named);
    /// assert_eq!(task.run(|| Context::current().value().copied()), Some("a name"));
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        let _inside = Inside::new();
        CURRENT.set(self, body)
    }
}

pin_project! {
    /// A future that runs in a context; made by [`Context::wrap`].
    ///
    /// ```
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Context as TaskContext, Poll, Waker};
    /// use gonex_core::Context;
    ///
    /// let context = Context::background().with_value(7_u8);
    /// let asking = pin!(context.wrap(async { Context::current().value::<u8>().copied() }));
    /// let mut cx = TaskContext::from_waker(Waker::noop());
    /// assert_eq!(asking.poll(&mut cx), Poll::Ready(Some(7)));
    /// ```
    #[derive(Debug)]
    #[must_use = "a future does nothing until it is polled"]
    pub struct InContext<F> {
        #[pin]
        future: F,
        context: Context,
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.context.run(|| this.future.poll(cx))
    }
}
