//! Answers can be followed.

use std::time::Duration;

use gonex_runtime::balance::{Balancer, Choice, Ended, WorkerView};

use super::{Make, start, task, workers};
use crate::dice::Dice;

pub(super) fn nobody(make: &Make) {
    let mut balancer = make();
    let dice = Dice::new(1, 0);
    for _ in 0..100 {
        let choice = balancer.choose(&task(&dice), &[], start());
        assert_eq!(choice.index(), None, "there are no workers, and one was chosen");
    }
}

pub(super) fn offered(make: &Make) {
    let mut balancer = make();
    let dice = Dice::new(2, 0);
    let mut now = start();
    for _ in 0..2_000 {
        let workers = workers(&dice, 20, now);
        let choice = choose(&mut *balancer, &dice, &workers, now);
        if let Some(index) = choice.index() {
            now += Duration::from_micros(dice.below(5_000) as u64);
            let took = Duration::from_micros(dice.below(50_000) as u64);
            let ended = Ended::new(workers[index].id, took, now).costing(choice.cost());
            balancer.ended(&task(&dice), &ended);
        }
    }
}

/// Chooses, and looks whether the worker was offered.
fn choose(
    balancer: &mut dyn Balancer,
    dice: &Dice,
    workers: &[WorkerView],
    now: gonex_core::Instant,
) -> Choice {
    let choice = balancer.choose(&task(dice), workers, now);
    if let Some(index) = choice.index() {
        let count = workers.len();
        assert!(index < count, "worker {index} was chosen, and there are {count}");
    }
    choice
}

pub(super) fn thefts(make: &Make) {
    let mut balancer = make();
    let dice = Dice::new(3, 0);
    let now = start();
    for _ in 0..2_000 {
        let mut workers = workers(&dice, 8, now);
        _ = choose(&mut *balancer, &dice, &workers, now);
        let thief = dice.below(workers.len());
        let worker = &mut workers[thief];
        (worker.running, worker.queued, worker.queued_cost, worker.next_cost) = (0, 0, 0, 0);
        let Some(victim) = balancer.steal(thief, &workers, now) else { continue };
        let worker = workers.get(victim);
        let worker =
            worker.unwrap_or_else(|| panic!("worker {victim} was robbed and is not there"));
        assert_ne!(victim, thief, "a worker was to steal from itself");
        assert!(worker.queued > 0, "a worker was to steal from an empty queue");
    }
}

pub(super) fn repeats(make: &Make) {
    let answers = || {
        let mut balancer = make();
        let dice = Dice::new(4, 0);
        let mut now = start();
        let answer = |_| {
            now += Duration::from_micros(100);
            let workers = workers(&dice, 8, now);
            let choice = choose(&mut *balancer, &dice, &workers, now);
            let took = Duration::from_micros(dice.below(50_000) as u64);
            let ended = Ended::new(workers[0].id, took, now).costing(choice.cost());
            balancer.ended(&task(&dice), &ended);
            (choice, balancer.steal(0, &workers, now))
        };
        (0..500).map(answer).collect::<Vec<_>>()
    };
    assert!(answers() == answers(), "the same calls had different answers; chance needs a seed");
}
