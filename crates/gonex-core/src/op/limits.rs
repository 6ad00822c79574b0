//! What can stop an operation.
//!
//! Most operations have no limits, and many are never in a context. So an operation holds only a
//! pointer to its limits, which is empty until it has some or has to wait in a context. The blocks
//! behind are used again: each thread keeps a few, and who drops an operation keeps its block. Only
//! operations that begin on one thread and always end on another allocate.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::task::Waker;

use super::Subject;
use crate::context::{Context, Observed, Seen};
use crate::insight::Listed;
use crate::rt::{self, Timer};
use crate::telemetry::Wait;
use crate::{Instant, Stop};

/// The limits of an operation, if it has any.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// Taken when this is dropped. Nothing is left to drop after that, and `ManuallyDrop` tells the
    /// compiler, so that an operation without limits costs one look at its end.
    block: ManuallyDrop<Option<Box<Block>>>,
}

/// Limits, and the places where the operation's waker waits for them.
#[derive(Debug, Default)]
struct Block {
    deadline: Option<Instant>,
    within: Vec<Observed>,
    /// The ambient context at the first wait in one; the task's, so it stays the same.
    ambient: Option<Observed>,
    /// The waker that has been told to all of them.
    seen: Seen,
    timer: Option<Timer>,
    /// The operation's place in the list of those that wait, when insight is on.
    listed: Option<Listed>,
    /// Since when it waits, and so on, when telemetry is on.
    timed: Wait,
}

/// A thread keeps so many blocks, and a block room for so many contexts.
const KEPT: usize = 32;
const KEPT_CONTEXTS: usize = 8;

thread_local! {
    /// Cleared blocks.
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    static BLOCKS: RefCell<Vec<Box<Block>>> = const { RefCell::new(Vec::new()) };
}

impl Limits {
    pub(super) fn until(&mut self, at: Instant) {
        let deadline = &mut self.block().deadline;
        *deadline = Some(deadline.map_or(at, |earlier| earlier.min(at)));
    }

    pub(super) fn within(&mut self, context: &Context) {
        if !context.is_background() {
            self.block().within.push(Observed::new(context.clone()));
        }
    }

    fn block(&mut self) -> &mut Block {
        // A thread that ends may have no such variable any more.
        let kept = || BLOCKS.try_with(|blocks| blocks.borrow_mut().pop()).ok().flatten();
        self.block.get_or_insert_with(|| kept().unwrap_or_default())
    }

    /// Sees to it that `waker` is told when a limit is reached, and returns the one that has been.
    /// With `timer` off the caller watches the deadline itself. Without `ambient`, only explicit
    /// limits count.
    pub(super) fn watch(&mut self, waker: &Waker, timer: bool, ambient: bool) -> Option<Stop> {
        if self.block.as_ref().is_none_or(|block| block.ambient.is_none())
            && let Some(context) = Context::current_if_any()
        {
            let block = self.block();
            block.ambient = Some(Observed::new(context));
            block.seen.forget();
        }
        let block = self.block.as_mut()?;
        // Watch first, look second: a limit reached in between is seen by the one or the other.
        if !block.seen.again(waker) {
            block.tell(waker, timer);
        }
        block.reached(ambient)
    }

    /// Lists the operation among those that wait, unless it is there.
    #[cold]
    pub(super) fn list(
        &mut self,
        subject: impl FnOnce() -> Subject,
        place: &'static Location<'static>,
        ambient: bool,
    ) {
        let until = self.earliest_deadline(ambient);
        let listed = &mut self.block().listed;
        if listed.as_ref().is_some_and(Listed::holds) {
            return;
        }
        *listed = None;
        *listed = Some(Listed::new(subject(), place, until, rt::now()));
    }

    /// Has telemetry know that the operation waits, unless it does.
    #[cold]
    pub(super) fn time(
        &mut self,
        subject: impl FnOnce() -> Subject,
        place: &'static Location<'static>,
    ) {
        let timed = &mut self.block().timed;
        if !timed.is_known() {
            *timed = Wait::begin(&subject(), place);
        }
    }

    /// Whether there is nothing that could stop the operation, and nothing that lists it.
    #[inline(always)]
    pub(super) fn are_none(&self) -> bool {
        self.block.is_none()
    }

    /// Takes the operation, which has come to this end, out of the list of those that wait.
    pub(super) fn unlist(&mut self, outcome: &'static str) {
        if let Some(block) = self.block.as_mut() {
            block.listed = None;
            block.timed.end(outcome);
        }
    }

    /// When time alone will stop the operation.
    pub(super) fn earliest_deadline(&self, ambient: bool) -> Option<Instant> {
        self.block.as_ref()?.earliest_deadline(ambient)
    }
}

impl Block {
    fn tell(&mut self, waker: &Waker, timer: bool) {
        self.within.iter_mut().chain(&mut self.ambient).for_each(|observed| observed.tell(waker));
        let deadline = self.earliest_deadline(true).filter(|_| timer);
        self.timer = deadline.map(|at| rt::timer(at, waker.clone()));
    }

    /// The limit that has been reached, if any. A cancellation goes before a time-out, since it
    /// carries a cause.
    fn reached(&self, ambient: bool) -> Option<Stop> {
        self.observed(ambient).find_map(Observed::cancelled).or_else(|| {
            let deadline = self.earliest_deadline(ambient)?;
            (deadline <= rt::now()).then_some(Stop::Timeout)
        })
    }

    fn earliest_deadline(&self, ambient: bool) -> Option<Instant> {
        let contexts = self.observed(ambient).filter_map(|observed| observed.context().deadline());
        self.deadline.into_iter().chain(contexts).min()
    }

    fn observed(&self, ambient: bool) -> impl Iterator<Item = &Observed> {
        self.within.iter().chain(self.ambient.iter().filter(move |_| ambient))
    }

    /// Takes the wakers out of all places, and forgets the limits.
    fn clear(&mut self) {
        self.deadline = None;
        self.within.clear();
        self.within.shrink_to(KEPT_CONTEXTS);
        self.ambient = None;
        self.seen.forget();
        self.timer = None;
        self.listed = None;
        self.timed.end("dropped");
    }
}

impl Drop for Limits {
    #[inline(always)]
    fn drop(&mut self) {
        // Looked at first, since `take` writes.
        if self.block.is_some() {
            keep(self.block.take());
        }
    }
}

/// Clears a block and keeps it for the next operation that needs one.
#[cold]
#[inline(never)]
fn keep(block: Option<Box<Block>>) {
    let Some(mut block) = block else { return };
    // Wakers are dropped here, and so perhaps code of others is run: before the loan below.
    block.clear();
    let kept = BLOCKS.try_with(|blocks| {
        let mut blocks = blocks.borrow_mut();
        if blocks.len() < KEPT {
            blocks.push(block);
        }
    });
    // Where a thread ends there is nothing left to keep it in.
    kept.ok();
}
