use std::fmt;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};

use super::map_state::Inner;
use super::turn::{First, Turn};
use crate::SendError;

/// The kind of [`SharedMap::write`](super::SharedMap::write).
#[must_use = "a write does nothing until it is awaited or blocked on"]
pub struct WriteEntry<'a, K, V> {
    turn: Turn<'a, K, V>,
    /// Until it is written.
    value: Option<V>,
}

impl<'a, K: Hash + Eq, V> WriteEntry<'a, K, V> {
    pub(super) fn new(inner: &'a Inner<K, V>, key: K, value: V) -> Self {
        Self { turn: Turn::new(inner, Arc::new(key)), value: Some(value) }
    }

    /// Writes, for whose turn it is; yields the value before.
    fn finish(&mut self, _first: &First<'_>) -> Option<Arc<V>> {
        let value = self.value.take().expect("a write is not polled again after it was done");
        self.turn.inner.commit(&self.turn.key, Some(Arc::new(value)))
    }

    fn try_now(&mut self) -> Option<Option<Arc<V>>> {
        let first = self.turn.attempt()?;
        Some(self.finish(&first))
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Option<Arc<V>>> {
        self.turn.poll(cx).map(|first| self.finish(&first))
    }

    fn try_at_last(&mut self) -> Option<Option<Arc<V>>> {
        let first = self.turn.finish()?;
        Some(self.finish(&first))
    }
}

// The value is moved, never pinned.
impl<K, V> Unpin for WriteEntry<'_, K, V> {}

impl<K: Hash + Eq, V> fmt::Debug for WriteEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteEntry").field("waits", &self.turn.waits()).finish()
    }
}

impl<'a, K: Hash + Eq, V> Kind for WriteEntry<'a, K, V> {
    type Output = Option<Arc<V>>;
    type Limited = WriteEntryLimited<'a, K, V>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.try_now()
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.go_on(cx)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.try_at_last().unwrap_or_else(|| stop.unwind())
    }

    fn limited(self) -> WriteEntryLimited<'a, K, V> {
        WriteEntryLimited(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("write to").of("shared map")
    }
}

/// A [`WriteEntry`] under limits, which gives the value back.
#[must_use = "a write does nothing until it is awaited or blocked on"]
pub struct WriteEntryLimited<'a, K, V>(WriteEntry<'a, K, V>);

impl<K: Hash + Eq, V> fmt::Debug for WriteEntryLimited<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WriteEntryLimited").field(&self.0).finish()
    }
}

impl<K: Hash + Eq, V> Kind for WriteEntryLimited<'_, K, V> {
    type Output = Result<Option<Arc<V>>, SendError<V>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.0.try_now().map(Ok)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.go_on(cx).map(Ok)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if let Some(before) = self.0.try_at_last() {
            return Ok(before);
        }
        let value = self.0.value.take().expect("what was not written is still there");
        Err(SendError::stopped(value, stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.0.subject()
    }
}

/// The kind of [`SharedMap::remove`](super::SharedMap::remove).
#[must_use = "a removal does nothing until it is awaited or blocked on"]
pub struct RemoveEntry<'a, K, V> {
    turn: Turn<'a, K, V>,
}

impl<'a, K: Hash + Eq, V> RemoveEntry<'a, K, V> {
    pub(super) fn new(inner: &'a Inner<K, V>, key: K) -> Self {
        Self { turn: Turn::new(inner, Arc::new(key)) }
    }

    fn finish(&self, _first: &First<'_>) -> Option<Arc<V>> {
        self.turn.inner.commit(&self.turn.key, None)
    }

    fn try_at_last(&mut self) -> Option<Option<Arc<V>>> {
        let first = self.turn.finish()?;
        Some(self.finish(&first))
    }
}

impl<K: Hash + Eq, V> fmt::Debug for RemoveEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoveEntry").field("waits", &self.turn.waits()).finish()
    }
}

impl<K: Hash + Eq, V> Kind for RemoveEntry<'_, K, V> {
    type Output = Option<Arc<V>>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<Self::Output> {
        let first = self.turn.attempt()?;
        Some(self.finish(&first))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.turn.poll(cx).map(|first| self.finish(&first))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.try_at_last().unwrap_or_else(|| stop.unwind())
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        self.try_at_last().ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("remove from").of("shared map")
    }
}
