//! What is kept of something while telemetry follows it.

/// Mostly nothing. Without telemetry compiled in it takes no room.
#[derive(Debug)]
pub(super) struct Kept<T> {
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    inner: Option<Box<T>>,
    #[cfg(not(any(feature = "metrics", feature = "tracing")))]
    inner: std::marker::PhantomData<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { inner: Default::default() }
    }
}

#[cfg(any(feature = "metrics", feature = "tracing"))]
impl<T> Kept<T> {
    pub(super) fn new(value: T) -> Self {
        Self { inner: Some(Box::new(value)) }
    }

    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        self.inner.as_deref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.as_deref_mut()
    }

    #[inline]
    pub(super) fn take(&mut self) -> Option<T> {
        // Looked at first, since `take` writes.
        if self.inner.is_some() { self.inner.take().map(|value| *value) } else { None }
    }
}

#[cfg(not(any(feature = "metrics", feature = "tracing")))]
impl<T> Kept<T> {
    pub(super) fn new(_: T) -> Self {
        Self::default()
    }

    pub(super) fn get(&self) -> Option<&T> {
        None
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        None
    }

    pub(super) fn take(&mut self) -> Option<T> {
        None
    }
}
