use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::{Bulkhead, BulkheadPermit, EnterBulkhead, Full};
use crate::call::{Admission, Guarded, Once};
use crate::retry::IntoAttempt;

/// Lets a call into a [`Bulkhead`].
#[derive(Debug)]
pub struct BulkheadGuard(Way);

#[derive(Debug)]
enum Way {
    Waits(EnterBulkhead),
    Tries(Bulkhead, usize),
}

impl BulkheadGuard {
    pub(crate) fn waits(bulkhead: &Bulkhead, weight: usize) -> Self {
        Self(Way::Waits(EnterBulkhead::new(bulkhead.shared.clone(), weight)))
    }

    pub(crate) fn tries(bulkhead: &Bulkhead, weight: usize) -> Self {
        Self(Way::Tries(bulkhead.clone(), weight))
    }
}

impl Admission for BulkheadGuard {
    type Permit = BulkheadPermit;
    type Refusal = Full;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<BulkheadPermit, Full>> {
        match &mut self.0 {
            Way::Waits(enter) => Pin::new(enter).poll(cx),
            Way::Tries(bulkhead, weight) => Poll::Ready(bulkhead.try_acquire(*weight)),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Full {
        match &mut self.0 {
            // A place that came just now is given back: the call has not begun.
            Way::Waits(enter) => match Pin::new(enter).stop(stop.clone()) {
                Err(full) => full,
                Ok(_) => Full::Stopped(stop),
            },
            Way::Tries(..) => Full::Stopped(stop),
        }
    }

    fn subject(&self) -> Subject {
        match &self.0 {
            Way::Waits(enter) => enter.subject(),
            Way::Tries(..) => Subject::new("call through").of("bulkhead"),
        }
    }
}

/// Calls.
impl Bulkhead {
    /// Calls a closure once there is a place, for which it waits as the settings allow. It returns a
    /// `Result`, or a future of one.
    ///
    /// # Cancel safety
    /// Dropped while it waits, it leaves the line; while it runs, its place is free when what runs is
    /// gone.
    ///
    /// # Errors
    /// [`CallError::Refused`](crate::CallError) as [`acquire`](Self::acquire) says, and what the call
    /// itself fails with.
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::default())?;
    /// assert_eq!(bulkhead.call(|| "7".parse::<u32>()).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<Guarded<BulkheadGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        self.call_weighing(1, work)
    }

    /// Calls a closure as [`call`](Self::call) does, which takes as much room as so many others.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    ///
    /// ```
    /// use gonex_resilience::Bulkhead;
    /// use gonex_resilience::bulkhead::BulkheadConfig;
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(5))?;
    /// let left = bulkhead.call_weighing(3, || Ok::<_, ()>(bulkhead.available()));
    /// assert_eq!(left.block(), Ok(2));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call_weighing<W, O, K>(
        &self,
        weight: usize,
        work: W,
    ) -> Op<Guarded<BulkheadGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(BulkheadGuard::waits(self, weight), Once::new(work)))
    }

    /// Calls a closure if there is a place when the operation is first tried, and does not wait for one.
    ///
    /// # Errors
    /// [`Full::Busy`], and what the call itself fails with.
    ///
    /// ```
    /// use gonex_resilience::{Bulkhead, CallError};
    /// use gonex_resilience::bulkhead::{BulkheadConfig, Full};
    ///
    /// let bulkhead = Bulkhead::new(BulkheadConfig::default())?;
    /// let _inside = bulkhead.try_acquire(25).unwrap();
    /// let refused = bulkhead.try_call(|| Ok::<_, ()>(7)).block();
    /// assert_eq!(refused, Err(CallError::Refused(Full::Busy)));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn try_call<W, O, K>(&self, work: W) -> Op<Guarded<BulkheadGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(BulkheadGuard::tries(self, 1), Once::new(work)))
    }
}
