//! Closures that do nothing, or a little: by who gets what back, and from where they are started.

mod coarse;
mod forgotten;
mod joined;
mod one;
mod pools;
mod scoped;

use std::error::Error;

use super::sizes::Sizes;
use crate::go::Beside;
use crate::rounds::Case;

pub fn cases(sizes: Sizes, go: &Beside) -> Result<Vec<Case>, Box<dyn Error>> {
    let pools = pools::Pools::start()?;
    let count = sizes.tasks;
    Ok(vec![
        forgotten::outside(count, &pools, go),
        forgotten::within(count, &pools, go),
        joined::outside(count, &pools, go),
        joined::within(count, &pools, go),
        scoped::outside(count, &pools),
        scoped::within(count, &pools),
        one::by_one(sizes.awaited, &pools, go),
        coarse::each(sizes.coarse, &pools, go),
    ])
}
