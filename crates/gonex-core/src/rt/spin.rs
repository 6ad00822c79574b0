use std::hint;
use std::sync::OnceLock;
use std::thread;

/// A short wait in a loop, before a longer one in the system.
///
/// Parking a thread and waking it takes some microseconds, so for what comes sooner a few turns of
/// a loop are cheaper. Turns grow longer, and there are few of them: the whole wait is about what a
/// park costs, and nothing at all on a machine with one core.
///
/// ```
/// use gonex_core::rt::Spin;
///
/// let mut spin = Spin::new();
/// let turns = std::iter::repeat_with(|| spin.turn()).take_while(|more| *more).count();
/// assert!(turns < 100, "it ends soon");
/// ```
#[derive(Debug)]
pub struct Spin {
    turn: u32,
    turns: u32,
}

/// The first turn: shorter ones would only disturb who is about to end the wait.
const FIRST: u32 = 2;
/// So many turns are loops; behind them come some that give the core away.
const LOOPS: u32 = 6;
const YIELDS: u32 = 4;

impl Spin {
    /// Begins a wait.
    ///
    /// ```
    /// use gonex_core::rt::Spin;
    ///
    /// let mut spin = Spin::new();
    /// while spin.turn() {}
    /// assert!(!spin.turn(), "a wait that is over stays over; the next is a new one");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::until(LOOPS + YIELDS)
    }

    /// Begins a wait that never gives the core away.
    ///
    /// For a task, and for a thread that somebody is to wake: on a busy machine that gets a core sooner
    /// when it is parked than when it has yielded.
    ///
    /// ```
    /// use gonex_core::rt::Spin;
    ///
    /// let turns = |mut spin: Spin| std::iter::from_fn(|| spin.turn().then_some(())).count();
    /// assert!(turns(Spin::without_yielding()) <= turns(Spin::new()));
    /// ```
    #[must_use]
    pub fn without_yielding() -> Self {
        Self::until(LOOPS)
    }

    fn until(turns: u32) -> Self {
        let no_use = alone() || super::is_simulated();
        Self { turn: if no_use { turns } else { FIRST }, turns }
    }

    /// Waits for one turn. `false` says that it has been long enough.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use gonex_core::rt::Spin;
    ///
    /// let ready = AtomicBool::new(true);
    /// let mut spin = Spin::new();
    /// let came = loop {
    ///     if ready.load(Ordering::Acquire) {
    ///         break true;
    ///     }
    ///     if !spin.turn() {
    ///         break false; // here a thread parks
    ///     }
    /// };
    /// assert!(came);
    /// ```
    pub fn turn(&mut self) -> bool {
        if self.turn >= self.turns {
            return false;
        }
        if self.turn < LOOPS {
            for _ in 0..1 << self.turn {
                hint::spin_loop();
            }
        } else {
            thread::yield_now();
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
