//! Channels as streams, sinks and iterators.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use gonex_sync::SendError;

use crate::hand::{makes, watched};

fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_stream_yields_until_the_end() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let mut stream = rx.stream();
        for value in 0..5 {
            assert_eq!(next(&mut stream), Poll::Pending, "{}", make.name);
            tx.try_send(value).unwrap();
            assert_eq!(next(&mut stream), Poll::Ready(Some(value)));
        }
        drop(tx);
        assert!(!stream.is_terminated());
        assert_eq!(next(&mut stream), Poll::Ready(None));
        assert!(stream.is_terminated());
        assert_eq!(next(&mut stream), Poll::Ready(None));
    }
}

#[test]
fn a_stream_that_is_dropped_loses_no_value() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let second = rx.clone();
        let mut stream = rx.into_stream();
        assert_eq!(next(&mut stream), Poll::Pending);
        tx.try_send(7).unwrap();
        drop(stream);
        assert_eq!(second.try_recv(), Ok(7), "{}", make.name);
    }
}

#[test]
fn a_stream_that_owns_its_receiver_closes_with_it() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        let mut stream = rx.into_stream();
        assert_eq!(next(&mut stream), Poll::Pending);
        drop(stream);
        assert!(tx.is_closed(), "{}", make.name);
    }
}

#[test]
fn a_sink_sends_in_order_and_waits_for_room() {
    let (tx, rx) = gonex_sync::channel(1);
    let mut sink = tx.sink();
    let cx = &mut Context::from_waker(Waker::noop());
    for value in 0..2 {
        assert!(Pin::new(&mut sink).poll_ready(cx).is_ready());
        Pin::new(&mut sink).start_send(value).unwrap();
    }
    assert!(Pin::new(&mut sink).poll_ready(cx).is_pending());
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(Pin::new(&mut sink).poll_flush(cx).is_ready());
    assert_eq!(rx.try_recv(), Ok(1));
    rx.close();
    Pin::new(&mut sink).start_send(2).unwrap();
    match Pin::new(&mut sink).poll_close(cx) {
        Poll::Ready(Err(error)) => assert_eq!(error, SendError::Closed(2)),
        other => panic!("the channel is closed, but the sink said {other:?}"),
    }
}

#[test]
fn iterators_end_with_the_channel() {
    for make in makes() {
        let (tx, rx) = (make.make)();
        let received = watched(move || {
            let sender = thread::spawn(move || tx.send_all(0..100).block().is_ok());
            let mut received: Vec<u32> = (&rx).into_iter().take(50).collect();
            received.extend(rx);
            assert!(sender.join().unwrap());
            received
        });
        assert!(received.into_iter().eq(0..100), "{}", make.name);
    }
}
