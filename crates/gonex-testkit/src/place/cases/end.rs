use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use gonex_core::rt;
use gonex_task::{PlaceExt, TaskError};

use super::super::counting::Counting;
use super::super::making::Making;
use super::runs_in_caller;

const QUEUED: usize = 64;

pub(super) fn the_place_goes(making: &Making) {
    let place = making.own_place();
    let (open, opened) = mpsc::channel::<()>();
    let at_the_gate = (!runs_in_caller(&place)).then(|| {
        let (begun, has_begun) = mpsc::channel();
        let gate = place.go(move || {
            begun.send(()).expect("somebody listens");
            // Opened by the drop of the other side.
            opened.recv().ok();
        });
        has_begun.recv().expect("the task begins");
        gate
    });
    let runs: Arc<[AtomicU32]> = (0..QUEUED).map(|_| AtomicU32::new(0)).collect();
    let queued = (0..QUEUED).map(|index| {
        let runs = runs.clone();
        let run = move || runs[index].fetch_add(1, Ordering::SeqCst);
        if index % 2 == 0 { place.go(run) } else { place.go(async move { run() }) }
    });
    let queued: Vec<_> = queued.collect();
    // A place may wait for what it has taken, and that for the gate.
    let ending = rt::spawn_thread("end of the place".to_owned(), move || drop(place));
    drop(open);
    for (index, mut task) in queued.into_iter().enumerate() {
        let ended = task.join().block();
        let runs = runs[index].load(Ordering::SeqCst);
        let is_honest = match &ended {
            Ok(_) => runs == 1,
            Err(TaskError::Lost { started: true, .. }) => runs <= 1,
            Err(TaskError::Lost { .. } | TaskError::Refused { .. }) => runs == 0,
            Err(_) => false,
        };
        assert!(is_honest, "task {index} ran {runs} times, and its handle says {ended:?}");
    }
    ending.expect("the system has a thread").join();
    // It had begun: either it was waited for, or it goes on by itself.
    if let Some(mut gate) = at_the_gate {
        let ended = gate.join().block();
        let is_known = matches!(ended, Ok(()) | Err(TaskError::Lost { started: true, .. }));
        assert!(is_known, "the task that ran says {ended:?}");
    }
}

pub(super) fn threads_end(making: &Making) {
    let counting = Counting::new();
    rt::enter(counting.clone(), || {
        let place = making.own_place();
        let closures = (0..8).map(|n| move || n);
        assert_eq!(place.go_all(closures).block(), Ok((0..8).collect()));
        drop(place);
    });
    // One that is not joined may still be on its last instructions; the watchdog sees to the rest.
    let mut looks = 0_u64;
    while counting.threads() > 0 {
        looks += 1;
        assert!(looks < 1 << 22, "{} of its threads are still there", counting.threads());
        thread::yield_now();
    }
}
