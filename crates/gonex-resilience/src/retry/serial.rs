//! Configurations as they are written in files: lenient where seeds and people differ, and strict about
//! what is meant. All that is wrong is said at once, wrong numbers and unknown names included.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RetryConfig;
use crate::{InvalidConfig, Problems, span};

/// A length of time, or what was written instead.
#[derive(Deserialize)]
#[serde(untagged)]
enum Span {
    Millis(i64),
    Text(String),
}

/// A number, or a word that stands for one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(i64),
    Word(String),
}

/// A switch, or a name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Switch {
    On(bool),
    Name(String),
}

/// What is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    #[serde(alias = "backoff_strategy", alias = "backoffStrategy")]
    strategy: Option<String>,
    #[serde(alias = "initialDelay")]
    initial_delay: Option<Span>,
    #[serde(alias = "maxDelay")]
    max_delay: Option<Span>,
    multiplier: Option<f64>,
    jitter: Option<Switch>,
    #[serde(alias = "maxAttempts")]
    max_attempts: Option<Count>,
    #[serde(alias = "maxRetries", alias = "retry_attempts", alias = "retryAttempts")]
    max_retries: Option<i64>,
    #[serde(alias = "maxElapsed")]
    max_elapsed: Option<Span>,
    #[serde(alias = "attemptTimeout")]
    attempt_timeout: Option<Span>,
}

/// The word for no limit.
const UNLIMITED: &str = "unlimited";

/// A number, or a word that stands for one, as it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Number(u32),
    Word(&'static str),
}

/// What is written.
#[derive(Serialize)]
pub(super) struct Written {
    strategy: String,
    initial_delay: String,
    max_delay: String,
    multiplier: f64,
    jitter: String,
    max_attempts: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_elapsed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt_timeout: Option<String>,
}

impl TryFrom<Read> for RetryConfig {
    type Error = InvalidConfig;

    fn try_from(read: Read) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        let defaults = Self::default();
        let jitter = match read.jitter {
            Some(Switch::On(on)) => Some(if on { "full" } else { "none" }.to_owned()),
            Some(Switch::Name(name)) => Some(name),
            None => None,
        };
        let attempts = attempts(read.max_attempts, read.max_retries, &mut problems);
        let config = Self {
            strategy: named("strategy", read.strategy, &mut problems).unwrap_or(defaults.strategy),
            initial_delay: length("initial_delay", read.initial_delay, &mut problems)
                .unwrap_or(defaults.initial_delay),
            max_delay: length("max_delay", read.max_delay, &mut problems)
                .unwrap_or(defaults.max_delay),
            multiplier: read.multiplier.unwrap_or(defaults.multiplier),
            jitter: named("jitter", jitter, &mut problems).unwrap_or(defaults.jitter),
            max_attempts: attempts.unwrap_or(defaults.max_attempts),
            max_elapsed: length("max_elapsed", read.max_elapsed, &mut problems),
            attempt_timeout: length("attempt_timeout", read.attempt_timeout, &mut problems),
        };
        problems.add_all(config.validate());
        problems.finish().map(|()| config)
    }
}

/// Reads the two ways to limit attempts: `None` where neither is there, `Some(None)` for no limit.
fn attempts(
    attempts: Option<Count>,
    retries: Option<i64>,
    problems: &mut Problems,
) -> Option<Option<u32>> {
    if let (Some(_), Some(retries)) = (&attempts, retries) {
        let reason = "`max_attempts` is given, too, and says the same with the first call counted";
        problems.add("max_retries", retries, reason, "one of the two");
    }
    match (attempts, retries) {
        (Some(Count::Word(word)), _) if word == UNLIMITED => Some(None),
        (Some(Count::Word(word)), _) => {
            problems.add("max_attempts", word, "it is no number", "a number, or `unlimited`");
            None
        }
        (Some(Count::Number(number)), _) => {
            let read = u32::try_from(number);
            if read.is_err() {
                let reason = "it is not between 1 and 4294967295";
                problems.add("max_attempts", number, reason, "a number of calls, such as 3");
            }
            read.ok().map(Some)
        }
        (None, Some(number)) => {
            let read = u32::try_from(number).ok().and_then(|extra| extra.checked_add(1));
            if read.is_none() {
                let reason = "it is not between 0 and 4294967294";
                problems.add("max_retries", number, reason, "a number of extra calls, such as 2");
            }
            read.map(Some)
        }
        (None, None) => None,
    }
}

fn named<T: FromStr<Err = String>>(
    field: &str,
    name: Option<String>,
    problems: &mut Problems,
) -> Option<T> {
    let name = name?;
    let parsed = name.parse();
    parsed.map_err(|remedy| problems.add(field, name, "there is no such thing", remedy)).ok()
}

fn length(field: &str, span: Option<Span>, problems: &mut Problems) -> Option<Duration> {
    let (written, read) = match span? {
        Span::Millis(millis) => (millis.to_string(), span::from_millis(millis)),
        Span::Text(text) => (format!("{text:?}"), span::parse(&text)),
    };
    read.map_err(|reason| problems.add(field, written, reason, span::REMEDY)).ok()
}

impl From<RetryConfig> for Written {
    fn from(config: RetryConfig) -> Self {
        Self {
            strategy: config.strategy.to_string(),
            initial_delay: span::show(config.initial_delay),
            max_delay: span::show(config.max_delay),
            multiplier: config.multiplier,
            jitter: config.jitter.to_string(),
            max_attempts: config.max_attempts.map_or(Shown::Word(UNLIMITED), Shown::Number),
            max_elapsed: config.max_elapsed.map(span::show),
            attempt_timeout: config.attempt_timeout.map(span::show),
        }
    }
}
