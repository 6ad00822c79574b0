//! Random interleavings of channels with too many parties for loom. Run with `ci/shuttle`.
#![cfg(gonex_shuttle)]

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use gonex_core::rt::{self, Manual};
use gonex_sync::{
    ChannelBuilder, Receiver, RecvError, SendError, Sender, channel, select, unbounded,
};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Condvar, Mutex};
use shuttle::thread;

/// A waker that shuttle's scheduler understands: a thread waits on it.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

/// Waits for a future; or gives it up after a poll or two, if it is `fickle` and chance will have
/// it so.
fn wait<F: Future + Unpin>(mut future: F, fickle: bool) -> Option<F::Output> {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut patience = if fickle { thread_rng().gen_range(0..6) } else { usize::MAX };
    loop {
        match Pin::new(&mut future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return Some(output),
            Poll::Pending if patience == 0 => return None,
            Poll::Pending if patience == 1 => thread::yield_now(),
            Poll::Pending => bell.wait(),
        }
        patience = patience.saturating_sub(1);
    }
}

/// The number of schedules each model is tried with; `SHUTTLE_ITERATIONS` sets another.
fn iterations() -> usize {
    match std::env::var("SHUTTLE_ITERATIONS") {
        Err(_) => 1_000,
        Ok(text) => text.parse().unwrap_or_else(|error| {
            panic!("SHUTTLE_ITERATIONS is `{text}`: {error}; set a number such as 100000")
        }),
    }
}

fn model(body: impl Fn() + Send + Sync + 'static) {
    // The threads of a model are one thread of the system, so all of them see this seam. A model
    // must run alike when it is replayed, and a select draws lots.
    shuttle::check_random(move || rt::enter(Arc::new(Manual::new()), &body), iterations());
}

/// What one sender did: what it sent for sure, and what it may have sent.
#[derive(Default)]
struct Sent {
    sure: Vec<u32>,
    unsure: Vec<u32>,
}

fn send_all(tx: &Sender<u32>, from: u32) -> Sent {
    let mut sent = Sent::default();
    for value in from..from + 3 {
        match wait(tx.send(value), true) {
            Some(Ok(())) => sent.sure.push(value),
            Some(Err(error)) => {
                assert_eq!(error, SendError::Closed(value));
                break;
            }
            None => sent.unsure.push(value),
        }
    }
    sent
}

fn receive_all(rx: &Receiver<u32>) -> Vec<u32> {
    let mut received = Vec::new();
    loop {
        match wait(rx.recv(), true) {
            Some(Ok(value)) => received.push(value),
            Some(Err(error)) => {
                assert_eq!(error, RecvError::Closed);
                return received;
            }
            None => thread::yield_now(),
        }
    }
}

/// All that was sent came once, and nothing else did.
fn settle(sent: Vec<Sent>, mut received: Vec<u32>, rest: &Receiver<u32>) {
    // What came back when everyone had been told of the end.
    received.extend(rest.try_iter());
    let once: BTreeSet<u32> = received.iter().copied().collect();
    assert_eq!(once.len(), received.len(), "a value came twice: {received:?}");
    let sure: BTreeSet<u32> = sent.iter().flat_map(|sent| sent.sure.iter().copied()).collect();
    let maybe: BTreeSet<u32> = sent.iter().flat_map(|sent| sent.unsure.iter().copied()).collect();
    let lost: Vec<&u32> = sure.difference(&once).collect();
    assert!(lost.is_empty(), "{lost:?} got lost");
    assert!(once.iter().all(|value| sure.contains(value) || maybe.contains(value)));
}

fn four_by_four(make: impl Fn() -> (Sender<u32>, Receiver<u32>) + Send + Sync + 'static) {
    four_by_four_behind(0..0, make);
}

/// Four senders and four receivers, of a channel that holds some values already.
fn four_by_four_behind(
    before: Range<u32>,
    make: impl Fn() -> (Sender<u32>, Receiver<u32>) + Send + Sync + 'static,
) {
    model(move || {
        let (tx, rx) = make();
        before.clone().for_each(|value| tx.try_send(value).unwrap());
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let tx = tx.lane(sender % 2).unwrap_or_else(|| tx.clone());
                thread::spawn(move || send_all(&tx, sender as u32 * 10))
            })
            .collect();
        let receivers: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || receive_all(&rx))
            })
            .collect();
        if thread_rng().gen_range(0..4) == 0 {
            tx.close();
        }
        drop(tx);
        let mut sent: Vec<Sent> =
            senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        sent.push(Sent { sure: before.clone().collect(), unsure: Vec::new() });
        let received =
            receivers.into_iter().flat_map(|receiver| receiver.join().unwrap()).collect();
        settle(sent, received, &rx);
    });
}

#[test]
fn shuttle_four_senders_and_four_receivers_at_a_rendezvous() {
    four_by_four(|| channel(0));
}

#[test]
fn shuttle_four_senders_and_four_receivers_with_one_place() {
    four_by_four(|| channel(1));
}

#[test]
fn shuttle_four_senders_and_four_receivers_with_two_places() {
    four_by_four(|| channel(2));
}

#[test]
fn shuttle_four_senders_and_four_receivers_in_lanes() {
    four_by_four(|| ChannelBuilder::new().bounded(1).lanes(2).build());
}

#[test]
fn shuttle_four_senders_and_four_receivers_by_weight() {
    four_by_four(|| ChannelBuilder::new().weighted(3, |value| (value % 3) as usize).build());
}

#[test]
fn shuttle_four_senders_and_four_receivers_behind_a_full_ring() {
    four_by_four_behind(1000..1063, unbounded);
}

#[test]
fn shuttle_permits_are_used_and_given_up() {
    model(|| {
        let (tx, rx) = channel(2);
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let tx = tx.clone();
                thread::spawn(move || {
                    let mut sent = Sent::default();
                    for value in sender * 10..sender * 10 + 3 {
                        let Some(Ok(permit)) = wait(tx.reserve(), true) else { continue };
                        if thread_rng().gen_range(0..3) > 0 {
                            permit.send(value).unwrap();
                            sent.sure.push(value);
                        }
                    }
                    sent
                })
            })
            .collect();
        let other = tx.clone();
        let plain = thread::spawn(move || send_all(&other, 100));
        let second = rx.clone();
        let receivers = [rx.clone(), second].map(|rx| thread::spawn(move || receive_all(&rx)));
        let mut sent: Vec<Sent> =
            senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        sent.push(plain.join().unwrap());
        drop(tx);
        let received =
            receivers.into_iter().flat_map(|receiver| receiver.join().unwrap()).collect();
        settle(sent, received, &rx);
    });
}

/// Selects that send to and receive from one and the same channel, until it is closed.
fn selects(capacity: usize) {
    model(move || {
        let (tx, rx) = channel(capacity);
        let parties: Vec<_> = (0..4)
            .map(|party: u32| {
                let (tx, rx) = (tx.clone(), rx.clone());
                thread::spawn(move || {
                    let (mut sent, mut received) = (Sent::default(), Vec::new());
                    let mut value = party * 100;
                    let mut slot = None;
                    loop {
                        if slot.is_none() {
                            value += 1;
                            slot = Some(value);
                        }
                        let happened = wait(
                            Box::pin(async {
                                select! {
                                    send(tx, &mut slot) -> sent => sent.is_ok().then_some(None),
                                    recv(rx) -> message => message.ok().map(Some),
                                }
                            }),
                            true,
                        );
                        if slot.is_none() {
                            sent.sure.push(value);
                        }
                        match happened {
                            Some(None) => return (sent, received),
                            Some(Some(message)) => received.extend(message),
                            None => thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        for _ in 0..thread_rng().gen_range(0..40) {
            thread::yield_now();
        }
        tx.close();
        let (mut sent, mut received) = (Vec::new(), Vec::new());
        for party in parties {
            let (by_party, to_party) = party.join().unwrap();
            sent.push(by_party);
            received.extend(to_party);
        }
        settle(sent, received, &rx);
    });
}

#[test]
fn shuttle_selects_meet_one_another_at_a_rendezvous() {
    selects(0);
}

#[test]
fn shuttle_selects_meet_one_another_in_a_buffer() {
    selects(1);
}
