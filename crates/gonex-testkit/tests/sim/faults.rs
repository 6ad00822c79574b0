use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::{go, go_all, scope};
use gonex_sync::{Mutex, channel};
use gonex_testkit::sim::{Fault, Sim};

#[test]
fn a_deadlock_says_who_waits_for_what() {
    let failure = Sim::new().find(|| {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let both = |first: &Arc<Mutex<()>>, second: &Arc<Mutex<()>>| {
            let (first, second) = (first.clone(), second.clone());
            move || {
                let _first = first.lock().block();
                let _second = second.lock().block();
            }
        };
        go_all((both(&a, &b), both(&b, &a))).block().unwrap();
    });
    let failure = failure.unwrap_err();
    let Fault::Deadlock { body_has_ended: false, waiting } = failure.fault() else {
        panic!("{failure}");
    };
    assert_eq!(waiting.len(), 3, "{failure}");
    assert!(waiting[0].what[0].starts_with("join all tasks of a tuple, at "), "{failure}");
    assert!(waiting[1].what[0].starts_with("lock mutex, at "), "{failure}");
    assert!(waiting[2].what[0].starts_with("lock mutex, at "), "{failure}");
    assert_eq!(failure.threads_left(), 0);
}

#[test]
fn a_future_tells_all_it_waits_for() {
    let failure = Sim::new().seeds(0..1).find(|| {
        let (one, other) = (channel::<u8>(1), channel::<u8>(1));
        let mut task = go(async move {
            let (_senders, (one, other)) = ((one.0, other.0), (one.1, other.1));
            gonex_runtime::aio::join!(one.recv(), other.recv()).0
        });
        task.join().block().unwrap().unwrap();
    });
    let failure = failure.unwrap_err();
    let Fault::Deadlock { waiting, .. } = failure.fault() else { panic!("{failure}") };
    assert_eq!(waiting[1].what.len(), 2, "{failure}");
}

#[test]
fn what_is_left_behind_for_ever_is_a_fault() {
    let failure = Sim::new().find(|| {
        let (tx, rx) = channel::<u8>(1);
        go(move || {
            let _own = tx;
            rx.recv().block()
        })
        .detach();
    });
    let failure = failure.unwrap_err();
    assert!(matches!(failure.fault(), Fault::Deadlock { body_has_ended: true, .. }), "{failure}");
    assert!(failure.to_string().contains("the body has ended"), "{failure}");
}

#[test]
fn what_is_left_behind_and_ends_is_waited_for() {
    let done = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = done.clone();
    Sim::new().seeds(0..50).run(move || {
        let count = count.clone();
        go(move || {
            rt::sleep(Duration::from_secs(3600)).block();
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        })
        .detach();
    });
    assert_eq!(done.load(std::sync::atomic::Ordering::Relaxed), 50);
}

#[test]
fn a_panic_of_any_task_fails_the_run_unless_it_is_an_outcome() {
    let body = || {
        let mut task = go(|| panic!("a bad page"));
        let ended: Result<(), _> = task.join().block();
        assert!(ended.unwrap_err().to_string().contains("a bad page"));
    };
    let failure = Sim::new().find(body).unwrap_err();
    let Fault::Panicked { thread, message, place } = failure.fault() else { panic!("{failure}") };
    assert!(thread.starts_with("closure from "), "{failure}");
    assert_eq!(message, "a bad page");
    assert!(place.as_ref().unwrap().contains("tests/sim/faults.rs:"), "{failure}");
    assert_eq!(Sim::new().seeds(0..100).panics_are_outcomes().run(body).runs, 100);
}

#[test]
fn a_panic_of_the_body_fails_the_run_in_any_case() {
    let sim = Sim::new().panics_are_outcomes();
    let failure = sim.find(|| panic!("no bread")).unwrap_err();
    let Fault::Panicked { thread, message, place } = failure.fault() else { panic!("{failure}") };
    assert_eq!((&**thread, &**message), ("main", "no bread"));
    assert!(place.as_ref().unwrap().contains("tests/sim/faults.rs:"), "{failure}");
}

#[test]
fn a_livelock_is_bounded_for_both_kinds_of_seeds() {
    let most = NonZeroU64::new(2_000).unwrap();
    for seed in 0..4 {
        let sim = Sim::new().seeds(seed..seed + 1).max_steps(most);
        let by_closures = sim.find(|| {
            go_all([0; 2].map(|_| {
                || -> () {
                    loop {
                        rt::yield_now().block();
                    }
                }
            }))
            .block()
            .unwrap();
        });
        assert_eq!(*by_closures.unwrap_err().fault(), Fault::Steps(2_000));
        // No operation, and so no step but that it is woken.
        let by_future = sim.find(|| {
            let wakes_itself = std::future::poll_fn(|cx| {
                cx.waker().wake_by_ref();
                std::task::Poll::<()>::Pending
            });
            go(wakes_itself).join().block().unwrap();
        });
        assert_eq!(*by_future.unwrap_err().fault(), Fault::Steps(2_000));
    }
}

#[test]
fn too_many_threads_are_a_fault() {
    let few = NonZeroUsize::new(10).unwrap();
    let failure = Sim::new().max_threads(few).find(|| {
        let (_tx, rx) = channel::<u8>(1);
        for _ in 0..20 {
            let rx = rx.clone();
            go(move || rx.recv().block()).detach();
        }
    });
    assert_eq!(*failure.unwrap_err().fault(), Fault::Threads(10));
}

#[test]
fn who_blocks_outside_of_the_simulation_is_named() {
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let sim = Sim::new().seeds(0..1).patience(Duration::from_millis(50));
    let failure = sim.find(move || {
        // No step: nobody else can have a turn meanwhile.
        held.lock().unwrap().recv().ok();
    });
    drop(release);
    let failure = failure.unwrap_err();
    assert!(
        matches!(failure.fault(), Fault::Stuck { thread, .. } if thread == "main"),
        "{failure}"
    );
    assert_eq!(failure.threads_left(), 1);
}

#[test]
fn tokio_is_refused_with_a_remedy() {
    let failure = Sim::new().find(|| {
        go(async { tokio::time::sleep(Duration::from_secs(1)).await }).join().block().unwrap();
    });
    assert!(failure.unwrap_err().to_string().contains("tokio is not simulated"));
}

#[test]
fn a_scope_is_not_left_before_its_tasks() {
    let failure = Sim::new().find(|| {
        let words = [String::from("a"), String::from("b")];
        let (_tx, rx) = channel::<u8>(1);
        scope(|s| {
            for word in &words {
                let rx = &rx;
                s.spawn(move || {
                    rx.recv().block().ok();
                    assert!(!word.is_empty());
                });
            }
        });
    });
    let failure = failure.unwrap_err();
    let Fault::Deadlock { waiting, .. } = failure.fault() else { panic!("{failure}") };
    assert!(waiting[0].what[0].starts_with("wait for all tasks of a scope, at "), "{failure}");
    assert_eq!(failure.threads_left(), 0);
}
