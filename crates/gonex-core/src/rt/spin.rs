use std::hint;
use std::sync::OnceLock;
use std::thread;

/// A short wait in a loop, before a longer one in the system.
///
/// Parking a thread and waking it takes some microseconds, so for what comes sooner a few turns of
/// a loop are cheaper. Turns grow longer, and there are few of them: the whole wait is about what a
/// park costs, and nothing at all on a machine with one core.
#[derive(Debug)]
pub struct Spin {
    turn: u32,
}

const TURNS: u32 = 7;

impl Spin {
    /// Begins a wait.
    #[must_use]
    pub fn new() -> Self {
        Self { turn: if alone() { TURNS } else { 0 } }
    }

    /// Waits for one turn. `false` says that it has been long enough.
    pub fn turn(&mut self) -> bool {
        if self.turn >= TURNS {
            return false;
        }
        for _ in 0..1 << self.turn {
            hint::spin_loop();
        }
        self.turn += 1;
        true
    }
}

impl Default for Spin {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether there is no other core on which somebody could end the wait.
fn alone() -> bool {
    static ALONE: OnceLock<bool> = OnceLock::new();
    *ALONE.get_or_init(|| thread::available_parallelism().map_or(true, |cores| cores.get() == 1))
}
