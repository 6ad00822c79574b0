use std::fmt;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use super::map_state::Inner;
use super::turn::{First, Turn};
use super::work::Work;

pin_project! {
    /// The kind of [`SharedMap::update`](super::SharedMap::update) and its async form.
    #[must_use = "an update does nothing until it is awaited or blocked on"]
    pub struct UpdateEntry<'a, K, V, W> {
        // Dropped first: a future that is given up ends before the next one's turn.
        #[pin]
        work: W,
        turn: Turn<'a, K, V>,
        // While the work goes on: its turn, and the old value until the work has it.
        first: Option<First<'a>>,
        old: Option<Option<Arc<V>>>,
    }
}

impl<'a, K: Hash + Eq, V, W> UpdateEntry<'a, K, V, W> {
    pub(super) fn new(inner: &'a Inner<K, V>, key: K, work: W) -> Self {
        Self { work, turn: Turn::new(inner, Arc::new(key)), first: None, old: None }
    }
}

impl<K: Hash + Eq, V, W> fmt::Debug for UpdateEntry<'_, K, V, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateEntry")
            .field("waits", &self.turn.waits())
            .field("works", &self.first.is_some())
            .finish()
    }
}

impl<K, V, W> Kind for UpdateEntry<'_, K, V, W>
where
    K: Hash + Eq,
    W: Work<Option<Arc<V>>, Output = Option<V>>,
{
    type Output = Option<Arc<V>>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // In hand while the work runs: if it panics, it is the next one's turn.
        let first = match this.first.take() {
            Some(first) => first,
            None => {
                let first = ready!(this.turn.poll(cx));
                *this.old = Some(this.turn.inner.get(&this.turn.key));
                first
            }
        };
        let Poll::Ready(new) = this.work.poll_work(this.old, cx) else {
            *this.first = Some(first);
            return Poll::Pending;
        };
        let new = new.map(Arc::new);
        drop(this.turn.inner.commit(&this.turn.key, new.clone()));
        Poll::Ready(new)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("update").of("shared map")
    }
}
