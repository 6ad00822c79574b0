use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{OnceLock, Weak};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Runtime;
use super::runtime::Inner;

thread_local! {
    static CURRENT: RefCell<Weak<Inner>> = const { RefCell::new(Weak::new()) };
}

impl Runtime {
    /// Returns the runtime of the running task or of the [`enter`](Self::enter) around it, or else
    /// one that is shared by the process, started at first use with the defaults of
    /// [`Runtime::builder`].
    ///
    /// # Panics
    /// If the shared one is needed and the system has no threads for it.
    #[must_use]
    pub fn current() -> Self {
        static DEFAULT: OnceLock<Runtime> = OnceLock::new();
        let entered = CURRENT.with_borrow(Weak::upgrade);
        entered.map(Self::from_inner).unwrap_or_else(|| {
            let start = || Self::new().expect("the system has threads for the default runtime");
            DEFAULT.get_or_init(start).clone()
        })
    }

    /// Runs a closure in which this is the current runtime.
    pub fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        self.downgrade().enter(body)
    }
}

/// A way to a runtime that does not keep it alive: what its own threads hold.
#[derive(Clone, Debug)]
pub(super) struct WeakRuntime(pub(super) Weak<Inner>);

impl WeakRuntime {
    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        struct PutBack(Weak<Inner>);
        impl Drop for PutBack {
            fn drop(&mut self) {
                CURRENT.set(std::mem::take(&mut self.0));
            }
        }
        let _before = PutBack(CURRENT.replace(self.0.clone()));
        body()
    }

    pub(super) fn wrap<F: Future>(self, future: F) -> InRuntime<F> {
        InRuntime { future, runtime: self }
    }
}

pin_project! {
    /// A future that is polled with its runtime as the current one.
    pub(super) struct InRuntime<F> {
        #[pin]
        future: F,
        runtime: WeakRuntime,
    }
}

impl<F: Future> Future for InRuntime<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.runtime.enter(|| this.future.poll(cx))
    }
}
