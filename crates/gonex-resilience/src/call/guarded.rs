use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use pin_project_lite::pin_project;

use super::{CallError, Start};

/// What lets a call in, or does not.
///
/// # Cancel safety
/// Dropped before it is done, it leaves nothing behind.
pub trait Admission {
    /// What is held while the call runs.
    type Permit;
    /// Why it is not let in.
    type Refusal;

    /// Lets the call in or says why not, if that needs no wait, and `None` otherwise. No waker is kept.
    ///
    /// A call that is blocked on tries this before anything else. What has no cheap first try leaves it out.
    fn attempt(&mut self) -> Option<Result<Self::Permit, Self::Refusal>> {
        None
    }

    /// Goes on as far as possible; on `Pending`, the waker is told when more is.
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Permit, Self::Refusal>>;

    /// Withdraws, and says why the call was not let in. What it has got is given back.
    /// One whose refusals cannot say that unwinds here, and yields the stop where it can be
    /// [returned](Self::withdraw).
    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Refusal;

    /// Withdraws as [`stop`](Self::stop) does, and yields that; or the stop, where no refusal says it.
    ///
    /// # Errors
    /// The stop as it came. By default there is always a refusal.
    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Self::Refusal, Stop> {
        Ok(self.stop(stop))
    }

    /// What is waited for, for insight.
    fn subject(&self) -> Subject;
}

/// A permit, in the end of its call. Dropped instead, the call was dropped, stopped, or left by a panic.
pub trait Settle<T, E> {
    /// Takes note of the result.
    fn settle(self, result: &Result<T, E>);

    /// Takes note that a limit or a context stopped the call while it ran; by default it is dropped.
    fn stopped(self, _stop: &Stop)
    where
        Self: Sized,
    {
    }
}

/// A permit of those who take no note.
impl<T, E> Settle<T, E> for () {
    fn settle(self, _: &Result<T, E>) {}
}

pin_project! {
    /// The kind of a call through a policy.
    ///
    /// # Cancel safety
    /// Dropping it drops what runs, and then the permit: what a policy makes of that is its own to say.
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct Guarded<A: Admission, S: Start> {
        start: Option<S>,
        #[pin]
        state: State<A, S::Running, A::Permit>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<A, R, P> {
        Admits { #[pin] admission: A },
        // In this order: what runs goes before the permit does.
        Runs { #[pin] running: R, permit: Option<P> },
        Over,
    }
}

impl<A: Admission, S: Start> Guarded<A, S> {
    pub(crate) fn new(admission: A, start: S) -> Self {
        Self { start: Some(start), state: State::Admits { admission } }
    }
}

impl<A: Admission, S: Start> fmt::Debug for Guarded<A, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Admits { .. } => "waits to be let in",
            State::Runs { .. } => "runs",
            State::Over => "over",
        };
        f.debug_struct("Guarded").field("state", &state).finish_non_exhaustive()
    }
}

impl<A, S> Kind for Guarded<A, S>
where
    A: Admission,
    A::Permit: Settle<S::Value, S::Error>,
    S: Start,
{
    type Output = Result<S::Value, CallError<A::Refusal, S::Error>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let State::Admits { admission } = &mut self.state else { return None };
        let admitted = admission.attempt()?;
        self.state = State::Over;
        let permit = match admitted {
            Ok(permit) => permit,
            Err(refusal) => return Some(Err(CallError::Refused(refusal))),
        };
        let start = self.start.take()?;
        match start.start_at_once() {
            Ok(result) => {
                permit.settle(&result);
                Some(result.map_err(CallError::Failed))
            }
            Err(running) => {
                self.state = State::Runs { running, permit: Some(permit) };
                None
            }
        }
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjection::Admits { admission } => {
                    let permit = match admission.poll(cx) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Ok(permit)) => permit,
                        Poll::Ready(Err(refusal)) => {
                            this.state.set(State::Over);
                            *this.start = None;
                            return Poll::Ready(Err(CallError::Refused(refusal)));
                        }
                    };
                    let Some(start) = this.start.take() else {
                        unreachable!("a call is let in once")
                    };
                    this.state.set(State::Over);
                    // Closures run here, to their end; one that panics drops the permit.
                    let running = start.start();
                    this.state.set(State::Runs { running, permit: Some(permit) });
                }
                StateProjection::Runs { running, permit } => {
                    let Poll::Ready(result) = running.poll(cx) else { return Poll::Pending };
                    let permit = permit.take();
                    this.state.set(State::Over);
                    if let Some(permit) = permit {
                        permit.settle(&result);
                    }
                    return Poll::Ready(result.map_err(CallError::Failed));
                }
                StateProjection::Over => panic!("a call was polled after it had ended"),
            }
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let mut this = self.project();
        let permit = match this.state.as_mut().project() {
            StateProjection::Admits { admission } => {
                let withdrawn = admission.withdraw(stop);
                this.state.set(State::Over);
                return Err(match withdrawn {
                    Ok(refusal) => CallError::Refused(refusal),
                    Err(stop) => CallError::Stopped(stop),
                });
            }
            StateProjection::Runs { permit, .. } => permit.take(),
            StateProjection::Over => None,
        };
        // What runs goes before the permit does.
        this.state.set(State::Over);
        if let Some(permit) = permit {
            permit.stopped(&stop);
        }
        Err(CallError::Stopped(stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match &self.state {
            State::Admits { admission } => admission.subject(),
            _ => Subject::new("call"),
        }
    }
}
