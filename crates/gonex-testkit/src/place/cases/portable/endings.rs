use std::future::pending;
use std::time::Duration;

use gonex_core::{Canceller, Context, rt};
use gonex_task::{Handle, Panic, PlaceExt, TaskError, TaskOptions, task};

use super::super::super::making::Making;
use super::{Mark, goes_on, mark};

const CAUSE: &str = "closing time";
const HOUR: Duration = Duration::from_secs(3600);

/// Where `no_paper` panics.
const LINE: u32 = line!() + 4;

#[task(crate = gonex_task)]
fn no_paper(tray: u8) -> u8 {
    panic!("no paper in tray {tray}");
}

#[task(crate = gonex_task)]
async fn no_ink() -> u8 {
    rt::yield_now().await;
    if true { panic!("no ink") } else { 0 }
}

pub(in super::super) fn panics(making: &Making) {
    let place = making.place();
    let named = TaskOptions::new().name("printer");
    let panicked = panic_of(place.go_with(&named, no_paper::call(2)));
    assert_eq!(panicked.message, "no paper in tray 2", "of a function");
    assert!(panicked.task.contains("printer"), "its task is called {:?}", panicked.task);
    let at = panicked.place.expect("a panic of a function has a place");
    assert_eq!((at.file.as_str(), at.line), (file!(), LINE), "the place of the panic");
    let panicked = panic_of(place.go(no_ink::call()));
    assert_eq!(panicked.message, "no ink", "of an async function");
    assert!(panicked.task.contains("no_ink"), "its task is called {:?}", panicked.task);
    let at = panicked.place.expect("a panic of an async function has a place");
    assert_eq!(at.file, file!());
    let Err(TaskError::Panicked(one_of_two)) =
        place.go_all([no_paper::call(1), no_paper::call(1)]).block()
    else {
        panic!("a panic of one is that of all");
    };
    assert!(one_of_two.task.contains("no_paper"), "its task is called {:?}", one_of_two.task);
    goes_on(&place);
}

fn panic_of(mut handle: Handle<u8>) -> Panic {
    match handle.join().block() {
        Err(TaskError::Panicked(panic)) => *panic,
        other => panic!("a panic is `Panicked`, and not {other:?}"),
    }
}

#[task(crate = gonex_task)]
fn marks(path: &str) {
    mark::leave(path);
}

#[task(crate = gonex_task)]
fn marks_and_sleeps(path: &str) {
    mark::leave(path);
    rt::sleep(HOUR).block();
}

#[task(crate = gonex_task)]
async fn marks_and_waits(path: &str) {
    mark::leave(path);
    pending::<()>().await;
}

pub(in super::super) fn cancelled_before(making: &Making) {
    let place = making.place();
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel(CAUSE);
    let options = TaskOptions::new().within(&context);
    let mark = Mark::new();
    assert_cancelled(place.go_with(&options, marks::call(mark.path())));
    assert_cancelled(place.go_with(&options, marks_and_waits::call(mark.path())));
    assert_eq!(mark.count(), 0, "a call began whose context had been cancelled");
    goes_on(&place);
}

pub(in super::super) fn cancelled_while(making: &Making) {
    let place = making.place();
    for is_async in [false, true] {
        let mark = Mark::new();
        let (context, canceller) = Context::background().with_cancel();
        let path = mark.path();
        let watcher =
            rt::spawn_thread("canceller".to_owned(), move || cancel_then(&canceller, &mark));
        let options = TaskOptions::new().within(&context);
        let handle = match is_async {
            false => place.go_with(&options, marks_and_sleeps::call(path)),
            true => place.go_with(&options, marks_and_waits::call(path)),
        };
        assert_cancelled(handle);
        watcher.expect("the system has a thread").join();
    }
    goes_on(&place);
}

fn cancel_then(canceller: &Canceller, mark: &Mark) {
    mark.wait();
    canceller.cancel(CAUSE);
}

fn assert_cancelled(mut handle: Handle<()>) {
    match handle.join().block() {
        Err(TaskError::Cancelled(cause)) => {
            assert!(cause.to_string().contains(CAUSE), "it was cancelled for {CAUSE}, not {cause}");
        }
        other => panic!("what is cancelled ends as `Cancelled`, and not as {other:?}"),
    }
}

#[task(crate = gonex_task)]
fn time_left(context: &Context) -> Option<Duration> {
    context.deadline().map(|at| at.saturating_duration_since(rt::now()))
}

#[task(crate = gonex_task, timeout = "1ms")]
fn sleeps_too_long() {
    rt::sleep(HOUR).block();
}

#[task(crate = gonex_task, timeout = Duration::from_millis(1))]
async fn waits_too_long() {
    pending::<()>().await;
}

pub(in super::super) fn deadline(making: &Making) {
    let place = making.place();
    let left = |options: &TaskOptions| place.go_with(options, time_left::call()).join().block();
    assert_eq!(left(&TaskOptions::new()), Ok(None), "without a deadline there is none");
    let hour = TaskOptions::new().within(&Context::background().with_timeout(HOUR));
    let known = left(&hour).expect("it ends").expect("the deadline is known inside");
    assert!(known <= HOUR && known > HOUR / 2, "{known:?} of an hour are left");

    let soon = Context::background().with_timeout(Duration::from_millis(1));
    let (options, mark) = (TaskOptions::new().within(&soon), Mark::new());
    let ended = place.go_with(&options, marks_and_sleeps::call(mark.path())).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "a function that waits past its deadline");
    let ended = place.go_with(&options, marks_and_waits::call(mark.path())).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "an async function that waits past its deadline");

    let ended = place.go(sleeps_too_long::call()).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "a function with a time limit");
    let ended = place.go(waits_too_long::call()).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "an async function with a time limit");
    let ended = place.go_all([waits_too_long::call()]).block();
    assert_eq!(ended, Err(TaskError::Timeout), "one of many with a time limit");
    goes_on(&place);
}
