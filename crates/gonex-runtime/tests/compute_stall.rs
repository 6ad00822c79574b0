//! All workers of gonex's pool parked: insight says so. Alone in its process, since insight belongs to it.
#![cfg(not(gonex_loom))]

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::insight;
use gonex_runtime::compute;
use gonex_sync::{Receiver, channel};

/// What waits for a value: one closure for each of so many workers.
fn waiting(workers: usize, values: &Receiver<u32>) -> Vec<gonex_task::Handle<u32>> {
    let wait = |values: Receiver<u32>| compute::background(move || values.recv().block().unwrap());
    (0..workers).map(|_| wait(values.clone())).collect()
}

#[test]
fn a_pool_whose_workers_are_all_parked_is_reported() {
    insight::enable();
    let (told, reports) = mpsc::channel();
    insight::on_stall(Some(Arc::new(move |report| told.send(report.clone()).unwrap())));
    let workers = compute::num_workers();
    let (tx, rx) = channel::<u32>(0);

    // All but one: that could still send.
    let mut handles = waiting(workers - 1, &rx);
    while insight::waits().len() < workers - 1 {
        std::thread::yield_now();
    }
    assert!(insight::stalled().is_none());
    assert!(reports.try_recv().is_err());

    handles.extend(waiting(1, &rx));
    let report = reports.recv_timeout(Duration::from_secs(60)).expect("a report");
    assert_eq!(report.tasks, workers);
    assert!(report.to_string().contains("task #"), "{report}");
    assert!(insight::stalled().is_some());

    for n in 0..workers {
        tx.send(n as u32).block().unwrap();
    }
    let mut values: Vec<u32> =
        handles.iter_mut().map(|handle| handle.join().block().unwrap()).collect();
    values.sort_unstable();
    assert_eq!(values, (0..workers as u32).collect::<Vec<_>>());
    assert!(insight::stalled().is_none());
    assert_eq!(compute::parallel(0..100_u32, |n| n).len(), 100, "and the pool goes on");
    insight::on_stall(None);
    insight::disable();
}
