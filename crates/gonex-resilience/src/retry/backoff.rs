//! The laws of the delay, as arithmetic on nanoseconds that never overflows: any attempt, any
//! configuration, checked or not.

use std::time::Duration;

use super::{Jitter, RetryConfig, Strategy};

/// A delay as the program's own function says.
pub(super) type Custom = dyn Fn(u32) -> Duration + Send + Sync;

/// Nanoseconds; 584 years at most.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// The delay after this attempt failed, counted from 1, without chance and no longer than the maximum.
pub(super) fn delay(config: &RetryConfig, custom: Option<&Custom>, attempt: u32) -> Duration {
    let attempt = attempt.max(1);
    let initial = nanos(config.initial_delay);
    let grown = match config.strategy {
        Strategy::Fixed => initial,
        Strategy::Linear => initial.saturating_mul(attempt.into()),
        Strategy::Exponential => {
            let steps = i32::try_from(attempt - 1).unwrap_or(i32::MAX);
            let factor = config.multiplier.powi(steps);
            // A fraction of 53 bits rounds what is longer than 104 days: what is not to grow does not
            // go through it. The cast saturates, and takes what is no number for 0.
            if factor > 1.0 { ((initial as f64 * factor) as u64).max(initial) } else { initial }
        }
        Strategy::Fibonacci => initial.saturating_mul(fibonacci(attempt)),
        Strategy::Custom => custom.map_or(initial, |law| nanos(law(attempt))),
    };
    Duration::from_nanos(grown).min(config.max_delay)
}

/// The delay with its share of chance. `before` is the one that was waited before, if any.
pub(super) fn jittered(
    config: &RetryConfig,
    delay: Duration,
    before: Option<Duration>,
    random: u64,
) -> Duration {
    let whole = nanos(delay);
    let initial = nanos(config.initial_delay);
    let drawn = match config.jitter {
        Jitter::None => whole,
        Jitter::Full => between(0, whole, random),
        Jitter::Equal => between(whole.div_ceil(2), whole, random),
        Jitter::Decorrelated => {
            let top = before.map_or(initial, nanos).saturating_mul(3);
            between(initial, top.max(initial), random)
        }
    };
    Duration::from_nanos(drawn).min(config.max_delay)
}

/// A number from `low` to `high`, both included, as `random` of 2^64 says.
fn between(low: u64, high: u64, random: u64) -> u64 {
    let width = u128::from(high - low) + 1;
    // Below `width`, which fits the sum into what `high` is.
    low + ((width * u128::from(random)) >> 64) as u64
}

/// 1, 1, 2, 3, 5, and so on.
fn fibonacci(index: u32) -> u64 {
    let (mut this, mut next) = (1_u64, 1_u64);
    // The 94th is beyond 64 bits.
    for _ in 1..index.min(95) {
        (this, next) = (next, this.saturating_add(next));
    }
    this
}
