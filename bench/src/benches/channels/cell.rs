//! What a cell of the matrix is: who sends to whom, over what, waiting how.

use std::fmt;

/// Who sends to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// So many senders and receivers on one channel; the messages are split evenly.
    Flow { senders: usize, receivers: usize },
    /// Two channels, one message to and fro; a round trip counts as one.
    PingPong,
    /// So many senders, each on its own channel, and one receiver that selects over all.
    Select(usize),
}

/// How many messages a channel holds before senders wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    Bounded(usize),
    Unbounded,
}

/// How the parties wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each party is a thread.
    Blocking,
    /// Each party is a thread, and beside them one thread for each core burns CPU time.
    Busy,
    /// Each party is a task on a tokio runtime with two workers.
    AsyncMulti,
    /// Each party is a task on a current-thread tokio runtime.
    AsyncCurrent,
}

/// One square of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub shape: Shape,
    pub capacity: Capacity,
    pub mode: Mode,
    /// As many threads as four for each core, half of them senders.
    pub oversubscribed: bool,
}

impl Shape {
    pub const ALL: [Self; 7] = [
        Self::Flow { senders: 1, receivers: 1 },
        Self::Flow { senders: 4, receivers: 1 },
        Self::Flow { senders: 1, receivers: 4 },
        Self::Flow { senders: 4, receivers: 4 },
        Self::PingPong,
        Self::Select(2),
        Self::Select(8),
    ];
}

impl Capacity {
    pub const ALL: [Self; 4] =
        [Self::Bounded(0), Self::Bounded(1), Self::Bounded(128), Self::Unbounded];
}

impl Mode {
    pub const fn is_async(self) -> bool {
        matches!(self, Self::AsyncMulti | Self::AsyncCurrent)
    }
}

impl Cell {
    /// Every cell: the matrix, then the oversubscribed block.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for mode in [Mode::Blocking, Mode::AsyncMulti, Mode::AsyncCurrent] {
            for shape in Shape::ALL {
                for capacity in Capacity::ALL {
                    cells.push(Self { shape, capacity, mode, oversubscribed: false });
                }
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shape = Shape::Flow { senders: 2 * cores, receivers: 2 * cores };
        for mode in [Mode::Blocking, Mode::Busy] {
            for capacity in Capacity::ALL {
                cells.push(Self { shape, capacity, mode, oversubscribed: true });
            }
        }
        cells
    }

    /// How many messages a run sends, so that it takes some 20 to 60 ms on two cores of 2026:
    /// always a multiple of 16, so that it splits evenly.
    pub fn count(&self, quick: bool) -> u64 {
        let waits = self.capacity == Capacity::Bounded(0);
        let hands = matches!(self.capacity, Capacity::Bounded(0 | 1));
        let thousands = match (self.shape, self.mode.is_async()) {
            (Shape::PingPong, false) => 8,
            (Shape::PingPong, true) => 64,
            (Shape::Flow { .. }, false) if waits => 32,
            (Shape::Flow { .. }, false) if hands => 96,
            (Shape::Flow { .. }, false) => 480,
            (Shape::Flow { .. }, true) if hands => 128,
            (Shape::Flow { .. }, true) => 480,
            (Shape::Select(_), false) if waits => 16,
            (Shape::Select(_), false) if hands => 48,
            (Shape::Select(2), false) => 192,
            (Shape::Select(2), true) => 160,
            (Shape::Select(_), _) => 96,
        };
        if quick { thousands * 96 } else { thousands * 1000 }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow { senders, receivers } => write!(f, "{senders}x{receivers}"),
            Self::PingPong => f.write_str("ping-pong"),
            Self::Select(arms) => write!(f, "select-{arms}"),
        }
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounded(capacity) => capacity.fmt(f),
            Self::Unbounded => f.write_str("unbounded"),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blocking => "blocking",
            Self::Busy => "blocking-busy",
            Self::AsyncMulti => "async-multi",
            Self::AsyncCurrent => "async-current",
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.oversubscribed { "oversubscribed " } else { "" };
        write!(f, "{prefix}{} {} {}", self.shape, self.capacity, self.mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_people_ask_for() {
        let names: Vec<String> = Cell::all().iter().map(Cell::to_string).collect();
        for name in
            ["1x1 0 blocking", "ping-pong 128 async-multi", "select-8 unbounded async-current"]
        {
            assert!(names.iter().any(|known| known == name), "{name} is missing");
        }
        assert_eq!(names.len(), 7 * 4 * 3 + 2 * 4);
    }

    #[test]
    fn counts_split_evenly() {
        for cell in Cell::all() {
            for quick in [false, true] {
                assert_eq!(cell.count(quick) % 16, 0, "{cell}");
            }
        }
    }
}
