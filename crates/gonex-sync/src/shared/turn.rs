use std::hash::Hash;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::map_state::{Inner, Rooms};
use crate::broadcast::Room;
use crate::lock::{Exclusive, Seek};
use crate::{Mutex, MutexGuard};

/// The place at the head of the line of those who change a map.
pub(super) type First<'a> = MutexGuard<'a, ()>;

/// On the way to one's turn: the head of the line, and room for the change with who wants to know of
/// it. Dropped, it leaves all lines.
pub(super) struct Turn<'a, K, V> {
    pub(super) inner: &'a Inner<K, V>,
    pub(super) key: Arc<K>,
    seek: Seek<&'a Mutex<()>, Exclusive>,
    // In this order: the lines for room are left before the next one's turn.
    rooms: Rooms<K, V>,
    /// While there is no room.
    first: Option<First<'a>>,
}

impl<'a, K: Hash + Eq, V> Turn<'a, K, V> {
    pub(super) fn new(inner: &'a Inner<K, V>, key: Arc<K>) -> Self {
        let seek = Seek::new(&inner.line);
        Self { inner, key, seek, rooms: [None, None], first: None }
    }

    /// Whether it waits for something.
    pub(super) fn waits(&self) -> bool {
        self.seek.waits() || self.first.is_some()
    }

    /// At the head of the line, if it has been reached; then it knows for whose room to wait.
    fn take_first(
        &mut self,
        reach: impl FnOnce(&mut Seek<&'a Mutex<()>, Exclusive>) -> Option<First<'a>>,
    ) -> Option<First<'a>> {
        self.first.take().or_else(|| {
            let first = reach(&mut self.seek)?;
            self.rooms = self.inner.rooms(&self.key);
            Some(first)
        })
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<First<'a>> {
        let first = self.take_first(|seek| match seek.poll(cx.waker()) {
            Poll::Ready(first) => Some(first),
            Poll::Pending => None,
        });
        let Some(first) = first else { return Poll::Pending };
        for place in &mut self.rooms {
            if let Some(room) = place {
                if room.poll(cx.waker()).is_pending() {
                    self.first = Some(first);
                    return Poll::Pending;
                }
                *place = None;
            }
        }
        Poll::Ready(first)
    }

    /// Its turn, if that needs no wait.
    pub(super) fn attempt(&mut self) -> Option<First<'a>> {
        let first = self.take_first(Seek::attempt)?;
        self.if_there_is_room(first)
    }

    /// Its turn, if it has come just now.
    pub(super) fn finish(&mut self) -> Option<First<'a>> {
        let first = self.take_first(Seek::finish)?;
        self.if_there_is_room(first)
    }

    fn if_there_is_room(&mut self, first: First<'a>) -> Option<First<'a>> {
        if self.rooms.iter().flatten().all(Room::is_there) {
            self.rooms = [None, None];
            return Some(first);
        }
        self.first = Some(first);
        None
    }
}
