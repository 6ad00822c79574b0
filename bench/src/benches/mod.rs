//! The benches: each a file or folder that makes cases.

mod balance;
mod buffers;
pub mod channels;
mod layers;
pub mod parked;
mod pool;
mod resilience;
mod story_lint;
mod tasks;

use std::error::Error;

use crate::rounds::Case;

/// A bench that can be asked for.
pub struct Bench {
    pub name: &'static str,
    pub make: Make,
    /// The packages whose versions stand above the figures.
    pub rivals: &'static [&'static str],
    /// How many rounds, unless asked for others.
    pub rounds: usize,
    /// Is ours to be as good as its rivals here? Where it is not, they are no peers.
    pub has_bar: bool,
    pub layout: Layout,
}

/// How plots and documents show the cases of a bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The same subjects do all cases: a column for each.
    Matrix,
    /// Each case has subjects of its own.
    List,
    /// Each case is a `{work}: {measure}`, and values are shown as ratios to one subject.
    Ratios {
        /// Which one.
        to: &'static str,
    },
}

type Make = fn(&Options) -> Result<Made, Box<dyn Error>>;

/// What a bench is going to run.
pub struct Made {
    pub cases: Vec<Case>,
    /// What readers of the figures have to know, a line each.
    pub notes: Vec<String>,
}

impl From<Vec<Case>> for Made {
    fn from(cases: Vec<Case>) -> Self {
        Self { cases, notes: Vec::new() }
    }
}

/// What a bench may want to know.
pub struct Options {
    /// Fewer operations, where the bench can.
    pub quick: bool,
}

/// Enough for an interval of a median.
const ROUNDS: usize = 21;

pub const BENCHES: [Bench; 9] = [
    Bench {
        name: "balance",
        make: balance::cases,
        rivals: &[],
        rounds: 41,
        has_bar: false,
        layout: Layout::Ratios { to: "least-busy" },
    },
    Bench {
        name: "buffers",
        make: buffers::cases,
        rivals: &["lockfree-object-pool", "opool"],
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "channels",
        make: channels::cases,
        rivals: &channels::RIVALS,
        rounds: ROUNDS,
        has_bar: true,
        layout: Layout::Matrix,
    },
    Bench {
        name: "parked",
        make: parked::cases,
        rivals: &parked::RIVALS,
        // Memory hardly varies, and a million of anything takes its time.
        rounds: 7,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "pool",
        make: pool::cases,
        rivals: &["rayon", "rusty_pool", "threadpool", "tokio"],
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "resilience",
        make: resilience::cases,
        rivals: &resilience::RIVALS,
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "tasks",
        make: tasks::cases,
        rivals: &tasks::RIVALS,
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "layers",
        make: layers::cases,
        rivals: &["rayon", "tokio"],
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
    Bench {
        name: "story-lint",
        make: story_lint::cases,
        rivals: &[],
        rounds: ROUNDS,
        has_bar: false,
        layout: Layout::List,
    },
];

pub fn find(name: &str) -> Result<&'static Bench, Box<dyn Error>> {
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    bench.ok_or_else(|| format!("there is no bench `{name}`; --help lists them").into())
}
