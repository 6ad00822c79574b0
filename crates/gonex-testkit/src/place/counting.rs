use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use gonex_core::Instant;
use gonex_core::rt::{self, Parker, Seam, Thread, ThreadOptions, Timer};

/// A seam that counts the threads that were started through it and have not ended.
#[derive(Debug)]
pub(super) struct Counting {
    around: Arc<dyn Seam>,
    threads: Arc<AtomicUsize>,
}

impl Counting {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { around: rt::current(), threads: Arc::default() })
    }

    /// How many threads there are.
    pub(super) fn threads(&self) -> usize {
        self.threads.load(Ordering::SeqCst)
    }
}

impl Seam for Counting {
    fn now(&self) -> Instant {
        self.around.now()
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        self.around.park(parker, deadline);
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        self.around.timer(at, waker)
    }

    fn random(&self) -> u64 {
        self.around.random()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        struct Counted(Arc<AtomicUsize>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.threads.fetch_add(1, Ordering::SeqCst);
        let counted = Counted(self.threads.clone());
        let body = move || {
            // Dropped with the body, also where it is not run.
            let _counted = counted;
            body();
        };
        self.around.spawn_thread(options, Box::new(body))
    }
}
