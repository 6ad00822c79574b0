use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};
use gonex_core::{Op, Stop};

use super::policy::Shared;
use super::{LoadShedder, Priority, Shed, ShedPermit};
use crate::call::{Admission, Guarded, Once};
use crate::retry::IntoAttempt;

/// Lets a call through a [`LoadShedder`] in, or does not; it never waits.
#[derive(Debug)]
pub struct ShedGuard {
    shared: Arc<Shared>,
    priority: Priority,
    /// When the call was made, by the shedder's clock.
    made: u64,
    /// How long it had waited by then.
    waited: Duration,
}

impl ShedGuard {
    pub(crate) fn new(shedder: &LoadShedder, priority: Priority, waited: Duration) -> Self {
        let shared = shedder.shared.clone();
        Self { made: shared.time.now(), shared, priority, waited }
    }
}

impl Admission for ShedGuard {
    type Permit = ShedPermit;
    type Refusal = Shed;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<ShedPermit, Shed>> {
        let queued = Duration::from_nanos(self.shared.time.now().saturating_sub(self.made));
        let delay = self.waited.saturating_add(queued);
        Poll::Ready(self.shared.admit(self.priority, delay))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Shed {
        stop.unwind()
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Shed, Stop> {
        // It has refused nothing.
        Err(stop)
    }

    fn subject(&self) -> Subject {
        Subject::new("call through").of("load shedder")
    }
}

/// A load shedder with the priority of the calls that go through it, for a [`Policy`](crate::Policy) or a
/// layer of tower; made by [`LoadShedder::with_priority`].
#[derive(Clone, Debug)]
pub struct Ranked {
    pub(crate) shedder: LoadShedder,
    pub(crate) priority: Priority,
}

/// What lets in one call through a [`Policy`](crate::Policy): how long that was not polled after it was made is
/// the delay of its first attempt, and of no other.
#[derive(Clone, Debug)]
pub struct RankedCall {
    ranked: Ranked,
    /// When the call was made, by the shedder's clock, until the first attempt takes that. Clones belong to
    /// the same call. It orders nothing else.
    made: Arc<AtomicU64>,
}

/// No clock comes so far.
const TAKEN: u64 = u64::MAX;

impl RankedCall {
    pub(crate) fn new(ranked: &Ranked) -> Self {
        let made = ranked.shedder.shared.time.now();
        Self { ranked: ranked.clone(), made: Arc::new(AtomicU64::new(made)) }
    }

    /// Lets in the next attempt.
    pub(crate) fn attempt(&self) -> ShedGuard {
        let Ranked { shedder, priority } = &self.ranked;
        let guard = ShedGuard::new(shedder, *priority, Duration::ZERO);
        let made = self.made.swap(TAKEN, Ordering::Relaxed).min(guard.made);
        ShedGuard { made, ..guard }
    }
}

/// Calls.
impl LoadShedder {
    /// Calls a closure if it is let in. It returns a `Result`, or a future of one. How long the operation was
    /// not polled after it was made counts as its delay: that long it has waited for a thread.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs, and then its place is free.
    ///
    /// # Errors
    /// [`CallError::Refused`](crate::CallError) with a [`Shed`] that says why, and what the call itself fails
    /// with.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// assert_eq!(shedder.call(Priority::Normal, || "7".parse::<u32>()).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, priority: Priority, work: W) -> Op<Guarded<ShedGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        self.call_after(priority, Duration::ZERO, work)
    }

    /// Calls a closure as [`call`](Self::call) does, of which it is known that it has waited for so long
    /// before: in a queue, or on its way.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::by_delay(Duration::from_millis(50)))?;
    /// let call = shedder.call_after(Priority::High, Duration::from_secs(1), || Ok::<_, ()>(7));
    /// assert_eq!(call.block(), Ok(7), "one late call is no overload");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call_after<W, O, K>(
        &self,
        priority: Priority,
        delay: Duration,
        work: W,
    ) -> Op<Guarded<ShedGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(ShedGuard::new(self, priority, delay), Once::new(work)))
    }

    /// The same shedder for calls of this priority, as a layer.
    ///
    /// ```
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    /// use gonex_resilience::{LoadShedder, Policy};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// let policy = Policy::new().shed(shedder.with_priority(Priority::Critical));
    /// assert_eq!(policy.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// assert_eq!(shedder.metrics().admitted.critical, 1);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> Ranked {
        Ranked { shedder: self.clone(), priority }
    }
}
