use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// Where futures are polled: the tokio runtime around the caller, or one of our own, started with
/// the first future that needs it.
#[derive(Debug)]
pub(super) struct Polling {
    name: String,
    threads: NonZeroUsize,
    own: OnceLock<Runtime>,
}

impl Polling {
    pub(super) fn new(name: &str, threads: NonZeroUsize) -> Self {
        Self { name: format!("{name}-async"), threads, own: OnceLock::new() }
    }

    pub(super) fn spawn(
        &self,
        future: impl Future<Output: Send> + Send + 'static,
    ) -> io::Result<()> {
        if let Ok(ambient) = Handle::try_current() {
            ambient.spawn(future);
            return Ok(());
        }
        if self.own.get().is_none() {
            let started = self.start()?;
            // Another thread may have been faster; theirs is used and ours ended.
            if let Err(spare) = self.own.set(started) {
                spare.shutdown_background();
            }
        }
        if let Some(own) = self.own.get() {
            own.spawn(future);
        }
        Ok(())
    }

    fn start(&self) -> io::Result<Runtime> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(self.threads.get()).thread_name(&self.name).enable_all().build()
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        // tokio forbids a waiting shutdown inside async code, where a last clone may be dropped.
        if let Some(own) = self.own.take() {
            own.shutdown_background();
        }
    }
}
