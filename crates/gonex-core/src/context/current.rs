use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;

use super::Context;

thread_local! {
    static CURRENT: RefCell<Context> = const { RefCell::new(Context::background()) };
    /// Whether the current one is not the background. Without a destructor to see to, a look at it is
    /// one of memory.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

/// Makes a context the current one; yields the one before.
fn replace(context: Context) -> Context {
    ANY.set(!context.is_background());
    CURRENT.replace(context)
}

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
        // A thread that ends may have no such variable any more.
        CURRENT.try_with(|current| current.borrow().clone()).unwrap_or_default()
    }

    /// Whether the running task is in a context other than the background.
    #[inline]
    pub(crate) fn is_any_current() -> bool {
        ANY.get()
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
        struct PutBack(Context);
        impl Drop for PutBack {
            fn drop(&mut self) {
                drop(replace(std::mem::take(&mut self.0)));
            }
        }
        let _before = PutBack(replace(self.clone()));
        body()
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
