use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::primitive::atomic::Ordering;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Instant, Kind, Stop};
use gonex_sync::semaphore::Acquire;
use gonex_sync::{AcquireError, Semaphore};

use super::policy::Shared;
use super::{BulkheadPermit, Full};

/// The kind of [`Bulkhead::acquire`](super::Bulkhead::acquire).
///
/// # Cancel safety
/// Dropped before it is done, it has taken nothing and has left the line.
#[must_use = "nothing is waited for until it is awaited or blocked on"]
pub struct EnterBulkhead {
    shared: Arc<Shared>,
    weight: usize,
    waits: Option<Waits>,
}

struct Waits {
    acquire: Acquire<Arc<Semaphore>>,
    /// By the bulkhead's clock.
    since: u64,
    /// The limit, and the sleep until then.
    limit: Option<(Duration, Sleep)>,
    until: Option<Instant>,
}

impl fmt::Debug for EnterBulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterBulkhead")
            .field("weight", &self.weight)
            .field("waits", &self.waits.is_some())
            .finish_non_exhaustive()
    }
}

impl EnterBulkhead {
    pub(super) fn new(shared: Arc<Shared>, weight: usize) -> Self {
        Self { shared, weight, waits: None }
    }

    /// Tries before anybody is waited for; `None` if it has to wait, and then it is counted.
    fn begin(&mut self) -> Option<Result<BulkheadPermit, Full>> {
        let shared = &*self.shared;
        match shared.try_enter(self.weight) {
            Err(Full::Busy) => {}
            answer => return Some(answer),
        }
        let config = shared.config();
        if config.max_queue == 0 {
            return Some(Err(shared.refused(Full::Busy)));
        }
        let joined = shared.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
            (waiting < config.max_queue).then_some(waiting + 1)
        });
        if let Err(waiting) = joined {
            return Some(Err(shared.refused(Full::QueueFull { waiting })));
        }
        shared.counters.waited.add(1);
        self.waits = Some(Waits {
            acquire: shared.places.acquire_owned(self.weight).into_kind(),
            since: shared.time.now(),
            limit: config.max_wait.map(|wait| (wait, rt::sleep(wait).into_kind())),
            until: config.max_wait.and_then(|wait| rt::now().checked_add(wait)),
        });
        None
    }

    /// Ends the wait; what was waited with is yet to be dropped.
    fn end(&mut self) -> Option<Waits> {
        let waits = self.waits.take()?;
        let waited = self.shared.time.now().saturating_sub(waits.since);
        self.shared.counters.total_wait.add(waited);
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(waits)
    }

    fn answer(
        &self,
        got: Result<gonex_sync::SemaphorePermit<Arc<Semaphore>>, AcquireError>,
    ) -> Result<BulkheadPermit, Full> {
        match got {
            Ok(permit) => {
                self.shared.counters.admitted.add(1);
                Ok(BulkheadPermit(permit))
            }
            Err(AcquireError::TooMany { wanted, capacity }) => {
                Err(self.shared.refused(Full::TooHeavy { weight: wanted, most: capacity }))
            }
            Err(_) => Err(self.shared.refused(Full::Busy)),
        }
    }
}

impl Kind for EnterBulkhead {
    type Output = Result<BulkheadPermit, Full>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        if self.waits.is_some() {
            return None;
        }
        match self.shared.try_enter(self.weight) {
            Err(Full::Busy) => None,
            answer => Some(answer),
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.waits.is_none()
            && let Some(answer) = self.begin()
        {
            return Poll::Ready(answer);
        }
        let Some(waits) = &mut self.waits else { return Poll::Pending };
        if let Poll::Ready(got) = Pin::new(&mut waits.acquire).poll(cx) {
            drop(self.end());
            return Poll::Ready(self.answer(got));
        }
        let Some((limit, sleep)) = &mut waits.limit else { return Poll::Pending };
        if Pin::new(sleep).poll(cx).is_pending() {
            return Poll::Pending;
        }
        let waited = *limit;
        let Some(mut waits) = self.end() else { return Poll::Pending };
        // A place that has come just now is not lost.
        if let Ok(permit) = Pin::new(&mut waits.acquire).stop(Stop::Timeout) {
            return Poll::Ready(self.answer(Ok(permit)));
        }
        self.shared.counters.waited_too_long.add(1);
        Poll::Ready(Err(self.shared.refused(Full::WaitedTooLong { waited })))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // One that has not waited has nothing to abandon.
        if let Some(mut waits) = self.end() {
            if let Ok(permit) = Pin::new(&mut waits.acquire).stop(stop.clone()) {
                return self.answer(Ok(permit));
            }
            self.shared.counters.abandoned.add(1);
        }
        Err(Full::Stopped(stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("enter").of("bulkhead");
        match self.waits.as_ref().and_then(|waits| waits.until) {
            Some(at) => subject.until(at),
            None => subject,
        }
    }
}

impl Drop for EnterBulkhead {
    fn drop(&mut self) {
        if let Some(waits) = self.end() {
            self.shared.counters.abandoned.add(1);
            drop(waits);
        }
    }
}
