use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use gonex_core::rt;
use gonex_task::PlaceExt;

use super::super::making::Making;

const THREADS: usize = 4;
const EACH: usize = 250;

pub(super) fn many(making: &Making) {
    let place = making.place();
    let runs: Arc<[AtomicU32]> = (0..THREADS * EACH).map(|_| AtomicU32::new(0)).collect();
    let threads = (0..THREADS).map(|thread| {
        let (place, runs) = (place.clone(), runs.clone());
        let body = move || {
            let handles: Vec<_> = (thread * EACH..(thread + 1) * EACH)
                .map(|index| {
                    let runs = runs.clone();
                    let run = move || {
                        runs[index].fetch_add(1, Ordering::SeqCst);
                        index
                    };
                    let task =
                        if index % 2 == 0 { place.go(run) } else { place.go(async move { run() }) };
                    (index, task)
                })
                .collect();
            for (index, mut task) in handles {
                assert_eq!(task.join().block(), Ok(index), "the result of task {index}");
            }
        };
        rt::spawn_thread(format!("caller {thread}"), body).expect("the system has a thread")
    });
    let threads: Vec<_> = threads.collect();
    threads.into_iter().for_each(rt::Thread::join);
    for (index, runs) in runs.iter().enumerate() {
        assert_eq!(runs.load(Ordering::SeqCst), 1, "how often task {index} ran");
    }
}

pub(super) fn parallelism(making: &Making) {
    let place = making.place();
    // More would only start more threads.
    let at_once = place.parallelism().get().min(16);
    let meeting = Arc::new(Barrier::new(at_once));
    // They block by other means than operations, so no other goes on in the place of one.
    let meet = (0..at_once).map(|_| {
        let meeting = meeting.clone();
        move || {
            meeting.wait();
        }
    });
    let met = place.go_all(meet).block();
    assert_eq!(met.map(|met| met.len()), Ok(at_once), "that many run at once");
}
