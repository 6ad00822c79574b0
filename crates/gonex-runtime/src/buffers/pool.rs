use std::fmt;
use std::sync::Arc;

use thread_local::ThreadLocal;

use super::buffer::{Buffer, OwnedBuffer};
use super::builder::BufferPoolBuilder;
use super::classes::{class_for, class_of};
use super::local::Local;
use super::shared::Shared;
use super::stats::BufferStats;

/// Keeps buffers for those who need one for a while.
///
/// Buffers are vectors of bytes that come empty, with room for what was asked for; nothing is zeroed. A
/// clone is the same pool. See the [module](super).
///
/// At the bound, which is [`max_bytes`](BufferPoolBuilder::max_bytes), buffers are still made, and not kept
/// when they come back: a pool refuses nobody. When the pool goes, so do all buffers that are not in use.
#[derive(Clone)]
pub struct BufferPool {
    inner: Arc<Inner>,
}

struct Inner {
    /// In order, and each above 0.
    sizes: Box<[usize]>,
    /// How many bytes a thread would keep for itself.
    per_thread: usize,
    locals: ThreadLocal<Local>,
    shared: Shared,
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferPool")
            .field("sizes", &self.inner.sizes)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Default for BufferPool {
    fn default() -> Self {
        Self::new()
    }
}

impl BufferPool {
    /// Makes a pool with sizes from 1 KiB to 1 MiB, which keeps at most 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        let defaults = BufferPoolBuilder::default();
        Self::from_parts(defaults.classes.sizes(), defaults.max_bytes, defaults.per_thread)
    }

    /// Begins to set up a pool.
    ///
    /// ```
    /// use gonex_runtime::buffers::{BufferPool, SizeClasses};
    ///
    /// let pool = BufferPool::builder()
    ///     .classes(SizeClasses::Exact(64 << 10))
    ///     .max_bytes(8 << 20)
    ///     .build()
    ///     .unwrap();
    /// assert_eq!(pool.sizes(), [64 << 10]);
    /// ```
    pub fn builder() -> BufferPoolBuilder {
        BufferPoolBuilder::default()
    }

    pub(super) fn from_parts(sizes: Vec<usize>, max_bytes: usize, per_thread: usize) -> Self {
        let shared = Shared::new(sizes.len(), max_bytes);
        let locals = ThreadLocal::new();
        let inner = Inner { sizes: sizes.into_boxed_slice(), per_thread, locals, shared };
        Self { inner: Arc::new(inner) }
    }

    /// The sizes of its classes.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.inner.sizes
    }

    /// Takes a buffer with room for at least so many bytes, which goes back when it is dropped.
    ///
    /// ```
    /// let pool = gonex_runtime::buffers::BufferPool::new();
    /// let buffer = pool.take(5_000);
    /// assert_eq!((buffer.len(), buffer.capacity()), (0, 8_192));
    /// ```
    #[inline]
    pub fn take(&self, size: usize) -> Buffer<'_> {
        Buffer::new(self.take_vec(size), self)
    }

    /// Takes a buffer that holds on to the pool, and so may go wherever values go. That costs some
    /// nanoseconds more, and a good deal more where many threads do it at once.
    ///
    /// ```
    /// let pool = gonex_runtime::buffers::BufferPool::new();
    /// let mut buffer = pool.take_owned(100);
    /// std::thread::spawn(move || buffer.push(7)).join().unwrap();
    /// assert_eq!(pool.stats().kept, 1);
    /// ```
    pub fn take_owned(&self, size: usize) -> OwnedBuffer {
        OwnedBuffer::new(self.take_vec(size), self.clone())
    }

    /// What became of its buffers so far.
    #[must_use]
    pub fn stats(&self) -> BufferStats {
        self.inner.shared.stats()
    }

    /// Lets go of the buffers that are kept for all threads. What threads keep for themselves stays.
    ///
    /// ```
    /// let pool = gonex_runtime::buffers::BufferPool::new();
    /// pool.trim();
    /// assert_eq!(pool.stats().bytes, 0);
    /// ```
    pub fn trim(&self) {
        self.inner.shared.clear();
    }

    #[inline]
    fn local(&self) -> &Local {
        let inner = &*self.inner;
        inner.locals.get_or(|| Local::new(&inner.shared, inner.sizes.len(), inner.per_thread))
    }

    #[inline]
    fn take_vec(&self, size: usize) -> Vec<u8> {
        let local = self.local();
        let Some(class) = class_for(&self.inner.sizes, size) else {
            local.counts().oversized.add();
            return Vec::with_capacity(size);
        };
        local.take(&self.inner.shared, class, self.inner.sizes[class])
    }

    /// Takes a buffer back. One that has grown, or was exchanged for another, may be of another class, or
    /// of none.
    #[inline]
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        let size = buffer.capacity();
        let local = self.local();
        if let Some(class) = class_of(&self.inner.sizes, size) {
            buffer.clear();
            local.keep(&self.inner.shared, class, size, buffer);
        } else {
            local.counts().let_go.add();
        }
    }
}
