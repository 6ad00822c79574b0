use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use gonex_sync::semaphore::Acquire;
use gonex_sync::{Semaphore, SemaphorePermit};
use gonex_task::batch::Member;
use gonex_task::handle::Completer;
use gonex_task::{IntoTask, Priority};

use super::Group;
use crate::runtime::Threads;

/// The kind of [`Group::spawn`].
#[must_use = "the task starts when the operation is awaited or blocked on"]
pub struct GroupSpawn<'a, T, W, M> {
    group: &'a Group<T>,
    /// `None` where nothing limits the group.
    slot: Option<Acquire<Arc<Semaphore>>>,
    /// `None` once it has started.
    work: Option<W>,
    origin: &'static Location<'static>,
    marker: PhantomData<fn(M)>,
}

/// Starts a task that has its slot.
pub(super) fn start<T, W, M>(
    group: &Group<T>,
    work: W,
    slot: Option<SemaphorePermit<Arc<Semaphore>>>,
    origin: &'static Location<'static>,
) -> usize
where
    T: Send + 'static,
    W: IntoTask<M, Output = T>,
{
    let number = group.shared.enter(slot);
    let member = Member::new(number).from(origin);
    let completer = Completer::to_many(group.shared.clone(), member);
    work.start_with(completer, Priority::NORMAL, &Threads);
    number
}

impl<'a, T, W, M> GroupSpawn<'a, T, W, M> {
    #[track_caller]
    pub(super) fn new(group: &'a Group<T>, work: W) -> Self {
        let slot = group.slots.as_ref().map(|slots| slots.acquire_owned(1).into_kind());
        let origin = Location::caller();
        Self { group, slot, work: Some(work), origin, marker: PhantomData }
    }
}

impl<T, W, M> GroupSpawn<'_, T, W, M>
where
    T: Send + 'static,
    W: IntoTask<M, Output = T>,
{
    fn start(&mut self, slot: Option<SemaphorePermit<Arc<Semaphore>>>) -> usize {
        let work = self.work.take().expect("an operation is not polled after it was ready");
        start(self.group, work, slot, self.origin)
    }
}

// Nothing in it is ever pinned: the work is moved to where it runs.
impl<T, W, M> Unpin for GroupSpawn<'_, T, W, M> {}

impl<T, W, M> fmt::Debug for GroupSpawn<'_, T, W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupSpawn").field("waiting", &self.work.is_some()).finish_non_exhaustive()
    }
}

impl<T, W, M> Kind for GroupSpawn<'_, T, W, M>
where
    T: Send + 'static,
    W: IntoTask<M, Output = T>,
{
    type Output = usize;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<usize> {
        let Some(slot) = &mut self.slot else { return Some(self.start(None)) };
        // The semaphore is the group's own and never closed.
        let slot = slot.attempt()?.ok();
        Some(self.start(slot))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let slot = match &mut self.slot {
            Some(slot) => ready!(Pin::new(slot).poll(cx)).ok(),
            None => None,
        };
        Poll::Ready(self.start(slot))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> usize {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for a slot of").of("a group")
    }
}
