//! The rows of channels.

use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use gonex::{
    AckError, ChannelBuilder, Context, Receiver, RecvError, ReserveError, SendError, Sender,
    TryRecvError, channel,
};

use crate::support::{cancelled, leaves_nothing, poll_once, quiet, wait_for};

/// A channel of capacity 1 with a 0 inside.
fn full() -> (Sender<u32>, Receiver<u32>) {
    let (tx, rx) = channel(1);
    tx.try_send(0).unwrap();
    (tx, rx)
}

/// A panic in the thread that does this, which is not printed.
fn panics(work: impl FnOnce() + Send + 'static) -> bool {
    quiet().go(work).join().block().is_err()
}

/// Tells when it is dropped.
struct Told(mpsc::Sender<()>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

crate::table::cells! {
    "sender.send(value)" {
        "drop": "nothing is sent, unless it was let in just before; the place in line goes to the next, and the value is dropped" => || {
            let (tx, rx) = full();
            leaves_nothing(tx.send(1));
            let mut next = pin!(tx.send(2));
            assert!(poll_once(&mut next).is_pending());
            assert_eq!(rx.try_recv(), Ok(0));
            assert_eq!(wait_for(next.as_mut()), Ok(()));
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [2]);

            let (tx, rx) = full();
            let mut let_in = Box::pin(tx.send(1));
            assert!(poll_once(&mut let_in.as_mut()).is_pending());
            assert_eq!(rx.try_recv(), Ok(0));
            drop(let_in);
            assert_eq!(rx.try_recv(), Ok(1));

            let (told, dropped) = mpsc::channel();
            let (tx, _rx) = channel(0);
            leaves_nothing(tx.send(Told(told)));
            assert_eq!(dropped.iter().count(), 1);
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`; done if it was let in just before" => || {
            let (tx, _rx) = full();
            assert_eq!(tx.send(1).timeout(Duration::ZERO).block(), Err(SendError::Timeout(1)));
        };
        "cancel": "gives the value back: `SendError::Cancelled(value, cause)`; done if it was let in just before" => || {
            let (tx, _rx) = full();
            let stopped = tx.send(1).within(&cancelled()).block();
            assert!(matches!(stopped, Err(SendError::Cancelled(1, _))));
            let ambient = cancelled().run(|| tx.send(2).block());
            assert!(matches!(ambient, Err(SendError::Cancelled(2, _))));
        };
        "close": "gives the value back: `SendError::Closed(value)`, also to who waits for room already; what is inside can still be received" => || {
            let (tx, rx) = full();
            let mut waiting = pin!(tx.send(1));
            assert!(poll_once(&mut waiting).is_pending());
            tx.close();
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Err(SendError::Closed(1))));
            assert_eq!(tx.send(2).block(), Err(SendError::Closed(2)));
            assert_eq!((rx.recv().block(), rx.recv().block()), (Ok(0), Err(RecvError::Closed)));
        };
        "panic": "of the function that weighs: goes through the send, and the channel is whole" => || {
            let weigh = |n: &usize| if *n == 13 { panic!("unlucky") } else { *n };
            let (tx, rx) = ChannelBuilder::new().weighted(20, weigh).build();
            let sender = tx.clone();
            assert!(panics(move || drop(sender.send(13).block())));
            assert_eq!(tx.send(20).block(), Ok(()));
            assert_eq!(rx.recv().block(), Ok(20));
        };
        "bound reached": "waits for room, first come first served; `try_send` gives the value back: `TrySendError::Full(value)`" => || {
            let (tx, rx) = full();
            assert!(tx.try_send(1).unwrap_err().is_full());
            let (mut first, mut second) = (pin!(tx.send(1)), pin!(tx.send(2)));
            assert!(poll_once(&mut first).is_pending() && poll_once(&mut second).is_pending());
            assert_eq!((rx.try_recv(), wait_for(first.as_mut())), (Ok(0), Ok(())));
            assert_eq!((rx.try_recv(), wait_for(second.as_mut())), (Ok(1), Ok(())));
        };
    }
    "sender.send(value) at capacity 0" {
        "drop": "nothing is sent, unless a receiver has taken it; the value is dropped" => || {
            let (tx, rx) = channel(0);
            leaves_nothing(tx.send(1));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`; done if a receiver has taken it just before" => || {
            let (tx, rx) = channel(0);
            assert_eq!(tx.send(1).timeout(Duration::ZERO).block(), Err(SendError::Timeout(1)));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        };
        "cancel": "gives the value back: `SendError::Cancelled(value, cause)`; done if a receiver has taken it just before" => || {
            let (tx, rx) = channel(0);
            let (context, canceller) = Context::background().with_cancel();
            let mut taken = pin!(tx.send(1).within(&context));
            assert!(poll_once(&mut taken).is_pending());
            assert_eq!(rx.try_recv(), Ok(1));
            canceller.cancel("just too late");
            assert_eq!(poll_once(&mut taken), Poll::Ready(Ok(())));
            let stopped = tx.send(2).within(&context).block();
            assert!(matches!(stopped, Err(SendError::Cancelled(2, _))));
        };
        "close": "gives the value back: `SendError::Closed(value)`, also to who waits already" => || {
            let (tx, rx) = channel(0);
            let mut waiting = pin!(tx.send(1));
            assert!(poll_once(&mut waiting).is_pending());
            drop(rx);
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Err(SendError::Closed(1))));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "always: it waits for its receive, first come first served; done when a receiver has the value in hand" => || {
            let (tx, rx) = channel(0);
            assert!(tx.try_send(0).unwrap_err().is_full());
            let (mut first, mut second) = (pin!(tx.send(1)), pin!(tx.send(2)));
            assert!(poll_once(&mut first).is_pending() && poll_once(&mut second).is_pending());
            assert_eq!(rx.recv().block(), Ok(1));
            assert_eq!(poll_once(&mut first), Poll::Ready(Ok(())));
            assert!(poll_once(&mut second).is_pending());
        };
    }
    "sender.send_all(values)" {
        "drop": "what was sent stays sent, and the rest is dropped" => || {
            let (tx, rx) = channel(2);
            leaves_nothing(tx.send_all(0..5));
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0, 1]);
        };
        "time-out": "gives back what was not sent, in order: `SendError::Timeout(unsent)`" => || {
            let (tx, _rx) = channel(2);
            let error = tx.send_all(0..5).timeout(Duration::ZERO).block().unwrap_err();
            let SendError::Timeout(unsent) = error else { panic!("{error}") };
            assert_eq!(unsent.collect::<Vec<_>>(), [2, 3, 4]);
        };
        "cancel": "gives back what was not sent, in order: `SendError::Cancelled(unsent, cause)`" => || {
            let (tx, _rx) = channel(2);
            let error = tx.send_all(0..5).within(&cancelled()).block().unwrap_err();
            let SendError::Cancelled(unsent, _) = error else { panic!("{error}") };
            assert_eq!(unsent.collect::<Vec<_>>(), [2, 3, 4]);
        };
        "close": "gives back what was not sent, in order: `SendError::Closed(unsent)`" => || {
            let (tx, rx) = channel(2);
            let mut sending = pin!(tx.send_all(0..5));
            assert!(poll_once(&mut sending).is_pending());
            rx.close();
            let Poll::Ready(Err(SendError::Closed(unsent))) = poll_once(&mut sending) else { panic!() };
            assert_eq!(unsent.collect::<Vec<_>>(), [2, 3, 4]);
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0, 1]);
        };
        "panic": "of the iterator: goes through the send; what was sent stays sent" => || {
            let (tx, rx) = channel(8);
            let sender = tx.clone();
            let values = (0..5).map(|n| if n == 3 { panic!("no more") } else { n });
            assert!(panics(move || drop(sender.send_all(values).block())));
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        };
        "bound reached": "waits for room for each value; others may send in between" => || {
            let (tx, rx) = channel(1);
            let sending = thread::spawn(move || tx.send_all(0..100).block());
            assert_eq!(rx.iter().collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
            assert!(sending.join().unwrap().is_ok());
        };
    }
    "sender.send_acked(value)" {
        "drop": "before the value is sent, it sends nothing; after that, the value stays sent" => || {
            let (tx, rx) = full();
            leaves_nothing(tx.send_acked(1));
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0]);
            leaves_nothing(tx.send_acked(2));
            assert_eq!(rx.try_recv(), Ok(2));
        };
        "time-out": "gives the value back if it was not sent: `AckError::NotSent(SendError::Timeout(value))`; else `AckError::NotYet(Stop::Timeout)`, and it may yet be received" => || {
            let (tx, rx) = full();
            let unsent = tx.send_acked(1).timeout(Duration::ZERO).block();
            assert_eq!(unsent, Err(AckError::NotSent(SendError::Timeout(1))));
            assert_eq!(rx.try_recv(), Ok(0));
            let sent = tx.send_acked(2).timeout(Duration::ZERO).block();
            assert!(matches!(sent, Err(AckError::NotYet(_))));
            assert_eq!(rx.try_recv(), Ok(2));
        };
        "cancel": "as for time-out, with the cause" => || {
            let (tx, _rx) = full();
            let unsent = tx.send_acked(1).within(&cancelled()).block();
            assert!(matches!(unsent, Err(AckError::NotSent(SendError::Cancelled(1, _)))));
        };
        "close": "gives the value back if it was not sent: `AckError::NotSent(SendError::Closed(value))`; `AckError::Discarded` when the channel ends with the value inside" => || {
            let (tx, rx) = full();
            let mut unsent = pin!(tx.send_acked(1));
            assert!(poll_once(&mut unsent).is_pending());
            rx.close();
            let closed = Err(AckError::NotSent(SendError::Closed(1)));
            assert_eq!(poll_once(&mut unsent), Poll::Ready(closed));
            let (tx, rx) = channel(1);
            let mut sent = pin!(tx.send_acked(2));
            assert!(poll_once(&mut sent).is_pending());
            drop(rx);
            assert_eq!(poll_once(&mut sent), Poll::Ready(Err(AckError::Discarded)));
        };
        "panic": "as `sender.send(value)`";
        "bound reached": "waits for room, and then until the value is received" => || {
            let (tx, rx) = full();
            let mut acked = pin!(tx.send_acked(1));
            assert!(poll_once(&mut acked).is_pending());
            assert_eq!(rx.try_recv(), Ok(0));
            assert!(poll_once(&mut acked).is_pending());
            assert_eq!(rx.try_recv(), Ok(1));
            assert_eq!(poll_once(&mut acked), Poll::Ready(Ok(())));
        };
    }
    "sender.reserve()" {
        "drop": "no place is kept, and the place in line goes to the next" => || {
            let (tx, rx) = full();
            leaves_nothing(tx.reserve());
            assert_eq!(rx.try_recv(), Ok(0));
            assert_eq!(tx.try_send(1), Ok(()));
        };
        "time-out": "yields `ReserveError::Timeout`" => || {
            let (tx, _rx) = full();
            let late = tx.reserve().timeout(Duration::ZERO).block();
            assert!(matches!(late, Err(ReserveError::Timeout)));
        };
        "cancel": "yields `ReserveError::Cancelled(cause)`" => || {
            let (tx, _rx) = full();
            let stopped = tx.reserve().within(&cancelled()).block();
            assert!(matches!(stopped, Err(ReserveError::Cancelled(_))));
        };
        "close": "yields `ReserveError::Closed`, also to who waits already" => || {
            let (tx, rx) = full();
            let mut waiting = pin!(tx.reserve());
            assert!(poll_once(&mut waiting).is_pending());
            rx.close();
            assert!(matches!(poll_once(&mut waiting), Poll::Ready(Err(ReserveError::Closed))));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "waits for room, first come first served; `try_reserve` yields `ReserveError::Full`" => || {
            let (tx, rx) = full();
            assert!(matches!(tx.try_reserve(), Err(ReserveError::Full)));
            let mut waiting = pin!(tx.reserve());
            assert!(poll_once(&mut waiting).is_pending());
            assert_eq!(rx.try_recv(), Ok(0));
            assert!(wait_for(waiting.as_mut()).is_ok());
        };
    }
    "permit.send(value)" {
        "drop": "of the permit: its place goes to the next who waits" => || {
            let (tx, _rx) = channel(1);
            let permit = tx.reserve().block().unwrap();
            let mut next = pin!(tx.send(1));
            assert!(poll_once(&mut next).is_pending());
            drop(permit);
            assert_eq!(wait_for(next.as_mut()), Ok(()));
        };
        "time-out": "does not occur: it never waits";
        "cancel": "does not occur: it never waits";
        "close": "gives the value back: `SendError::Closed(value)`" => || {
            let (tx, rx) = channel(1);
            let permit = tx.reserve().block().unwrap();
            rx.close();
            assert_eq!(permit.send(1), Err(SendError::Closed(1)));
        };
        "panic": "of the function that weighs: as `sender.send(value)`";
        "bound reached": "does not occur: the place is kept" => || {
            let (tx, rx) = channel(1);
            let permit = tx.reserve().block().unwrap();
            assert!(tx.try_send(0).unwrap_err().is_full());
            assert_eq!((permit.send(1), rx.try_recv()), (Ok(()), Ok(1)));
        };
    }
    "receiver.recv()" {
        "drop": "nothing is taken; a value that had been handed to it goes back to the head of the channel" => || {
            let (tx, rx) = channel::<u8>(1);
            leaves_nothing(rx.recv());
            tx.try_send(1).unwrap();
            assert_eq!(rx.try_recv(), Ok(1));
            let (tx, rx) = channel(0);
            {
                let mut waiting = pin!(rx.recv());
                assert!(poll_once(&mut waiting).is_pending());
                tx.try_send(2).unwrap();
            }
            assert_eq!(rx.try_recv(), Ok(2));
        };
        "time-out": "yields `RecvError::Timeout`; a value that had been handed to it is received" => || {
            let (tx, rx) = channel(0);
            assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
            let (context, canceller) = Context::background().with_cancel();
            let mut handed = pin!(rx.recv().within(&context));
            assert!(poll_once(&mut handed).is_pending());
            tx.try_send(1).unwrap();
            canceller.cancel("just too late");
            assert_eq!(poll_once(&mut handed), Poll::Ready(Ok(1)));
        };
        "cancel": "yields `RecvError::Cancelled(cause)`; a value that had been handed to it is received" => || {
            let (_tx, rx) = channel::<u8>(1);
            assert!(matches!(rx.recv().within(&cancelled()).block(), Err(RecvError::Cancelled(_))));
        };
        "close": "yields what is inside, and then `RecvError::Closed`, also to who waits already" => || {
            let (tx, rx) = full();
            drop(tx);
            assert_eq!((rx.recv().block(), rx.recv().block()), (Ok(0), Err(RecvError::Closed)));
            let (tx, rx) = channel::<u8>(1);
            let mut waiting = pin!(rx.recv());
            assert!(poll_once(&mut waiting).is_pending());
            tx.close();
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Err(RecvError::Closed)));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait, first come first served" => || {
            let (tx, rx) = channel(0);
            let (mut first, mut second) = (pin!(rx.recv()), pin!(rx.recv()));
            assert!(poll_once(&mut first).is_pending() && poll_once(&mut second).is_pending());
            tx.try_send(1).unwrap();
            assert!(poll_once(&mut second).is_pending());
            assert_eq!(poll_once(&mut first), Poll::Ready(Ok(1)));
        };
    }
    "receiver.recv_many(into, limit)" {
        "drop": "nothing is taken" => || {
            let (tx, rx) = channel(2);
            let mut into = Vec::new();
            leaves_nothing(rx.recv_many(&mut into, 2));
            tx.send_all([1, 2]).block().unwrap();
            assert_eq!((into.len(), rx.len()), (0, 2));
        };
        "time-out": "yields `RecvError::Timeout`, and `into` is as it was" => || {
            let (_tx, rx) = channel::<u8>(2);
            let mut into = vec![0];
            let late = rx.recv_many(&mut into, 2).timeout(Duration::ZERO).block();
            assert_eq!((late, into), (Err(RecvError::Timeout), vec![0]));
        };
        "cancel": "yields `RecvError::Cancelled(cause)`, and `into` is as it was" => || {
            let (_tx, rx) = channel::<u8>(2);
            let mut into = Vec::new();
            let stopped = rx.recv_many(&mut into, 2).within(&cancelled()).block();
            assert!(matches!(stopped, Err(RecvError::Cancelled(_))) && into.is_empty());
        };
        "close": "yields what is inside, and then `RecvError::Closed`" => || {
            let (tx, rx) = full();
            drop(tx);
            let mut into = Vec::new();
            assert_eq!(rx.recv_many(&mut into, 9).block(), Ok(1));
            assert_eq!(rx.recv_many(&mut into, 9).block(), Err(RecvError::Closed));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "takes `limit` values at most; the others stay" => || {
            let (tx, rx) = channel(5);
            tx.send_all(0..5).block().unwrap();
            let mut into = Vec::new();
            assert_eq!(rx.recv_many(&mut into, 3).block(), Ok(3));
            assert_eq!((into, rx.len()), (vec![0, 1, 2], 2));
        };
    }
    "receiver.iter()" {
        "drop": "nothing is taken that it has not yielded" => || {
            let (tx, rx) = channel(2);
            tx.send_all([1, 2]).block().unwrap();
            assert_eq!(rx.iter().next(), Some(1));
            assert_eq!(rx.try_recv(), Ok(2));
        };
        "time-out": "ends when the deadline of the ambient context passes" => || {
            let (_tx, rx) = channel::<u8>(1);
            let late = Context::background().with_timeout(Duration::ZERO);
            assert_eq!(late.run(|| rx.iter().count()), 0);
        };
        "cancel": "ends when the ambient context is cancelled" => || {
            let (_tx, rx) = full();
            assert_eq!(cancelled().run(|| rx.iter().count()), 1);
        };
        "close": "yields what is inside, and ends" => || {
            let (tx, rx) = full();
            drop(tx);
            assert_eq!(rx.iter().collect::<Vec<_>>(), [0]);
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
    "receiver.stream()" {
        "drop": "nothing is taken; a value that had been handed to it goes back to the head of the channel" => || {
            let (tx, rx) = channel(0);
            {
                let mut stream = rx.stream();
                assert!(next(&mut stream).is_pending());
                tx.try_send(1).unwrap();
            }
            assert_eq!(rx.try_recv(), Ok(1));
        };
        "time-out": "ends when the deadline of the ambient context passes" => || {
            let (_tx, rx) = channel::<u8>(1);
            let late = Context::background().with_timeout(Duration::ZERO);
            assert_eq!(late.run(|| next(&mut rx.stream())), Poll::Ready(None));
        };
        "cancel": "ends when the ambient context is cancelled" => || {
            let (_tx, rx) = channel::<u8>(1);
            assert_eq!(cancelled().run(|| next(&mut rx.stream())), Poll::Ready(None));
        };
        "close": "yields what is inside, and ends" => || {
            let (tx, rx) = full();
            drop(tx);
            let mut stream = rx.stream();
            assert_eq!(next(&mut stream), Poll::Ready(Some(0)));
            assert_eq!(next(&mut stream), Poll::Ready(None));
            assert_eq!(next(&mut stream), Poll::Ready(None));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
    "sender.sink()" {
        "drop": "a value that was started and not flushed is dropped, and the place in line goes to the next" => || {
            let (tx, rx) = full();
            {
                let mut sink = tx.sink();
                Pin::new(&mut sink).start_send(1).unwrap();
                assert!(flush(&mut sink).is_pending());
            }
            assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0]);
            assert_eq!(tx.try_send(2), Ok(()));
        };
        "time-out": "gives the value back when the deadline of the ambient context passes: `SendError::Timeout(value)`" => || {
            let (tx, _rx) = full();
            let late = Context::background().with_timeout(Duration::ZERO);
            let mut sink = tx.sink();
            Pin::new(&mut sink).start_send(1).unwrap();
            let flushed = late.run(|| flush(&mut sink));
            assert_eq!(flushed, Poll::Ready(Err(SendError::Timeout(1))));
        };
        "cancel": "gives the value back when the ambient context is cancelled: `SendError::Cancelled(value, cause)`" => || {
            let (tx, _rx) = full();
            let mut sink = tx.sink();
            Pin::new(&mut sink).start_send(1).unwrap();
            let flushed = cancelled().run(|| flush(&mut sink));
            assert!(matches!(flushed, Poll::Ready(Err(SendError::Cancelled(1, _)))));
        };
        "close": "of the channel: gives the value back, `SendError::Closed(value)`; of the sink: flushes, and the channel stays open" => || {
            let (tx, rx) = channel(1);
            let mut sink = tx.sink();
            Pin::new(&mut sink).start_send(1).unwrap();
            let mut cx = TaskContext::from_waker(Waker::noop());
            assert_eq!(Pin::new(&mut sink).poll_close(&mut cx), Poll::Ready(Ok(())));
            assert_eq!((rx.try_recv(), tx.is_closed()), (Ok(1), false));
            Pin::new(&mut sink).start_send(2).unwrap();
            rx.close();
            assert_eq!(flush(&mut sink), Poll::Ready(Err(SendError::Closed(2))));
        };
        "panic": "as `sender.send(value)`";
        "bound reached": "is not ready until there is room" => || {
            let (tx, rx) = full();
            let mut sink = tx.sink();
            Pin::new(&mut sink).start_send(1).unwrap();
            assert!(flush(&mut sink).is_pending());
            assert_eq!(rx.try_recv(), Ok(0));
            assert_eq!(flush(&mut sink), Poll::Ready(Ok(())));
        };
    }
}

fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut TaskContext::from_waker(Waker::noop()))
}

fn flush<S: Sink<u32> + Unpin>(sink: &mut S) -> Poll<Result<(), S::Error>> {
    Pin::new(sink).poll_flush(&mut TaskContext::from_waker(Waker::noop()))
}
