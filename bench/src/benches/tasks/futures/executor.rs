//! async-executor, which is what smol runs on, with a thread for each core.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use async_executor::Executor;

use crate::benches::tasks::cores;

/// An executor with its threads, as long as the process.
#[derive(Clone)]
pub struct Smol(pub Arc<Executor<'static>>);

impl Smol {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let executor = Arc::new(Executor::new());
        for core in 0..cores() {
            let theirs = executor.clone();
            let builder = thread::Builder::new().name(format!("async-executor-{core}"));
            builder.spawn(move || block_on(theirs.run(std::future::pending::<()>())))?;
        }
        Ok(Self(executor))
    }

    /// Runs a future as a task, and waits for it on this thread.
    pub fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> T {
        block_on(self.0.spawn(future))
    }
}

/// Polls a future on this thread: gonex's own way to block would be no rival's.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut cx) {
            return result;
        }
        thread::park();
    }
}
