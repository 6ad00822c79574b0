//! Distribution among peers: threads, tasks, and polls by hand.
#![cfg(not(gonex_loom))]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::Context;
use gonex_sync::distribute::{
    Collector, Distributor, JoinError, Movable, PeerId, ScatterError, Sending, Transport,
};
use gonex_sync::{Receiver, RecvError, SendError, TryRecvError, TrySendError, channel};
use proptest::prelude::*;

const LONG: Duration = Duration::from_secs(60);

fn id(number: u64) -> PeerId {
    PeerId::new(number)
}

fn poll<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A collector of so many channels, and their senders.
fn collected<T>(peers: u64, capacity: usize) -> (Collector<T>, Vec<gonex_sync::Sender<T>>) {
    let collector = Collector::new();
    let join = |peer| {
        let (tx, rx) = channel(capacity);
        collector.join(id(peer), rx).unwrap();
        tx
    };
    let senders = (0..peers).map(join).collect();
    (collector, senders)
}

fn drain<T>(receivers: &[Receiver<T>]) -> Vec<Vec<T>> {
    receivers.iter().map(|receiver| receiver.try_iter().collect()).collect()
}

// ---- broadcast and scatter ----

#[test]
fn a_broadcast_reaches_threads_that_come_late() {
    for capacity in [0, 1] {
        let (peers, workers) = Distributor::local(4, capacity);
        let threads: Vec<_> = workers
            .into_iter()
            .map(|worker| thread::spawn(move || worker.iter().take(10).collect::<Vec<_>>()))
            .collect();
        for round in 0..10 {
            let outcomes = peers.broadcast(round).timeout(LONG).block();
            assert_eq!(outcomes, [0, 1, 2, 3].map(|peer| (id(peer), Ok(()))));
        }
        for thread in threads {
            assert_eq!(thread.join().unwrap(), (0..10).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_slow_peer_holds_up_no_other() {
    let (peers, workers) = Distributor::local(3, 1);
    workers[2].close();
    peers.route_to(id(0)).try_send(0).unwrap();
    let mut broadcast = pin!(peers.broadcast(1));
    assert!(poll(&mut broadcast).is_pending());
    assert_eq!(workers[1].try_recv(), Ok(1));
    assert_eq!(workers[0].try_recv(), Ok(0));
    let Poll::Ready(outcomes) = poll(&mut broadcast) else { panic!("there is room") };
    assert_eq!(outcomes[0], (id(0), Ok(())));
    assert_eq!(outcomes[2], (id(2), Err(SendError::Closed(1))));
    assert_eq!(workers[0].try_recv(), Ok(1));
}

#[test]
fn a_scatter_goes_round_and_keeps_the_order_of_each_peer() {
    let (peers, workers) = Distributor::local(3, 2);
    let mut scatter = pin!(peers.scatter(0..11));
    assert!(poll(&mut scatter).is_pending());
    let mut received = drain(&workers);
    while poll(&mut scatter).is_pending() {
        for (all, some) in received.iter_mut().zip(drain(&workers)) {
            all.extend(some);
        }
    }
    for (all, some) in received.iter_mut().zip(drain(&workers)) {
        all.extend(some);
    }
    assert_eq!(received, [vec![0, 3, 6, 9], vec![1, 4, 7, 10], vec![2, 5, 8]]);
}

#[test]
fn what_a_scatter_did_not_send_comes_back_in_order() {
    let (peers, mut workers) = Distributor::local(3, 1);
    workers.remove(1);
    let (context, canceller) = Context::background().with_cancel();
    let mut scatter = pin!(peers.scatter(0..9).within(&context));
    assert!(poll(&mut scatter).is_pending());
    canceller.cancel("enough");
    let Poll::Ready(Err(error)) = poll(&mut scatter) else { panic!("it was cancelled") };
    let ScatterError::Unsent(unsent) = &error else { panic!("{error}") };
    assert!(unsent.iter().all(|one| one.error.is_closed() == (one.peer == id(1))));
    assert_eq!(error.into_values(), [1, 3, 4, 5, 6, 7, 8]);
    assert_eq!(drain(&workers), [[0], [2]]);
}

#[test]
fn nothing_goes_to_nobody() {
    let peers = Distributor::<u8>::new();
    assert_eq!(peers.broadcast(1).block(), []);
    assert_eq!(peers.scatter([]).block(), Ok(()));
    assert!(matches!(peers.scatter([1]).block(), Err(ScatterError::NoPeers(_))));
    assert_eq!(peers.route("key").send(1).block(), Err(SendError::Closed(1)));
    assert_eq!(peers.balance().block().moved, 0);
    let collector = Collector::<u8>::new();
    assert_eq!(collector.gather().block(), []);
    assert_eq!(collector.recv().block(), Err(RecvError::Closed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_scatter_work_and_gather_results() {
    let (peers, workers) = Distributor::local(8, 1);
    let collector = Collector::new();
    for (number, jobs) in workers.into_iter().enumerate() {
        let (tx, rx) = channel(0);
        collector.join(id(number as u64), rx).unwrap();
        tokio::spawn(async move {
            while let Ok(job) = jobs.recv().await {
                if tx.send(job * job).await.is_err() {
                    break;
                }
            }
        });
    }
    for round in 0..50_u64 {
        peers.scatter(round..round + 8).await.unwrap();
        let results: Vec<u64> =
            collector.gather().await.into_iter().map(|(_, result)| result.unwrap()).collect();
        assert_eq!(results, (round..round + 8).map(|n| n * n).collect::<Vec<_>>());
    }
}

#[test]
fn operations_may_move_between_threads() {
    fn movable<T: Send>(_: T) {}
    let (peers, _workers) = Distributor::local(1, 1);
    let collector = Collector::<u32>::new();
    let route = peers.route_to(id(0));
    movable(peers.broadcast(1));
    movable(peers.scatter([1]));
    movable(peers.balance());
    movable(route.send(1));
    movable(collector.recv());
    movable(collector.gather());
    movable((peers.clone(), collector.clone(), route.clone()));
    let mut select = gonex_sync::Select::<()>::new();
    movable(select.wait());
}

// ---- routes ----

#[test]
fn a_key_keeps_its_peer_and_its_order() {
    let (peers, workers) = Distributor::local(4, 4_000);
    let threads: Vec<_> = (0..4)
        .map(|mine| {
            let peers = peers.clone();
            thread::spawn(move || {
                for number in 0..100 {
                    for key in (mine..40).step_by(4) {
                        peers.route(&key).send((key, number)).timeout(LONG).block().unwrap();
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let mut seen = BTreeSet::new();
    for received in drain(&workers) {
        let mut by_key = BTreeMap::<_, Vec<_>>::new();
        for (key, number) in received {
            by_key.entry(key).or_default().push(number);
        }
        for (key, numbers) in by_key {
            assert!(seen.insert(key), "{key} has two peers");
            assert_eq!(numbers, (0..100).collect::<Vec<_>>());
        }
    }
    assert_eq!(seen.len(), 40);
}

#[test]
fn a_value_that_waits_moves_on_when_its_peer_ends() {
    let (peers, mut workers) = Distributor::local(3, 1);
    let route = peers.route("key");
    let owner = route.peer().unwrap();
    route.try_send(0).unwrap();
    let mut waits = pin!(route.send(1));
    assert!(poll(&mut waits).is_pending());
    workers[owner.get() as usize].close();
    assert_eq!(poll(&mut waits), Poll::Ready(Ok(())));
    assert_ne!(route.peer(), Some(owner));
    workers.remove(owner.get() as usize);
    assert_eq!(drain(&workers).concat(), [1]);
}

#[test]
fn an_explicit_route_is_not_overruled_and_leaves_with_its_peer() {
    let (peers, workers) = Distributor::local(3, 1);
    let by_hash = peers.route("key").peer();
    peers.set_route("key", id(1)).unwrap();
    workers[1].close();
    assert_eq!(peers.route("key").send(1).block(), Err(SendError::Closed(1)));
    peers.set_route("key", id(7)).unwrap();
    assert_eq!(peers.route("key").try_send(1), Err(TrySendError::Closed(1)));
    peers.set_route("key", id(1)).unwrap();
    peers.set_route("other", id(2)).unwrap();
    assert!(peers.leave(id(1)));
    assert_eq!(peers.routes().len(), 1);
    let owner = peers.route("key").peer();
    assert!(owner == by_hash || by_hash == Some(id(1)));
}

#[test]
fn routes_are_bounded() {
    let (peers, _workers) = Distributor::<u8>::local(1, 1);
    for key in 0..65_536 {
        peers.set_route(&key, id(0)).unwrap();
    }
    let error = peers.set_route("one more", id(0)).unwrap_err();
    assert!(error.to_string().starts_with("cannot set a route: there are 65536 already"));
    assert_eq!(peers.set_route(&0, id(0)), Ok(Some(id(0))));
}

proptest! {
    #[test]
    fn only_the_keys_of_those_that_go_or_come_move(
        ids in prop::collection::btree_set(any::<u64>(), 2..12),
        keys in prop::collection::vec(".{0,12}", 1..60),
    ) {
        let peers = Distributor::<u8>::new();
        let mut ends = Vec::new();
        for &number in &ids {
            let (tx, rx) = channel(1);
            peers.join(id(number), tx).unwrap();
            ends.push(rx);
        }
        let owners = || keys.iter().map(|key| peers.route(key).peer()).collect::<Vec<_>>();
        let all = owners();
        let gone = id(*ids.first().unwrap());
        peers.leave(gone);
        for (before, after) in all.iter().zip(owners()) {
            prop_assert_eq!(*before == after, *before != Some(gone));
        }
        let (tx, _rx) = channel(1);
        peers.join(gone, tx).unwrap();
        prop_assert_eq!(owners(), all);
    }

    #[test]
    fn balancing_loses_nothing_and_evens_out(
        lens in prop::collection::vec(0..40_usize, 1..8),
        capacity in 40..50_usize,
    ) {
        let (peers, workers) = Distributor::local(lens.len(), capacity);
        let mut next = 0;
        for (peer, &len) in lens.iter().enumerate() {
            for _ in 0..len {
                peers.route_to(id(peer as u64)).try_send(next).unwrap();
                next += 1;
            }
        }
        let balanced = peers.balance().block();
        prop_assert_eq!(balanced.left_over, None);
        let received = drain(&workers);
        let after: Vec<_> = received.iter().map(Vec::len).collect();
        prop_assert!(after.iter().max().unwrap() - after.iter().min().unwrap() <= 1);
        let mut all = received.concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..next).collect::<Vec<_>>());
    }
}

// ---- balance ----

#[test]
fn balancing_takes_only_where_it_may_and_gives_only_where_there_is_room() {
    let peers = Distributor::new();
    let (pinned, pinned_rx) = channel(10);
    let (movable, movable_rx) = channel(10);
    let (small, small_rx) = channel(1);
    let (dead, _) = channel::<i32>(10);
    pinned.send_all(0..10).block().unwrap();
    movable.send_all(10..18).block().unwrap();
    peers.join(id(0), pinned).unwrap();
    peers.join(id(1), Movable::new(movable, &movable_rx)).unwrap();
    peers.join(id(2), small).unwrap();
    peers.join(id(3), dead).unwrap();
    assert_eq!(peers.balance().block().moved, 1);
    assert_eq!(drain(&[pinned_rx]).concat(), (0..10).collect::<Vec<_>>());
    assert_eq!(drain(&[movable_rx]).concat(), (11..18).collect::<Vec<_>>());
    assert_eq!(drain(&[small_rx]).concat(), [10]);
}

#[test]
fn balancing_while_others_work_loses_nothing() {
    let (peers, workers) = Distributor::local(4, 64);
    let receiving: Vec<_> = workers
        .into_iter()
        .map(|worker| thread::spawn(move || worker.iter().collect::<Vec<u32>>()))
        .collect();
    let sending = thread::spawn({
        let peers = peers.clone();
        move || {
            for number in 0..4_000 {
                let busy = u64::from(number % 16 == 0);
                peers.route_to(id(busy)).send(number).timeout(LONG).block().unwrap();
            }
        }
    });
    let mut left_over = Vec::new();
    while !sending.is_finished() {
        left_over.extend(peers.balance().block().left_over);
    }
    sending.join().unwrap();
    peers.close();
    let received = receiving.into_iter().flat_map(|thread| thread.join().unwrap());
    let mut all: Vec<_> = received.chain(left_over).collect();
    all.sort_unstable();
    assert_eq!(all, (0..4_000).collect::<Vec<_>>());
}

/// A peer that says it has room and is closed when it comes to it.
struct Liar;

impl Transport<u32> for Liar {
    fn try_send(&self, value: u32) -> Result<(), TrySendError<u32>> {
        Err(TrySendError::Closed(value))
    }

    fn send(&self, _: u32) -> Box<dyn Sending<u32>> {
        unreachable!("nobody waits for what is closed")
    }

    fn close(&self) -> bool {
        false
    }

    fn is_alive(&self) -> bool {
        true
    }

    fn queued(&self) -> Option<usize> {
        Some(0)
    }

    fn room(&self) -> Option<usize> {
        Some(9)
    }
}

#[test]
fn a_peer_that_lies_about_its_life_loses_nothing() {
    let (peers, workers) = Distributor::local(1, 100);
    peers.scatter(0..8).block().unwrap();
    peers.join(id(1), Liar).unwrap();
    let balanced = peers.balance().block();
    assert_eq!((balanced.moved, balanced.left_over), (0, None));
    assert_eq!(peers.broadcast(9).block()[1], (id(1), Err(SendError::Closed(9))));
    assert_eq!(drain(&workers).concat().len(), 9);
    let sent = (0..50).filter(|key| peers.route(key).send(1).timeout(LONG).block().is_ok()).count();
    assert!(sent > 10, "keys of the living are served: {sent}");
    assert_eq!(workers[0].len(), sent);
}

// ---- collecting ----

#[test]
fn all_peers_are_served_and_the_near_ones_first() {
    let (collector, far) = collected(3, 100);
    let (near, rx) = channel(100);
    collector.join_local(id(9), rx).unwrap();
    for sender in far.iter().chain([&near]) {
        sender.send_all(0..100).block().unwrap();
    }
    let mut counts = BTreeMap::new();
    for _ in 0..96 {
        *counts.entry(collector.recv().block().unwrap().0).or_insert(0) += 1;
    }
    assert_eq!(counts[&id(9)], 84);
    assert!((0..3).all(|peer| counts[&id(peer)] == 4), "{counts:?}");
    near.close();
    let all: Vec<_> = (0..300 - 12 + 16).map(|_| collector.try_recv().unwrap()).collect();
    let last = all.iter().rev().take(270).fold(BTreeMap::new(), |mut counts, (peer, _)| {
        *counts.entry(*peer).or_insert(0) += 1;
        counts
    });
    assert_eq!(last.into_values().collect::<Vec<_>>(), [90, 90, 90]);
    drop(far);
    assert_eq!(collector.recv().block(), Err(RecvError::Closed));
}

#[test]
fn who_waits_sees_peers_come_and_go() {
    let (collector, senders) = collected::<u8>(1, 0);
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut waits = pin!(collector.recv());
    assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    let (tx, rx) = channel(0);
    collector.join(id(5), rx).unwrap();
    assert_eq!(bell.0.load(Ordering::SeqCst), 1);
    assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    assert!(collector.leave(id(0)).is_some());
    assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    assert!(senders[0].is_closed(), "nobody keeps the receiver of the one that left");
    tx.try_send(3).unwrap();
    let received = waits.as_mut().poll(&mut TaskContext::from_waker(&waker));
    assert_eq!(received, Poll::Ready(Ok((id(5), 3))));
}

#[test]
fn a_dropped_receive_takes_nothing_and_leaves_nothing() {
    let (collector, senders) = collected(3, 0);
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    {
        let mut waits = pin!(collector.recv());
        assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
        // At capacity 0 both are in the hands of the same receive.
        senders[0].try_send(1).unwrap();
        senders[2].try_send(2).unwrap();
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&bell), 1, "no waker is left");
    assert!(senders.iter().all(|sender| sender.try_send(9).is_err()));
    assert_eq!(collector.try_recv(), Ok((id(0), 1)));
    assert_eq!(collector.try_recv(), Ok((id(2), 2)));
    assert_eq!(collector.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn what_was_handed_over_is_received_in_spite_of_a_limit() {
    let (collector, senders) = collected(2, 0);
    let (context, canceller) = Context::background().with_cancel();
    let mut gather = pin!(collector.gather().within(&context));
    assert!(poll(&mut gather).is_pending());
    senders[1].try_send(7).unwrap();
    canceller.cancel("enough");
    let Poll::Ready(gathered) = poll(&mut gather) else { panic!("it was cancelled") };
    assert!(matches!(gathered[0], (_, Err(RecvError::Cancelled(_)))));
    assert_eq!(gathered[1], (id(1), Ok(7)));
}

#[test]
fn a_dropped_gather_gives_back_what_it_had() {
    let (collector, senders) = collected(2, 2);
    senders[0].send_all([1, 2]).block().unwrap();
    let mut waits = pin!(collector.recv());
    {
        let mut gather = pin!(collector.gather());
        assert!(poll(&mut gather).is_pending());
        // The other receive finds what is left, and then waits.
        assert_eq!(poll(&mut waits), Poll::Ready(Ok((id(0), 2))));
        waits.set(collector.recv());
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(bell.clone());
        assert!(waits.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
        gather.set(collector.gather());
        assert_eq!(bell.0.load(Ordering::SeqCst), 1, "it is told of what came back");
    }
    assert_eq!(poll(&mut waits), Poll::Ready(Ok((id(0), 1))));
    // What it had from a peer that leaves meanwhile stays with the collector.
    senders[0].try_send(3).unwrap();
    let detached = {
        let mut gather = pin!(collector.gather());
        assert!(poll(&mut gather).is_pending());
        senders[0].try_send(4).unwrap();
        collector.leave(id(0)).unwrap()
    };
    assert_eq!((detached.try_recv(), collector.try_recv()), (Ok(4), Ok((id(0), 3))));
}

#[test]
fn a_gather_does_not_wait_for_who_leaves_or_joins() {
    let (collector, senders) = collected(3, 1);
    let mut gather = pin!(collector.gather());
    senders[0].try_send(1).unwrap();
    assert!(poll(&mut gather).is_pending());
    collector.leave(id(1)).unwrap();
    let (_tx, rx) = channel(1);
    collector.join(id(3), rx).unwrap();
    assert!(poll(&mut gather).is_pending());
    senders[2].try_send(3).unwrap();
    let expected = vec![(id(0), Ok(1)), (id(1), Err(RecvError::Closed)), (id(2), Ok(3))];
    assert_eq!(poll(&mut gather), Poll::Ready(expected));
}

#[test]
fn many_collect_from_many_while_peers_come_and_go() {
    let collector = Collector::new();
    let (keep_tx, keep_rx) = channel(1);
    collector.join(id(1_000), keep_rx).unwrap();
    let receiving: Vec<_> = (0..4)
        .map(|_| {
            let collector = collector.clone();
            thread::spawn(move || {
                std::iter::from_fn(|| collector.recv().timeout(LONG).block().ok())
                    .map(|(_, value)| value)
                    .collect::<Vec<u64>>()
            })
        })
        .collect();
    for peer in 0..60 {
        let (tx, rx) = channel(peer as usize % 3);
        collector.join(id(peer), rx.clone()).unwrap();
        for number in 0..20 {
            tx.send(peer * 20 + number).timeout(LONG).block().unwrap();
        }
        drop(tx);
        // What is left of it is received here, should there be something.
        let left = collector.leave(id(peer)).unwrap();
        while let Ok(value) = left.try_recv() {
            keep_tx.send(value).timeout(LONG).block().unwrap();
        }
    }
    drop(keep_tx);
    let mut all: Vec<_> = receiving.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, (0..1_200).collect::<Vec<_>>());
}

#[test]
fn an_id_is_taken_once() {
    let (peers, _workers) = Distributor::<u8>::local(1, 1);
    let (tx, rx) = channel(1);
    assert_eq!(peers.join(id(0), tx), Err(JoinError::Taken(id(0))));
    let collector = Collector::<u8>::new();
    collector.join(id(0), rx.clone()).unwrap();
    assert_eq!(collector.join_local(id(0), rx), Err(JoinError::Taken(id(0))));
    let message = JoinError::Taken(id(0)).to_string();
    assert_eq!(
        message,
        "cannot join: there is a peer 0 already; let it leave first, or choose another id"
    );
}
