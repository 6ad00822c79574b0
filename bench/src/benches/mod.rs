//! The benches: each a file or folder that makes cases.

pub mod channels;
pub mod parked;
mod pool;
mod story_lint;

use std::error::Error;

use crate::rounds::Case;

/// A bench that can be asked for.
pub struct Bench {
    pub name: &'static str,
    pub cases: Make,
    /// The packages whose versions stand above the figures.
    pub rivals: &'static [&'static str],
    /// How many rounds, unless asked for others.
    pub rounds: usize,
}

type Make = fn(&Options) -> Result<Vec<Case>, Box<dyn Error>>;

/// What a bench may want to know.
pub struct Options {
    /// Fewer operations, where the bench can.
    pub quick: bool,
}

/// Enough for an interval of a median.
const ROUNDS: usize = 21;

pub const BENCHES: [Bench; 4] = [
    Bench { name: "channels", cases: channels::cases, rivals: &channels::RIVALS, rounds: ROUNDS },
    // Memory hardly varies, and a million of anything takes its time.
    Bench { name: "parked", cases: parked::cases, rivals: &channels::RIVALS, rounds: 7 },
    Bench { name: "pool", cases: pool::cases, rivals: &["rayon"], rounds: ROUNDS },
    Bench { name: "story-lint", cases: story_lint::cases, rivals: &[], rounds: ROUNDS },
];

pub fn find(name: &str) -> Result<&'static Bench, Box<dyn Error>> {
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    bench.ok_or_else(|| format!("there is no bench `{name}`; --help lists them").into())
}
