//! How much of each case a round does.

/// Chosen so that 21 rounds of all cases end within a quarter of an hour on two cores of 2026.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Empty tasks.
    pub tasks: usize,
    /// Tasks that are started one after the other has ended.
    pub awaited: usize,
    /// Items of about a microsecond.
    pub coarse: usize,
    /// Items of about a nanosecond.
    pub fine: usize,
    /// Which number of Fibonacci is added up by forks.
    pub depth: u32,
}

impl Sizes {
    pub const fn new(quick: bool) -> Self {
        if quick {
            Self { tasks: 100_000, awaited: 1_000, coarse: 100_000, fine: 1_000_000, depth: 20 }
        } else {
            Self {
                tasks: 1_000_000,
                awaited: 10_000,
                coarse: 1_000_000,
                fine: 10_000_000,
                depth: 25,
            }
        }
    }
}
