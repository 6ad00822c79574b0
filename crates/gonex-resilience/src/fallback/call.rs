use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use super::policy::Shared;
use super::{Fallback, Recover};
use crate::call::Start;

pin_project! {
    /// The kind of [`Fallback::call`](super::Fallback::call).
    ///
    /// It has no error of its own: under limits it yields `Result<_, Stop>`.
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct FallbackCall<S: Start, R: Recover<S::Value, S::Error>> {
        start: Option<S>,
        recover: R,
        shared: Arc<Shared>,
        #[pin]
        state: State<S::Running, R::Running>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<A, B> {
        Next,
        First { #[pin] running: A },
        Other { #[pin] running: B },
        Over,
    }
}

impl<S: Start, R: Recover<S::Value, S::Error> + Clone> FallbackCall<S, R> {
    pub(crate) fn new(fallback: &Fallback<R>, start: S) -> Self {
        let (recover, shared) = (fallback.recover.clone(), fallback.shared.clone());
        Self { start: Some(start), recover, shared, state: State::Next }
    }
}

impl<S: Start, R: Recover<S::Value, S::Error>> fmt::Debug for FallbackCall<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = matches!(self.state, State::Other { .. });
        f.debug_struct("FallbackCall").field("other_way", &other).finish_non_exhaustive()
    }
}

impl<S: Start, R: Recover<S::Value, S::Error>> Kind for FallbackCall<S, R> {
    type Output = Result<S::Value, R::Error>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjection::Next => {
                    let Some(start) = this.start.take() else { unreachable!("it begins once") };
                    this.shared.counters.calls.add(1);
                    this.state.set(State::Over);
                    let running = start.start();
                    this.state.set(State::First { running });
                }
                StateProjection::First { running } => {
                    let Poll::Ready(result) = running.poll(cx) else { return Poll::Pending };
                    this.state.set(State::Over);
                    match result {
                        Ok(value) => {
                            this.recover.succeeded(&value);
                            return Poll::Ready(Ok(value));
                        }
                        Err(error) => {
                            let running = this.recover.recover(error);
                            this.state.set(State::Other { running });
                        }
                    }
                }
                StateProjection::Other { running } => {
                    let Poll::Ready(result) = running.poll(cx) else { return Poll::Pending };
                    this.state.set(State::Over);
                    let counters = &this.shared.counters;
                    let counter =
                        if result.is_ok() { &counters.recovered } else { &counters.failed };
                    counter.add(1);
                    return Poll::Ready(result);
                }
                StateProjection::Over => panic!("a call was polled after it had ended"),
            }
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.project().state.set(State::Over);
        stop.unwind()
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        self.project().state.set(State::Over);
        Err(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("call, with a fallback")
    }
}
