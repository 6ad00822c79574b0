use std::fmt;
use std::sync::Arc;

use thread_local::ThreadLocal;

use super::buffer::{Buffer, OwnedBuffer};
use super::builder::BufferPoolBuilder;
use super::classes::{NONE, Sizes};
use super::held::Held;
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
    sizes: Sizes,
    /// How many bytes a thread would keep for itself.
    per_thread: usize,
    locals: ThreadLocal<Local>,
    shared: Shared,
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferPool")
            .field("sizes", &self.sizes())
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
        let inner = Inner { sizes: Sizes::new(sizes), per_thread, locals, shared };
        Self { inner: Arc::new(inner) }
    }

    /// The sizes of its classes.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        self.inner.sizes.all()
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
        Buffer::new(self.take_held(size), self)
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
        OwnedBuffer::new(self.take_held(size), self.clone())
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
        inner.locals.get_or(|| Local::new(&inner.shared, inner.sizes.all().len(), inner.per_thread))
    }

    #[inline]
    fn take_held(&self, size: usize) -> Held {
        let inner = &*self.inner;
        let class = inner.sizes.holding(size);
        match inner.sizes.get(class) {
            Some(size) => self.local().take(&inner.shared, class, size),
            None => self.oversized(size),
        }
    }

    #[cold]
    fn oversized(&self, size: usize) -> Held {
        self.local().counts().oversized.add();
        Held::oversized(size)
    }

    /// Takes a buffer back.
    #[inline]
    pub(super) fn give_back(&self, mut buffer: Held) {
        match buffer.class() {
            Some((class, size)) => {
                buffer.bytes_mut().clear();
                self.local().keep(&self.inner.shared, class, size, buffer);
            }
            None => self.give_back_changed(buffer),
        }
    }

    /// One that has grown, or was exchanged for another, may be of another class, or of none.
    #[cold]
    fn give_back_changed(&self, mut buffer: Held) {
        let size = buffer.bytes().capacity();
        let class = self.inner.sizes.of(size);
        if class == NONE {
            self.local().counts().let_go.add();
        } else {
            buffer.bytes_mut().clear();
            buffer.set_class(class);
            self.local().keep(&self.inner.shared, class, size, buffer);
        }
    }
}
