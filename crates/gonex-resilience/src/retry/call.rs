use std::fmt;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Context, Instant, Kind, Stop};
use pin_project_lite::pin_project;

use super::budget::Token;
use super::progress::{Pause, Progress};
use super::{RetryError, Rules, Work};
use crate::cut::{Cut, CutOff};

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
        // Stands elsewhere: a call whose first attempt succeeds never waits, and is moved before it is polled.
        Waits { wait: Box<Wait> },
        Over,
    }
}

/// A pause before the next attempt.
struct Wait {
    sleep: Sleep,
    until: Option<Instant>,
    token: Token,
    seen: bool,
}

impl<A> State<A> {
    fn waits(delay: Duration, token: Token) -> Self {
        let until = rt::now().checked_add(delay);
        let sleep = rt::sleep(delay).into_kind();
        Self::Waits { wait: Box::new(Wait { sleep, until, token, seen: false }) }
    }
}

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

impl<K, R> Kind for Call<K, R>
where
    K: Work,
    R: Rules<K::Error>,
{
    type Output = Result<K::Value, RetryError<K::Error>>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        let settings = self.progress.settings();
        let is_plain = settings.is_valid && settings.config.attempt_timeout.is_none();
        if !is_plain || !matches!(self.state, State::Next) || self.progress.attempts() > 0 {
            return None;
        }
        // Also after a panic of what is called.
        self.state = State::Over;
        let attempt = self.progress.begin(K::LOOKS || self.rules.listens());
        let error = match self.work.attempt_at_once(attempt) {
            Ok(Ok(value)) => {
                self.progress.end(|counters| &counters.succeeded);
                return Some(Ok(value));
            }
            Ok(Err(error)) => error,
            Err(attempt) => {
                self.state = State::Runs { attempt, cut: Cut::default() };
                return None;
            }
        };
        match self.progress.pause(Some(error), &self.rules) {
            Ok(Pause { delay, token, last }) => {
                self.last = last;
                self.state = State::waits(delay, token);
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let ended = match this.state.as_mut().project() {
                StateProjection::Next => {
                    if !this.progress.settings().is_valid
                        && let Err(invalid) = this.progress.settings().validate()
                    {
                        this.state.set(State::Over);
                        return Poll::Ready(Err(RetryError::Invalid(invalid)));
                    }
                    let cut = Cut::new(this.progress.settings().config.attempt_timeout);
                    let attempt = this.progress.begin(K::LOOKS || this.rules.listens());
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
                StateProjection::Waits { wait } => {
                    let Wait { sleep, token, seen, .. } = &mut **wait;
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
            match this.progress.pause(failed, this.rules) {
                Ok(Pause { delay, token, last }) => {
                    *this.last = last;
                    this.state.set(State::waits(delay, token));
                }
                Err(error) => return Poll::Ready(Err(error)),
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
            State::Waits { wait } => {
                let subject = Subject::new("wait to call again");
                if let Some(at) = wait.until { subject.until(at) } else { subject }
            }
            State::Next | State::Runs { .. } | State::Over => Subject::new("call, with retries"),
        }
    }
}
