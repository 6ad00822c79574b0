use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll};

use futures_util::stream::{FuturesUnordered, Stream};
use gonex_core::op::Name;
use gonex_core::rt::{self, Policy, Polled, coop};
use gonex_task::Handle;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use gonex_task::TaskError;
use gonex_task::handle::pair;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use gonex_task::work::EndableFuture;
use gonex_task::work::TaskFuture;
use pin_project_lite::pin_project;

use crate::layers::task::{hook, spec};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What was spawned on this thread and is not polled yet.
type Spawned = Rc<RefCell<Vec<Task>>>;

thread_local! {
    /// That of the innermost [`Local`] that is polled here.
    static SPAWNED: RefCell<Option<Spawned>> = const { RefCell::new(None) };
}

/// Starts a future that cannot change threads, on this thread, and returns at once.
///
/// It is polled by the [`local`](local()) or [`block_on`](super::block_on()) around, as long as that is, and in a browser by
/// the event loop. Its context is a child of the current one. When what is around ends first, joining the
/// handle yields `TaskError::Lost`; where nothing is around, `TaskError::Refused`.
///
/// The result may change threads, as the handle may.
///
/// ```
/// use std::rc::Rc;
/// use gonex_runtime::aio;
///
/// let sum = aio::block_on(async {
///     let shared = Rc::new(40);
///     let theirs = shared.clone();
///     let two = aio::spawn_local(async move { *theirs / 20 }).await?;
///     Ok::<_, gonex_task::TaskError>(*shared + two)
/// });
/// assert_eq!(sum, Ok(42));
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> Handle<F::Output>
where
    F: Future<Output: Send + 'static> + 'static,
{
    let (completer, handle) = pair(spec(None));
    let completer = completer.followed("local future");
    let polled = Polled::new(Name::Kind("a local task"), Some(Location::caller()));
    let task = TaskFuture::new(CalledLocal { future, polled }, completer, hook());
    // A thread that ends may have no such variable any more.
    let around = SPAWNED.try_with(|spawned| spawned.borrow().clone()).ok().flatten();
    match around {
        Some(spawned) => spawned.borrow_mut().push(Box::pin(task)),
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        None => wasm_bindgen_futures::spawn_local(task),
        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        None => pin!(task).end(TaskError::refused(
            "nothing polls local futures on this thread; call it inside `aio::local(..)` or \
             `aio::block_on(..)`",
        )),
    }
    handle
}

pin_project! {
    /// A future that is called a local task where it blocks.
    struct CalledLocal<F> {
        #[pin]
        future: F,
        polled: Polled,
    }
}

impl<F: Future> Future for CalledLocal<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        rt::with_policy(Policy::Forbidden(this.polled.clone()), || this.future.poll(cx))
    }
}

/// Makes a future in which [`spawn_local`] works on every runtime: it polls what is spawned in it, and ends
/// with the future it was made of.
///
/// # Cancel safety
/// Dropping it drops the futures that were spawned in it.
///
/// ```
/// use gonex_runtime::aio;
///
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let seven = runtime.block_on(aio::local(async { aio::spawn_local(async { 7 }).await }));
/// assert_eq!(seven, Ok(7));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn local<F: Future>(future: F) -> Local<F> {
    Local { future, spawned: Spawned::default(), running: FuturesUnordered::new() }
}

pin_project! {
    /// A future, and the local ones that were spawned in it; made by [`local()`].
    ///
    /// ```
    /// use gonex_runtime::aio;
    ///
    /// let seven: aio::Local<_> = aio::local(async { 7 });
    /// assert_eq!(aio::block_on(seven), 7);
    /// ```
    #[must_use = "a future does nothing until it is polled"]
    pub struct Local<F> {
        #[pin]
        future: F,
        spawned: Spawned,
        running: FuturesUnordered<Task>,
    }
}

impl<F: fmt::Debug> fmt::Debug for Local<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("future", &self.future)
            .field("spawned", &self.spawned.borrow().len())
            .field("running", &self.running.len())
            .finish()
    }
}

impl<F: Future> Future for Local<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        struct PutBack(Option<Spawned>);
        impl Drop for PutBack {
            fn drop(&mut self) {
                drop(SPAWNED.replace(self.0.take()));
            }
        }
        let this = self.project();
        let _before = PutBack(SPAWNED.replace(Some(this.spawned.clone())));
        // With a budget: a busy loop in it must let the others go on.
        if let Poll::Ready(output) = coop::with_budget(|| this.future.poll(cx)) {
            return Poll::Ready(output);
        }
        loop {
            // Taken out first: polling them may spawn more.
            let spawned = std::mem::take(&mut *this.spawned.borrow_mut());
            let more = !spawned.is_empty();
            this.running.extend(spawned);
            let one_ended = Pin::new(&mut *this.running).poll_next(cx) == Poll::Ready(Some(()));
            if !one_ended && !more {
                return Poll::Pending;
            }
        }
    }
}
