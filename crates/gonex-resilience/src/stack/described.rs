//! What policies will do, in words.

use crate::RetryConfig;
use crate::adaptive::{AdaptiveConfig, Algorithm};
use crate::breaker::{BreakerConfig, WindowKind};
use crate::chaos::ChaosConfig;
use crate::hedge::{HedgeConfig, HedgeDelay};
use crate::shed::{Priority, ShedConfig};
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

fn percent(share: f64) -> f64 {
    (share * 100.0).round()
}

pub(super) fn hedge(config: &HedgeConfig) -> String {
    let when = match config.delay {
        HedgeDelay::Fixed { delay } => show(delay),
        HedgeDelay::Percentile { share, most } => {
            format!("what {} % of answers take, {} at most", percent(share), show(most))
        }
    };
    format!("hedge: asks again after {when}, {} times in all at most", config.max_attempts)
}

pub(super) fn adaptive(config: &AdaptiveConfig) -> String {
    let AdaptiveConfig { min_limit, max_limit, .. } = config;
    let by = match config.algorithm {
        Algorithm::Aimd { .. } => "drops",
        Algorithm::Vegas { .. } => "the fastest time",
        Algorithm::Gradient { .. } => "the long average of times",
    };
    format!("adaptive limit: {min_limit} to {max_limit} at once, as {by} says")
}

pub(super) fn shed(config: &ShedConfig, priority: Priority) -> String {
    let places =
        config.places(priority).map_or_else(String::new, |places| format!(" when {places} run"));
    let late = config.target.map_or_else(String::new, |target| {
        format!(" when calls wait for longer than {}", show(target))
    });
    let or = if places.is_empty() || late.is_empty() { "" } else { ", or" };
    format!("load shedder: refuses calls of {priority} priority{places}{or}{late}")
}

pub(super) fn chaos(config: &ChaosConfig) -> String {
    let ChaosConfig { seed, delays, errors, panics, .. } = config;
    let (delays, errors, panics) = (percent(*delays), percent(*errors), percent(*panics));
    format!("chaos: {delays} % wait, {errors} % fail, {panics} % panic, by seed {seed}")
}
