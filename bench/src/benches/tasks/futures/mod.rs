//! Futures that are ready at once, or yield.

mod executor;
mod forgotten;
mod joined;
mod runtimes;
mod yields;

use std::error::Error;

use super::sizes::Sizes;
use crate::bar::Bar;
use crate::go::Beside;
use crate::rounds::Case;

/// Ours stands on tokio, and may cost a little more.
const fn close_to(rival: &'static str) -> Bar {
    Bar::Within { times: 1.1, rival }
}

pub fn cases(sizes: Sizes, go: &Beside) -> Result<Vec<Case>, Box<dyn Error>> {
    let runtimes = runtimes::Runtimes::start()?;
    Ok(vec![
        forgotten::outside(sizes.tasks, &runtimes),
        forgotten::within(sizes.tasks, &runtimes),
        joined::outside(sizes.tasks, &runtimes),
        joined::within(sizes.tasks, &runtimes),
        joined::one_by_one(sizes.awaited, &runtimes),
        yields::cases(sizes.tasks, &runtimes, go),
    ])
}
