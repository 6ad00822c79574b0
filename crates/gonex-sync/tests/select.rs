//! Select in async code and in threads.
#![cfg(not(gonex_loom))]

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::op::Name;
use gonex_core::rt::{self, Policy, Polled, coop};
use gonex_core::{Context, Stop};
use gonex_sync::TryRecvError::Empty;
use gonex_sync::TrySendError::Full;
use gonex_sync::{Receiver, RecvError, Sender, channel, select, select_block, unbounded};

const LONG: Duration = Duration::from_secs(60);

/// Polls a future by hand, with nobody to wake.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

#[test]
fn what_is_ready_happens() {
    let (tx, rx) = channel(1);
    let (_idle, never) = channel::<u8>(1);
    tx.try_send(7).unwrap();
    let got = select_block! {
        recv(never) -> _ => None,
        recv(rx) -> message => message.ok(),
    };
    assert_eq!(got, Some(7));
}

#[test]
fn a_send_arm_takes_from_its_slot_only_if_it_wins() {
    let (full, full_out) = channel(1);
    full.try_send(0).unwrap();
    let (tx, rx) = channel(1);
    let (mut first, mut second) = (Some(1), Some(2));
    let winner = select_block! {
        send(full, &mut first) => "full",
        send(tx, &mut second) => "free",
    };
    assert_eq!((winner, first, second), ("free", Some(1), None));
    assert_eq!((rx.try_recv(), full_out.try_recv()), (Ok(2), Ok(0)));
}

#[test]
fn an_empty_slot_and_a_missing_end_disable_an_arm() {
    let (tx, rx) = channel::<u8>(1);
    let (absent, mut empty) = (None::<Sender<u8>>, None);
    let nothing = select_block! {
        send(tx, &mut empty) => false,
        send(absent, &mut Some(1)) => false,
        recv(None::<Receiver<u8>>) -> _ => false,
        recv(rx) -> _, if false => false,
        default => true,
    };
    assert!(nothing);
}

#[test]
fn a_closed_channel_is_always_ready() {
    let (tx, rx) = channel::<u8>(1);
    let (out, out_rx) = channel(1);
    drop((tx, out_rx));
    select_block! { recv(rx) -> message => assert_eq!(message, Err(RecvError::Closed)) }
    let mut slot = Some(5);
    select_block! { send(out, &mut slot) -> sent => assert!(sent.unwrap_err().is_closed()) }
    assert_eq!(slot, Some(5), "what was not sent is still there");
}

#[test]
fn a_select_waits_for_a_rendezvous_on_either_side() {
    for _ in 0..50 {
        let (tx, rx) = channel(0);
        let (_idle, never) = channel::<u8>(0);
        let sender = thread::spawn(move || {
            let mut slot = Some(3);
            select_block! { send(tx, &mut slot) => slot, after(LONG) => Some(0) }
        });
        let got = select_block! {
            recv(never) -> _ => None,
            recv(rx) -> message => message.ok(),
            after(LONG) => None,
        };
        assert_eq!((got, sender.join().unwrap()), (Some(3), None));
    }
}

#[test]
fn a_select_never_serves_itself() {
    for capacity in [0, 1] {
        let (tx, rx) = channel(capacity);
        if capacity == 1 {
            tx.try_send(0).unwrap();
        }
        let mut slot = Some(1);
        let happened = select_block! {
            send(tx, &mut slot) => "sent",
            recv(rx) -> _ => "received",
            default => "nothing",
        };
        assert_eq!((happened, slot), (if capacity == 0 { "nothing" } else { "received" }, Some(1)));
        let waits = async {
            select! { send(tx, &mut slot), if capacity == 0 => "sent", recv(rx) -> _ => "received" }
        };
        assert!(poll(pin!(waits)).is_pending());
    }
}

#[test]
fn a_dropped_select_leaves_nothing_behind() {
    let (tx, rx) = channel::<u8>(0);
    let (buffered, buffered_out) = channel(1);
    buffered.try_send(0).unwrap();
    let (mut one, mut two) = (Some(1), Some(2));
    {
        let mut waits = pin!(async {
            select! {
                send(tx, &mut one) => (),
                send(buffered, &mut two) => (),
                recv(rx) -> _ => (),
            }
        });
        assert!(poll(waits.as_mut()).is_pending());
    }
    assert_eq!((one, two), (Some(1), Some(2)));
    assert!(rx.try_recv().is_err() && tx.try_send(9).is_err());
    assert_eq!(buffered_out.try_recv(), Ok(0));
    assert!(buffered_out.try_recv().is_err());
}

#[test]
fn a_value_handed_to_a_dropped_select_is_not_lost() {
    let (tx, rx) = channel(0);
    {
        let mut waits = pin!(async {
            select! { recv(rx) -> message => message }
        });
        assert!(poll(waits.as_mut()).is_pending());
        tx.try_send(4).unwrap();
    }
    assert_eq!(rx.try_recv(), Ok(4));
}

#[tokio::test]
async fn two_selects_serve_one_another_once() {
    for _ in 0..200 {
        let (a_tx, a_rx) = channel(0);
        let (b_tx, b_rx) = channel(0);
        let (a_tx2, a_rx2, b_tx2, b_rx2) = (a_tx.clone(), a_rx.clone(), b_tx.clone(), b_rx.clone());
        let other = tokio::spawn(async move {
            let mut slot = Some(1);
            select! {
                send(a_tx2, &mut slot) => "sent",
                recv(b_rx2) -> _ => "received",
            }
        });
        let mut slot = Some(2);
        let mine = select! {
            send(b_tx, &mut slot) => "sent",
            recv(a_rx) -> _ => "received",
        };
        let theirs = other.await.unwrap();
        assert_ne!(mine, theirs);
        drop((a_tx, a_rx2, b_tx2, b_rx));
    }
}

#[test]
fn ready_arms_happen_equally_often() {
    let (a_tx, a) = unbounded();
    let (b_tx, b) = unbounded();
    let (c_tx, c) = unbounded();
    let mut counts = [0; 3];
    for _ in 0..3000 {
        for tx in [&a_tx, &b_tx, &c_tx] {
            tx.try_send(()).unwrap();
        }
        select_block! {
            recv(a) -> _ => counts[0] += 1,
            recv(b) -> _ => counts[1] += 1,
            recv(c) -> _ => counts[2] += 1,
        }
    }
    assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
}

#[test]
fn a_biased_select_takes_the_first_and_weights_are_followed() {
    let (a_tx, a) = unbounded();
    let (b_tx, b) = unbounded();
    a_tx.send_all(0..5000).block().unwrap();
    b_tx.send_all(0..5000).block().unwrap();
    for _ in 0..100 {
        select_block! {
            biased;
            recv(a) -> _ => {}
            recv(b) -> _ => panic!("the first is ready"),
        }
    }
    let mut counts = [0; 2];
    for _ in 0..3000 {
        select_block! {
            recv(a) -> _, weight 2 => counts[0] += 1,
            recv(b) -> _ => counts[1] += 1,
        }
    }
    assert!((1850..2150).contains(&counts[0]), "{counts:?}");
}

#[test]
fn operations_and_futures_are_arms() {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let (_idle, never) = channel::<u8>(1);
    let stop = select_block! {
        recv(never) -> _ => None,
        op(context.done()) -> stop => Some(stop),
        op(std::future::pending::<()>()) => None,
    };
    assert!(matches!(stop, Some(Stop::Cancelled(_))));
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_is_an_arm() {
    let (_idle, never) = channel::<u8>(0);
    let late = select! {
        recv(never) -> _ => false,
        after(Duration::from_millis(1)) => true,
    };
    assert!(late);
}

#[test]
fn the_default_is_not_taken_while_something_is_always_ready() {
    for capacity in [0, 1] {
        for _ in 0..300 {
            let (a_tx, a) = channel(1);
            let (b_tx, b) = channel(capacity.max(1));
            a_tx.try_send(1).unwrap();
            let a2 = a.clone();
            let b2 = b.clone();
            let selecting = thread::spawn(move || {
                select_block! {
                    recv(a2) -> _ => true,
                    recv(b2) -> _ => true,
                    default => false,
                }
            });
            b_tx.try_send(1).unwrap();
            let _ = a.try_recv();
            assert!(selecting.join().unwrap(), "one of the two was ready at each moment");
        }
    }
}

#[test]
fn operands_are_evaluated_once_in_order() {
    let (tx, rx) = channel(2);
    tx.try_send(1).unwrap();
    let log = std::cell::RefCell::new(Vec::new());
    let note = |name| log.borrow_mut().push(name);
    let mut slot = Some(9);
    select_block! {
        biased;
        recv({ note("first"); &rx }) -> message => assert_eq!(message, Ok(1)),
        send({ note("second"); &tx }, { note("third"); &mut slot }) => panic!("the first is ready"),
    }
    assert_eq!(*log.borrow(), ["first", "second", "third"]);
}

#[test]
fn bodies_may_use_what_the_arms_borrowed_and_leave() {
    #[expect(clippy::needless_pass_by_value, reason = "the body gives back what it was given")]
    fn first(rx: Receiver<u8>, tx: Sender<u8>) -> Option<(u8, Receiver<u8>)> {
        let mut slot = Some(1);
        loop {
            select_block! {
                biased;
                recv(rx) -> message => return Some((message.ok()?, rx)),
                send(tx, &mut slot) => { slot = None; continue; }
            }
        }
    }
    let (tx, rx) = channel(1);
    assert_eq!(first(rx, tx).map(|(value, _)| value), Some(1));
}

#[test]
fn a_biased_select_takes_a_closed_channel_in_its_place() {
    for (closed_in, closed) in [channel::<u8>(0), channel(1), unbounded()] {
        drop(closed_in);
        let (tx, rx) = channel(1);
        tx.try_send(7).unwrap();
        let first = select_block! {
            biased;
            recv(closed) -> message => message,
            recv(rx) -> message => message,
        };
        assert_eq!(first, Err(RecvError::Closed));
        let first = select_block! {
            biased;
            recv(closed) -> message => message,
            op(std::future::ready(Ok(1))) -> one => one,
        };
        assert_eq!(first, Err(RecvError::Closed));
    }
}

#[test]
fn a_biased_select_keeps_its_order_when_it_is_woken() {
    for (tx, rx) in [channel(1), unbounded()] {
        let ready = std::cell::Cell::new(false);
        let flag =
            std::future::poll_fn(|_| if ready.get() { Poll::Ready(()) } else { Poll::Pending });
        let mut selecting = pin!(async {
            select! {
                biased;
                recv(rx) -> message => message.ok(),
                op(flag) => None,
            }
        });
        assert!(poll(selecting.as_mut()).is_pending());
        ready.set(true);
        tx.try_send(7).unwrap();
        assert_eq!(poll(selecting.as_mut()), Poll::Ready(Some(7)));
    }
}

#[test]
fn ends_may_be_lent_mutably() {
    let ((mut tx, mut rx), mut slot) = (channel(1), Some(7));
    select_block!(send(&mut tx, &mut slot) => {});
    let (lent, mut absent) = (&mut rx, None::<&mut Receiver<u8>>);
    let got = select_block! {
        recv(absent.as_mut()) -> _ => None,
        recv(lent) -> message => message.ok(),
    };
    assert_eq!((got, slot), (Some(7), None));
    // It was lent and not taken.
    assert_eq!(lent.try_recv(), Err(Empty));
}

#[test]
fn a_select_that_is_always_ready_lets_others_go_on() {
    let (tx, rx) = unbounded();
    let (_idle, never) = channel::<u16>(1);
    tx.send_all(0..1000).block().unwrap();
    let taken = Cell::new(0);
    let mut busy = pin!(async {
        loop {
            select! {
                recv(rx) -> message => assert_eq!(message, Ok(taken.get())),
                recv(never) -> _ => {},
            }
            taken.set(taken.get() + 1);
        }
    });
    for polls in 1..=3 {
        assert_eq!(coop::with_budget(|| poll(busy.as_mut())), Poll::Pending);
        assert_eq!(taken.get(), polls * u16::from(coop::BUDGET));
    }
}

#[test]
fn a_select_that_is_ready_may_not_block_in_a_task_either() {
    let (tx, rx) = channel(1);
    tx.try_send(7).unwrap();
    let task = Policy::Forbidden(Polled::new(Name::Kind("a task"), None));
    let refused = catch_unwind(AssertUnwindSafe(|| {
        rt::with_policy(task, || select_block!(recv(rx) -> _ => {}));
    }));
    assert!(refused.unwrap_err().downcast_ref::<String>().unwrap().contains("in a task"));
    assert_eq!(rx.try_recv(), Ok(7));
}

#[test]
fn arms_that_wait_may_stand_in_any_order_and_twice() {
    let ((a_tx, a), (b_tx, b), (c_tx, c)) = (channel(0), channel(0), channel(1));
    let (full, full_out) = channel(1);
    full.try_send(0).unwrap();
    let mut slot = Some(9);
    for (tx, value) in [(&a_tx, 1), (&b_tx, 2), (&c_tx, 3)] {
        let mut waits = pin!(async {
            select! {
                recv(c) -> message => message,
                recv(b) -> message => message,
                send(full, &mut slot) => panic!("there is no room"),
                recv(a) -> message => message,
                recv(b) -> message => message,
                recv(a) -> message => message,
            }
        });
        assert_eq!(poll(waits.as_mut()), Poll::Pending);
        // At a rendezvous this finds the select in line.
        tx.try_send(value).unwrap();
        assert_eq!(poll(waits.as_mut()), Poll::Ready(Ok(value)));
    }
    // None of them stands in a line any more, and the value that was not sent is still there.
    assert_eq!((a_tx.try_send(4), b_tx.try_send(4)), (Err(Full(4)), Err(Full(4))));
    assert_eq!((slot, full_out.try_recv(), full_out.try_recv()), (Some(9), Ok(0), Err(Empty)));
}

#[test]
fn a_select_that_was_called_in_vain_waits_on() {
    let ((tx, rx), (_idle, never)) = (channel(1), channel::<u8>(0));
    let mut waits = pin!(async {
        select! {
            recv(never) -> message => message,
            recv(rx) -> message => message,
        }
    });
    for value in 0..10 {
        assert_eq!(poll(waits.as_mut()), Poll::Pending, "before {value}");
        tx.try_send(value).unwrap();
        // It has been called, and somebody else is quicker; sooner or later it is its turn.
        if rx.try_recv().is_err() {
            assert_eq!(poll(waits.as_mut()), Poll::Ready(Ok(value)));
            return;
        }
    }
    panic!("it was overtaken for ever");
}
