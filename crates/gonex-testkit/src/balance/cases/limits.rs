//! No input is too much, and none is kept for ever.

use std::num::NonZeroU32;
use std::time::Duration;

use gonex_runtime::balance::{Ended, TaskKind, TaskView, WorkerId, WorkerView};
use gonex_sync::distribute::KeyHash;
use gonex_task::Priority;

use super::{Make, start, task, workers};
use crate::dice::Dice;

pub(super) fn extremes(make: &Make) {
    let mut balancer = make();
    let early = start();
    let late = early + Duration::from_secs(1_000_000);
    let mut full = WorkerView::new(WorkerId::new(u64::MAX));
    (full.weight, full.slots) = (NonZeroU32::MAX, NonZeroU32::MAX);
    (full.running, full.queued) = (u32::MAX, u32::MAX);
    (full.running_cost, full.queued_cost, full.next_cost) = (u64::MAX, u64::MAX, u64::MAX);
    full.running_since = Some(late);
    let workers = [WorkerView::new(WorkerId::new(0)), full];
    let tasks = [
        TaskView::default(),
        TaskView::default().size(u64::MAX).priority(Priority::new(i8::MIN)),
        TaskView::default().estimate(Duration::MAX).priority(Priority::new(i8::MAX)),
        TaskView::default().estimate(Duration::ZERO),
    ];
    let dice = Dice::new(5, 0);
    for turn in 0..400 {
        // The clock goes back each other time.
        let now = if turn % 2 == 0 { late } else { early };
        let task = tasks[dice.below(tasks.len())];
        let choice = balancer.choose(&task, &workers, now);
        assert!(choice.index().is_none_or(|index| index < 2), "nobody has this index: {choice:?}");
        let took = [Duration::ZERO, Duration::from_nanos(1), Duration::MAX][dice.below(3)];
        let worker = workers[dice.below(2)].id;
        balancer.ended(&task, &Ended::new(worker, took, now).costing(u64::MAX));
        balancer.ended(&task, &Ended::new(worker, took, now).incomplete());
        let stolen = balancer.steal(0, &workers, now);
        assert!(stolen.is_none_or(|victim| victim == 1), "there is nothing to steal: {stolen:?}");
    }
}

pub(super) fn comes_and_goes(make: &Make) {
    let mut balancer = make();
    let dice = Dice::new(6, 0);
    let now = start();
    for _ in 0..500 {
        // As new workers each time, of which some are announced, and some that were there leave.
        let workers = workers(&dice, 12, now);
        for worker in &workers {
            match dice.below(3) {
                0 => balancer.joined(worker, now),
                1 => balancer.left(worker.id, now),
                _ => {}
            }
        }
        for _ in 0..5 {
            let choice = balancer.choose(&task(&dice), &workers, now);
            let is_offered = choice.index().is_none_or(|index| index < workers.len());
            assert!(is_offered, "nobody has this index: {choice:?}");
        }
        let stranger = Ended::new(WorkerId::new(dice.throw()), Duration::from_millis(1), now);
        balancer.ended(&task(&dice), &stranger);
    }
}

/// What `Debug` shows of a balancer grows with what it keeps, for those who derive it.
pub(super) fn bounded(make: &Make) {
    let shown_after = |count: u64| {
        let mut balancer = make();
        let now = start();
        for number in 0..count {
            let worker = WorkerView::new(WorkerId::new(number));
            balancer.joined(&worker, now);
            let kind = TaskKind::named(&number.to_string());
            let task = TaskView::new(kind).size(number).key(KeyHash::of(&number));
            let choice = balancer.choose(&task, &[worker], now);
            let ended = Ended::new(worker.id, Duration::from_micros(number), now);
            balancer.ended(&task, &ended.costing(choice.cost()));
            balancer.left(worker.id, now);
        }
        format!("{balancer:?}").len()
    };
    let (some, many) = (shown_after(3_000), shown_after(30_000));
    assert!(
        many < some.saturating_mul(4).max(4_096),
        "it keeps what has gone: it shows {some} bytes after 3,000 kinds, keys and workers, and {many} \
         after 30,000"
    );
}
