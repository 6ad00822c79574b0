use std::sync::Arc;
use std::time::Duration;

use gonex_core::{Context, Instant, Stop, rt};

use super::budget::Token;
use super::counters::Counters;
use super::policy::Shared;
use super::settings::Settings;
use super::{Attempt, FailedAttempt, Jitter, RetryError, Retrying, Rules};
use crate::counted::Counter;
use crate::moment::nanos;

/// Of so many failed attempts the history tells.
const KEPT: usize = 32;

/// How far one call has come: its attempts and delays, and what is counted of them.
#[derive(Debug)]
pub(super) struct Progress {
    shared: Arc<Shared>,
    /// The settings, where they are not those that the policy was made with.
    changed: Option<Arc<Settings>>,
    /// The attempt that runs, or ran last; its number is 0 before the first one.
    attempt: Attempt,
    /// When the first attempt and the latest one began, where somebody may ask for that.
    began: Option<(Instant, Instant)>,
    /// Since when it waits for the next one.
    waits_since: Option<Instant>,
    /// The delay before the latest attempt.
    before: Option<Duration>,
    /// Whether the end has been counted.
    ended: bool,
}

/// What is waited for before the next attempt.
#[derive(Debug)]
pub(super) struct Pause<E> {
    pub(super) delay: Duration,
    pub(super) token: Token,
    /// What the last attempt failed with.
    pub(super) last: Option<E>,
}

impl Progress {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let changed = shared.changed();
        let settings = changed.as_deref().unwrap_or(&shared.made_with);
        let max_attempts = settings.config.max_attempts;
        let elapsed = Duration::ZERO;
        let attempt = Attempt { number: 0, max_attempts, elapsed, history: Vec::new() };
        let (began, waits_since, before) = (None, None, None);
        Self { shared, changed, attempt, began, waits_since, before, ended: false }
    }

    pub(super) fn settings(&self) -> &Settings {
        self.changed.as_deref().unwrap_or(&self.shared.made_with)
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempt.number
    }

    fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Begins the next attempt. `watched` says whether somebody may ask how long attempts take and when
    /// they begin: if nobody does, no clock is read.
    pub(super) fn begin(&mut self, watched: bool) -> &Attempt {
        self.waited();
        if self.attempt.number == 0 {
            self.counters().calls.add(1);
            if let Some(budget) = &self.settings().budget {
                budget.call();
            }
        } else {
            self.counters().retries.add(1);
        }
        self.attempt.number = self.attempt.number.saturating_add(1);
        if watched || self.settings().config.max_elapsed.is_some() {
            let now = rt::now();
            let first = self.began.map_or(now, |(first, _)| first);
            self.began = Some((first, now));
            self.attempt.elapsed = now.saturating_duration_since(first);
        }
        &self.attempt
    }

    /// Decides what follows an attempt that failed with this error, or without one was cut off.
    fn failed<E>(
        &mut self,
        error: Option<E>,
        rules: &impl Rules<E>,
    ) -> Result<Pause<E>, RetryError<E>> {
        let now = rt::now();
        let (first, latest) = self.began.unwrap_or((now, now));
        let attempts = self.attempts();
        let settings = self.settings();
        let config = &settings.config;
        let around = Context::current();
        // Goes first: what an attempt fails with then mostly follows from it.
        if let Some(stop) = around.stopped() {
            return Err(RetryError::Stopped { stop, attempts, last: error });
        }
        let last = match error {
            Some(last) if !rules.retries(&last) => {
                return Err(RetryError::Rejected { attempts, last });
            }
            other => other,
        };
        if !settings.allows_after(attempts) {
            return Err(RetryError::Exhausted { attempts, last });
        }
        let asked = last.as_ref().and_then(|error| rules.retry_after(error));
        let last = match (asked, last) {
            (Some(retry_after), Some(last)) if retry_after > config.max_delay => {
                return Err(RetryError::Deferred { attempts, retry_after, last });
            }
            (_, last) => last,
        };
        let random = if config.jitter == Jitter::None { 0 } else { rt::random() };
        let drawn = settings.drawn(attempts, self.before, random);
        let delay = drawn.max(asked.unwrap_or_default());
        let elapsed = now.saturating_duration_since(first);
        if config.max_elapsed.is_some_and(|max| elapsed.saturating_add(delay) > max) {
            return Err(RetryError::Elapsed { attempts, elapsed, last });
        }
        // An attempt that could not begin in time is not worth the wait for it.
        let next = now.checked_add(delay);
        if around.deadline().is_some_and(|end| next.is_none_or(|next| next >= end)) {
            return Err(RetryError::Stopped { stop: Stop::Timeout, attempts, last });
        }
        let Some(token) = Token::of(settings.budget.as_ref()) else {
            return Err(RetryError::OverBudget { attempts, last });
        };
        rules.notify(&Retrying::new(last.as_ref(), &self.attempt, delay));
        let took = now.saturating_duration_since(latest);
        self.remember(FailedAttempt { number: attempts, took, timed_out: last.is_none(), delay });
        self.waits_since = Some(now);
        self.before = Some(delay);
        Ok(Pause { delay, token, last })
    }

    /// Decides the same, and counts the end if there is no further attempt.
    pub(super) fn pause<E>(
        &mut self,
        error: Option<E>,
        rules: &impl Rules<E>,
    ) -> Result<Pause<E>, RetryError<E>> {
        let decided = self.failed(error, rules);
        if let Err(error) = &decided {
            self.end(|counters| match error {
                RetryError::Stopped { .. } => &counters.stopped,
                _ => &counters.gave_up,
            });
        }
        decided
    }

    fn remember(&mut self, failed: FailedAttempt) {
        let history = &mut self.attempt.history;
        if history.len() == KEPT {
            history.remove(0);
        }
        history.push(failed);
    }

    /// Counts the delay, waited to its end or not.
    fn waited(&mut self) {
        if let Some(since) = self.waits_since.take() {
            let delay = rt::now().saturating_duration_since(since);
            self.counters().total_delay.add(nanos(delay));
        }
    }

    /// Counts how the call ended.
    pub(super) fn end(&mut self, how: impl FnOnce(&Counters) -> &Counter) {
        self.waited();
        // A policy that cannot be used has begun nothing.
        if self.attempt.number > 0 && !std::mem::replace(&mut self.ended, true) {
            how(self.counters()).add(1);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end(|counters| &counters.abandoned);
    }
}
