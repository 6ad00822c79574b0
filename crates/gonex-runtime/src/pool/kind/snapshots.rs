//! What outlives a worker: its state, written down for whoever takes its place.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;

use super::kind::Start;
use crate::balance::WorkerId;

/// What was kept of a state.
type Kept = Box<dyn Any + Send>;

/// Puts into a state what was kept of another.
type Restore<S> = dyn Fn(&mut S, Kept) + Send + Sync;

/// What is kept of the states of workers that go, for those that take their places.
pub(crate) struct Snapshots<S> {
    /// Writes down what there is to keep of a state.
    take: Box<dyn Fn(&S) -> Kept + Send + Sync>,
    /// Puts into a state what was kept.
    restore: Box<Restore<S>>,
    /// After how many tasks a snapshot is taken, beside the one at the end.
    pub(super) every: Option<u64>,
    book: Arc<Book>,
}

/// The pages, by slot.
///
/// # Deadlock safety
/// What is kept is the user's, and dropped outside the lock.
#[derive(Default)]
struct Book {
    pages: Mutex<HashMap<usize, Page>>,
}

/// What is kept of the workers of one slot.
#[derive(Default)]
struct Page {
    /// Who writes it: the worker of the slot, until it is given up.
    writer: Option<WorkerId>,
    kept: Option<Kept>,
}

impl<S> Snapshots<S> {
    pub(crate) fn new<N: Send + 'static>(
        take: impl Fn(&S) -> N + Send + Sync + 'static,
        restore: impl Fn(&mut S, N) + Send + Sync + 'static,
        every: Option<u64>,
    ) -> Self {
        Self {
            take: Box::new(move |state| Box::new(take(state))),
            restore: Box::new(move |state, kept| {
                if let Ok(kept) = kept.downcast::<N>() {
                    restore(state, *kept);
                }
            }),
            every,
            book: Arc::default(),
        }
    }

    /// Keeps what there is of a worker's state, unless the worker was given up.
    pub(super) fn keep(&self, of: &Start, state: &S) {
        let kept = (self.take)(state);
        let mut pages = lock_std(&self.book.pages);
        let mine = pages.get_mut(&of.slot).filter(|page| page.writer == Some(of.id));
        let unused = match mine {
            Some(page) => page.kept.replace(kept),
            None => Some(kept),
        };
        drop(pages);
        drop(unused);
    }

    /// Puts what was kept of the worker before into the state of one that begins, which keeps its own from
    /// then on.
    pub(super) fn give(&self, to: &Start, state: &mut S) {
        let mut pages = lock_std(&self.book.pages);
        let kept = pages.get_mut(&to.slot).filter(|page| page.writer == Some(to.id));
        let kept = kept.and_then(|page| page.kept.take());
        drop(pages);
        if let Some(kept) = kept {
            (self.restore)(state, kept);
        }
    }

    /// The leaf of a worker that is about to be started.
    pub(super) fn leaf(&self, of: &Start) -> Leaf {
        lock_std(&self.book.pages).entry(of.slot).or_default().writer = Some(of.id);
        Leaf { book: self.book.clone(), slot: of.slot, writer: of.id }
    }
}

/// A worker's right to write down its state.
pub(super) struct Leaf {
    book: Arc<Book>,
    slot: usize,
    writer: WorkerId,
}

impl Leaf {
    /// It writes no more: one that was given up must not write over what its successor keeps.
    pub(super) fn tear_out(&self) {
        let mut pages = lock_std(&self.book.pages);
        if let Some(page) = pages.get_mut(&self.slot)
            && page.writer == Some(self.writer)
        {
            page.writer = None;
        }
    }
}
