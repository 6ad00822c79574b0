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
    decided: Option<Decided>,
}

/// What was decided on a call.
struct Decided {
    decision: Decision,
    /// By which that was decided; the settings may have changed since.
    seed: u64,
    /// The wait before it.
    sleep: Option<Sleep>,
}

impl std::fmt::Debug for ChaosGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decision = self.decided.as_ref().map(|decided| &decided.decision);
        f.debug_struct("ChaosGuard").field("decision", &decision).finish_non_exhaustive()
    }
}

impl ChaosGuard {
    pub(crate) fn new(chaos: &Chaos) -> Self {
        Self { shared: chaos.shared.clone(), decided: None }
    }
}

impl Admission for ChaosGuard {
    type Permit = ();
    type Refusal = Injected;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Injected>> {
        let this = &mut *self;
        let decided = this.decided.get_or_insert_with(|| {
            let (decision, seed) = this.shared.next();
            let sleep = decision.delay.map(|delay| rt::sleep(delay).into_kind());
            Decided { decision, seed, sleep }
        });
        if let Some(asleep) = &mut decided.sleep {
            if Pin::new(asleep).poll(cx).is_pending() {
                return Poll::Pending;
            }
            decided.sleep = None;
        }
        let (Decision { number, fault, .. }, seed) = (decided.decision, decided.seed);
        let Some(fault) = fault else { return Poll::Ready(Ok(())) };
        this.shared.met(fault);
        match fault {
            Fault::Error => Poll::Ready(Err(Injected { number, seed })),
            Fault::Panic => panic!("chaos lets call {number} panic (seed {seed})"),
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Injected {
        self.decided = None;
        stop.unwind()
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<Injected, Stop> {
        // What stopped it was no chaos, and the fault that was decided never came.
        self.decided = None;
        Err(stop)
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
    /// fails with; [`CallError::Stopped`] where a limit or a context ends it, while it waits too.
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
