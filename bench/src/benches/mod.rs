//! The benches: each a file or folder that makes cases.

pub mod channels;
mod pool;
mod story_lint;

use std::error::Error;

use crate::rounds::Case;

/// A bench that can be asked for.
pub struct Bench {
    pub name: &'static str,
    pub cases: fn(&Options) -> Result<Vec<Case>, Box<dyn Error>>,
    /// The packages whose versions stand above the figures.
    pub rivals: &'static [&'static str],
}

/// What a bench may want to know.
pub struct Options {
    /// Fewer operations, where the bench can.
    pub quick: bool,
}

pub const BENCHES: [Bench; 3] = [
    Bench { name: "channels", cases: channels::cases, rivals: &channels::RIVALS },
    Bench { name: "pool", cases: pool::cases, rivals: &["rayon"] },
    Bench { name: "story-lint", cases: story_lint::cases, rivals: &[] },
];

pub fn find(name: &str) -> Result<&'static Bench, Box<dyn Error>> {
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    bench.ok_or_else(|| format!("there is no bench `{name}`; --help lists them").into())
}
