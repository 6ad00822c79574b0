//! The cases, each a function that panics with what it found.

mod answers;
mod limits;
mod spread;

use std::sync::Arc;

use gonex_core::Instant;
use gonex_core::rt::{Manual, Seam};
use gonex_runtime::balance::{Balancer, TaskKind, TaskView, WorkerId, WorkerView};
use gonex_sync::distribute::KeyHash;

use crate::dice::Dice;

/// Makes a balancer.
pub(super) type Make = Arc<dyn Fn() -> Box<dyn Balancer> + Send + Sync>;

/// A case: its name, and what it does.
type Case = (&'static str, fn(&Make));

/// All of them, the simple ones first.
pub(super) const CASES: &[Case] = &[
    ("nobody", answers::nobody),
    ("offered", answers::offered),
    ("thefts", answers::thefts),
    ("repeats", answers::repeats),
    ("extremes", limits::extremes),
    ("comes and goes", limits::comes_and_goes),
    ("everybody works", spread::everybody_works),
    ("bounded", limits::bounded),
];

fn start() -> Instant {
    Manual::new().now()
}

/// A task like any.
fn task(dice: &Dice) -> TaskView {
    let kind = [TaskKind::default(), TaskKind::named("one"), TaskKind::named("two")][dice.below(3)];
    let task = TaskView::new(kind).size(dice.below(10_000) as u64);
    if dice.below(2) == 0 { task } else { task.key(KeyHash::of(&dice.below(50))) }
}

/// Workers in any state, with gaps in their numbers; up to so many.
fn workers(dice: &Dice, most: usize, now: Instant) -> Vec<WorkerView> {
    let mut number = 0;
    let mut all = Vec::new();
    for _ in 0..=dice.below(most) {
        number += 1 + dice.below(5) as u64;
        let mut worker = WorkerView::new(WorkerId::new(number));
        worker.running = dice.below(2) as u32;
        if worker.running > 0 {
            worker.running_since = Some(now);
            worker.running_cost = dice.below(1_000_000) as u64;
        }
        worker.queued = dice.below(12) as u32;
        worker.next_cost = if worker.queued > 0 { dice.below(1_000_000) as u64 } else { 0 };
        worker.queued_cost = worker.next_cost.saturating_mul(worker.queued.into());
        all.push(worker);
    }
    all
}
