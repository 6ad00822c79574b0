//! The benches: each a file that makes cases.

mod pool;
mod story_lint;

use std::error::Error;

use crate::rounds::Case;

pub const NAMES: [(&str, Make); 2] = [("pool", pool::cases), ("story-lint", story_lint::cases)];

type Make = fn() -> Result<Vec<Case>, Box<dyn Error>>;

pub fn cases(name: &str) -> Result<Vec<Case>, Box<dyn Error>> {
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some((_, make)) => make(),
        None => Err(format!("there is no bench `{name}`").into()),
    }
}
