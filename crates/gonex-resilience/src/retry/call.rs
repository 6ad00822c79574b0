use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Context, Instant, Kind, Stop};
use pin_project_lite::pin_project;

use super::budget::Token;
use super::progress::{Pause, Progress};
use super::{RetryError, Rules, Work};

pin_project! {
    /// The kind of [`Retry::call`](super::Retry::call) and the methods beside it.
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct Call<K: Work, R> {
        work: K,
        rules: R,
        progress: Progress,
        // What the last attempt failed with, while the next one is waited for.
        last: Option<K::Error>,
        #[pin]
        state: State<K::Attempt>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<A> {
        Next,
        Runs { #[pin] attempt: A, cut: Cut },
        Waits { sleep: Sleep, until: Option<Instant>, token: Token, seen: bool },
        Over,
    }
}

/// What cuts an attempt off: nothing, or its time-out.
#[derive(Debug, Default)]
struct Cut {
    /// When, and the context the attempt runs in.
    limit: Option<(Instant, Context)>,
    /// Set once the attempt has to wait.
    sleep: Option<Sleep>,
}

/// The attempt was cut off.
struct CutOff;

impl<K: Work, R> Call<K, R> {
    pub(super) fn new(work: K, rules: R, progress: Progress) -> Self {
        Self { work, rules, progress, last: None, state: State::Next }
    }
}

impl<K: Work, R> fmt::Debug for Call<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Cut {
    fn new(limit: Option<std::time::Duration>) -> Self {
        // A time too long to be represented is no limit.
        let at = limit.and_then(|limit| rt::now().checked_add(limit));
        let limit = at.map(|at| (at, Context::current().with_deadline(at)));
        Self { limit, sleep: None }
    }

    /// Runs a step of the attempt in its context. What unwinds because its time is over ends here.
    fn step<T>(&self, step: impl FnOnce() -> T) -> Result<T, CutOff> {
        let Some((_, inside)) = &self.limit else { return Ok(step()) };
        let around = Context::current();
        let stepped =
            panic::catch_unwind(AssertUnwindSafe(|| Stop::inside_border(|| inside.run(step))));
        stepped.map_err(|payload| match Stop::from_unwind(payload) {
            Ok(_) if around.stopped().is_none() && inside.stopped().is_some() => CutOff,
            Ok(stop) => stop.unwind(),
            Err(payload) => panic::resume_unwind(payload),
        })
    }

    fn poll<A: Future>(
        &mut self,
        attempt: Pin<&mut A>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<A::Output, CutOff>> {
        // What is ready is never lost to a limit.
        match self.step(|| attempt.poll(cx)) {
            Ok(Poll::Ready(output)) => return Poll::Ready(Ok(output)),
            Err(cut) => return Poll::Ready(Err(cut)),
            Ok(Poll::Pending) => {}
        }
        let Some((at, _)) = self.limit else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| rt::sleep_until(at).into_kind());
        Pin::new(sleep).poll(cx).map(|()| Err(CutOff))
    }
}

impl<K, R> Kind for Call<K, R>
where
    K: Work,
    R: Rules<K::Error>,
{
    type Output = Result<K::Value, RetryError<K::Error>>;
    type Limited = Self;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let ended = match this.state.as_mut().project() {
                StateProjection::Next => {
                    if this.progress.attempts() == 0
                        && let Err(invalid) = this.progress.settings().validate()
                    {
                        this.state.set(State::Over);
                        return Poll::Ready(Err(RetryError::Invalid(invalid)));
                    }
                    let cut = Cut::new(this.progress.settings().config.attempt_timeout);
                    let attempt = this.progress.begin();
                    // Closures run here, to their end.
                    match cut.step(|| this.work.attempt(attempt)) {
                        Ok(attempt) => {
                            this.state.set(State::Runs { attempt, cut });
                            continue;
                        }
                        Err(cut) => Err(cut),
                    }
                }
                StateProjection::Runs { attempt, cut } => match cut.poll(attempt, cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(ended) => ended,
                },
                StateProjection::Waits { sleep, token, seen, .. } => {
                    let over = Pin::new(sleep).poll(cx).is_ready();
                    if !std::mem::replace(seen, true) {
                        // Even a pause of no length goes through here, for limits to be seen.
                        if over {
                            cx.waker().wake_by_ref();
                        }
                        return Poll::Pending;
                    }
                    if !over {
                        return Poll::Pending;
                    }
                    if let Some(stop) = Context::current().stopped() {
                        let attempts = this.progress.attempts();
                        let last = this.last.take();
                        this.state.set(State::Over);
                        this.progress.end(|counters| &counters.stopped);
                        return Poll::Ready(Err(RetryError::Stopped { stop, attempts, last }));
                    }
                    token.spend();
                    *this.last = None;
                    this.state.set(State::Next);
                    continue;
                }
                StateProjection::Over => panic!("a call was polled after it had ended"),
            };
            // The attempt goes before anything is said or waited for because of it.
            this.state.set(State::Over);
            let failed = match ended {
                Ok(Ok(value)) => {
                    this.progress.end(|counters| &counters.succeeded);
                    return Poll::Ready(Ok(value));
                }
                Ok(Err(error)) => Some(error),
                Err(CutOff) => None,
            };
            match this.progress.failed(failed, this.rules) {
                Ok(Pause { delay, token, last }) => {
                    *this.last = last;
                    let until = rt::now().checked_add(delay);
                    let sleep = rt::sleep(delay).into_kind();
                    this.state.set(State::Waits { sleep, until, token, seen: false });
                }
                Err(error) => {
                    this.progress.end(|counters| match &error {
                        RetryError::Stopped { .. } => &counters.stopped,
                        _ => &counters.gave_up,
                    });
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        let mut this = self.project();
        // An attempt that runs is dropped, and a token that was not used goes back.
        this.state.set(State::Over);
        this.progress.end(|counters| &counters.stopped);
        let attempts = this.progress.attempts();
        Err(RetryError::Stopped { stop, attempts, last: this.last.take() })
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match &self.state {
            State::Waits { until: Some(at), .. } => Subject::new("wait to call again").until(*at),
            State::Waits { .. } => Subject::new("wait to call again"),
            State::Next | State::Runs { .. } | State::Over => Subject::new("call, with retries"),
        }
    }
}
