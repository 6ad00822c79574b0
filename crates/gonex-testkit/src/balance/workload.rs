use std::time::Duration;

use gonex_runtime::balance::{TaskKind, TaskView};
use gonex_sync::distribute::KeyHash;

use super::scene::{Scene, SimTask, SimWorker};
use crate::dice::Dice;

/// Work of a known kind, of which a seed makes a [`Scene`].
///
/// All have 4,000 tasks for 8 workers. Where tasks come by themselves, they keep the workers busy for
/// four fifths of the time on average.
///
/// ```
/// use gonex_testkit::balance::Workload;
///
/// let names: Vec<_> = Workload::all().iter().map(|workload| workload.name).collect();
/// assert_eq!(names[..3], ["bimodal", "heavy tail", "slow worker"]);
/// let bimodal = Workload::find("bimodal").unwrap();
/// assert_eq!(bimodal.scene(1).tasks, bimodal.scene(1).tasks);
/// assert_ne!(bimodal.scene(1).tasks, bimodal.scene(2).tasks);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Workload {
    /// What it is called.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Whether there is something to learn: what a task costs follows from its kind and size, or one
    /// worker is not like another.
    pub can_be_learned: bool,
    make: fn(&Dice) -> Scene,
}

const TASKS: usize = 4_000;
const WORKERS: usize = 8;
/// The share of the time in which the workers are busy, where tasks come by themselves.
const LOAD: f64 = 0.8;

const ALL: &[Workload] = &[
    Workload {
        name: "bimodal",
        about: "nine of ten tasks are small and the tenth is twenty times as large; sizes are known",
        can_be_learned: true,
        make: bimodal,
    },
    Workload {
        name: "heavy tail",
        about: "sizes are known and follow Pareto's law with exponent 1.3, so a few tasks are a good part of \
                the work",
        can_be_learned: true,
        make: heavy_tail,
    },
    Workload {
        name: "slow worker",
        about: "tasks are much alike, and one worker takes four times as long as the others",
        can_be_learned: true,
        make: slow_worker,
    },
    Workload {
        name: "bursts",
        about: "five kinds of task without sizes, of 1 to 30 ms, come in bursts of forty",
        can_be_learned: true,
        make: bursts,
    },
    Workload {
        name: "drift",
        about: "of three kinds one becomes slower all the time and another faster, and halfway one worker \
                becomes slow",
        can_be_learned: true,
        make: drift,
    },
    Workload {
        name: "specialists",
        about: "half of the workers are twice as fast at one of two kinds as at the other, and half the other \
                way round",
        can_be_learned: true,
        make: specialists,
    },
    Workload {
        name: "unknowable",
        about: "a few tasks are twenty times as long as the rest, and nothing says which",
        can_be_learned: false,
        make: unknowable,
    },
    Workload {
        name: "even",
        about: "all tasks are the same, and all workers",
        can_be_learned: false,
        make: even,
    },
];

impl Workload {
    /// All of them.
    #[must_use]
    pub const fn all() -> &'static [Self] {
        ALL
    }

    /// The one with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|workload| workload.name == name)
    }

    /// What a seed makes of it.
    #[must_use]
    pub fn scene(&self, seed: u64) -> Scene {
        (self.make)(&Dice::new(seed, 3))
    }
}

const KINDS: [TaskKind; 5] = [
    TaskKind::named("parse"),
    TaskKind::named("query"),
    TaskKind::named("render"),
    TaskKind::named("resize"),
    TaskKind::named("index"),
];

/// A task before it is known when it comes: its kind, its size if that is known, and its cost in ms.
type Drawn = (TaskKind, u64, f64);

fn bimodal(dice: &Dice) -> Scene {
    let task = |_| {
        let units = if dice.fraction() < 0.1 { 20.0 } else { 1.0 } * (0.5 + dice.fraction());
        (KINDS[0], (units * 1_000.0) as u64, 0.2 + units)
    };
    scene(dice, alike(), task, 1)
}

fn heavy_tail(dice: &Dice) -> Scene {
    let task = |_| {
        // By the inverse of the distribution, with a bound, so that no task is all of the work.
        let units = (1.0 - dice.fraction()).powf(-1.0 / 1.3).min(300.0);
        (KINDS[1], (units * 1_000.0) as u64, units)
    };
    scene(dice, alike(), task, 1)
}

fn slow_worker(dice: &Dice) -> Scene {
    let mut workers = alike();
    workers[dice.below(WORKERS)] = SimWorker::new(0.25);
    let task = |_| {
        let units = 1.0 + dice.fraction();
        (KINDS[2], (units * 1_000.0) as u64, units)
    };
    scene(dice, workers, task, 1)
}

fn bursts(dice: &Dice) -> Scene {
    let costs = [1.0, 2.0, 4.0, 12.0, 30.0];
    let task = |_| {
        // The longer a kind takes, the rarer it is.
        let draw = dice.fraction();
        let kind = [0.4, 0.7, 0.85, 0.95].iter().filter(|&&bound| draw >= bound).count();
        (KINDS[kind], 0, costs[kind])
    };
    scene(dice, alike(), task, 40)
}

fn drift(dice: &Dice) -> Scene {
    let task = |index: usize| {
        let past = index as f64 / TASKS as f64;
        let kind = dice.below(3);
        let units = 1.0 + 4.0 * dice.fraction();
        let rate = [1.0 + 3.0 * past, 4.0 - 3.0 * past, 0.5][kind];
        (KINDS[kind], (units * 1_000.0) as u64, units * rate)
    };
    let mut workers = alike();
    // What all tasks take is near 5 ms each, on eight workers.
    let halfway = Duration::from_millis(5 * TASKS as u64 / WORKERS as u64 / 2);
    workers[dice.below(WORKERS)] = SimWorker::new(1.0).from(halfway, 0.4);
    scene(dice, workers, task, 1)
}

fn specialists(dice: &Dice) -> Scene {
    let worker = |number: usize| SimWorker::new(0.75).gifted(KINDS[number % 2], 2.0);
    let task = |_| {
        let units = 2.0 + 4.0 * dice.fraction();
        (KINDS[dice.below(2)], (units * 1_000.0) as u64, units)
    };
    // On average over both kinds and all workers, a task takes what it costs.
    Scene { workers: (0..WORKERS).map(worker).collect(), ..scene(dice, alike(), task, 1) }
}

fn unknowable(dice: &Dice) -> Scene {
    let task = |_| {
        let cost = if dice.fraction() < 0.05 { 20.0 } else { 1.0 };
        (KINDS[3], 1 + dice.below(1_000) as u64, cost * exponential(dice))
    };
    scene(dice, alike(), task, 1)
}

fn even(dice: &Dice) -> Scene {
    scene(dice, alike(), |_| (KINDS[4], 1_000, 1.0), 1)
}

fn alike() -> Vec<SimWorker> {
    vec![SimWorker::new(1.0); WORKERS]
}

/// Draws the tasks, which come so many at once, and the gaps, of which the mean is what makes the load.
fn scene(
    dice: &Dice,
    workers: Vec<SimWorker>,
    task: impl Fn(usize) -> Drawn,
    at_once: usize,
) -> Scene {
    let drawn: Vec<Drawn> = (0..TASKS).map(task).collect();
    let sum: f64 = drawn.iter().map(|(_, _, cost)| cost).sum();
    let speed: f64 = workers.iter().map(SimWorker::last_speed).sum();
    let mean = sum / TASKS as f64 / speed / LOAD;
    let made = drawn.into_iter().enumerate().map(|(index, (kind, size, cost))| {
        let is_first = index.is_multiple_of(at_once);
        let gap = if is_first { exponential(dice) * mean * at_once as f64 } else { 0.0 };
        // No two runs of the same work take the same.
        let cost = cost * (0.9 + 0.2 * dice.fraction());
        SimTask {
            view: TaskView::new(kind).size(size).key(KeyHash::of(&dice.below(500))),
            cost: Duration::from_secs_f64(cost / 1e3),
            gap: Duration::from_secs_f64(gap / 1e3),
        }
    });
    Scene { tasks: made.collect(), workers }
}

/// A number above 0, with mean 1.
fn exponential(dice: &Dice) -> f64 {
    -(1.0 - dice.fraction()).ln()
}
