use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_core::Context;
use gonex_sync::{
    AckError, Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError, select,
};

use super::chance::Chance;
use super::ledger::{Ledger, Parcel};
use crate::ways::{Way, choose, pause, wait};

/// One who takes part in a round.
pub(crate) struct Party {
    pub(crate) way: Way,
    pub(crate) chance: Chance,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) index: usize,
    /// Whether operations are given up now and then.
    pub(crate) fickle: bool,
}

/// What became of one try to send.
enum Tried {
    Sent,
    NotSent,
    Unsure,
    Closed,
}

impl Party {
    fn does(&self, what: &'static str) {
        *self.ledger.doing[self.index].lock().unwrap() = what;
    }

    fn moment(&mut self) -> Duration {
        Duration::from_micros(self.chance.below(30))
    }

    /// Polls a few times, and then gives up.
    async fn give_up<F: Future + Unpin>(&mut self, mut future: F) -> Option<F::Output> {
        for _ in 0..self.chance.below(3) {
            let poll = poll_fn(|cx| Poll::Ready(Pin::new(&mut future).poll(cx))).await;
            if let Poll::Ready(output) = poll {
                return Some(output);
            }
            pause(self.way).await;
        }
        None
    }

    /// Sends all its values, in order, until the channel is closed.
    pub(crate) async fn send(mut self, tx: Sender<Parcel>, sender: usize, numbers: usize) {
        let mut number = 0;
        while number < numbers && !self.ledger.is_violated() {
            let parcel = Parcel { sender, number };
            match self.try_to_send(&tx, parcel).await {
                Tried::Sent => self.ledger.sent(parcel),
                Tried::Unsure => self.ledger.unsure(parcel),
                Tried::NotSent => {
                    self.does("pauses to send");
                    pause(self.way).await;
                    continue;
                }
                Tried::Closed => break,
            }
            number += 1;
        }
        self.does("has sent");
    }

    async fn try_to_send(&mut self, tx: &Sender<Parcel>, parcel: Parcel) -> Tried {
        let how = if self.fickle { self.chance.below(10) } else { self.chance.below(4) };
        match how {
            0 | 1 => {
                self.does("sends");
                tried(parcel, wait!(self.way, tx.send(parcel)))
            }
            2 => {
                self.does("reserves");
                let Ok(permit) = wait!(self.way, tx.reserve()) else { return Tried::Closed };
                tried(parcel, permit.send(parcel))
            }
            3 => {
                self.does("selects to send");
                let mut slot = Some(parcel);
                let sent = choose! { self.way, send(tx, &mut slot) -> sent => sent };
                if sent.is_err() { Tried::Closed } else { Tried::Sent }
            }
            4 => match tx.try_send(parcel) {
                Ok(()) => Tried::Sent,
                Err(TrySendError::Closed(_)) => Tried::Closed,
                Err(_) => Tried::NotSent,
            },
            5 => {
                self.does("sends for a moment");
                let moment = self.moment();
                tried(parcel, wait!(self.way, tx.send(parcel).timeout(moment)))
            }
            6 => {
                self.does("sends within a context");
                let context = Context::background().with_timeout(self.moment());
                tried(parcel, wait!(self.way, tx.send(parcel).within(&context)))
            }
            7 => {
                self.does("sends and gives up");
                match self.give_up(tx.send(parcel)).await {
                    Some(outcome) => tried(parcel, outcome),
                    None => Tried::Unsure,
                }
            }
            8 => {
                self.does("sends and waits for the receipt");
                let moment = self.moment();
                match wait!(self.way, tx.send_acked(parcel).timeout(moment)) {
                    Ok(()) | Err(AckError::NotYet(_)) => Tried::Sent,
                    Err(AckError::NotSent(error)) => tried(parcel, Err(error)),
                    Err(_) => Tried::Unsure,
                }
            }
            _ => {
                self.does("reserves and gives up");
                let moment = self.moment();
                drop(wait!(self.way, tx.reserve().timeout(moment)));
                let mut slot = Some(parcel);
                let sent = choose! { self.way,
                    send(tx, &mut slot) -> sent => Some(sent),
                    after(moment) => None,
                };
                match sent {
                    Some(Ok(())) => Tried::Sent,
                    Some(Err(_)) => Tried::Closed,
                    None if slot.is_some() => Tried::NotSent,
                    None => Tried::Unsure,
                }
            }
        }
    }

    /// Receives until the channel is closed and empty.
    pub(crate) async fn receive(mut self, rx: Receiver<Parcel>, alone: bool) {
        let (_idle, never) = gonex_sync::channel::<Parcel>(self.chance.below(2) as usize);
        let mut last = vec![None; 64];
        let mut many = Vec::new();
        loop {
            let how = if self.fickle { self.chance.below(8) } else { self.chance.below(3) };
            let received = match how {
                0 => {
                    self.does("receives");
                    wait!(self.way, rx.recv())
                }
                1 => {
                    self.does("selects to receive");
                    choose! { self.way,
                        recv(rx) -> message => message,
                        recv(never) -> message => message,
                    }
                }
                2 => {
                    self.does("receives many");
                    let received = wait!(self.way, rx.recv_many(&mut many, 3));
                    received.map(|_| many.remove(0))
                }
                3 => rx.try_recv().map_err(|error| match error {
                    TryRecvError::Closed => RecvError::Closed,
                    _ => RecvError::Timeout,
                }),
                4 => {
                    self.does("receives for a moment");
                    let moment = self.moment();
                    wait!(self.way, rx.recv().timeout(moment))
                }
                5 => {
                    self.does("receives within a context");
                    let context = Context::background().with_timeout(self.moment());
                    wait!(self.way, rx.recv().within(&context))
                }
                6 => {
                    self.does("receives and gives up");
                    self.give_up(rx.recv()).await.unwrap_or(Err(RecvError::Timeout))
                }
                _ => {
                    self.does("selects and gives up");
                    let both = async {
                        select! {
                            recv(rx) -> message => message,
                            recv(never) -> message => message,
                        }
                    };
                    self.give_up(Box::pin(both)).await.unwrap_or(Err(RecvError::Timeout))
                }
            };
            match received {
                Ok(parcel) => {
                    for parcel in std::iter::once(parcel).chain(many.drain(..)) {
                        self.ledger.received(parcel);
                        let before = last[parcel.sender].replace(parcel.number);
                        if alone && before.is_some_and(|before| before >= parcel.number) {
                            self.ledger.violate(format!("{parcel:?} came after {before:?}"));
                        }
                    }
                }
                Err(RecvError::Closed) => break,
                Err(_) => {
                    self.does("pauses to receive");
                    pause(self.way).await;
                }
            }
        }
        self.does("has received");
    }

    /// Passes values on from one channel to another with selects that do both, in order.
    pub(crate) async fn relay(mut self, rx: Receiver<Parcel>, tx: Sender<Parcel>) {
        let (mut first, mut second) = (None, None);
        let mut open = true;
        while open || first.is_some() {
            if first.is_none() {
                first = second.take();
            }
            let take = open && second.is_none();
            let held = first;
            let moment = self.moment();
            self.does("relays");
            if self.fickle && self.chance.once_in(4) {
                let mut got = None;
                let both = async {
                    select! {
                        recv(rx) -> message, if take => got = Some(message.ok()),
                        send(tx, &mut first) => {},
                    }
                };
                self.give_up(Box::pin(both)).await;
                open &= store(got, &mut first, &mut second);
            } else if self.fickle && self.chance.once_in(3) {
                let got = choose! { self.way,
                    recv(rx) -> message, if take => Some(message.ok()),
                    send(tx, &mut first) => None,
                    after(moment) => None,
                };
                open &= store(got, &mut first, &mut second);
            } else {
                let got = choose! { self.way,
                    recv(rx) -> message, if take => Some(message.ok()),
                    send(tx, &mut first) => None,
                };
                open &= store(got, &mut first, &mut second);
            }
            if held.is_some() && first == held && tx.is_closed() {
                self.ledger.violate("the second channel was closed too early".to_owned());
                break;
            }
        }
        self.does("has relayed");
    }
}

/// Keeps what a relay received, if it received at all. Whether there may be more.
fn store(
    got: Option<Option<Parcel>>,
    first: &mut Option<Parcel>,
    second: &mut Option<Parcel>,
) -> bool {
    match got {
        None => true,
        Some(None) => false,
        Some(Some(parcel)) => {
            *if first.is_none() { first } else { second } = Some(parcel);
            true
        }
    }
}

fn tried(parcel: Parcel, outcome: Result<(), SendError<Parcel>>) -> Tried {
    match outcome {
        Ok(()) => Tried::Sent,
        Err(error) => {
            assert!(matches!(&error, error if error_value(error) == parcel), "its own value");
            if error.is_closed() { Tried::Closed } else { Tried::NotSent }
        }
    }
}

fn error_value(error: &SendError<Parcel>) -> Parcel {
    error.clone().into_inner()
}
