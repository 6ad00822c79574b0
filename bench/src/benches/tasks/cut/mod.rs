//! Work that is cut up: forks that are joined, and data in parallel.

mod data;
mod forks;

use super::sizes::Sizes;
use crate::bar::Bar;
use crate::go::Beside;
use crate::rounds::Case;

/// Ours stands on rayon, and may cost hardly more.
const fn close_to(rival: &'static str) -> Bar {
    Bar::Within { times: 1.02, rival }
}

pub fn cases(sizes: Sizes, go: &Beside) -> Vec<Case> {
    vec![
        forks::fib(sizes.depth, go),
        data::sum(sizes.fine, go),
        data::map(sizes.fine, go),
        data::coarse(sizes.coarse, go),
    ]
}
