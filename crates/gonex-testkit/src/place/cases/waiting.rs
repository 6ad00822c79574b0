use gonex_core::rt;
use gonex_sync::{Receiver, Sender, channel};
use gonex_task::PlaceExt;

use super::super::making::Making;
use super::runs_in_caller;

/// More than a small place runs at once.
const STAGES: u32 = 40;

pub(super) fn waiting(making: &Making) {
    let place = making.place();
    let (tx, rx) = channel(0);
    let feeder = rt::spawn_thread("feeder".to_owned(), move || feed(&tx));
    let sum = async move {
        let mut sum = 0;
        while let Ok(n) = rx.recv().await {
            sum += n;
        }
        sum
    };
    assert_eq!(place.go(sum).join().block(), Ok(6), "a future that waits for a channel");
    feeder.expect("the system has a thread").join();
    if runs_in_caller(&place) {
        // Nobody would start what the first one waits for.
        return;
    }

    // The last stage is started first, so each one waits for those that come after it.
    let (first, mut next) = channel(0);
    let mut stages: Vec<(Receiver<u32>, Sender<u32>)> = Vec::new();
    for _ in 0..STAGES {
        let (tx, rx) = channel(0);
        stages.push((next, tx));
        next = rx;
    }
    let end = next;
    let mut handles = Vec::new();
    for (index, (rx, tx)) in stages.into_iter().enumerate().rev() {
        handles.push(if index % 2 == 0 {
            place.go(move || {
                let n = rx.recv().block().expect("the stage before sends");
                tx.send(n + 1).block().expect("the stage behind receives");
            })
        } else {
            place.go(async move {
                let n = rx.recv().await.expect("the stage before sends");
                tx.send(n + 1).await.expect("the stage behind receives");
            })
        });
    }
    first.send(2).block().expect("the first stage receives");
    assert_eq!(end.recv().block(), Ok(2 + STAGES), "what comes out behind all stages");
    for mut handle in handles {
        assert_eq!(handle.join().block(), Ok(()), "the end of a stage");
    }
}

fn feed(tx: &Sender<u32>) {
    for n in 1..=3 {
        tx.send(n).block().expect("the future receives");
    }
}
