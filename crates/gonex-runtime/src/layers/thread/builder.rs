use std::io;
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, ThreadOptions};
use gonex_task::Handle;

use crate::layers::task::Whole;

/// Sets up a thread; made by [`builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `.spawn(..)`"]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

/// Sets up a thread step by step.
///
/// ```
/// use gonex_runtime::thread;
///
/// let name = || std::thread::current().name().map(str::to_owned);
/// let mut thread = thread::builder().name("indexer").stack_size(1 << 20).spawn(name)?;
/// assert_eq!(thread.join().block()?.as_deref(), Some("indexer"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn builder() -> Builder {
    Builder::default()
}

impl Builder {
    /// What the thread is called by the system, and the task by its handle and where it panics; by default
    /// `gonex-thread`, and the task has a number.
    ///
    /// ```
    /// use gonex_runtime::thread;
    /// use gonex_task::TaskError;
    ///
    /// let mut indexer = thread::builder().name("indexer").spawn(|| panic!("a bad page"))?;
    /// let ended: Result<(), _> = indexer.join().block();
    /// assert!(matches!(ended, Err(TaskError::Panicked(panic)) if panic.task.starts_with("indexer #")));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The bytes of its stack, which the system may round up; by default those of the standard library.
    ///
    /// ```
    /// use gonex_runtime::thread;
    ///
    /// let large = || [1_u8; 4 << 20].iter().map(|&byte| u32::from(byte)).sum::<u32>();
    /// let mut sum = thread::builder().stack_size(16 << 20).spawn(large)?;
    /// assert_eq!(sum.join().block()?, 4 << 20);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stack_size(self, bytes: usize) -> Self {
        Self { stack_size: Some(bytes), ..self }
    }

    /// Starts the thread: see [`spawn`](super::spawn()).
    ///
    /// # Errors
    /// What the system says when it has no more threads or not so much memory, or to the name. The
    /// closure is dropped then.
    ///
    /// ```
    /// use gonex_runtime::thread;
    ///
    /// let mut answer = thread::builder().spawn(|| 6 * 7)?;
    /// assert_eq!(answer.join().block()?, 42);
    ///
    /// let refused = thread::builder().name("a\0b").spawn(|| 6 * 7).unwrap_err();
    /// assert!(refused.to_string().contains("NUL"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Handle<T>> {
        let (handle, started) = self.start(body);
        started.map(|()| handle)
    }

    /// Starts the thread; if that fails, the handle knows it too.
    #[track_caller]
    pub(super) fn start<T: Send + 'static>(
        self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> (Handle<T>, io::Result<()>) {
        let Self { name, stack_size } = self;
        let mut options = ThreadOptions::named(name.as_deref().unwrap_or("gonex-thread"));
        options.stack_size = stack_size;
        let (work, handle) = Whole::new(name.as_deref(), body);
        // A seam that fails has dropped what it was to run; so it only lends it.
        let work = Arc::new(Mutex::new(Some(work)));
        let theirs = work.clone();
        let run = move || {
            let work = lock_std(&theirs).take();
            if let Some(work) = work {
                work.run();
            }
        };
        let started = rt::spawn_thread_with(options, run).map(drop);
        if started.is_err()
            && let Some(work) = lock_std(&work).take()
        {
            work.refuse("no thread could be started for it; `thread::builder()` tells why");
        }
        (handle, started)
    }
}
