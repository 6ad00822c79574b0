//! What policies will do, in words.

use crate::RetryConfig;
use crate::breaker::{BreakerConfig, WindowKind};
use crate::span::show;

pub(super) fn retry(config: &RetryConfig) -> String {
    let attempts = match config.max_attempts {
        Some(1) => return "retry: one attempt, so none".to_owned(),
        Some(attempts) => format!("{attempts} attempts at most"),
        None => "attempts without a number".to_owned(),
    };
    let elapsed =
        config.max_elapsed.map_or_else(String::new, |most| format!(" within {}", show(most)));
    let (first, most) = (show(config.initial_delay), show(config.max_delay));
    format!("retry: {attempts}{elapsed}, {} delays from {first} to {most}", config.strategy)
}

pub(super) fn breaker(config: &BreakerConfig) -> String {
    let percent = (config.failure_rate * 100.0).round();
    let opens = match config.window {
        WindowKind::Consecutive { failures } => format!("{failures} failures one after the other"),
        WindowKind::Count { calls } => format!("{percent} % failures in {calls} calls"),
        WindowKind::Time { length, .. } => format!("{percent} % failures in {}", show(length)),
    };
    format!("breaker: opens for {} at {opens}", show(config.break_duration))
}
