use std::cell::Cell;
use std::fmt;
use std::io;
use std::mem;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use gonex_core::primitive::discard;
use gonex_core::rt::{self, Thread};

use super::counters::Counters;
use super::queue::Queue;

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
    queue: Arc<Queue<Queued<T>>>,
    counters: Arc<[(String, Counters)]>,
    threads: Vec<Thread>,
}

impl<T> fmt::Debug for Workers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .field("queued", &self.queue.len())
            .field("capacity", &self.queue.capacity())
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
        let mut workers = Self {
            queue: Arc::new(Queue::new(config.capacity)),
            counters: names.map(|name| (name, Counters::default())).collect(),
            threads: Vec::new(),
        };
        let run = Arc::new(run);
        for index in 0..config.threads.get() {
            let (queue, counters) = (workers.queue.clone(), workers.counters.clone());
            let run = run.clone();
            let body = move || work(&queue, &counters[index].1, &*run);
            // On failure the workers so far are dropped, which ends their threads.
            workers.threads.push(rt::spawn_thread(workers.counters[index].0.clone(), body)?);
        }
        Ok(workers)
    }
}

/// What a worker does, until the queue is closed and empty.
fn work<T>(queue: &Queue<Queued<T>>, counters: &Counters, run: &impl Fn(T, &dyn Fn(bool))) {
    while let Some(Queued { item, since }) = queue.pop() {
        let start = rt::now();
        let waited = start.saturating_duration_since(since);
        let recorded = Cell::new(false);
        let ended = |completed| {
            let busy = rt::now().saturating_duration_since(start);
            counters.record(completed, waited, busy);
            recorded.set(true);
        };
        // Tasks catch their own panics; this is for what a destructor may throw all the same. A
        // worker that died of it would leave the queue without anyone.
        let survived = panic::catch_unwind(AssertUnwindSafe(|| run(item, &ended)));
        survived.unwrap_or_else(discard);
        if !recorded.get() {
            ended(false);
        }
    }
}

impl<T> Workers<T> {
    pub(crate) fn queue(&self) -> &Arc<Queue<Queued<T>>> {
        &self.queue
    }

    pub(crate) fn counters(&self) -> &Arc<[(String, Counters)]> {
        &self.counters
    }
}

impl<T> Workers<T> {
    /// Takes no more items, runs those that are queued, and waits for the threads.
    pub(crate) fn end(&mut self) {
        self.queue.close();
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
