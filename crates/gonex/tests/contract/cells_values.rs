//! Rows of the table: what comes in time, shared calls, and channels of other shapes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex::{
    BroadcastRecvError, BroadcastSender, OnLag, RecvError, SendError, Singleflight, Stop, Ticker,
    Timer, TrySendError, WatchError, ZeroPeriod, broadcast, oneshot, watch,
};

use crate::support::{cancelled, leaves_nothing, poll_once};

const HOUR: Duration = Duration::from_secs(3600);

crate::table::cells! {
    "timer.fired()" {
        "drop": "takes no firing, and leaves no timer" => || {
            leaves_nothing(Timer::new(HOUR).fired());
        };
        "time-out": "yields `Err(Stop::Timeout)`, and takes no firing" => || {
            let late = Timer::new(HOUR).fired().timeout(Duration::ZERO).block();
            assert_eq!(late, Err(Stop::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            let ended = Timer::new(HOUR).fired().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur; after `stop` it waits for a `reset`, and sees no firing from before" => || {
            let timer = Timer::new(Duration::ZERO);
            assert!(timer.stop());
            assert_eq!(timer.fired().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            assert!(!timer.reset(Duration::ZERO));
            timer.fired().block();
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait, and one takes the firing" => || {
            let timer = Timer::new(Duration::ZERO);
            assert!(timer.try_fired().is_some() && timer.try_fired().is_none());
        };
    }
    "ticker.tick()" {
        "drop": "takes no tick, and leaves no timer" => || {
            leaves_nothing(Ticker::new(HOUR).unwrap().tick());
        };
        "time-out": "yields `Err(Stop::Timeout)`, and takes no tick" => || {
            let late = Ticker::new(HOUR).unwrap().tick().timeout(Duration::ZERO).block();
            assert_eq!(late, Err(Stop::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            let ended = Ticker::new(HOUR).unwrap().tick().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur; after `stop` it waits for a `reset`, and sees no tick from before" => || {
            let ticker = Ticker::new(Duration::from_nanos(1)).unwrap();
            assert!(ticker.stop());
            assert_eq!(ticker.tick().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            ticker.reset(Duration::from_nanos(1)).unwrap();
            ticker.tick().block();
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "ticks that nobody takes are dropped except the last, and counted; a period of zero is `ZeroPeriod`" => || {
            assert_eq!(Ticker::new(Duration::ZERO).unwrap_err(), ZeroPeriod);
            let clock = std::sync::Arc::new(gonex::rt::Manual::new());
            gonex::rt::enter(clock.clone(), || {
                let ticker = Ticker::new(HOUR).unwrap();
                clock.advance(HOUR * 3);
                assert_eq!(ticker.tick().block().missed, 2);
                assert!(ticker.try_tick().is_none());
            });
        };
    }
    "singleflight.run(key, call)" {
        "drop": "the others go on; if it was the one that runs, the next one runs its own call" => || {
            let group = Singleflight::new();
            let mut leader = Box::pin(group.run_async(1, std::future::pending));
            assert!(poll_once(&mut leader.as_mut()).is_pending());
            leaves_nothing(group.run(1, || 1));
            let mut next = pin!(group.run(1, || 2));
            assert!(poll_once(&mut next).is_pending());
            drop(leader);
            let Poll::Ready(flown) = poll_once(&mut next) else { panic!() };
            assert_eq!(flown.value, 2);
        };
        "time-out": "yields `Err(Stop::Timeout)`; as dropped" => || {
            let group = Singleflight::new();
            let late = group.run_async(1, std::future::pending::<u8>).timeout(Duration::ZERO);
            assert_eq!(late.block(), Err(Stop::Timeout));
            assert!(group.is_empty());
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, as dropped; by the ambient context it unwinds to the border of the task" => || {
            let group = Singleflight::new();
            let ended = group.run_async(1, std::future::pending::<u8>).within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
            assert!(group.is_empty());
        };
        "close": "does not occur: a group is not closed; after `forget` those aboard go on" => || {
            let group = Singleflight::new();
            let mut old = pin!(group.run_async(1, std::future::pending::<u8>));
            assert!(poll_once(&mut old).is_pending());
            assert!(group.forget(&1));
            assert_eq!(group.run(1, || 2).block().value, 2);
            assert!(poll_once(&mut old).is_pending());
        };
        "panic": "of the call: it stays with the caller whose it is, and the next one runs its own" => || {
            let group = Singleflight::new();
            let mut leader = Box::pin(group.run_async(1, async || -> u8 {
                std::future::poll_fn({
                    let mut first = true;
                    move |_| if std::mem::take(&mut first) { Poll::Pending } else { panic!("mine") }
                })
                .await
            }));
            assert!(poll_once(&mut leader.as_mut()).is_pending());
            let mut next = pin!(group.run(1, || 2));
            assert!(poll_once(&mut next).is_pending());
            let panicked = catch_unwind(AssertUnwindSafe(|| poll_once(&mut leader.as_mut())));
            assert!(panicked.is_err());
            drop(leader);
            assert!(poll_once(&mut next).is_ready());
        };
        "bound reached": "does not occur: one entry per key in flight is kept";
    }
    "oneshot_receiver.recv()" {
        "drop": "takes nothing; another receive can be tried" => || {
            let (tx, mut rx) = oneshot();
            leaves_nothing(rx.recv());
            tx.send(7).unwrap();
            assert_eq!(rx.recv().block(), Ok(7));
        };
        "time-out": "yields `RecvError::Timeout`; another receive can be tried" => || {
            let (tx, mut rx) = oneshot();
            assert_eq!(rx.recv().timeout(Duration::ZERO).block(), Err(RecvError::Timeout));
            tx.send(7).unwrap();
            assert_eq!(rx.recv().block(), Ok(7));
        };
        "cancel": "yields `RecvError::Cancelled`; another receive can be tried" => || {
            let (_tx, mut rx) = oneshot::<u8>();
            let ended = rx.recv().within(&cancelled()).block();
            assert!(matches!(ended, Err(RecvError::Cancelled(_))));
        };
        "close": "yields the value if it was sent before, else `RecvError::Closed`" => || {
            let (tx, mut rx) = oneshot();
            tx.send(7).unwrap();
            rx.close();
            assert_eq!(rx.recv().block(), Ok(7));
            assert_eq!(rx.recv().block(), Err(RecvError::Closed));
            let (tx, mut rx) = oneshot::<u8>();
            drop(tx);
            assert_eq!(rx.recv().block(), Err(RecvError::Closed));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: sending consumes the sender";
    }
    "oneshot_sender.closed()" {
        "drop": "nothing is left" => || {
            let (mut tx, _rx) = oneshot::<u8>();
            leaves_nothing(tx.closed());
        };
        "time-out": "yields `Err(Stop::Timeout)`" => || {
            let (mut tx, _rx) = oneshot::<u8>();
            assert_eq!(tx.closed().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            let (mut tx, _rx) = oneshot::<u8>();
            let ended = tx.closed().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
        };
        "close": "is what it waits for; sending gives the value back then" => || {
            let (mut tx, rx) = oneshot();
            drop(rx);
            tx.closed().block();
            assert_eq!(tx.send(7), Err(SendError::Closed(7)));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: one can wait";
    }
    "watch_receiver.changed()" {
        "drop": "marks nothing as seen" => || {
            let (tx, mut rx) = watch(1);
            leaves_nothing(rx.changed());
            tx.send(2).unwrap();
            assert_eq!(rx.has_changed(), Ok(true));
        };
        "time-out": "yields `WatchError::Timeout`, and marks nothing as seen" => || {
            let (_tx, mut rx) = watch(1);
            assert_eq!(rx.changed().timeout(Duration::ZERO).block(), Err(WatchError::Timeout));
        };
        "cancel": "yields `WatchError::Cancelled`, and marks nothing as seen" => || {
            let (_tx, mut rx) = watch(1);
            let ended = rx.changed().within(&cancelled()).block();
            assert!(matches!(ended, Err(WatchError::Cancelled(_))));
        };
        "close": "when all senders are gone: yields the last change once, then `WatchError::Closed`" => || {
            let (tx, mut rx) = watch(1);
            tx.send(2).unwrap();
            drop(tx);
            assert_eq!(rx.changed().block(), Ok(()));
            assert_eq!(rx.changed().block(), Err(WatchError::Closed));
        };
        "panic": "of a closure that changes the value: nobody is told, and nobody locked out" => || {
            let (tx, mut rx) = watch(1);
            let modify = AssertUnwindSafe(|| tx.send_modify(|_| panic!("half-way")));
            assert!(catch_unwind(modify).is_err());
            assert_eq!(rx.has_changed(), Ok(false));
            tx.send(2).unwrap();
            assert_eq!(rx.changed().block(), Ok(()));
        };
        "bound reached": "does not occur: only the last value is kept" => || {
            let (tx, mut rx) = watch(1);
            (2..=100).for_each(|n| tx.send(n).unwrap());
            assert_eq!(rx.changed().block(), Ok(()));
            assert_eq!((*rx.borrow(), rx.has_changed()), (100, Ok(false)));
        };
    }
    "watch_sender.closed()" {
        "drop": "nothing is left" => || {
            let (tx, _rx) = watch(1);
            leaves_nothing(tx.closed());
        };
        "time-out": "yields `Err(Stop::Timeout)`" => || {
            let (tx, _rx) = watch(1);
            assert_eq!(tx.closed().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            let (tx, _rx) = watch(1);
            let ended = tx.closed().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
        };
        "close": "when all receivers are gone, which is what it waits for" => || {
            let (tx, rx) = watch(1);
            drop(rx);
            tx.closed().block();
            assert_eq!(tx.send(2), Err(SendError::Closed(2)));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
    "broadcast_sender.send(value)" {
        "drop": "sends nothing, to nobody, and the place in line goes to the next" => || {
            let (tx, mut rx) = broadcast(1);
            tx.try_send(1).unwrap();
            leaves_nothing(tx.send(2));
            assert_eq!(rx.try_recv(), Ok(1));
            assert_eq!(tx.send(3).block(), Ok(1));
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`" => || {
            let (tx, _rx) = broadcast(1);
            tx.try_send(1).unwrap();
            let late = tx.send(2).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(SendError::Timeout(2)));
        };
        "cancel": "gives the value back: `SendError::Cancelled(value, cause)`" => || {
            let (tx, _rx) = broadcast(1);
            tx.try_send(1).unwrap();
            let ended = tx.send(2).within(&cancelled()).block();
            assert!(matches!(ended, Err(SendError::Cancelled(2, _))));
        };
        "close": "gives the value back: `SendError::Closed(value)`, also to who waits for room already" => || {
            let (tx, _rx) = broadcast(1);
            tx.try_send(1).unwrap();
            let mut waiting = pin!(tx.send(2));
            assert!(poll_once(&mut waiting).is_pending());
            tx.close();
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Err(SendError::Closed(2))));
        };
        "panic": "does not occur: values are cloned by who receives them";
        "bound reached": "waits, first come first served, for subscribers with `OnLag::Wait`; the others miss the oldest value; `try_send` gives the value back: `TrySendError::Full(value)`" => || {
            let (tx, mut rx) = broadcast(1);
            tx.try_send(1).unwrap();
            assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
            let lags = tx.subscribe_with(OnLag::DropOldest);
            assert_eq!(rx.try_recv(), Ok(1));
            drop(rx);
            assert_eq!((tx.try_send(2), tx.try_send(3)), (Ok(1), Ok(1)));
            assert_eq!(lags.missed(), 1);
        };
    }
    "broadcast_receiver.recv()" {
        "drop": "takes nothing" => || {
            let (tx, mut rx) = broadcast(1);
            leaves_nothing(rx.recv());
            tx.try_send(1).unwrap();
            assert_eq!(rx.recv().block(), Ok(1));
        };
        "time-out": "yields `BroadcastRecvError::Timeout`, and takes nothing" => || {
            let (_tx, mut rx) = broadcast::<u8>(1);
            let late = rx.recv().timeout(Duration::ZERO).block();
            assert_eq!(late, Err(BroadcastRecvError::Timeout));
        };
        "cancel": "yields `BroadcastRecvError::Cancelled`, and takes nothing" => || {
            let (_tx, mut rx) = broadcast::<u8>(1);
            let ended = rx.recv().within(&cancelled()).block();
            assert!(matches!(ended, Err(BroadcastRecvError::Cancelled(_))));
        };
        "close": "yields what is inside, then `BroadcastRecvError::Closed`" => || {
            let (tx, mut rx) = broadcast(1);
            tx.try_send(1).unwrap();
            tx.close();
            assert_eq!(rx.recv().block(), Ok(1));
            assert_eq!(rx.recv().block(), Err(BroadcastRecvError::Closed));
        };
        "panic": "of the value's `clone`: it goes on to the receiver, for whom the value is received" => || {
            struct Fragile;
            impl Clone for Fragile {
                fn clone(&self) -> Self {
                    panic!("fragile")
                }
            }
            let (tx, mut one) = broadcast(1);
            let mut last = tx.subscribe();
            assert!(tx.try_send(Fragile).is_ok());
            let received = AssertUnwindSafe(|| one.recv().block().is_ok());
            assert!(catch_unwind(received).is_err());
            assert!(last.recv().block().is_ok() && tx.is_empty());
        };
        "bound reached": "where it lags, and wants to know: yields `BroadcastRecvError::Lagged(missed)`, and goes on after them" => || {
            let tx = BroadcastSender::new(1);
            let mut rx = tx.subscribe_with(OnLag::Error);
            (1..=3).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
            assert_eq!(rx.recv().block(), Err(BroadcastRecvError::Lagged(2)));
            assert_eq!(rx.recv().block(), Ok(3));
        };
    }
}
