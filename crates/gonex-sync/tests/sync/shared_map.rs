use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::{
    BroadcastReceiver, BroadcastRecvError, Change, OnLag, SendError, SharedMap,
    TryBroadcastRecvError,
};
use proptest::prelude::*;

use crate::hand::{Hand, watched};
use crate::support::cancelled;

type Changes<K = u8> = BroadcastReceiver<Change<K, u32>>;

/// All that a subscriber can receive now.
fn drain<K: Clone>(changes: &mut Changes<K>) -> Vec<(K, Option<u32>)> {
    std::iter::from_fn(|| changes.try_recv().ok())
        .map(|change| (K::clone(&change.key), change.value.map(|value| *value)))
        .collect()
}

fn contents<K: Clone + std::hash::Hash + Eq>(map: &SharedMap<K, u32>) -> HashMap<K, u32> {
    map.entries().into_iter().map(|(key, value)| (K::clone(&key), *value)).collect()
}

/// The map that changes lead to.
fn replay<K: std::hash::Hash + Eq>(
    changes: impl IntoIterator<Item = (K, Option<u32>)>,
) -> HashMap<K, u32> {
    let mut map = HashMap::new();
    for (key, value) in changes {
        match value {
            Some(value) => map.insert(key, value),
            None => map.remove(&key),
        };
    }
    map
}

#[test]
fn a_slow_subscriber_holds_up_writers_and_nothing_is_half_done() {
    let map = SharedMap::with_capacity(1);
    let mut slow = map.subscribe();
    map.write(1, 10).block();
    let mut second = Hand::waiting(map.write(1, 11));
    let mut third = Hand::waiting(map.remove(1));
    assert_eq!(map.get(&1).as_deref(), Some(&10), "what is not told is not done");
    assert_eq!(drain(&mut slow), [(1, Some(10))]);
    assert!(second.was_woken() && !third.was_woken());
    assert_eq!(second.ready().as_deref(), Some(&10));
    assert!(third.poll().is_pending(), "there is room for one");
    drop(slow);
    assert_eq!(third.ready().as_deref(), Some(&11));
    assert!(map.is_empty());
}

#[test]
fn who_gives_up_changes_nothing_and_the_next_goes_on() {
    let map = SharedMap::with_capacity(1);
    let mut slow = map.subscribe();
    map.write(1, 10).block();
    let late = map.write(1, 11).timeout(Duration::ZERO).block();
    assert_eq!(late, Err(SendError::Timeout(11)));
    assert!(matches!(map.remove(1).within(&cancelled()).block(), Err(Stop::Cancelled(_))));
    let ran = AtomicBool::new(false);
    let update = map.update(1, |_| {
        ran.store(true, Ordering::Relaxed);
        None
    });
    assert_eq!(update.timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    assert!(!ran.into_inner(), "not before there is room");
    drop(Hand::waiting(map.write(1, 12)));
    assert_eq!(drain(&mut slow), [(1, Some(10))]);
    assert_eq!(map.write(1, 13).timeout(Duration::ZERO).block().unwrap().as_deref(), Some(&10));
    assert_eq!(drain(&mut slow), [(1, Some(13))]);
}

#[test]
fn a_subscriber_of_one_key_does_not_hold_up_the_others() {
    let map = SharedMap::with_capacity(1);
    let mut ones = map.subscribe_key(1);
    map.write(1, 10).block();
    for n in 0..10 {
        map.write(2, n).timeout(Duration::ZERO).block().unwrap();
    }
    let mut waiting = Hand::waiting(map.write(1, 11));
    assert!(Hand::new(map.write(2, 7)).poll().is_pending(), "the line is one for all keys");
    assert_eq!(drain(&mut ones), [(1, Some(10))]);
    waiting.ready();
    assert_eq!(drain(&mut ones), [(1, Some(11))]);
    drop((waiting, ones));
    map.write(1, 12).timeout(Duration::ZERO).block().unwrap();
    map.write(1, 13).timeout(Duration::ZERO).block().unwrap();
}

#[test]
fn a_panic_in_an_update_changes_nothing_and_tells_nobody() {
    let map = SharedMap::new();
    let mut changes = map.subscribe();
    map.write("a", 1).block();
    let panics = AssertUnwindSafe(|| map.update("a", |_| panic!("half-way")).block());
    assert!(catch_unwind(panics).is_err());
    assert_eq!(map.get(&"a").as_deref(), Some(&1));
    map.write("a", 2).timeout(Duration::ZERO).block().unwrap();
    assert_eq!(drain(&mut changes), [("a", Some(1)), ("a", Some(2))]);
}

#[test]
fn what_subscribes_while_an_update_is_at_work_is_told_of_it() {
    let map = SharedMap::with_capacity(1);
    let (open, gate) = gonex_sync::oneshot::<()>();
    let mut gate = Some(gate);
    let mut update = Hand::waiting(Box::pin(map.update_async(1, |old| {
        let mut gate = gate.take().unwrap();
        async move {
            gate.recv().await.unwrap();
            Some(old.map_or(1, |n| *n + 1))
        }
    })));
    let (mut all, mut one, mut other) =
        (map.subscribe(), map.subscribe_key(1), map.subscribe_key(2));
    open.send(()).unwrap();
    assert_eq!(update.ready().as_deref(), Some(&1));
    assert_eq!((drain(&mut all), drain(&mut one)), (vec![(1, Some(1))], vec![(1, Some(1))]));
    assert!(drain(&mut other).is_empty());
}

#[test]
fn what_was_not_there_is_removed_in_silence() {
    let map = SharedMap::<u8, u32>::new();
    let mut changes = map.subscribe();
    assert_eq!(map.remove(1).block(), None);
    assert_eq!(map.update(1, |_| None).block(), None);
    assert!(drain(&mut changes).is_empty());
}

#[test]
fn subscribers_are_told_of_lags_and_of_the_end() {
    let map = SharedMap::with_capacity(2);
    let mut told = map.subscribe_with(OnLag::Error);
    let mut untold = map.subscribe_key_with(1, OnLag::DropOldest);
    for n in 0..5 {
        map.write(1, n).block();
    }
    drop(map);
    assert_eq!(told.recv().block().unwrap_err(), BroadcastRecvError::Lagged(3));
    assert_eq!(drain(&mut told), [(1, Some(3)), (1, Some(4))]);
    assert_eq!(told.recv().block().unwrap_err(), BroadcastRecvError::Closed);
    assert_eq!((drain(&mut untold).len(), untold.missed()), (2, 3));
    assert_eq!(untold.try_recv().unwrap_err(), TryBroadcastRecvError::Closed);
}

#[test]
fn on_many_threads_all_subscribers_see_the_same_order() {
    watched(|| {
        let map = SharedMap::with_capacity(4);
        let subscribers: Vec<_> = (0..3)
            .map(|_| {
                let mut changes: Changes = map.subscribe();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    while let Ok(change) = changes.recv().block() {
                        seen.push((*change.key, change.value.as_deref().copied()));
                    }
                    seen
                })
            })
            .collect();
        let mut one = map.subscribe_key_with(0, OnLag::DropOldest);
        let writers: Vec<_> = (0..4_u8)
            .map(|writer| {
                let map = map.clone();
                thread::spawn(move || {
                    for round in 0..300_u32 {
                        let key = (round % 5) as u8;
                        match (writer + key) % 3 {
                            0 => drop(map.write(key, round).block()),
                            1 => drop(map.update(key, |n| Some(n.map_or(0, |n| n + 1))).block()),
                            _ => drop(map.remove(key).block()),
                        }
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let last = map.get(&0).map(|value| *value);
        let end = contents(&map);
        drop(map);
        let seen: Vec<_> = subscribers.into_iter().map(|one| one.join().unwrap()).collect();
        assert!(seen.iter().all(|changes| *changes == seen[0]));
        assert_eq!(replay(seen[0].iter().copied()), end);
        let of_one = drain(&mut one);
        assert_eq!(of_one.last().and_then(|(_, value)| *value), last);
    });
}

#[derive(Clone, Debug)]
enum Step {
    Write(u8, u32),
    Remove(u8),
    Add(u8, u32),
    /// Polls one that waits.
    Poll(usize),
    Drop(usize),
    /// One of the subscribers receives.
    Recv(usize),
    Subscribe(Option<u8>),
    Unsubscribe(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u8, 0..100_u32).prop_map(|(key, value)| Step::Write(key, value)),
        2 => (0..4_u8).prop_map(Step::Remove),
        4 => (0..4_u8, 0..100_u32).prop_map(|(key, by)| Step::Add(key, by)),
        4 => (0..8_usize).prop_map(Step::Poll),
        2 => (0..8_usize).prop_map(Step::Drop),
        6 => (0..8_usize).prop_map(Step::Recv),
        1 => prop::option::of(0..4_u8).prop_map(Step::Subscribe),
        1 => (0..8_usize).prop_map(Step::Unsubscribe),
    ];
    prop::collection::vec(step, 1..80)
}

type Pending<'a> = Hand<Pin<Box<dyn Future<Output = Option<Arc<u32>>> + 'a>>>;

/// A subscriber, of one key or of all, with what it has seen and what it should have.
struct Subscriber {
    changes: Changes,
    key: Option<u8>,
    expected: Vec<(u8, Option<u32>)>,
    seen: Vec<(u8, Option<u32>)>,
}

/// A change that waits, and what it does to a map.
struct Waiting<'a> {
    hand: Pending<'a>,
    key: u8,
    effect: Box<dyn Fn(Option<u32>) -> Option<u32>>,
}

/// A map, beside one that a child could write.
struct Run<'a> {
    map: &'a SharedMap<u8, u32>,
    model: HashMap<u8, u32>,
    waiting: Vec<Waiting<'a>>,
    subscribers: Vec<Subscriber>,
}

impl<'a> Run<'a> {
    fn start(
        &mut self,
        key: u8,
        future: impl Future<Output = Option<Arc<u32>>> + 'a,
        effect: impl Fn(Option<u32>) -> Option<u32> + 'static,
    ) {
        let hand = Hand::new(Box::pin(future) as Pin<Box<dyn Future<Output = _> + 'a>>);
        self.waiting.push(Waiting { hand, key, effect: Box::new(effect) });
        self.poll(self.waiting.len() - 1);
    }

    fn poll(&mut self, at: usize) -> bool {
        if self.waiting[at].hand.poll().is_pending() {
            return false;
        }
        let Waiting { key, effect, .. } = self.waiting.remove(at);
        let before = self.model.get(&key).copied();
        let after = effect(before);
        match after {
            Some(value) => self.model.insert(key, value),
            None => self.model.remove(&key),
        };
        if before.is_some() || after.is_some() {
            for subscriber in &mut self.subscribers {
                if subscriber.key.is_none_or(|wanted| wanted == key) {
                    subscriber.expected.push((key, after));
                }
            }
        }
        assert_eq!(contents(self.map), self.model);
        true
    }

    fn subscribe(&mut self, key: Option<u8>) {
        let changes = match key {
            Some(key) => self.map.subscribe_key(key),
            None => self.map.subscribe(),
        };
        let (expected, seen) = (Vec::new(), Vec::new());
        self.subscribers.push(Subscriber { changes, key, expected, seen });
    }

    fn step(&mut self, step: &Step) {
        let map = self.map;
        match *step {
            Step::Write(key, value) => {
                self.start(key, async move { map.write(key, value).await }, move |_| Some(value));
            }
            Step::Remove(key) => {
                self.start(key, async move { map.remove(key).await }, |_| None);
            }
            Step::Add(key, by) => {
                let add = move |old: Option<u32>| Some(old.unwrap_or(0) + by);
                let update = map.update(key, move |old| add(old.copied()));
                self.start(key, update, add);
            }
            Step::Poll(at) if !self.waiting.is_empty() => {
                self.poll(at % self.waiting.len());
            }
            Step::Drop(at) if !self.waiting.is_empty() => {
                drop(self.waiting.remove(at % self.waiting.len()));
            }
            Step::Recv(at) if !self.subscribers.is_empty() => {
                let at = at % self.subscribers.len();
                let one = &mut self.subscribers[at];
                one.seen.extend(one.changes.try_recv().ok().map(told));
            }
            Step::Subscribe(key) => self.subscribe(key),
            Step::Unsubscribe(at) if !self.subscribers.is_empty() => {
                drop(self.subscribers.remove(at % self.subscribers.len()));
            }
            _ => {}
        }
    }

    /// Has all receive all, until nobody waits.
    fn settle(&mut self) {
        loop {
            for one in &mut self.subscribers {
                one.seen.extend(std::iter::from_fn(|| one.changes.try_recv().ok()).map(told));
            }
            let woken = |waiting: &mut Waiting<'a>| waiting.hand.was_woken();
            let Some(at) = self.waiting.iter_mut().position(woken) else { break };
            self.poll(at);
        }
        assert!(self.waiting.is_empty(), "somebody waits, and was not woken");
        for one in &self.subscribers {
            assert_eq!(one.seen, one.expected);
        }
    }
}

fn told(change: Change<u8, u32>) -> (u8, Option<u32>) {
    (*change.key, change.value.map(|value| *value))
}

proptest! {
    /// Changes that are made, wait, and are given up in any order: the map is what those that were done
    /// lead to, and every subscriber sees just these, in that order.
    #[test]
    fn a_shared_map_does_what_the_model_says(steps in steps(), capacity in 1..4_usize) {
        let map = SharedMap::with_capacity(capacity);
        let model = HashMap::new();
        let mut run = Run { map: &map, model, waiting: Vec::new(), subscribers: Vec::new() };
        run.subscribe(None);
        for step in &steps {
            run.step(step);
        }
        run.settle();
    }
}
