//! Work reaches all.

use std::time::Duration;

use gonex_runtime::balance::TaskView;
use gonex_sync::distribute::KeyHash;

use super::Make;
use crate::balance::scene::{Scene, SimTask, SimWorker};
use crate::balance::simulated::{Feed, tasks_of_each};

pub(super) fn everybody_works(make: &Make) {
    let task = |number: u64| SimTask {
        view: TaskView::default().size(1_000).key(KeyHash::of(&number)),
        cost: Duration::from_millis(1),
        gap: Duration::ZERO,
    };
    let tasks = (0..4_000).map(task).collect();
    let scene = Scene { tasks, workers: vec![SimWorker::new(1.0); 4] };
    let counts = tasks_of_each(&scene, Feed::Batch { room: 80 }, make());
    let is_fair = counts.iter().all(|&count| count > 100);
    assert!(is_fair, "of 4,000 tasks that differ, the workers got {counts:?}");
}
