use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use futures_util::stream::{FuturesUnordered, StreamExt};
use gonex_core::primitive::lock_std;

/// What starts futures that may borrow, and are polled by the task around: see [`scope_local`].
///
/// Clones start futures in the same scope.
#[derive(Clone)]
pub struct LocalScope<'env> {
    inbox: Arc<Mutex<Inbox<'env>>>,
}

type Borrowing<'env> = Pin<Box<dyn Future<Output = ()> + Send + 'env>>;

struct Inbox<'env> {
    /// Those that are not polled yet.
    started: Vec<Borrowing<'env>>,
    /// Whoever polls the scope.
    waker: Option<Waker>,
}

impl fmt::Debug for LocalScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalScope").finish_non_exhaustive()
    }
}

impl<'env> LocalScope<'env> {
    /// Starts a future. It is polled with the others, when the scope is.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'env) {
        let mut inbox = lock_std(&self.inbox);
        inbox.started.push(Box::pin(future));
        let waker = inbox.waker.take();
        drop(inbox);
        waker.into_iter().for_each(Waker::wake);
    }

    fn take(&self, waker: &Waker) -> Vec<Borrowing<'env>> {
        let mine = waker.clone();
        let mut inbox = lock_std(&self.inbox);
        let before = inbox.waker.replace(mine);
        let started = mem::take(&mut inbox.started);
        drop(inbox);
        drop(before);
        started
    }
}

/// Runs a future that starts others, and ends when it and all of them have.
///
/// They are polled by the task that awaits this, one at a time, so they may borrow what it has; they
/// wait at the same time and compute one after the other. For more cores there is
/// [`scope`](crate::scope()), and [`Group`](crate::Group) for futures that borrow nothing.
///
/// ```
/// use gonex_runtime::{go, scope_local};
///
/// let length = go(async {
///     let text = String::from("shared by all");
///     let words = &text;
///     let (sender, receiver) = gonex_sync::channel(4);
///     scope_local(|s| async move {
///         for word in words.split(' ') {
///             let sender = sender.clone();
///             s.spawn(async move { sender.send(word.len()).await.unwrap() });
///         }
///     })
///     .await;
///     let mut length = 0;
///     while let Ok(letters) = receiver.recv().await {
///         length += letters;
///     }
///     length
/// });
/// # let mut length = length;
/// assert_eq!(length.join().block(), Ok(11));
/// ```
///
/// # Cancel safety
/// Dropping it drops all the futures where they stand.
///
/// # Panics
/// With the payload of whichever of them panics; the others are dropped.
pub async fn scope_local<'env, F: Future>(body: impl FnOnce(LocalScope<'env>) -> F) -> F::Output {
    let inbox = Inbox { started: Vec::new(), waker: None };
    let scope = LocalScope { inbox: Arc::new(Mutex::new(inbox)) };
    let mut futures = FuturesUnordered::new();
    let mut body = pin!(body(scope.clone()));
    let mut result = None;
    std::future::poll_fn(|cx: &mut TaskContext<'_>| {
        if result.is_none()
            && let Poll::Ready(value) = body.as_mut().poll(cx)
        {
            result = Some(value);
        }
        loop {
            // One that is polled may have started another.
            futures.extend(scope.take(cx.waker()));
            match futures.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => match result.take() {
                    Some(value) if lock_std(&scope.inbox).started.is_empty() => {
                        return Poll::Ready(value);
                    }
                    value => {
                        result = value;
                        return Poll::Pending;
                    }
                },
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}
