//! Destructors and wakers of others run under no lock, and a panic in one hurts nobody else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use gonex_sync::{Receiver, Sender, TryRecvError};

use crate::hand::{Hand, makes, watched};

/// A value whose destructor uses the channel that it is in.
struct Meddler {
    tx: Sender<Meddler>,
    calls: Arc<AtomicUsize>,
}

impl Drop for Meddler {
    fn drop(&mut self) {
        let _ = (self.tx.len(), self.tx.is_full(), self.tx.close(), self.tx.clone());
        assert!(self.tx.try_reserve().is_err() && self.tx.send_all([]).block().is_ok());
        self.calls.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_destructor_may_use_the_channel() {
    for make in makes() {
        let dropped = watched(move || {
            let calls = Arc::default();
            let (tx, rx) = (make.make)();
            let meddler = || Meddler { tx: tx.clone(), calls: Arc::clone(&calls) };
            let mut sends: Vec<_> = (0..6).map(|_| Hand::new(tx.send(meddler()))).collect();
            sends.retain_mut(|send| send.poll().is_pending());
            // One is dropped by who received it, one with its send, and the rest by the channel.
            let received = rx.try_recv();
            assert!(received.is_ok(), "{}", make.name);
            drop(received);
            sends.pop();
            drop(sends);
            drop(rx);
            calls.load(Ordering::SeqCst)
        });
        assert_eq!(dropped, 6);
    }
}

/// A waker that panics.
struct Fuse;

impl Wake for Fuse {
    fn wake(self: Arc<Self>) {
        std::panic::resume_unwind(Box::new("a waker that panics"));
    }
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_being_woken() {
    for make in makes::<u8>() {
        let (tx, rx) = (make.make)();
        let fuse = Waker::from(Arc::new(Fuse));
        let mut first = rx.recv();
        let polled = std::pin::Pin::new(&mut first).poll(&mut Context::from_waker(&fuse));
        assert!(polled.is_pending());
        let mut second = Hand::waiting(rx.recv());
        tx.close();
        assert!(second.was_woken(), "{}", make.name);
        assert!(second.ready().is_err());
        drop(first);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

/// A waker whose last clone uses the channel when it is dropped.
struct Looker {
    rx: Receiver<u8>,
    looks: Arc<AtomicUsize>,
}

impl Wake for Looker {
    fn wake(self: Arc<Self>) {
        let _ = self.rx.try_recv();
    }
}

impl Drop for Looker {
    fn drop(&mut self) {
        let _ = (self.rx.len(), self.rx.try_recv(), self.rx.clone());
        self.looks.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_waker_may_use_the_channel_when_it_is_woken_and_when_it_is_dropped() {
    for make in makes() {
        let looks = watched(move || {
            let (tx, rx) = (make.make)();
            let looks = Arc::default();
            let waker =
                || Waker::from(Arc::new(Looker { rx: rx.clone(), looks: Arc::clone(&looks) }));
            let mut receive = rx.recv();
            let mut poll = |waker: Waker| {
                let polled =
                    std::pin::Pin::new(&mut receive).poll(&mut Context::from_waker(&waker));
                polled.is_ready()
            };
            assert!(!poll(waker()));
            assert!(!poll(waker()), "the second takes the place of the first");
            tx.try_send(1).unwrap();
            poll(waker());
            drop(receive);
            looks.load(Ordering::SeqCst)
        });
        assert_eq!(looks, 3);
    }
}

/// A value whose destructor panics if it is told to.
struct Touchy {
    panics: bool,
    drops: Arc<AtomicUsize>,
}

impl Drop for Touchy {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        if self.panics {
            std::panic::resume_unwind(Box::new("a destructor that panics"));
        }
    }
}

#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    for make in makes().into_iter().filter(|make| make.room != Some(0)) {
        for senders_first in [false, true] {
            let (tx, rx) = (make.make)();
            let drops = Arc::default();
            let mut sent = 0;
            for number in 0..100 {
                let touchy = Touchy { panics: number == 0, drops: Arc::clone(&drops) };
                match tx.try_send(touchy) {
                    Ok(()) => sent += 1,
                    Err(_) => break,
                }
            }
            let before = drops.load(Ordering::SeqCst);
            let ended = catch_unwind(AssertUnwindSafe(move || {
                if senders_first {
                    drop(tx);
                    drop(rx);
                } else {
                    let closed = catch_unwind(AssertUnwindSafe(|| drop(rx)));
                    assert!(tx.is_closed());
                    drop(tx);
                    closed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                }
            }));
            assert!(ended.is_err(), "the panic is passed on");
            assert_eq!(drops.load(Ordering::SeqCst) - before, sent, "{}", make.name);
        }
    }
}
