use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Kind, Op, Stop};

use super::policy::Shared;
use super::{Chaos, Decision, Fault, Injected};
use crate::CallError;
use crate::call::{Admission, Guarded, Once};
use crate::retry::IntoAttempt;

/// Why a call through a [`Chaos`] did not yield a value.
pub type ChaosError<E> = CallError<Injected, E>;

/// Lets a call through a [`Chaos`], or has it fail or panic.
pub struct ChaosGuard {
    shared: Arc<Shared>,
    /// What was decided, and the wait before it.
    decided: Option<(Decision, Option<Sleep>)>,
}

impl std::fmt::Debug for ChaosGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decision = self.decided.as_ref().map(|(decision, _)| decision);
        f.debug_struct("ChaosGuard").field("decision", &decision).finish_non_exhaustive()
    }
}

impl ChaosGuard {
    pub(crate) fn new(chaos: &Chaos) -> Self {
        Self { shared: chaos.shared.clone(), decided: None }
    }

    fn injected(&self, number: u64) -> Injected {
        Injected { number, seed: self.shared.seed() }
    }
}

impl Admission for ChaosGuard {
    type Permit = ();
    type Refusal = Injected;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Injected>> {
        let this = &mut *self;
        let (decision, sleep) = this.decided.get_or_insert_with(|| {
            let decision = this.shared.next();
            (decision, decision.delay.map(|delay| rt::sleep(delay).into_kind()))
        });
        if let Some(asleep) = sleep {
            if Pin::new(asleep).poll(cx).is_pending() {
                return Poll::Pending;
            }
            *sleep = None;
        }
        let Decision { number, fault, .. } = *decision;
        match fault {
            None => Poll::Ready(Ok(())),
            Some(Fault::Error) => Poll::Ready(Err(this.injected(number))),
            Some(Fault::Panic) => {
                let seed = this.shared.seed();
                panic!("chaos lets call {number} panic (seed {seed})")
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, _: Stop) -> Injected {
        let number = self.decided.take().map_or(0, |(decision, _)| decision.number);
        self.injected(number)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait, by decision of").of("chaos")
    }
}

/// Calls.
impl Chaos {
    /// Calls a closure, unless it is decided otherwise: after a wait, or not at all. It returns a `Result`, or
    /// a future of one.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs; its number is used up.
    ///
    /// # Errors
    /// [`CallError::Refused`] with an [`Injected`] that says the number and the seed, and what the call itself
    /// fails with.
    ///
    /// # Panics
    /// If that is decided; the message says the number and the seed.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 1.0, seed: 42, ..ChaosConfig::default() })?;
    /// let failed = chaos.call(|| Ok::<_, String>(7)).block().unwrap_err();
    /// assert_eq!(failed.to_string(), "not called: chaos lets call 1 fail (seed 42)");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn call<W, O, K>(&self, work: W) -> Op<Guarded<ChaosGuard, Once<W, K>>>
    where
        W: FnOnce() -> O,
        O: IntoAttempt<K>,
    {
        Op::new(Guarded::new(ChaosGuard::new(self), Once::new(work)))
    }
}
