use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use gonex_runtime::go;
use gonex_sync::{Mutex, channel};
use gonex_testkit::sim::Sim;

/// Tells of its end.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// All that a failed run holds is dropped: on the stacks of its threads, in its futures, in its channels.
#[test]
fn a_failed_run_leaves_nothing_behind() {
    let count = Arc::new(AtomicUsize::new(0));
    for seed in 0..100 {
        let counted = count.clone();
        let failure = Sim::new().seeds(seed..seed + 1).find(move || {
            let (tx, rx) = channel(8);
            let own = Counted::new(&counted);
            let lock = Arc::new(Mutex::new(()));
            let guard = lock.lock().block();
            for n in 0..3 {
                let (held, rx, tx) = (Counted::new(&counted), rx.clone(), tx.clone());
                let lock = lock.clone();
                if n == 0 {
                    go(async move {
                        let _held = held;
                        let _never = lock.lock().await;
                    })
                    .detach();
                } else {
                    go(move || {
                        let _held = held;
                        tx.send(Counted::new(&Arc::default())).block().ok();
                        loop {
                            rx.recv().block().ok();
                        }
                    })
                    .detach();
                }
            }
            let mut last = go(move || drop(own));
            last.join().block().unwrap();
            let _twice = lock.lock().block();
            drop(guard);
        });
        assert_eq!(failure.unwrap_err().threads_left(), 0);
        assert_eq!(count.load(Relaxed), 0, "seed {seed}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn threads_do_not_pile_up() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let program = |fails: bool| {
        move || {
            let (tx, rx) = channel::<u8>(1);
            for _ in 0..8 {
                let rx = rx.clone();
                go(move || rx.recv().block()).detach();
            }
            if fails {
                panic!("as planned");
            }
            drop(tx);
        }
    };
    let before = threads();
    for seed in 0..100 {
        let sim = Sim::new().seeds(seed..seed + 1);
        assert!(sim.find(program(true)).is_err());
        sim.run(program(false));
    }
    // Other tests have theirs meanwhile, and a thread that has ended may take a moment to be gone; but
    // here were 1,800.
    assert!(threads() < before + 200, "{} threads, {before} before", threads());
}
