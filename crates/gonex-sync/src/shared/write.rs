use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::value::Inner;
use crate::lock::{Exclusive, Seek};
use crate::{Mutex, SendError};

/// The kind of [`Shared::write`](super::Shared::write).
#[must_use = "a write does nothing until it is awaited or blocked on"]
pub struct Write<'a, T> {
    inner: &'a Inner<T>,
    seek: Seek<&'a Mutex<()>, Exclusive>,
    /// Until it is written.
    value: Option<T>,
}

impl<'a, T> Write<'a, T> {
    pub(super) fn new(inner: &'a Inner<T>, value: T) -> Self {
        Self { inner, seek: Seek::new(&inner.line), value: Some(value) }
    }

    /// Writes, for who is at the head of the line.
    fn finish(&mut self) {
        if let Some(value) = self.value.take() {
            self.inner.set(Arc::new(value));
        }
    }

    /// Whether it is written without a wait.
    fn try_now(&mut self) -> Option<()> {
        let _first = self.seek.attempt()?;
        self.finish();
        Some(())
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.seek.poll(cx.waker()).map(|_first| self.finish())
    }

    /// Writes, if its turn has come just now.
    fn try_at_last(&mut self) -> Option<()> {
        let _first = self.seek.finish()?;
        self.finish();
        Some(())
    }
}

// The value is moved, never pinned.
impl<T> Unpin for Write<'_, T> {}

impl<T> fmt::Debug for Write<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write").field("waits", &self.seek.waits()).finish()
    }
}

impl<'a, T> Kind for Write<'a, T> {
    type Output = ();
    type Limited = WriteLimited<'a, T>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        self.try_now()
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.go_on(cx)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) {
        self.try_at_last().unwrap_or_else(|| stop.unwind());
    }

    fn limited(self) -> WriteLimited<'a, T> {
        WriteLimited(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("write to").of("shared value")
    }
}

/// A [`Write`] under limits, which gives the value back.
#[derive(Debug)]
#[must_use = "a write does nothing until it is awaited or blocked on"]
pub struct WriteLimited<'a, T>(Write<'a, T>);

impl<T> Kind for WriteLimited<'_, T> {
    type Output = Result<(), SendError<T>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.0.try_now().map(Ok)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.go_on(cx).map(Ok)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        match self.0.try_at_last() {
            Some(()) => Ok(()),
            None => {
                self.0.value.take().map_or(Ok(()), |value| Err(SendError::stopped(value, stop)))
            }
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.0.subject()
    }
}
