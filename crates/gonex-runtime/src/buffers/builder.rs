use std::fmt;

use super::classes::SizeClasses;
use super::pool::BufferPool;

/// Sets up a [`BufferPool`].
#[derive(Clone, Debug)]
#[must_use = "nothing is made until `.build()`"]
pub struct BufferPoolBuilder {
    pub(super) classes: SizeClasses,
    pub(super) max_bytes: usize,
    pub(super) per_thread: usize,
}

/// The most classes, so that a thread finds its own quickly.
const MOST_CLASSES: usize = 64;

impl Default for BufferPoolBuilder {
    fn default() -> Self {
        Self { classes: SizeClasses::default(), max_bytes: 64 << 20, per_thread: 1 << 20 }
    }
}

impl BufferPoolBuilder {
    /// Which sizes are kept; by default powers of two from 1 KiB to 1 MiB.
    pub fn classes(mut self, classes: SizeClasses) -> Self {
        self.classes = classes;
        self
    }

    /// How many bytes of buffers are kept at most, in all; by default 64 MiB. Those in use do not count.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How many of these bytes each thread may keep for itself; by default 1 MiB. They are set aside when
    /// a thread comes for the first time, and who comes when all is set aside keeps none: it shares what
    /// the others leave. What a thread that ends has kept is for one that begins later. With 0 nobody
    /// keeps any.
    pub fn per_thread(mut self, bytes: usize) -> Self {
        self.per_thread = bytes;
        self
    }

    /// Makes the pool.
    ///
    /// # Errors
    /// Everything that makes no sense, at once.
    ///
    /// ```
    /// use gonex_runtime::buffers::{BufferPool, SizeClasses};
    ///
    /// let classes = SizeClasses::Custom(vec![0, 4_096]);
    /// let refused = BufferPool::builder().classes(classes).max_bytes(100).build().unwrap_err();
    /// assert_eq!(refused.reasons().count(), 3);
    /// ```
    pub fn build(self) -> Result<BufferPool, BufferPoolError> {
        let sizes = self.classes.sizes();
        let mut reasons = Vec::new();
        if sizes.is_empty() {
            reasons.push("there are no size classes; name at least one".to_owned());
        }
        if sizes.len() > MOST_CLASSES {
            let count = sizes.len();
            reasons.push(format!("{count} size classes are too many; name at most {MOST_CLASSES}"));
        }
        if sizes.first() == Some(&0) {
            reasons.push("a size class of 0 bytes keeps nothing; leave it out".to_owned());
        }
        if let Some(&size) = sizes.iter().find(|&&size| size > isize::MAX as usize) {
            reasons.push(format!("no buffer has {size} bytes; name a smaller size"));
        }
        if let Some(&largest) = sizes.last().filter(|&&largest| largest > self.max_bytes) {
            let most = self.max_bytes;
            reasons.push(format!(
                "a buffer of {largest} bytes would never be kept where {most} bytes are the most; raise \
                 `max_bytes` or lower the size"
            ));
        }
        if self.per_thread > self.max_bytes {
            let (own, most) = (self.per_thread, self.max_bytes);
            reasons.push(format!(
                "no thread can keep {own} bytes where {most} are the most in all; lower `per_thread` or \
                 raise `max_bytes`"
            ));
        }
        if !reasons.is_empty() {
            return Err(BufferPoolError { reasons });
        }
        Ok(BufferPool::from_parts(sizes, self.max_bytes, self.per_thread))
    }
}

/// Why there is no such [`BufferPool`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferPoolError {
    reasons: Vec<String>,
}

impl BufferPoolError {
    /// All reasons, each with what would do.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.reasons.iter().map(String::as_str)
    }
}

impl fmt::Display for BufferPoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reasons.join("; "))
    }
}

impl std::error::Error for BufferPoolError {}
