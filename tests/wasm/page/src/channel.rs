//! Channels between tasks of the page.

use std::time::Duration;

use gonex_core::rt;
use gonex_sync::{RecvError, SendError, channel, select, unbounded};

use crate::event_loop::{pause, spawn};

pub(crate) async fn values_go_from_task_to_task_in_order() {
    let (tx, rx) = channel::<u32>(2);
    let sends = spawn(async move {
        for value in 0..100 {
            tx.send(value).await.expect("the receiver stays");
        }
    });
    let receives = spawn(async move {
        for value in 0..100 {
            assert_eq!(rx.recv().await, Ok(value));
        }
        assert_eq!(rx.recv().await, Err(RecvError::Closed), "the sender has gone");
    });
    sends.await;
    receives.await;
}

pub(crate) async fn a_rendezvous_waits_for_the_other_side() {
    let (tx, rx) = channel::<&str>(0);
    let (told, tell) = unbounded();
    let sends = spawn(async move {
        tx.send("here").await.expect("the receiver stays");
        told.send("sent").await.expect("the test stays");
    });
    pause(20).await;
    assert!(tell.try_recv().is_err(), "it was sent although nobody received");
    assert_eq!(rx.recv().await, Ok("here"));
    assert_eq!(tell.recv().await, Ok("sent"));
    sends.await;
}

pub(crate) async fn a_send_that_times_out_gives_the_value_back() {
    let (tx, _rx) = channel::<u32>(0);
    let sent = tx.send(7).timeout(Duration::from_millis(20)).await;
    assert_eq!(sent, Err(SendError::Timeout(7)));
}

pub(crate) async fn a_select_takes_what_comes_before_its_time_out() {
    let (tx, rx) = channel::<u32>(0);
    let sends = spawn(async move {
        rt::sleep(Duration::from_millis(10)).await;
        tx.send(5).await.expect("the receiver stays");
    });
    let got = select! {
        recv(rx) -> value => value.ok(),
        after(Duration::from_secs(5)) => None,
    };
    assert_eq!(got, Some(5));
    sends.await;
}

pub(crate) async fn a_select_times_out() {
    let (_tx, rx) = channel::<u32>(0);
    let start = rt::now();
    let timed_out = select! {
        recv(rx) -> _value => false,
        after(Duration::from_millis(30)) => true,
    };
    assert!(timed_out);
    assert!(rt::now() - start >= Duration::from_millis(30));
}

pub(crate) async fn a_select_sends_or_leaves_the_value() {
    let (tx, rx) = channel::<u32>(1);
    let mut slot = Some(1);
    select! {
        send(tx, &mut slot) => {},
        default => panic!("there was room"),
    }
    assert_eq!(slot, None);
    slot = Some(2);
    let sent = select! {
        send(tx, &mut slot) => true,
        default => false,
    };
    assert!(!sent, "there was no room");
    assert_eq!((slot, rx.recv().await), (Some(2), Ok(1)));
}
