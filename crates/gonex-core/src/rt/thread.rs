use std::fmt;
use std::io;
use std::thread;

/// A thread that was started through a seam. Dropping it lets the thread go on by itself.
pub struct Thread {
    handle: thread::JoinHandle<()>,
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("name", &self.handle.thread().name()).finish()
    }
}

impl Thread {
    /// Starts one of the system's threads; for those who write a [`Seam`](super::Seam).
    ///
    /// # Errors
    /// What the system says when it has no more threads, or to the name.
    ///
    /// ```
    /// use gonex_core::rt::Thread;
    ///
    /// let thread = Thread::start("helper".to_owned(), Box::new(|| ()))?;
    /// assert!(!thread.is_current());
    /// thread.join();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(name: String, body: Box<dyn FnOnce() + Send>) -> io::Result<Self> {
        if name.contains('\0') {
            let reason = format!("the thread name {name:?} holds a NUL character");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Ok(Self { handle: thread::Builder::new().name(name).spawn(body)? })
    }

    /// Whether it is the thread that asks.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.handle.thread().id() == thread::current().id()
    }

    /// Ends a [`thread::park_timeout`] of the thread, now or when it next begins.
    pub fn unpark(&self) {
        self.handle.thread().unpark();
    }

    /// Waits for the thread to end. A panic in it has been told by the panic hook.
    pub fn join(self) {
        self.handle.join().unwrap_or_else(crate::primitive::discard);
    }
}
