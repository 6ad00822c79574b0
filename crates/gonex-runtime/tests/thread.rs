//! Threads of their own.
#![cfg(not(gonex_loom))]

use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_runtime::{Runtime, thread};
use gonex_task::{PanicHook, TaskError};

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn a_thread_has_the_name_and_the_context() {
    let context = Context::background().with_value(7_u8);
    let ask = || (thread_name(), Context::current().value::<u8>().copied());
    let mut unnamed = context.run(|| thread::spawn(ask));
    assert_eq!(unnamed.join().block().unwrap(), ("gonex-thread".to_owned(), Some(7)));
    let mut named = context.run(|| thread::builder().name("indexer").spawn(ask)).unwrap();
    assert_eq!(named.join().block().unwrap(), ("indexer".to_owned(), Some(7)));
}

#[test]
fn a_thread_inherits_the_seam() {
    let manual = Arc::new(Manual::new());
    let mut sleeper = rt::enter(manual.clone(), || {
        thread::spawn(|| rt::sleep(Duration::from_secs(3_600)).block())
    });
    while manual.timers() == 0 {
        std::thread::yield_now();
    }
    manual.advance(Duration::from_secs(3_600));
    assert_eq!(sleeper.join().block(), Ok(()));
}

#[test]
fn a_panic_tells_place_and_name() {
    // A builder installs the hook that is told of places.
    let _runtime = Runtime::builder().panic_hook(PanicHook::Record).build().unwrap();
    let line = line!() + 1;
    let bad = || panic!("page {}", 7);
    let mut indexer = thread::builder().name("indexer").spawn(bad).unwrap();
    let ended: Result<(), _> = indexer.join().block();
    let Err(TaskError::Panicked(panic)) = ended else { panic!("{ended:?}") };
    assert_eq!(panic.message, "page 7");
    assert_eq!(indexer.name(), Some("indexer"));
    assert!(panic.task.starts_with("indexer #"), "{panic}");
    let place = panic.place.expect("the hook is installed");
    assert!(place.file.ends_with("thread.rs"), "{place}");
    assert_eq!(place.line, line);

    let mut unnamed = thread::spawn(|| panic!("no name"));
    let id = unnamed.id();
    let ended: Result<(), _> = unnamed.join().block();
    let Err(TaskError::Panicked(panic)) = ended else { panic!("{ended:?}") };
    assert!(panic.task.starts_with(&format!("{id} from ")), "{panic}");
    assert!(panic.task.contains("thread.rs"), "{panic}");
}

#[test]
fn cancelling_stops_a_thread_where_it_waits() {
    let (begun, seen) = mpsc::channel();
    let mut waiting = thread::spawn(move || {
        begun.send(()).unwrap();
        Context::background().with_timeout(Duration::from_secs(3_600)).done().block()
    });
    seen.recv().unwrap();
    waiting.cancel("enough");
    let ended = waiting.join().block();
    assert!(
        matches!(&ended, Err(TaskError::Cancelled(c)) if c.to_string() == "enough"),
        "{ended:?}"
    );

    let mut asked = thread::spawn(|| Context::current().done().block());
    asked.cancel("enough");
    let ended = asked.join().block();
    assert!(matches!(ended, Ok(Stop::Cancelled(_)) | Err(TaskError::Cancelled(_))), "{ended:?}");
}

#[test]
fn a_thread_in_a_stopped_context_never_begins() {
    let late = Context::background().with_timeout(Duration::ZERO);
    let mut never = late.run(|| thread::spawn(|| unreachable!("it is too late")));
    let ended: Result<(), _> = never.join().block();
    assert_eq!(ended, Err(TaskError::Timeout));
}

#[test]
fn a_thread_that_cannot_be_started_says_so_in_both_places() {
    struct Tell(mpsc::Sender<()>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send(()).ok();
        }
    }
    let (dropped, seen) = mpsc::channel();
    let tell = Tell(dropped);
    let nowhere = thread::builder().name("a\0b").spawn(move || drop(tell));
    assert!(nowhere.unwrap_err().to_string().contains("NUL"));
    assert_eq!(seen.try_recv(), Ok(()), "the closure is gone");

    // More stack than there are addresses.
    let nowhere = thread::builder().stack_size(1 << 60).spawn(|| ());
    assert!(nowhere.is_err());
}

#[test]
fn a_thread_may_block_and_a_detached_one_goes_on() {
    let (tx, rx) = gonex_sync::channel(0);
    thread::spawn(move || tx.send(7).block().unwrap()).detach();
    assert_eq!(rx.recv().block(), Ok(7));
}
