//! A price service that fails, stalls and recovers, and three ways to ask it again: a plain call, a task
//! for each attempt, and many at once of which some are given up. Each prints its timeline.
//!
//! ```text
//! cargo run -p gonex --example retry
//! ```

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gonex::retry::{Jitter, Retrying};
use gonex::{
    BudgetConfig, Retry, RetryBudget, RetryError, TryError, go_all_with_retry, go_with_retry, rt,
};

/// What the service says when it has no price.
#[derive(Clone, Debug, PartialEq)]
enum Refusal {
    /// It may have one later.
    Overloaded,
    /// It never will.
    NoSuchItem,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overloaded => "overloaded",
            Self::NoSuchItem => "no such item",
        })
    }
}

impl Error for Refusal {}

/// Fails the first time it is asked, stalls the second time, and then has recovered.
#[derive(Default)]
struct Prices {
    asked: AtomicU32,
}

impl Prices {
    fn of(&self, item: &str) -> Result<u32, Refusal> {
        if item == "unicorn" {
            return Err(Refusal::NoSuchItem);
        }
        match self.asked.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Refusal::Overloaded),
            // A stall, in an operation that a limit can stop.
            1 => {
                rt::sleep(Duration::from_secs(3600)).block();
                Err(Refusal::Overloaded)
            }
            _ => Ok(42),
        }
    }
}

/// The policy for all of them: five attempts of 50 ms, delays from 10 ms on with chance in them, no more
/// retries than the budget has tokens for, and none for what does not exist.
fn policy(budget: &RetryBudget) -> Retry<gonex::retry::On<Refusal>> {
    Retry::exponential()
        .initial_delay(Duration::from_millis(10))
        .jitter(Jitter::Equal)
        .max_attempts(5)
        .attempt_timeout(Duration::from_millis(50))
        .budget(budget)
        .retry_if(|refusal| *refusal != Refusal::NoSuchItem)
        .notify(|retrying: &Retrying<'_, Refusal>| {
            let what = retrying.error.map_or("no answer in time".to_owned(), ToString::to_string);
            let number = retrying.attempt.number();
            println!("  attempt {number}: {what}; again in {:?}", retrying.delay);
        })
}

/// Asks on this thread.
fn plain(retry: &Retry<gonex::retry::On<Refusal>>) -> Result<u32, RetryError<Refusal>> {
    let prices = Prices::default();
    retry.call(|| prices.of("lamp")).block()
}

/// Asks in a task for each attempt.
fn in_tasks(
    retry: &Retry<gonex::retry::On<Refusal>>,
) -> Result<u32, RetryError<TryError<Refusal>>> {
    let prices = Prices::default();
    go_with_retry(retry.clone(), move || prices.of("lamp")).block()
}

/// Asks for many: yields how many have a price, and who was given up after how many attempts.
fn many(retry: &Retry<gonex::retry::On<Refusal>>) -> (usize, Vec<(usize, u32)>) {
    let prices = Arc::new(Prices::default());
    let work = ["lamp", "unicorn", "chair", "table"].map(|item| {
        let prices = prices.clone();
        move || prices.of(item)
    });
    let outcomes = go_all_with_retry(retry.clone(), work).block();
    let failed = outcomes.failed.iter().map(|failed| (failed.index, failed.attempts));
    (outcomes.succeeded.len(), failed.collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let budget = RetryBudget::new(BudgetConfig::default())?;
    let retry = policy(&budget);
    println!("a plain call:");
    println!("  the price is {}", plain(&retry)?);
    println!("a task for each attempt:");
    println!("  the price is {}", in_tasks(&retry)?);
    println!("many at once:");
    let (found, given_up) = many(&retry);
    println!("  {found} prices; given up: {given_up:?}");
    let metrics = retry.metrics();
    println!(
        "{} calls, {} attempts, {:?} waited, {} tokens left",
        metrics.calls,
        metrics.attempts,
        metrics.total_delay,
        budget.available(),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_recovers_and_what_does_not_exist_is_not_asked_for_again() {
        let budget = RetryBudget::new(BudgetConfig::default()).unwrap();
        let retry = policy(&budget);
        assert_eq!(plain(&retry), Ok(42));
        assert_eq!(retry.metrics().attempts, 3);
        assert_eq!(in_tasks(&retry), Ok(42));
        assert_eq!(retry.metrics().attempts, 6);
        let (found, given_up) = many(&retry);
        assert_eq!((found, given_up), (3, vec![(1, 1)]));
        assert_eq!((retry.metrics().succeeded, retry.metrics().gave_up), (5, 1));
    }
}
