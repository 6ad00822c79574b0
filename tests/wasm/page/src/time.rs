//! Time in the page, by the browser's own clock and timers.

use std::time::Duration;

use gonex_core::{Context, Stop, rt};

use crate::event_loop::{pause, spawn};

/// The time that a future takes.
async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = rt::now();
    let output = future.await;
    (output, rt::now() - start)
}

pub(crate) async fn a_sleep_lasts_as_long_as_it_says() {
    let ((), took) = timed(rt::sleep(Duration::from_millis(50))).await;
    assert!(took >= Duration::from_millis(50), "it lasted {took:?}");
}

pub(crate) async fn the_clock_is_that_of_the_page() {
    let ((), took) = timed(pause(50)).await;
    // A timer of the page may be early by its clock's grain.
    assert!(took >= Duration::from_millis(45), "the page paused for 50 ms, and it took {took:?}");
}

pub(crate) async fn sleeps_end_in_the_order_of_their_times() {
    let ended = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let sleepers: Vec<_> = [40, 10, 30, 20]
        .into_iter()
        .map(|ms| {
            let ended = ended.clone();
            spawn(async move {
                rt::sleep(Duration::from_millis(ms)).await;
                ended.borrow_mut().push(ms);
            })
        })
        .collect();
    for sleeper in sleepers {
        sleeper.await;
    }
    assert_eq!(*ended.borrow(), [10, 20, 30, 40]);
}

pub(crate) async fn a_context_times_out() {
    let context = Context::background().with_timeout(Duration::from_millis(30));
    let (stop, took) = timed(context.done()).await;
    assert_eq!(stop, Stop::Timeout);
    assert!(took >= Duration::from_millis(30), "it timed out after {took:?}");
}

pub(crate) async fn a_time_out_stops_a_longer_sleep() {
    let sleep = rt::sleep(Duration::from_secs(3600)).timeout(Duration::from_millis(20));
    assert_eq!(sleep.await, Err(Stop::Timeout));
}

pub(crate) async fn a_yield_lets_others_run() {
    let ran = std::rc::Rc::new(std::cell::Cell::new(false));
    let theirs = ran.clone();
    let other = spawn(async move { theirs.set(true) });
    for _ in 0..3 {
        rt::yield_now().await;
    }
    assert!(ran.get(), "the other task was not run in between");
    other.await;
}

/// Runs last: a panic ends the module.
pub(crate) async fn blocking_says_what_to_do_instead() {
    rt::sleep(Duration::from_secs(3600)).block();
}
