use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;

use super::held::Held;
use super::stats::{BufferStats, Counts};

/// What all threads share: buffers that are too many for a thread, the bound, and everybody's counts.
///
/// A thread comes here when it has no buffer, or too many, and then with several at once.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Of each class.
    buffers: Vec<Vec<Held>>,
    /// What these hold.
    bytes: usize,
    /// What threads may keep for themselves.
    promised: usize,
    most: usize,
    counts: Vec<Arc<Counts>>,
}

impl Shared {
    pub(super) fn new(classes: usize, most: usize) -> Self {
        let buffers = empty(classes);
        let state = State { buffers, bytes: 0, promised: 0, most, counts: Vec::new() };
        Self { state: Mutex::new(state) }
    }

    /// Takes in a thread: what it may keep, which is nothing once all is promised, and where it counts.
    pub(super) fn join(&self, wish: usize) -> (usize, Arc<Counts>) {
        let mut state = lock_std(&self.state);
        // What is kept here has its room, too.
        let room = state.most - state.promised - state.bytes;
        let promised = if wish <= room { wish } else { 0 };
        state.promised += promised;
        let counts = Arc::<Counts>::default();
        state.counts.push(counts.clone());
        (promised, counts)
    }

    /// Moves up to so many buffers of a class out, to the end of `into`.
    pub(super) fn take(&self, class: usize, size: usize, count: usize, into: &mut Vec<Held>) {
        let mut state = lock_std(&self.state);
        let from = &mut state.buffers[class];
        let rest = from.len() - count.min(from.len());
        let taken = from.len() - rest;
        into.extend(from.drain(rest..));
        state.bytes -= taken * size;
    }

    /// Moves buffers of a class in while there is room, from the end of `from`, and says how many.
    pub(super) fn keep(&self, class: usize, size: usize, from: &mut Vec<Held>) -> usize {
        let mut state = lock_std(&self.state);
        let room = (state.most - state.promised - state.bytes) / size;
        let kept = room.min(from.len());
        let rest = from.len() - kept;
        state.buffers[class].extend(from.drain(rest..));
        state.bytes += kept * size;
        kept
    }

    pub(super) fn stats(&self) -> BufferStats {
        let state = lock_std(&self.state);
        let bytes = state.bytes + state.promised;
        let mut stats = BufferStats { bytes, ..BufferStats::default() };
        state.counts.iter().for_each(|counts| stats.add(counts));
        stats
    }

    /// Lets go of what is kept here.
    pub(super) fn clear(&self) {
        let mut state = lock_std(&self.state);
        let empty = empty(state.buffers.len());
        let buffers = std::mem::replace(&mut state.buffers, empty);
        state.bytes = 0;
        drop(state);
        // It takes a while to give much memory back, and nobody has to wait for it.
        drop(buffers);
    }
}

fn empty(classes: usize) -> Vec<Vec<Held>> {
    (0..classes).map(|_| Vec::new()).collect()
}
