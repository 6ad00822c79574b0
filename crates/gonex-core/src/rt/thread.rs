use std::fmt;
use std::io;
use std::thread;

/// How a thread is to be started: its name, and what the system shall give it.
///
/// ```
/// use gonex_core::rt::ThreadOptions;
///
/// let options = ThreadOptions::named("parser").stack_size(1 << 20);
/// assert_eq!(options.name, "parser");
/// assert_eq!(options.stack_size, Some(1 << 20));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadOptions {
    /// What it is called.
    pub name: String,
    /// The bytes of its stack; `None` leaves them to the standard library. The system may give more.
    pub stack_size: Option<usize>,
}

impl ThreadOptions {
    /// A thread with a name, and else as the system has it.
    ///
    /// ```
    /// use gonex_core::rt::ThreadOptions;
    ///
    /// assert_eq!(ThreadOptions::named("parser").stack_size, None);
    /// ```
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), stack_size: None }
    }

    /// The same with at least so many bytes of stack.
    ///
    /// ```
    /// use gonex_core::rt::ThreadOptions;
    ///
    /// let options = ThreadOptions::named("parser").stack_size(1 << 20);
    /// assert_ne!(options, ThreadOptions::named("parser"));
    /// ```
    #[must_use]
    pub fn stack_size(self, bytes: usize) -> Self {
        Self { stack_size: Some(bytes), ..self }
    }
}

/// A thread that was started through a seam. Dropping it lets the thread go on by itself.
///
/// ```
/// use std::sync::mpsc;
/// use gonex_core::rt;
///
/// let (sent, received) = mpsc::channel();
/// let thread = rt::spawn_thread("helper".to_owned(), move || sent.send(1 + 1).unwrap())?;
/// assert_eq!(received.recv(), Ok(2));
/// thread.join();
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Thread {
    handle: thread::JoinHandle<()>,
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("name", &self.handle.thread().name()).finish()
    }
}

impl Thread {
    /// Starts one of the system's threads as the options say; for those who write a
    /// [`Seam`](super::Seam).
    ///
    /// # Errors
    /// What the system says when it has no more threads or not so much memory, or to the name.
    ///
    /// ```
    /// use gonex_core::rt::{Thread, ThreadOptions};
    ///
    /// let (sent, received) = std::sync::mpsc::channel();
    /// let large = move || sent.send([1_u8; 4 << 20].iter().map(|&byte| u32::from(byte)).sum());
    /// let options = ThreadOptions::named("helper").stack_size(16 << 20);
    /// let thread = Thread::start(options, Box::new(move || large().unwrap()))?;
    /// assert!(!thread.is_current());
    /// thread.join();
    /// assert_eq!(received.recv(), Ok(4_u32 << 20));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(options: ThreadOptions, body: Box<dyn FnOnce() + Send>) -> io::Result<Self> {
        let ThreadOptions { name, stack_size } = options;
        if name.contains('\0') {
            let reason = format!("the thread name {name:?} holds a NUL character");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let mut builder = thread::Builder::new().name(name);
        if let Some(bytes) = stack_size {
            builder = builder.stack_size(bytes);
        }
        Ok(Self { handle: builder.spawn(body)? })
    }

    /// The standard library's number of the thread; for those who write a [`Seam`](super::Seam).
    ///
    /// ```
    /// use gonex_core::rt;
    ///
    /// let thread = rt::spawn_thread("helper".to_owned(), || ())?;
    /// assert_ne!(thread.id(), std::thread::current().id());
    /// thread.join();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> thread::ThreadId {
        self.handle.thread().id()
    }

    /// Whether it is the thread that asks.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_core::rt::{self, Thread};
    ///
    /// let (handed, own) = mpsc::channel::<Thread>();
    /// let (sent, told) = mpsc::channel();
    /// let body = move || sent.send(own.recv().unwrap().is_current()).unwrap();
    /// let thread = rt::spawn_thread("helper".to_owned(), body)?;
    /// assert!(!thread.is_current());
    /// handed.send(thread).unwrap();
    /// assert_eq!(told.recv(), Ok(true));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.id() == thread::current().id()
    }

    /// Ends a [`thread::park_timeout`] of the thread, now or when it next begins.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::time::Duration;
    /// use gonex_core::rt;
    ///
    /// let end = Arc::new(AtomicBool::new(false));
    /// let seen = end.clone();
    /// let thread = rt::spawn_thread("helper".to_owned(), move || {
    ///     while !seen.load(Ordering::Acquire) {
    ///         std::thread::park_timeout(Duration::from_secs(3600));
    ///     }
    /// })?;
    /// end.store(true, Ordering::Release);
    /// thread.unpark();
    /// thread.join();
    /// assert_eq!(Arc::strong_count(&end), 1, "it has ended");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn unpark(&self) {
        self.handle.thread().unpark();
    }

    /// Waits for the thread to end. A panic in it has been told by the panic hook.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use gonex_core::rt;
    ///
    /// let ran = Arc::new(AtomicBool::new(false));
    /// let mark = ran.clone();
    /// rt::spawn_thread("helper".to_owned(), move || mark.store(true, Ordering::Relaxed))?.join();
    /// assert!(ran.load(Ordering::Relaxed));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn join(self) {
        #[cfg(gonex_sim)]
        super::simulation::join(self.id());
        self.handle.join().unwrap_or_else(crate::primitive::discard);
    }
}
