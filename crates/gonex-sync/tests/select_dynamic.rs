//! Selects over arms that are known only at run time.
#![cfg(not(gonex_loom))]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_sync::{Receiver, RecvError, Select, Sender, channel, select_block, unbounded};

const LONG: Duration = Duration::from_secs(60);

/// Polls a future by hand, with nobody to wake.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Channels of capacities 0, 1, 2, 0, 1, …
fn mixed<T>(number: usize) -> (Vec<Sender<T>>, Vec<Receiver<T>>) {
    (0..number).map(|index| channel(index % 3)).unzip()
}

#[test]
fn two_hundred_arms_serve_threads() {
    let (senders, receivers) = mixed::<usize>(200);
    let mut select = Select::new();
    let mut arms = Vec::new();
    for (index, receiver) in receivers.into_iter().enumerate() {
        arms.push(select.recv(receiver, move |message| (index, message)));
    }
    let sending: Vec<_> = senders
        .chunks(20)
        .map(<[_]>::to_vec)
        .enumerate()
        .map(|(chunk, some)| {
            thread::spawn(move || {
                for round in 0..10 {
                    for (at, sender) in some.iter().enumerate() {
                        let value = (chunk * 20 + at) * 10 + round;
                        sender.send(value).timeout(LONG).block().unwrap();
                    }
                }
            })
        })
        .collect();
    drop(senders);
    let mut received = vec![Vec::new(); 200];
    while !select.is_empty() {
        match select.wait().timeout(LONG).block().unwrap() {
            (index, Ok(value)) => received[index].push(value),
            (index, Err(error)) => {
                assert_eq!(error, RecvError::Closed);
                assert!(select.remove(arms[index]));
            }
        }
    }
    for (index, values) in received.into_iter().enumerate() {
        assert_eq!(values, (index * 10..index * 10 + 10).collect::<Vec<_>>());
    }
    sending.into_iter().for_each(|thread| thread.join().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_arms_serve_tasks() {
    let (senders, receivers) = mixed::<usize>(200);
    let sending: Vec<_> = senders
        .into_iter()
        .enumerate()
        .map(|(index, sender)| {
            tokio::spawn(async move { sender.send_all(index * 10..index * 10 + 10).await.unwrap() })
        })
        .collect();
    let receiving = tokio::spawn(async move {
        let mut select = Select::new();
        for receiver in receivers {
            select.recv(receiver, Result::ok);
        }
        let mut sum = 0;
        let mut left = 2_000;
        while left > 0 {
            // A channel that has ended is ready all the time, in between.
            if let Some(value) = select.wait().await {
                sum += value;
                left -= 1;
            }
        }
        sum
    });
    for task in sending {
        task.await.unwrap();
    }
    assert_eq!(receiving.await.unwrap(), (0..2_000).sum::<usize>());
}

#[test]
fn ready_arms_happen_equally_often() {
    let channels: Vec<_> = (0..8).map(|_| unbounded()).collect();
    let mut select = Select::new();
    for (index, (sender, receiver)) in channels.iter().enumerate() {
        sender.send_all(0..4_000).block().unwrap();
        select.recv(receiver, move |_| index);
    }
    let mut counts = [0; 8];
    for _ in 0..4_000 {
        counts[select.wait().block()] += 1;
    }
    assert!(counts.iter().all(|count| (380..620).contains(count)), "{counts:?}");
}

#[test]
fn arms_of_both_directions_share_a_loop() {
    for capacity in [0, 1, 5] {
        let (tx, rx) = channel(capacity);
        let (back_tx, back_rx) = channel(capacity);
        let echo = thread::spawn(move || {
            for value in &rx {
                back_tx.send(value * 10).block().unwrap();
            }
        });
        let mut select = Select::new();
        let sending = select.send(tx, 0, |sent| {
            sent.unwrap();
            None
        });
        select.recv(back_rx, Some);
        let (mut sent, mut received) = (0, Vec::new());
        loop {
            match select.wait().timeout(LONG).block().unwrap() {
                None => {
                    sent += 1;
                    if sent < 100 {
                        select.slot(sending).unwrap().replace(sent);
                    } else {
                        assert!(select.remove(sending), "which closes the channel");
                    }
                }
                Some(Ok(value)) => received.push(value),
                Some(Err(_)) => break,
            }
        }
        assert_eq!(received, (0..100).map(|n| n * 10).collect::<Vec<_>>());
        echo.join().unwrap();
    }
}

#[test]
fn one_channel_may_be_in_many_arms() {
    for capacity in [0, 4] {
        let (tx, rx) = channel(capacity);
        let mut select = Select::new();
        for arm in 0..50 {
            select.recv(&rx, move |message| (arm, message.unwrap()));
        }
        let own = select.send(&tx, 77, |_| unreachable!("a select never serves itself"));
        select.enable(own, capacity == 0);
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.send_all(0..100).timeout(LONG).block().unwrap()
        });
        let values: Vec<i32> =
            (0..100).map(|_| select.wait().timeout(LONG).block().unwrap().1).collect();
        assert_eq!(values, (0..100).collect::<Vec<_>>());
        assert_eq!(select.slot(own), Some(&mut Some(77)));
        sender.join().unwrap();
    }
}

#[test]
fn two_selects_serve_one_another_once() {
    for _ in 0..200 {
        let (a_tx, a_rx) = channel(0);
        let (b_tx, b_rx) = channel(0);
        let one = |tx: &Sender<u8>, rx: &Receiver<u8>| {
            let (tx, rx) = (tx.clone(), rx.clone());
            move || {
                let mut select = Select::new();
                let arm = select.send(tx, 1, |_| "sent");
                select.recv(rx, |_| "received");
                let happened = select.wait().timeout(LONG).block().unwrap();
                assert_eq!(select.slot(arm).unwrap().is_none(), happened == "sent");
                happened
            }
        };
        let other = thread::spawn(one(&a_tx, &b_rx));
        assert_ne!(one(&b_tx, &a_rx)(), other.join().unwrap());
    }
}

#[test]
fn it_meets_the_macro() {
    for _ in 0..100 {
        let (tx, rx) = channel(0);
        let sender = thread::spawn(move || {
            let mut slot = Some(5);
            select_block! { send(tx, &mut slot) => slot, after(LONG) => Some(0) }
        });
        let mut select = Select::new();
        select.recv(rx, |message| message);
        assert_eq!(select.wait().timeout(LONG).block(), Ok(Ok(5)));
        assert_eq!(sender.join().unwrap(), None);
    }
}

#[test]
fn a_dropped_wait_leaves_nothing_behind() {
    struct Silent;
    impl Wake for Silent {
        fn wake(self: Arc<Self>) {}
    }
    let (tx, rx) = channel::<u8>(0);
    let (full, full_out) = channel(1);
    full.try_send(0).unwrap();
    let mut select = Select::new();
    select.recv(&rx, |_| ());
    let one = select.send(&tx, 1, |_| ());
    let two = select.send(&full, 2, |_| ());
    let silent = Arc::new(Silent);
    let waker = Waker::from(silent.clone());
    {
        let mut waits = pin!(select.wait());
        assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
        assert!(Arc::strong_count(&silent) > 2);
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&silent), 1, "no waker is left");
    assert_eq!((*select.slot(one).unwrap(), *select.slot(two).unwrap()), (Some(1), Some(2)));
    assert!(rx.try_recv().is_err() && tx.try_send(9).is_err());
    assert_eq!(full_out.try_iter().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_value_handed_over_is_lost_neither_by_a_drop_nor_by_a_limit() {
    let (tx, rx) = channel(0);
    let mut select = Select::new();
    select.recv(&rx, |message| message);
    {
        let mut waits = pin!(select.wait());
        assert!(poll(waits.as_mut()).is_pending());
        tx.try_send(4).unwrap();
    }
    assert_eq!(rx.try_recv(), Ok(4));

    let (context, canceller) = Context::background().with_cancel();
    let mut waits = pin!(select.wait().within(&context));
    assert!(poll(waits.as_mut()).is_pending());
    tx.try_send(5).unwrap();
    canceller.cancel("just too late");
    assert_eq!(poll(waits), Poll::Ready(Ok(Ok(5))));
}

#[test]
fn limits_yield_stops_and_the_select_goes_on() {
    let (tx, rx) = channel(0);
    let (context, canceller) = Context::background().with_cancel();
    let mut select = Select::new();
    select.recv(&rx, |message| message);
    assert_eq!(select.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    canceller.cancel("enough");
    assert!(matches!(select.wait().within(&context).block(), Err(Stop::Cancelled(_))));
    let sender = thread::spawn(move || tx.send(1).timeout(LONG).block());
    assert_eq!(select.wait().timeout(LONG).block(), Ok(Ok(1)));
    sender.join().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_future_goes_on_from_wait_to_wait() {
    let (tx, rx) = channel(4);
    tx.send_all(0..3).await.unwrap();
    let mut select = Select::new().biased();
    select.recv(rx, Result::ok);
    select.after(Duration::from_millis(5), || None);
    let mut got = Vec::new();
    while let Some(value) = select.wait().await {
        got.push(value);
    }
    assert_eq!((got, select.len()), (vec![0, 1, 2], 1));
    assert_eq!(select.try_now(), None);
}

#[test]
fn a_select_of_nothing_waits_and_can_be_stopped() {
    let mut select = Select::<()>::new();
    assert_eq!(select.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    assert_eq!(select.try_now(), None);
    select.recv(None::<Receiver<u8>>, |_| ());
    assert!(poll(pin!(select.wait())).is_pending());
}

#[test]
fn an_arm_too_many_is_a_panic_and_does_no_harm() {
    let (tx, rx) = channel(1);
    let mut select = Select::new();
    let arms: Vec<_> = (0..255).map(|_| select.recv(&rx, |message| message)).collect();
    let panic = catch_unwind(AssertUnwindSafe(|| select.recv(&rx, |message| message)));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("a select has at most 255 arms: "), "{message}");
    tx.try_send(1).unwrap();
    assert_eq!(select.wait().block(), Ok(1));
    assert!(select.remove(arms[0]));
    select.recv(&rx, |message| message);
}

#[test]
fn a_panic_in_a_function_leaves_the_select_whole() {
    let (tx, rx) = channel(0);
    let mut select = Select::new();
    let mut first = true;
    select.recv(&rx, move |message| {
        assert!(!std::mem::take(&mut first), "not the first");
        message
    });
    for _ in 0..2 {
        let tx = tx.clone();
        thread::spawn(move || tx.send(3).timeout(LONG).block());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| select.wait().block())).is_err());
    assert_eq!(select.wait().timeout(LONG).block(), Ok(Ok(3)));
}

#[test]
fn what_is_removed_gives_its_channel_up_and_others_keep_their_keys() {
    let (senders, receivers) = mixed::<u8>(3);
    let mut select = Select::new().biased();
    let arms: Vec<_> = receivers.into_iter().map(|rx| select.recv(rx, |m| m)).collect();
    assert!(select.remove(arms[1]) && senders[1].is_closed());
    assert!(!select.remove(arms[1]) && !select.weight(arms[1], 2) && select.enable(arms[2], true));
    senders[2].try_send(2).unwrap();
    assert_eq!((select.len(), select.wait().block()), (2, Ok(2)));
}
