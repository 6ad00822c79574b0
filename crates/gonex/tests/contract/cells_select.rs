//! The rows of selects.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex::{Context, RecvError, Select, Stop, TaskError, channel, go, select, select_block};

use crate::support::{cancelled, leaves_nothing, poll_once, quiet};

crate::table::cells! {
    "select! { .. }" {
        "drop": "nothing has happened: no value is taken, and slots are as they were; but what a slot held may have been sent just before" => || {
            let (tx, rx) = channel(0);
            let (full, full_out) = channel(1);
            full.try_send(0).unwrap();
            let mut slot = Some(1);
            {
                let mut waits = pin!(async {
                    select! { recv(rx) -> _ => (), send(full, &mut slot) => () }
                });
                assert!(poll_once(&mut waits).is_pending());
                tx.try_send(7).unwrap();
            }
            assert_eq!((slot, rx.try_recv(), full_out.len()), (Some(1), Ok(7), 1));
        };
        "time-out": "an arm of its own, `after(..)` or `at(..)`; when the deadline of the ambient context passes, it unwinds to the border of the task" => || {
            let (_tx, rx) = channel::<u8>(0);
            let late = select_block! { recv(rx) -> _ => false, after(Duration::ZERO) => true };
            assert!(late);
            let context = Context::background().with_timeout(Duration::ZERO);
            let mut task = context.run(|| go(move || select_block! { recv(rx) -> _ => () }));
            assert_eq!(task.join().block(), Err(TaskError::Timeout));
        };
        "cancel": "an arm of its own, `op(context.done())`; when the ambient context is cancelled, it unwinds to the border of the task" => || {
            let (_tx, rx) = channel::<u8>(0);
            let context = cancelled();
            let stop = select_block! { recv(rx) -> _ => None, op(context.done()) -> stop => Some(stop) };
            assert!(matches!(stop, Some(Stop::Cancelled(_))));
            let (context, canceller) = Context::background().with_cancel();
            let mut task = context.run(|| go(move || select_block! { recv(rx) -> _ => () }));
            canceller.cancel("enough");
            assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
        };
        "close": "of a channel: its arm is always ready; a receive yields what is inside and then `RecvError::Closed`, a send `SendError::Closed(())` with the value left in its slot" => || {
            let (tx, rx) = channel(1);
            rx.close();
            let mut slot = Some(1);
            select_block! { send(tx, &mut slot) -> sent => assert!(sent.unwrap_err().is_closed()) }
            assert_eq!(slot, Some(1));
            select_block! { recv(rx) -> message => assert_eq!(message, Err(RecvError::Closed)) }
        };
        "panic": "of a future in an arm: goes through the select, which has done nothing" => || {
            let (tx, rx) = channel(1);
            let (full, _full_out) = channel(0);
            let mut task = quiet().go(move || {
                let mut slot = Some(1);
                select_block! {
                    biased;
                    send(full, &mut slot) => (),
                    op(async { panic!("in an arm") }) -> () => (),
                    recv(rx) -> _ => (),
                }
            });
            tx.try_send(1).ok();
            assert!(matches!(task.join().block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "of arms, 255: it panics; of a channel: a send arm is not ready" => || {
            let (tx, rx) = channel(1);
            tx.try_send(0).unwrap();
            let mut slot = Some(1);
            let full = select_block! { send(tx, &mut slot) => false, default => true };
            assert!(full && slot.is_some() && rx.len() == 1);
        };
    }
    "select.wait()" {
        "drop": "nothing has happened, as with `select!`; the arms stay, and it can wait again" => || {
            let (tx, rx) = channel(0);
            let mut select = Select::new();
            select.recv(&rx, |message| message);
            leaves_nothing(select.wait());
            {
                let mut waits = pin!(select.wait());
                assert!(poll_once(&mut waits).is_pending());
                tx.try_send(7).unwrap();
            }
            assert_eq!(select.wait().block(), Ok(7));
        };
        "time-out": "yields `Err(Stop::Timeout)`, or the arm that happened just before; slots are as they were" => || {
            let (tx, _rx) = channel(0);
            let mut select = Select::new();
            let arm = select.send(tx, 1, |_| ());
            assert_eq!(select.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            assert_eq!(select.slot(arm), Some(&mut Some(1)));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, or the arm that happened just before; without it an unwind to the border of the task" => || {
            let (tx, rx) = channel(0);
            let mut select = Select::new();
            select.recv(&rx, |message| message);
            assert!(matches!(select.wait().within(&cancelled()).block(), Err(Stop::Cancelled(_))));
            let (context, canceller) = Context::background().with_cancel();
            let mut waits = pin!(select.wait().within(&context));
            assert!(poll_once(&mut waits).is_pending());
            tx.try_send(7).unwrap();
            canceller.cancel("just too late");
            assert_eq!(poll_once(&mut waits), Poll::Ready(Ok(Ok(7))));
        };
        "close": "of a channel: its arm is always ready, until it is removed" => || {
            let (tx, rx) = channel::<u8>(1);
            drop(tx);
            let mut select = Select::new();
            let arm = select.recv(rx, |message| message);
            for _ in 0..2 {
                assert_eq!(select.wait().block(), Err(RecvError::Closed));
            }
            assert!(select.remove(arm) && select.try_now().is_none());
        };
        "panic": "of an arm's function: goes through the wait, with what the function was given; the select is whole" => || {
            let (tx, rx) = channel(2);
            tx.send_all([1, 2]).block().unwrap();
            let mut select = Select::new();
            select.recv(rx, |message| if message == Ok(1) { panic!("not 1") } else { message });
            let (mut select, mut outcome) = (Some(select), None);
            for _ in 0..2 {
                let mut moved = select.take().unwrap();
                let (back, waited) = channel(1);
                quiet().go(move || {
                    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        moved.wait().block()
                    }));
                    back.try_send((moved, caught.ok())).ok();
                }).join().block().unwrap();
                let (moved, happened) = waited.recv().block().unwrap();
                (select, outcome) = (Some(moved), happened);
            }
            assert_eq!(outcome, Some(Ok(2)));
        };
        "bound reached": "of arms, 255: adding one more panics; of a channel: a send arm is not ready" => || {
            let (tx, _rx) = channel(1);
            tx.try_send(0).unwrap();
            let mut select = Select::new();
            select.send(&tx, 1, |_| ());
            assert_eq!(select.try_now(), None);
            let one_more = std::panic::AssertUnwindSafe(|| {
                for _ in 0..255 {
                    select.recv(None::<gonex::Receiver<u8>>, |_| ());
                }
            });
            assert!(quiet_panic(one_more));
        };
    }
}

/// Whether it panics.
fn quiet_panic(work: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    std::panic::catch_unwind(work).is_err()
}
