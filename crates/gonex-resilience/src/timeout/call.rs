use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};
use pin_project_lite::pin_project;

use super::policy::Shared;
use super::{Timeout, TimeoutError};
use crate::call::Start;
use crate::cut::{Cut, CutOff};

pin_project! {
    /// The kind of [`Timeout::call`](super::Timeout::call).
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct TimeoutCall<S: Start> {
        shared: Arc<Shared>,
        start: Option<S>,
        // By the policy's clock.
        began: u64,
        #[pin]
        state: State<S::Running>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<R> {
        Next,
        Runs { #[pin] running: R, cut: Cut, limit: Option<Duration> },
        Over,
    }
}

impl<S: Start> TimeoutCall<S> {
    pub(super) fn new(shared: Arc<Shared>, start: S) -> Self {
        Self { shared, start: Some(start), began: 0, state: State::Next }
    }
}

impl Timeout {
    /// Calls what is no closure.
    #[track_caller]
    pub(crate) fn run<S: Start>(&self, start: S) -> Op<TimeoutCall<S>> {
        Op::new(TimeoutCall::new(self.shared.clone(), start))
    }
}

impl<S: Start> fmt::Debug for TimeoutCall<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutCall").field("begun", &self.start.is_none()).finish_non_exhaustive()
    }
}

impl<S: Start> Kind for TimeoutCall<S> {
    type Output = Result<S::Value, TimeoutError<S::Error>>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (ended, limit) = match this.state.as_mut().project() {
                StateProjection::Next => {
                    let Some(start) = this.start.take() else { unreachable!("it begins once") };
                    this.shared.counters.calls.add(1);
                    let (began, now) = this.shared.time.now_and_seam();
                    *this.began = began;
                    let limit = this.shared.limit();
                    let cut = limit.map_or_else(Cut::default, |limit| Cut::after(now, limit));
                    // Closures run here, to their end.
                    match cut.step(|| start.start()) {
                        Ok(running) => {
                            this.state.set(State::Runs { running, cut, limit });
                            continue;
                        }
                        Err(CutOff) => (Err(CutOff), limit),
                    }
                }
                StateProjection::Runs { running, cut, limit } => match cut.poll(running, cx) {
                    Poll::Pending => return Poll::Pending,
                    // Operations inside see the limit as the end of their context, mostly before it is seen here.
                    Poll::Ready(Ok(Err(_))) if cut.is_over() => (Err(CutOff), *limit),
                    Poll::Ready(ended) => (ended, *limit),
                },
                StateProjection::Over => panic!("a call was polled after it had ended"),
            };
            this.state.set(State::Over);
            let took = this.shared.time.now().saturating_sub(*this.began);
            this.shared.counters.total_time.add(took);
            return Poll::Ready(match ended {
                Ok(result) => result.map_err(TimeoutError::Failed),
                Err(CutOff) => {
                    this.shared.counters.timed_out.add(1);
                    Err(TimeoutError::TimedOut { limit: limit.unwrap_or(Duration::MAX) })
                }
            });
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.project().state.set(State::Over);
        Err(TimeoutError::Stopped(stop))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("call, with a time-out")
    }
}
