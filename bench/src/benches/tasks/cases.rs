//! All cases, and what readers of their figures have to know.

use std::error::Error;
use std::num::NonZeroUsize;
use std::thread;

use super::sizes::Sizes;
use super::{closures, cut, futures};
use crate::benches::{Made, Options};
use crate::go::Beside;

/// The packages whose versions stand above the figures.
pub const RIVALS: [&str; 6] =
    ["rayon", "tokio", "forte", "rusty_pool", "threadpool", "async-executor"];

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let sizes = Sizes::new(options.quick);
    let go = Beside::start("tasks");
    let mut cases = closures::cases(sizes, &go)?;
    cases.extend(futures::cases(sizes, &go)?);
    cases.extend(cut::cases(sizes, &go));
    let notes = vec![
        go.note,
        "smol      is async-executor on as many threads as the machine has cores".to_owned(),
        "std       starts a thread for each task: so few a round as its name says, and times for one \
         all the same"
            .to_owned(),
        "memory    of parked tasks: gonex-bench parked".to_owned(),
    ];
    Ok(Made { cases, notes })
}

/// As many threads as each subject has.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
