use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;

use super::Context;

/// Where a context comes from that is made when somebody first asks for it.
///
/// A task that never waits and hands nothing in needs no context of its own; most closures do not.
///
/// ```
/// use std::sync::{Arc, OnceLock};
/// use gonex_core::Context;
/// use gonex_core::context::{Deferred, run_deferred};
///
/// #[derive(Default)]
/// struct Task(OnceLock<Context>);
///
/// impl Deferred for Task {
///     fn context(&self) -> Context {
///         self.0.get_or_init(|| Context::background().with_value(7_u8)).clone()
///     }
/// }
///
/// let task = Arc::new(Task::default());
/// run_deferred(task.clone(), || ());
/// assert!(task.0.get().is_none(), "nobody has asked");
/// assert_eq!(run_deferred(task, || Context::current().value().copied()), Some(7_u8));
/// ```
pub trait Deferred: Send + Sync {
    /// The context: the same one every time.
    fn context(&self) -> Context;
}

/// The context of what runs on a thread, or the way to it.
enum Current {
    Made(Context),
    Deferred(Arc<dyn Deferred>),
}

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::Made(Context::background())) };
    /// Whether the current one may be another than the background. Without a destructor to see to, a
    /// look at it is one of memory.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

/// Makes a context the current one; yields the one before.
fn replace(current: Current) -> Current {
    ANY.set(!matches!(&current, Current::Made(context) if context.is_background()));
    CURRENT.replace(current)
}

/// Runs a closure under `current`, and puts the one before back, also if it panics.
fn run_in<T>(current: Current, body: impl FnOnce() -> T) -> T {
    struct PutBack(Current);
    impl Drop for PutBack {
        fn drop(&mut self) {
            let before = std::mem::replace(&mut self.0, Current::Made(Context::background()));
            drop(replace(before));
        }
    }
    let _before = PutBack(replace(current));
    body()
}

/// Runs a closure in a context that is made when somebody asks for it; else as [`Context::run`].
///
/// See [`Deferred`].
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::Context;
/// use gonex_core::context::{Deferred, run_deferred};
///
/// struct Named;
/// impl Deferred for Named {
///     fn context(&self) -> Context {
///         Context::background().with_value("a name")
///     }
/// }
/// let name = run_deferred(Arc::new(Named), || Context::current().value().copied());
/// assert_eq!(name, Some("a name"));
/// ```
pub fn run_deferred<T>(source: Arc<dyn Deferred>, body: impl FnOnce() -> T) -> T {
    run_in(Current::Deferred(source), body)
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
        // A deferred one is made after the loan has ended: that may ask for the current one, too.
        let current = CURRENT.try_with(|current| match &*current.borrow() {
            Current::Made(context) => Ok(context.clone()),
            Current::Deferred(source) => Err(source.clone()),
        });
        match current {
            Ok(Ok(context)) => context,
            Ok(Err(source)) => source.context(),
            // A thread that ends has no such variable any more.
            Err(_) => Self::background(),
        }
    }

    /// Whether the running task may be in a context other than the background.
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
        run_in(Current::Made(self.clone()), body)
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
