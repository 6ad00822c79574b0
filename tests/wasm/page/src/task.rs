//! Tasks of the page: futures that its event loop polls.

use std::rc::Rc;
use std::time::Duration;

use gonex_core::{Context, rt};
use gonex_runtime::{Group, Runtime, aio, go, go_all, go_race};
use gonex_sync::oneshot;
use gonex_task::TaskError;

use crate::event_loop::pause;

pub(crate) async fn a_future_runs_on_the_event_loop() {
    let mut task = go(async {
        rt::sleep(Duration::from_millis(1)).await;
        6 * 7
    });
    assert!(!task.is_finished(), "it has not been polled yet");
    assert_eq!(task.join().await, Ok(42));
}

pub(crate) async fn a_closure_is_refused_and_says_why() {
    let refused = go(|| 6 * 7).await;
    assert!(matches!(&refused, Err(TaskError::Refused { .. })), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("no threads"));
}

pub(crate) async fn a_local_task_holds_what_cannot_leave_the_page() {
    let shared = Rc::new(40);
    let theirs = shared.clone();
    let two = aio::spawn_local(async move {
        pause(1).await;
        *theirs / 20
    });
    assert_eq!(two.await.map(|two| *shared + two), Ok(42));
}

pub(crate) async fn a_group_collects_in_order_within_its_limit() {
    let mut group = Group::new().limit(2);
    for n in [30, 20, 10_u64] {
        let task = async move {
            rt::sleep(Duration::from_millis(n)).await;
            n
        };
        group.spawn(task).await;
    }
    assert_eq!(group.wait().await, Ok(vec![30, 20, 10]));
}

pub(crate) async fn a_group_that_goes_cancels_its_tasks() {
    let (told, mut hears) = oneshot();
    let group = Group::new();
    let waits = async move {
        Context::current().after_func(move || drop(told.send("cancelled")));
        std::future::pending::<()>().await;
    };
    group.spawn(waits).await;
    rt::yield_now().await;
    pause(1).await;
    drop(group);
    assert_eq!(hears.recv().await, Ok("cancelled"));
}

pub(crate) async fn many_tasks_are_waited_for_together() {
    let slow = |ms: u64| async move {
        rt::sleep(Duration::from_millis(ms)).await;
        ms
    };
    assert_eq!(go_all([slow(20), slow(1)]).await, Ok(vec![20, 1]));
    assert_eq!(go_race([slow(10_000), slow(1)]).await, Ok(1));
}

pub(crate) async fn a_runtime_that_has_gone_takes_no_more() {
    let runtime = Runtime::new().expect("it needs no threads");
    let mut task = runtime.go(async { Runtime::current() });
    let inside = task.join().await.expect("it has run");
    drop(runtime);
    let refused = inside.go(async {}).await;
    assert!(matches!(refused, Err(TaskError::Refused { .. })), "{refused:?}");
}
