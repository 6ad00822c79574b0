//! The rows of what is distributed among peers.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex::distribute::{Movable, ScatterError};
use gonex::{
    Collector, Context, Distributor, PeerId, Receiver, RecvError, SendError, Sender, channel,
};

use crate::support::{cancelled, leaves_nothing, poll_once, quiet};

const FIRST: PeerId = PeerId::new(0);
const SECOND: PeerId = PeerId::new(1);

/// Two peers with room for one value each; the second has none left.
fn second_full() -> (Distributor<u32>, Vec<Receiver<u32>>) {
    let (peers, workers) = Distributor::local(2, 1);
    peers.route_to(SECOND).try_send(0).unwrap();
    (peers, workers)
}

/// A collector of two channels of capacity 0, and their senders.
fn two_sources() -> (Collector<u32>, Sender<u32>, Sender<u32>) {
    let collector = Collector::new();
    let (first, rx) = channel(0);
    collector.join(FIRST, rx).unwrap();
    let (second, rx) = channel(0);
    collector.join(SECOND, rx).unwrap();
    (collector, first, second)
}

/// Panics when 7 is cloned.
#[derive(Debug, PartialEq)]
struct Unlucky(u32);

impl Clone for Unlucky {
    fn clone(&self) -> Self {
        assert_ne!(self.0, 7, "7 is not to be cloned");
        Self(self.0)
    }
}

crate::table::cells! {
    "distributor.broadcast(value)" {
        "drop": "who has got a copy keeps it; the others get none" => || {
            let (peers, workers) = second_full();
            leaves_nothing(peers.broadcast(1));
            assert_eq!(workers[0].try_recv(), Ok(1));
            assert_eq!(workers[1].try_iter().collect::<Vec<_>>(), [0]);
        };
        "time-out": "yields how it went with each peer; who has got no copy says `SendError::Timeout(copy)`" => || {
            let (peers, _workers) = second_full();
            let outcomes = peers.broadcast(1).timeout(Duration::ZERO).block();
            assert_eq!(outcomes, [(FIRST, Ok(())), (SECOND, Err(SendError::Timeout(1)))]);
        };
        "cancel": "yields how it went with each peer; who has got no copy says `SendError::Cancelled(copy, cause)`" => || {
            let (peers, _workers) = second_full();
            let outcomes = peers.broadcast(1).within(&cancelled()).block();
            assert_eq!(outcomes[0], (FIRST, Ok(())));
            assert!(matches!(outcomes[1], (SECOND, Err(SendError::Cancelled(1, _)))));
        };
        "close": "of a peer: it says `SendError::Closed(copy)`, also when it closes while it is waited for; the others get theirs" => || {
            let (peers, workers) = second_full();
            let mut broadcast = pin!(peers.broadcast(1));
            assert!(poll_once(&mut broadcast).is_pending());
            workers[1].close();
            let outcomes = vec![(FIRST, Ok(())), (SECOND, Err(SendError::Closed(1)))];
            assert_eq!(poll_once(&mut broadcast), Poll::Ready(outcomes));
        };
        "panic": "of the value's `clone`: goes through the broadcast, and nobody gets a copy" => || {
            let (peers, workers) = Distributor::local(2, 1);
            let sending = peers.clone();
            let broadcast = move || drop(sending.broadcast(Unlucky(7)).block());
            assert!(quiet().go(broadcast).join().block().is_err());
            assert!(workers.iter().all(Receiver::is_empty));
            peers.broadcast(Unlucky(8)).block();
            assert_eq!(workers[1].try_recv(), Ok(Unlucky(8)));
        };
        "bound reached": "waits for the peers that have no room; none waits for another" => || {
            let (peers, workers) = second_full();
            let mut broadcast = pin!(peers.broadcast(1));
            assert!(poll_once(&mut broadcast).is_pending());
            assert_eq!((workers[0].try_recv(), workers[1].try_recv()), (Ok(1), Ok(0)));
            assert!(poll_once(&mut broadcast).is_ready());
        };
    }
    "distributor.scatter(values)" {
        "drop": "what was sent stays sent, and the rest is dropped" => || {
            let (peers, workers) = second_full();
            leaves_nothing(peers.scatter([1, 2, 3]));
            assert_eq!(workers[0].try_iter().collect::<Vec<_>>(), [1]);
            assert_eq!(workers[1].try_iter().collect::<Vec<_>>(), [0]);
        };
        "time-out": "gives back what was not sent, each value with its index, its peer and `SendError::Timeout`: `ScatterError::Unsent`" => || {
            let (peers, _workers) = second_full();
            let error = peers.scatter([1, 2, 3]).timeout(Duration::ZERO).block().unwrap_err();
            let ScatterError::Unsent(unsent) = &error else { panic!("{error}") };
            assert_eq!((unsent[0].index, unsent[0].peer), (1, SECOND));
            assert_eq!(unsent[0].error, SendError::Timeout(2));
            assert_eq!(error.into_values(), [2, 3]);
        };
        "cancel": "as for time-out, with `SendError::Cancelled`" => || {
            let (peers, _workers) = second_full();
            let error = peers.scatter([1, 2]).within(&cancelled()).block().unwrap_err();
            let ScatterError::Unsent(unsent) = &error else { panic!("{error}") };
            assert!(matches!(unsent[0].error, SendError::Cancelled(2, _)));
        };
        "close": "of a peer: its values come back with `SendError::Closed`, the others are sent; without peers all come back: `ScatterError::NoPeers`" => || {
            let (peers, workers) = Distributor::local(2, 4);
            workers[1].close();
            let error = peers.scatter([1, 2, 3, 4]).block().unwrap_err();
            assert_eq!(error.into_values(), [2, 4]);
            assert_eq!(workers[0].len(), 2);
            let nobody = Distributor::new().scatter([1]).block();
            assert_eq!(nobody, Err(ScatterError::NoPeers(vec![1])));
        };
        "panic": "of the iterator: goes through the call, and nothing is sent" => || {
            let (peers, workers) = Distributor::local(2, 4);
            let values = (0..4).map(|n| if n == 3 { panic!("no more") } else { n });
            let scatter = move || drop(peers.scatter(values).block());
            assert!(quiet().go(scatter).join().block().is_err());
            assert!(workers.iter().all(Receiver::is_empty));
        };
        "bound reached": "waits for room, peer by peer; each gets its values in order" => || {
            let (peers, workers) = second_full();
            let mut scatter = pin!(peers.scatter([1, 2, 3]));
            assert!(poll_once(&mut scatter).is_pending());
            assert_eq!((workers[0].try_recv(), workers[1].try_recv()), (Ok(1), Ok(0)));
            assert_eq!(poll_once(&mut scatter), Poll::Ready(Ok(())));
            assert_eq!((workers[0].try_recv(), workers[1].try_recv()), (Ok(3), Ok(2)));
        };
    }
    "distributor.route(key).send(value)" {
        "drop": "nothing is sent, and the value is dropped" => || {
            let (peers, workers) = second_full();
            let route = peers.route_to(SECOND);
            leaves_nothing(route.send(1));
            assert_eq!(workers[1].try_iter().collect::<Vec<_>>(), [0]);
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`" => || {
            let (peers, _workers) = second_full();
            let late = peers.route_to(SECOND).send(1).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(SendError::Timeout(1)));
        };
        "cancel": "gives the value back: `SendError::Cancelled(value, cause)`" => || {
            let (peers, _workers) = second_full();
            let stopped = peers.route_to(SECOND).send(1).within(&cancelled()).block();
            assert!(matches!(stopped, Err(SendError::Cancelled(1, _))));
        };
        "close": "of the peer: by key, the value goes to the peer that has the key then; to one peer, or by an explicit route, it comes back: `SendError::Closed(value)`" => || {
            let (peers, workers) = Distributor::local(2, 1);
            let route = peers.route("key");
            let owner = route.peer().unwrap();
            route.try_send(0).unwrap();
            let pinned = peers.route_to(owner);
            let (mut by_key, mut to_peer) = (pin!(route.send(1)), pin!(pinned.send(2)));
            assert!(poll_once(&mut by_key).is_pending() && poll_once(&mut to_peer).is_pending());
            workers[owner.get() as usize].close();
            assert_eq!(poll_once(&mut by_key), Poll::Ready(Ok(())));
            assert_eq!(poll_once(&mut to_peer), Poll::Ready(Err(SendError::Closed(2))));
            peers.set_route("key", owner).unwrap();
            assert_eq!(peers.route("key").send(3).block(), Err(SendError::Closed(3)));
        };
        "panic": "of a transport: goes through the send; those of this crate do not panic";
        "bound reached": "waits for room; `try_send` gives the value back: `TrySendError::Full(value)`" => || {
            let (peers, workers) = second_full();
            let route = peers.route_to(SECOND);
            assert!(route.try_send(1).unwrap_err().is_full());
            let mut waits = pin!(route.send(1));
            assert!(poll_once(&mut waits).is_pending());
            assert_eq!(workers[1].try_recv(), Ok(0));
            assert_eq!(poll_once(&mut waits), Poll::Ready(Ok(())));
        };
    }
    "distributor.balance()" {
        "drop": "what was moved stays moved, and nothing is lost" => || {
            let (peers, workers) = Distributor::local(2, 400);
            for n in 0..400 {
                peers.route_to(FIRST).try_send(n).unwrap();
            }
            {
                let mut balance = pin!(peers.balance());
                assert!(poll_once(&mut balance).is_pending());
            }
            assert!(!workers[1].is_empty());
            let mut all: Vec<_> = workers.iter().flat_map(Receiver::try_iter).collect();
            all.sort_unstable();
            assert_eq!(all, (0..400).collect::<Vec<_>>());
        };
        "time-out": "yields what was moved so far" => || {
            let (peers, workers) = Distributor::local(2, 400);
            for n in 0..400 {
                peers.route_to(FIRST).try_send(n).unwrap();
            }
            let moved = peers.balance().timeout(Duration::ZERO).block().moved;
            assert!(moved > 0 && moved == workers[1].len());
        };
        "cancel": "yields what was moved so far" => || {
            let (peers, workers) = Distributor::local(2, 400);
            for n in 0..400 {
                peers.route_to(FIRST).try_send(n).unwrap();
            }
            let moved = peers.balance().within(&cancelled()).block().moved;
            assert!(moved > 0 && moved == workers[1].len());
        };
        "close": "of a peer: nothing is moved to it" => || {
            let (peers, workers) = Distributor::local(2, 4);
            peers.route_to(FIRST).try_send(1).unwrap();
            peers.route_to(FIRST).try_send(2).unwrap();
            workers[1].close();
            assert_eq!((peers.balance().block().moved, workers[0].len()), (0, 2));
        };
        "panic": "of a transport: goes through it; those of this crate do not panic";
        "bound reached": "of a peer: nothing is moved to it; a value for which there is no room anywhere any more comes back: `left_over`" => || {
            let peers = Distributor::new();
            let (tx, long) = channel(8);
            tx.send_all(0..8).block().unwrap();
            peers.join(FIRST, Movable::new(tx, &long)).unwrap();
            let (tx, short) = channel(1);
            peers.join(SECOND, tx).unwrap();
            assert_eq!(peers.balance().block().moved, 1);
            assert_eq!((long.len(), short.len()), (7, 1));
        };
    }
    "collector.recv()" {
        "drop": "nothing is taken; a value that had been handed to it goes back to the head of its channel, or, if that peer has left, to the collector" => || {
            let (collector, first, _second) = two_sources();
            leaves_nothing(collector.recv());
            {
                let mut waits = pin!(collector.recv());
                assert!(poll_once(&mut waits).is_pending());
                first.try_send(1).unwrap();
            }
            assert_eq!(collector.try_recv(), Ok((FIRST, 1)));
            let left = {
                let mut waits = pin!(collector.recv());
                assert!(poll_once(&mut waits).is_pending());
                first.try_send(2).unwrap();
                collector.leave(FIRST).unwrap()
            };
            assert!(left.try_recv().is_err());
            assert_eq!(collector.try_recv(), Ok((FIRST, 2)));
        };
        "time-out": "yields `RecvError::Timeout`; a value that had been handed to it is received" => || {
            let (collector, _first, _second) = two_sources();
            let late = collector.recv().timeout(Duration::ZERO).block();
            assert_eq!(late, Err(RecvError::Timeout));
        };
        "cancel": "yields `RecvError::Cancelled(cause)`; a value that had been handed to it is received" => || {
            let (collector, _first, second) = two_sources();
            let stopped = collector.recv().within(&cancelled()).block();
            assert!(matches!(stopped, Err(RecvError::Cancelled(_))));
            let (context, canceller) = Context::background().with_cancel();
            let mut handed = pin!(collector.recv().within(&context));
            assert!(poll_once(&mut handed).is_pending());
            second.try_send(1).unwrap();
            canceller.cancel("just too late");
            assert_eq!(poll_once(&mut handed), Poll::Ready(Ok((SECOND, 1))));
        };
        "close": "of a peer: the others go on; of all, or without any: yields `RecvError::Closed`" => || {
            let (collector, first, second) = two_sources();
            let mut waits = pin!(collector.recv());
            assert!(poll_once(&mut waits).is_pending());
            drop(first);
            assert!(poll_once(&mut waits).is_pending());
            drop(second);
            assert_eq!(poll_once(&mut waits), Poll::Ready(Err(RecvError::Closed)));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
    "collector.gather()" {
        "drop": "what has come goes back to the collector, and is received next" => || {
            let (collector, first, _second) = two_sources();
            leaves_nothing(collector.gather());
            {
                let mut gather = pin!(collector.gather());
                assert!(poll_once(&mut gather).is_pending());
                first.try_send(1).unwrap();
                assert!(poll_once(&mut gather).is_pending());
            }
            assert_eq!(collector.try_recv(), Ok((FIRST, 1)));
        };
        "time-out": "yields what has come; the gaps say `RecvError::Timeout`" => || {
            let (collector, first, _second) = two_sources();
            let mut sending = pin!(first.send(1));
            assert!(poll_once(&mut sending).is_pending());
            let gathered = collector.gather().timeout(Duration::ZERO).block();
            assert_eq!(gathered, [(FIRST, Ok(1)), (SECOND, Err(RecvError::Timeout))]);
        };
        "cancel": "yields what has come; the gaps say `RecvError::Cancelled(cause)`" => || {
            let (collector, _first, second) = two_sources();
            let mut sending = pin!(second.send(2));
            assert!(poll_once(&mut sending).is_pending());
            let gathered = collector.gather().within(&cancelled()).block();
            assert!(matches!(gathered[0], (FIRST, Err(RecvError::Cancelled(_)))));
            assert_eq!(gathered[1], (SECOND, Ok(2)));
        };
        "close": "of a peer, or when it leaves: its gap says `RecvError::Closed`; the others are waited for" => || {
            let (collector, first, second) = two_sources();
            let mut gather = pin!(collector.gather());
            assert!(poll_once(&mut gather).is_pending());
            drop(first);
            assert!(poll_once(&mut gather).is_pending());
            second.try_send(2).unwrap();
            let gathered = vec![(FIRST, Err(RecvError::Closed)), (SECOND, Ok(2))];
            assert_eq!(poll_once(&mut gather), Poll::Ready(gathered));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
}
