//! Who values come from, and what is between two receives.
//!
//! # Deadlock safety
//! Each lock here is taken alone, and under none of them is a receiver dropped or a waker woken.

use std::collections::VecDeque;
use std::sync::Arc;

use smallvec::SmallVec;

use super::error::JoinError;
use super::members::MOST_PEERS;
use super::peer::PeerId;
use super::source::{Place, Source};
use super::watch::Watch;
use crate::TryRecvError;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Mutex, lock};

/// So many values of local peers may go before one of another that waits.
const LOCAL_IN_A_ROW: usize = 7;

/// A moment's sources, in the order of their ids.
pub(super) type List<T> = Arc<[Arc<Source<T>>]>;

/// Whether a source is in a list.
pub(super) fn contains<T>(list: &List<T>, source: &Arc<Source<T>>) -> bool {
    let at = list.binary_search_by_key(&source.id, |source| source.id);
    at.is_ok_and(|at| Arc::ptr_eq(&list[at], source))
}

/// What the clones of a collector share.
pub(super) struct Sources<T> {
    list: Mutex<List<T>>,
    pub(super) watch: Watch,
    /// Values of peers that have left, which a receive or a gather had in hand and did not yield. They
    /// come first. Never more than there were such operations, times peers that left.
    returned: Mutex<VecDeque<(PeerId, T)>>,
    /// Where the next look begins among others and among local ones, so that all get their turn. Only
    /// hints, so any ordering does.
    turns: [AtomicUsize; 2],
    /// How many values of local peers went last, one after the other. A hint as well.
    streak: AtomicUsize,
}

impl<T> Sources<T> {
    pub(super) fn new() -> Self {
        Self {
            list: Mutex::new(Arc::new([])),
            watch: Watch::new(),
            returned: Mutex::new(VecDeque::new()),
            turns: [AtomicUsize::new(0), AtomicUsize::new(0)],
            streak: AtomicUsize::new(0),
        }
    }

    pub(super) fn list(&self) -> List<T> {
        lock(&self.list).clone()
    }

    /// In which order to look: local ones first, unless it is the others' turn.
    pub(super) fn order<'l>(
        &self,
        list: impl ExactSizeIterator<Item = &'l Arc<Source<T>>>,
    ) -> SmallVec<[usize; 16]>
    where
        T: 'l,
    {
        let others_first = self.streak.load(Ordering::Relaxed) >= LOCAL_IN_A_ROW;
        let is_local: SmallVec<[bool; 16]> = list.map(|source| source.is_local).collect();
        let len = is_local.len();
        let round = |local: bool| {
            let turn = self.turns[usize::from(local)].load(Ordering::Relaxed);
            (0..len).map(move |step| (turn + step) % len)
        };
        let first = round(!others_first).filter(|&index| is_local[index] != others_first);
        let second = round(others_first).filter(|&index| is_local[index] == others_first);
        first.chain(second).collect()
    }

    /// Notes that a source has been served.
    pub(super) fn served(&self, index: usize, source: &Source<T>) {
        self.turns[usize::from(source.is_local)].store(index + 1, Ordering::Relaxed);
        if source.is_local {
            self.streak.fetch_add(1, Ordering::Relaxed);
        } else {
            self.streak.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn try_recv(&self) -> Result<(PeerId, T), TryRecvError> {
        if let Some(returned) = self.take_returned() {
            return Ok(returned);
        }
        let list = self.list();
        let mut all_closed = true;
        for index in self.order(list.iter()) {
            match list[index].try_recv() {
                Ok(value) => {
                    self.served(index, &list[index]);
                    return Ok((list[index].id, value));
                }
                Err(TryRecvError::Empty) => all_closed = false,
                Err(TryRecvError::Closed) => {}
            }
        }
        Err(if all_closed { TryRecvError::Closed } else { TryRecvError::Empty })
    }

    pub(super) fn take_returned(&self) -> Option<(PeerId, T)> {
        lock(&self.returned).pop_front()
    }

    /// Keeps values of peers that have left for the next who receives.
    pub(super) fn give_back(&self, values: impl IntoIterator<Item = (PeerId, T)>) {
        lock(&self.returned).extend(values);
        self.watch.changed();
    }

    /// Keeps a value that a gather had received, to come first from its source again.
    pub(super) fn hold(&self, source: &Arc<Source<T>>, value: T) {
        source.hold(value);
        if contains(&self.list(), source) {
            self.watch.changed();
        } else {
            self.give_back(source.take_held().map(|value| (source.id, value)));
        }
    }

    /// Ends receives that stand at the sources of a list. What was handed to them goes back to the
    /// head of its channel; but from a peer that has left meanwhile, to this collector: whoever made it
    /// leave may have emptied the channel already.
    pub(super) fn put_back(&self, stood: &List<T>, places: impl Iterator<Item = Place<T>>) {
        let now = self.list();
        let all_stayed = Arc::ptr_eq(&now, stood);
        let mut back: SmallVec<[(PeerId, T); 1]> = SmallVec::new();
        let mut ended: SmallVec<[Arc<Source<T>>; 8]> = SmallVec::new();
        for place in places {
            if all_stayed || contains(&now, &place.source) {
                ended.push(place.source.clone());
                drop(place);
            } else {
                back.extend(place.end());
            }
        }
        let later = self.list();
        if !Arc::ptr_eq(&later, &now) {
            // One may have left between the look at the list and the end of the place.
            let left = ended.iter().filter(|source| !contains(&later, source));
            back.extend(left.filter_map(|source| Some((source.id, source.try_recv().ok()?))));
        }
        if !back.is_empty() {
            self.give_back(back);
        }
    }

    pub(super) fn join(&self, source: Source<T>) -> Result<(), JoinError> {
        let source = Arc::new(source);
        let mut list = lock(&self.list);
        let Err(at) = list.binary_search_by_key(&source.id, |source| source.id) else {
            return Err(JoinError::Taken(source.id));
        };
        if list.len() >= MOST_PEERS {
            return Err(JoinError::Full(MOST_PEERS));
        }
        let (before, after) = list.split_at(at);
        *list = before.iter().chain([&source]).chain(after).cloned().collect();
        drop(list);
        self.watch.changed();
        Ok(())
    }

    pub(super) fn leave(&self, id: PeerId) -> Option<Arc<Source<T>>> {
        let mut list = lock(&self.list);
        let at = list.binary_search_by_key(&id, |source| source.id).ok()?;
        let left = list[at].clone();
        *list = list.iter().filter(|source| source.id != id).cloned().collect();
        drop(list);
        self.watch.changed();
        Some(left)
    }
}
