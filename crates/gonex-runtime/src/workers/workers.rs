use std::cell::Cell;
use std::fmt;
use std::io;
use std::mem;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Instant;

use gonex_core::Kind;
use gonex_core::op::Subject;
use gonex_core::primitive::discard;
use gonex_core::rt::{self, Blocked, Thread};
use gonex_sync::{ChannelBuilder, Receiver, Sender};

use super::counters::Counters;

/// How workers are set up.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) threads: NonZeroUsize,
    pub(crate) capacity: usize,
}

/// An item and when it was queued.
#[derive(Debug)]
pub(crate) struct Queued<T> {
    item: T,
    since: Instant,
}

impl<T> Queued<T> {
    pub(crate) fn now(item: T) -> Self {
        Self { item, since: rt::now() }
    }

    pub(crate) fn get(&self) -> &T {
        &self.item
    }

    pub(crate) fn into_inner(self) -> T {
        self.item
    }
}

/// A fixed number of threads that run what is queued.
///
/// Dropping it runs what is queued to the end and waits for the threads; on one of those threads it
/// waits for none.
pub(crate) struct Workers<T> {
    sender: Sender<Queued<T>>,
    receiver: Receiver<Queued<T>>,
    counters: Arc<[(String, Counters)]>,
    threads: Vec<Thread>,
}

impl<T> fmt::Debug for Workers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .field("queued", &self.sender.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Workers<T> {
    /// Starts the threads. `run` tells its second argument whether the item ended with a result,
    /// before anyone can see that; it should not unwind.
    pub(crate) fn start(
        config: &Config,
        run: impl Fn(T, &dyn Fn(bool)) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let names = (0..config.threads.get()).map(|index| format!("{}-{index}", config.name));
        // Bounded by weight, for that takes memory only for what is inside, and bounds may be large;
        // nobody is overtaken in line; and who has much to send can wait for many places at once.
        let (sender, receiver) = ChannelBuilder::new().weighted(config.capacity, |_| 1).build();
        let mut workers = Self {
            sender,
            receiver,
            counters: names.map(|name| (name, Counters::default())).collect(),
            threads: Vec::new(),
        };
        let run = Arc::new(run);
        for index in 0..config.threads.get() {
            let (receiver, counters) = (workers.receiver.clone(), workers.counters.clone());
            let run = run.clone();
            let body = move || work(&receiver, &counters[index].1, &*run);
            // On failure the workers so far are dropped, which ends their threads.
            workers.threads.push(rt::spawn_thread(workers.counters[index].0.clone(), body)?);
        }
        Ok(workers)
    }
}

/// What a worker does, until the channel is closed and empty.
fn work<T>(receiver: &Receiver<Queued<T>>, counters: &Counters, run: &impl Fn(T, &dyn Fn(bool))) {
    while let Some(Queued { item, since }) = next(receiver) {
        let start = rt::now();
        let waited = start.saturating_duration_since(since);
        let recorded = Cell::new(false);
        let ended = |completed| {
            let busy = rt::now().saturating_duration_since(start);
            counters.record(completed, waited, busy);
            recorded.set(true);
        };
        // Tasks catch their own panics; this is for what a destructor may throw all the same. A
        // worker that died of it would leave the channel without anyone.
        let survived = panic::catch_unwind(AssertUnwindSafe(|| run(item, &ended)));
        survived.unwrap_or_else(discard);
        if !recorded.get() {
            ended(false);
        }
    }
}

/// Waits for an item on this thread; `None` once the channel is closed and empty.
///
/// The kind is polled without its operation: no context stops a worker, and that one has nothing
/// to do is not a wait that [insight](gonex_core::insight) should list.
fn next<T>(receiver: &Receiver<T>) -> Option<T> {
    if let Ok(item) = receiver.try_recv() {
        return Some(item);
    }
    let mut recv = pin!(receiver.recv().into_kind());
    rt::block(|cx| match recv.as_mut().poll(cx) {
        Poll::Ready(received) => Blocked::Done(received.ok()),
        Poll::Pending => {
            rt::waits(|| Subject::new("wait for work of").of("a pool"));
            Blocked::Until(None)
        }
    })
}

impl<T> Workers<T> {
    /// Where items are handed in.
    pub(crate) fn sender(&self) -> &Sender<Queued<T>> {
        &self.sender
    }

    /// How many items can wait.
    pub(crate) fn capacity(&self) -> usize {
        // The channel was made with a bound.
        self.sender.capacity().unwrap_or(usize::MAX)
    }

    /// Takes out the items that wait now, for the caller to drop.
    pub(crate) fn drain(&self) -> Vec<Queued<T>> {
        // Not those that come meanwhile, for which this makes room.
        self.receiver.try_iter().take(self.receiver.len()).collect()
    }

    pub(crate) fn counters(&self) -> &Arc<[(String, Counters)]> {
        &self.counters
    }
}

impl<T> Workers<T> {
    /// Takes no more items, runs those that are queued, and waits for the threads.
    pub(crate) fn end(&mut self) {
        self.sender.close();
        let threads = mem::take(&mut self.threads);
        // One of its own threads cannot wait for itself, nor for another that may wait for it.
        if !threads.iter().any(Thread::is_current) {
            threads.into_iter().for_each(Thread::join);
        }
    }
}

impl<T> Drop for Workers<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// As many threads as the machine, and the cgroup this process is in, run at once.
pub(crate) fn default_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
