//! Random operations on one channel, polled by hand, against a queue that a child could write.
//!
//! Whoever waits is polled only when it has been woken, so a wake-up that is lost is a value that
//! never comes.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "support/hand.rs"]
mod hand;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;

use gonex_sync::{
    Receiver, RecvError, ReserveError, SendError, Sender, TryRecvError, TrySendError, select,
};
use hand::{Hand, Make, makes};
use proptest::prelude::*;

type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[derive(Clone, Debug)]
enum Step {
    TrySend,
    TryRecv,
    Send,
    Recv,
    /// Sends or receives on the same channel.
    Select,
    Reserve,
    UsePermit(usize),
    DropPermit(usize),
    /// Polls who has been woken.
    Poll(usize),
    /// Polls somebody for no reason.
    PollAnyway(usize),
    Drop(usize),
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::TrySend),
        4 => Just(Step::TryRecv),
        4 => Just(Step::Send),
        4 => Just(Step::Recv),
        2 => Just(Step::Select),
        2 => Just(Step::Reserve),
        2 => (0..8usize).prop_map(Step::UsePermit),
        1 => (0..8usize).prop_map(Step::DropPermit),
        6 => (0..8usize).prop_map(Step::Poll),
        1 => (0..8usize).prop_map(Step::PollAnyway),
        3 => (0..8usize).prop_map(Step::Drop),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 1..120)
}

/// What an operation that waited yielded.
enum Output<'a> {
    Sent(Result<(), SendError<u32>>),
    Received(Result<u32, RecvError>),
    Reserved(Result<gonex_sync::Permit<'a, u32>, ReserveError>),
}

/// An operation that waits, and what it would send.
struct Waiting<'a> {
    hand: Hand<Pending<'a, Output<'a>>>,
    woken: bool,
    sends: Option<u32>,
    receives: bool,
}

/// What the channel must be like.
struct Run<'a> {
    name: &'static str,
    tx: &'a Sender<u32>,
    rx: &'a Receiver<u32>,
    room: Option<usize>,
    next: u32,
    waiting: Vec<Waiting<'a>>,
    permits: Vec<gonex_sync::Permit<'a, u32>>,
    /// What has been sent, or may have been, and has not been received.
    sent: VecDeque<u32>,
    /// What may have been sent by a rendezvous that was given up.
    unsure: Vec<u32>,
    received: Vec<u32>,
    closed: bool,
}

impl<'a> Run<'a> {
    fn value(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn got(&mut self, value: u32) {
        self.received.push(value);
        if let Some(at) = self.sent.iter().position(|&sent| sent == value) {
            self.sent.remove(at);
        } else {
            // The sender is not polled yet, or was given up after it had been served.
            let waits = self.waiting.iter().any(|waiting| waiting.sends == Some(value));
            let given_up = self.unsure.contains(&value);
            assert!(waits || given_up, "{}: {value} was received and not sent", self.name);
        }
    }

    fn sent(&mut self, value: u32) {
        if !self.received.contains(&value) {
            self.sent.push_back(value);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::TrySend => {
                let value = self.value();
                match self.tx.try_send(value) {
                    Ok(()) => {
                        assert!(!self.closed);
                        self.sent(value);
                    }
                    Err(TrySendError::Closed(back)) => assert!(back == value && self.closed),
                    Err(TrySendError::Full(back)) => {
                        assert!(back == value && !self.closed && self.room.is_some());
                    }
                    Err(other) => panic!("unknown: {other}"),
                }
            }
            Step::TryRecv => match self.rx.try_recv() {
                Ok(value) => self.got(value),
                Err(TryRecvError::Empty) => assert!(!self.closed),
                Err(TryRecvError::Closed) => assert!(self.closed),
                Err(other) => panic!("unknown: {other}"),
            },
            Step::Send => {
                let (tx, value) = (self.tx, self.value());
                let future = Box::pin(async move { Output::Sent(tx.send(value).await) });
                self.start(future, Some(value), false);
            }
            Step::Recv => {
                let rx = self.rx;
                let future = Box::pin(async move { Output::Received(rx.recv().await) });
                self.start(future, None, true);
            }
            Step::Select => {
                let (tx, rx, value) = (self.tx, self.rx, self.value());
                let future = Box::pin(async move {
                    let mut slot = Some(value);
                    select! {
                        send(tx, &mut slot) -> sent => Output::Sent(
                            sent.map_err(|_| SendError::Closed(slot.take().unwrap())),
                        ),
                        recv(rx) -> message => Output::Received(message),
                    }
                });
                self.start(future, Some(value), true);
            }
            Step::Reserve => {
                let tx = self.tx;
                let future = Box::pin(async move { Output::Reserved(tx.reserve().await) });
                self.start(future, None, false);
            }
            Step::UsePermit(at) if !self.permits.is_empty() => {
                let permit = self.permits.swap_remove(at % self.permits.len());
                let value = self.value();
                match permit.send(value) {
                    Ok(()) => {
                        assert!(!self.closed);
                        self.sent(value);
                    }
                    Err(error) => assert!(self.closed && error.into_inner() == value),
                }
            }
            Step::DropPermit(at) if !self.permits.is_empty() => {
                drop(self.permits.swap_remove(at % self.permits.len()));
            }
            Step::Poll(at) => {
                self.poll_woken(at);
            }
            Step::PollAnyway(at) if !self.waiting.is_empty() => self.poll(at % self.waiting.len()),
            Step::Drop(at) if !self.waiting.is_empty() => {
                let waiting = self.waiting.swap_remove(at % self.waiting.len());
                self.unsure.extend(waiting.sends);
            }
            Step::Close => {
                assert_eq!(self.tx.close(), !self.closed);
                self.closed = true;
            }
            _ => {}
        }
    }

    fn start(&mut self, future: Pending<'a, Output<'a>>, sends: Option<u32>, receives: bool) {
        let (hand, woken) = (Hand::new(future), false);
        self.waiting.push(Waiting { hand, woken, sends, receives });
        self.poll(self.waiting.len() - 1);
    }

    fn note_woken(&mut self) {
        for waiting in &mut self.waiting {
            waiting.woken |= waiting.hand.was_woken();
        }
    }

    fn poll_woken(&mut self, at: usize) -> bool {
        self.note_woken();
        let woken: Vec<usize> =
            (0..self.waiting.len()).filter(|&index| self.waiting[index].woken).collect();
        if woken.is_empty() {
            return false;
        }
        self.poll(woken[at % woken.len()]);
        true
    }

    fn poll(&mut self, at: usize) {
        let waiting = &mut self.waiting[at];
        waiting.woken = false;
        let Poll::Ready(output) = waiting.hand.poll() else { return };
        let waiting = self.waiting.remove(at);
        match output {
            Output::Sent(Ok(())) => self.sent(waiting.sends.unwrap()),
            Output::Sent(Err(error)) => {
                assert!(self.closed, "{}: {error}", self.name);
                assert_eq!(Some(error.into_inner()), waiting.sends, "it comes back");
            }
            Output::Received(Ok(value)) => self.got(value),
            Output::Received(Err(error)) => assert!(self.closed, "{}: {error}", self.name),
            Output::Reserved(Ok(permit)) => self.permits.push(permit),
            Output::Reserved(Err(error)) => assert!(self.closed, "{}: {error}", self.name),
        }
    }

    /// After everyone who was woken has been polled, nobody waits for what is there.
    fn settle(&mut self) {
        while self.poll_woken(0) {}
        let receiver = self.waiting.iter().any(|waiting| waiting.receives);
        let sender =
            self.waiting.iter().any(|waiting| !waiting.receives && waiting.sends.is_some());
        if self.closed {
            assert!(self.waiting.is_empty(), "{}: somebody waits at a closed channel", self.name);
        }
        if receiver {
            assert!(self.tx.is_empty(), "{}: a receiver waits, and values are there", self.name);
            // Permits can keep all the room; at a rendezvous nothing stands between the two.
            let apart = sender && self.room == Some(0);
            assert!(!apart, "{}: a sender and a receiver wait for one another", self.name);
        }
        if sender {
            let free = self.room.is_none_or(|room| self.tx.len() + self.permits.len() < room);
            assert!(!free, "{}: a sender waits, and there is room", self.name);
        }
    }
}

fn check(make: &Make<u32>, steps: &[Step]) {
    let (tx, rx) = (make.make)();
    let mut run = Run {
        name: make.name,
        tx: &tx,
        rx: &rx,
        room: make.room,
        next: 0,
        waiting: Vec::new(),
        permits: Vec::new(),
        sent: VecDeque::new(),
        unsure: Vec::new(),
        received: Vec::new(),
        closed: false,
    };
    for step in steps {
        run.step(step);
    }
    run.settle();
    // A place that is given up can go to the next who waits for one.
    while !run.permits.is_empty() {
        run.permits.clear();
        run.settle();
    }
    // Whoever waits is given up; what was handed to somebody comes back.
    while let Some(waiting) = run.waiting.pop() {
        run.unsure.extend(waiting.sends);
    }
    while let Ok(value) = rx.try_recv() {
        run.got(value);
    }
    assert!(run.sent.is_empty(), "{}: {:?} got lost", make.name, run.sent);
    let mut received = run.received.clone();
    received.sort_unstable();
    received.dedup();
    assert_eq!(received.len(), run.received.len(), "{}: something came twice", make.name);
    assert!(tx.is_empty());
    assert_eq!(tx.is_closed(), run.closed);
    if make.room.is_some_and(|room| room > 0) && !run.closed {
        let room = (0..100).take_while(|&value| tx.try_send(value).is_ok()).count();
        assert_eq!(Some(room), make.room, "{}: a place got lost", make.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn channels_do_what_the_model_says(steps in steps()) {
        for make in makes() {
            check(&make, &steps);
        }
    }

    /// With one receiver and one sender at a time nothing overtakes anything.
    #[test]
    fn one_after_the_other_the_order_is_exact(sends in prop::collection::vec(any::<bool>(), 1..200)) {
        for make in makes().into_iter().filter(|make| make.room != Some(0)) {
            let (tx, rx) = (make.make)();
            let mut queue = VecDeque::new();
            for (value, send) in (0..).zip(&sends) {
                if *send {
                    let fits = make.room.is_none_or(|room| queue.len() < room);
                    prop_assert_eq!(tx.try_send(value).is_ok(), fits);
                    if fits {
                        queue.push_back(value);
                    }
                } else {
                    prop_assert_eq!(rx.try_recv().ok(), queue.pop_front());
                }
                prop_assert_eq!(tx.len(), queue.len());
            }
        }
    }
}
