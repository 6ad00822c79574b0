use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};

use gonex_core::rt::{self, Seam};
use gonex_task::PanicHook;
use gonex_task::work::FutureWork;

use super::Runtime;
use super::runtime::Core;

thread_local! {
    static CURRENT: RefCell<CoreRef> = const { RefCell::new(CoreRef(Weak::new())) };
}

impl Runtime {
    /// Returns the runtime of the running task or of the [`enter`](Self::enter) around it, or else
    /// one that is shared by the process: started at first use with the defaults of
    /// [`Runtime::builder`], but without a panic hook, which is not a library's to install.
    ///
    /// # Panics
    /// If the shared one is needed and the system has no threads for it.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        static DEFAULT: OnceLock<Runtime> = OnceLock::new();
        // A thread that ends may have no such variable any more.
        let current = CURRENT.try_with(|current| current.borrow().clone()).unwrap_or_default();
        current.0.upgrade().map(Self::inside).unwrap_or_else(|| {
            let start = || Self::builder().panic_hook(PanicHook::Untouched).build();
            // It outlives whatever test or simulation asks for it first.
            let shared = || rt::enter_shared(start).expect("the system has threads for tasks");
            DEFAULT.get_or_init(shared).clone()
        })
    }

    /// Runs a closure in which this is the current runtime.
    ///
    /// ```
    /// use gonex_runtime::{Runtime, go};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().name("mine").build()?;
    /// let name = || std::thread::current().name().map(str::to_owned);
    /// let name = runtime.enter(|| go(name)).join().block()?;
    /// assert!(name.is_some_and(|name| name.starts_with("mine-")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        self.core_ref().enter(body)
    }
}

/// A way to a runtime that does not keep it alive: what its own threads hold.
#[derive(Clone, Debug, Default)]
pub(super) struct CoreRef(Weak<Core>);

impl CoreRef {
    pub(super) fn to(core: &Arc<Core>) -> Self {
        Self(Arc::downgrade(core))
    }

    /// Makes it the current runtime of this thread for good.
    pub(super) fn adopt(&self) {
        drop(CURRENT.replace(self.clone()));
    }

    fn is_current(&self) -> bool {
        CURRENT.with_borrow(|current| Weak::ptr_eq(&current.0, &self.0))
    }

    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        struct PutBack(CoreRef);
        impl Drop for PutBack {
            fn drop(&mut self) {
                drop(CURRENT.replace(std::mem::take(&mut self.0)));
            }
        }
        // Counting the reference is what costs: all threads share the count.
        if self.is_current() {
            return body();
        }
        let _before = PutBack(CURRENT.replace(self.clone()));
        body()
    }
}

/// A future on a tokio runtime that is not ours: polled with its runtime and seam as the current
/// ones.
pub(super) struct InRuntime {
    future: FutureWork,
    runtime: CoreRef,
    seam: Option<Arc<dyn Seam>>,
}

impl InRuntime {
    pub(super) fn new(future: FutureWork, runtime: CoreRef, seam: Option<Arc<dyn Seam>>) -> Self {
        Self { future, runtime, seam }
    }
}

impl Future for InRuntime {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { future, runtime, seam } = &mut *self;
        let mut poll = || runtime.enter(|| future.as_mut().poll(cx));
        match seam {
            Some(seam) => rt::enter(seam.clone(), poll),
            None => poll(),
        }
    }
}
