//! Moving what is queued from peers with much to do to peers with little.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::{Kind, Stop};

use super::members::Peers;

/// So many values are moved before other tasks get their turn.
const AT_ONCE: usize = 64;

/// What [`Distributor::balance`](super::Distributor::balance) did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balanced<T> {
    /// How many values were moved.
    pub moved: usize,
    /// A value that was taken from a peer, and for which in the end no peer had room: all queues have
    /// been filled meanwhile, or closed.
    pub left_over: Option<T>,
}

/// The kind of [`Distributor::balance`](super::Distributor::balance).
#[must_use = "nothing is balanced until it is awaited or blocked on"]
pub struct Balance<T> {
    peers: Peers<T>,
    /// By peer, and only of those that take part.
    plan: Vec<Queue>,
    done: Balanced<T>,
    /// At most so many more moves: others send and receive meanwhile, and this must end.
    left: usize,
}

/// What is assumed of a peer while the plan is carried out.
struct Queue {
    peer: usize,
    len: usize,
    gives: bool,
    room: usize,
}

impl<T> Balance<T> {
    pub(super) fn new(peers: Peers<T>) -> Self {
        let alive = peers.iter().enumerate().filter(|(_, peer)| peer.transport.is_alive());
        let plan: Vec<_> = alive
            .filter_map(|(index, peer)| {
                let (len, room) = (peer.transport.queued()?, peer.transport.room()?);
                Some(Queue { peer: index, len, gives: true, room })
            })
            .collect();
        let left = plan.iter().map(|queue| queue.len).sum();
        Self { peers, plan, done: Balanced { moved: 0, left_over: None }, left }
    }

    /// Moves one value. `None` when there is nothing more to do.
    fn step(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let queues = self.plan.iter().enumerate();
        let (longest, most) = queues
            .clone()
            .filter(|(_, queue)| queue.gives)
            .map(|(index, queue)| (index, queue.len))
            .max_by_key(|&(_, len)| len)?;
        let (shortest, least) = queues
            .filter(|&(index, queue)| queue.room > 0 && index != longest)
            .map(|(index, queue)| (index, queue.len))
            .min_by_key(|&(_, len)| len)?;
        if most < least + 2 {
            return None;
        }
        match self.peers[self.plan[longest].peer].transport.take_back() {
            None => self.plan[longest].gives = false,
            Some(value) => self.give(value, longest, shortest)?,
        }
        Some(())
    }

    /// Gives a value that was taken to the one it was meant for; or, where that has been filled or
    /// closed meanwhile, to whoever has room, in the end to the one it came from.
    fn give(&mut self, value: T, from: usize, to: usize) -> Option<()> {
        let mut value = value;
        self.plan[from].len -= 1;
        let others = (0..self.plan.len()).filter(|&queue| queue != from && queue != to);
        for queue in [to].into_iter().chain(others).chain([from]) {
            let Queue { peer, len, room, .. } = &mut self.plan[queue];
            match self.peers[*peer].transport.try_send(value) {
                Ok(()) => {
                    *len += 1;
                    *room = room.saturating_sub(1);
                    self.done.moved += usize::from(queue != from);
                    return Some(());
                }
                Err(error) => {
                    *room = 0;
                    value = error.into_inner();
                }
            }
        }
        self.done.left_over = Some(value);
        None
    }

    fn end(&mut self) -> Balanced<T> {
        self.left = 0;
        Balanced { moved: self.done.moved, left_over: self.done.left_over.take() }
    }
}

// The values are moved about and never pinned.
impl<T> Unpin for Balance<T> {}

impl<T> fmt::Debug for Balance<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance").field("moved", &self.done.moved).finish_non_exhaustive()
    }
}

impl<T> Kind for Balance<T> {
    type Output = Balanced<T>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Between two polls no value is in hand.
        for _ in 0..AT_ONCE {
            if self.step().is_none() {
                return Poll::Ready(self.end());
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn stop(mut self: Pin<&mut Self>, _: Stop) -> Self::Output {
        self.end()
    }

    fn limited(self) -> Self {
        self
    }
}
