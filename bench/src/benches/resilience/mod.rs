//! What a policy costs a call that it has nothing against: limiters, keyed limiters, breakers, bulkheads,
//! retries, time-outs, and several around one call; and what a refusal costs.
//!
//! Each is measured on one thread, on two that share it, and on two that have one each. What is called does
//! nothing, so all that is measured is the policy.

mod breakers;
mod bulkheads;
mod limiters;
mod party;
mod retries;
mod services;
mod stacks;
mod timeouts;

use std::error::Error;

use crate::benches::{Made, Options};
use party::Drivers;

/// The packages whose versions stand above the figures.
pub const RIVALS: [&str; 9] = [
    "governor",
    "leaky-bucket",
    "ratelimit",
    "failsafe",
    "recloser",
    "tower",
    "tower-resilience",
    "backon",
    "tokio",
];

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let count = if options.quick { 20_000 } else { 60_000 };
    let drivers = Drivers::new()?;
    let mut cases = limiters::cases(count, &drivers)?;
    cases.extend(breakers::cases(count, &drivers)?);
    cases.extend(bulkheads::cases(count, &drivers)?);
    cases.extend(retries::cases(count, &drivers)?);
    cases.extend(timeouts::cases(count, &drivers)?);
    cases.extend(stacks::cases(count, &drivers)?);
    let notes = vec![
        "threads   of two, each makes all the calls that one makes alone: the same value says that they do not \
         meet"
            .to_owned(),
        "service   a layer of tower around a service that answers at once: ready, call, await".to_owned(),
        "keys      nobody else has breakers by key, so only limiters are measured by key".to_owned(),
    ];
    Ok(Made { cases, notes })
}
