use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};

use super::round::Round;
use super::select::Select;
use crate::select::Choose;

/// The kind of [`Select::wait`].
#[must_use = "a select does nothing until it is awaited or blocked on"]
pub struct Wait<'s, 'a, R> {
    stage: Stage<'s, 'a, R>,
}

enum Stage<'s, 'a, R> {
    /// Nowhere in line: the arms have not been asked to wait.
    Fresh(&'s mut Select<'a, R>),
    Waiting(Choose<'s, Round<'s, R>>),
    Ended,
}

impl<'s, 'a, R> Wait<'s, 'a, R> {
    pub(super) fn new(select: &'s mut Select<'a, R>) -> Self {
        Self { stage: Stage::Fresh(select) }
    }

    /// The machinery, made when it is first needed.
    fn waiting(&mut self) -> Option<&mut Choose<'s, Round<'s, R>>> {
        if let Stage::Fresh(_) = &self.stage
            && let Stage::Fresh(select) = std::mem::replace(&mut self.stage, Stage::Ended)
        {
            self.stage = Stage::Waiting(select.begin());
        }
        match &mut self.stage {
            Stage::Waiting(choose) => Some(choose),
            _ => None,
        }
    }

    /// Leaves all lines; if an arm was claimed just before, it has happened.
    fn leave(&mut self) -> Option<R> {
        let Stage::Waiting(choose) = &mut self.stage else { return None };
        let claimed = choose.end()?;
        Some(choose.arms.arms[claimed].outcome())
    }
}

// Nothing in it is pinned.
impl<R> Unpin for Wait<'_, '_, R> {}

impl<R> fmt::Debug for Wait<'_, '_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = matches!(self.stage, Stage::Waiting(_));
        f.debug_struct("Wait").field("waits", &waits).finish()
    }
}

impl<'s, 'a, R> Kind for Wait<'s, 'a, R> {
    type Output = R;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;
    const SPINS: bool = true;

    fn attempt(&mut self) -> Option<R> {
        match &mut self.stage {
            Stage::Fresh(select) => select.attempt(true),
            _ => None,
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        // What happens at once needs no memory.
        if let Some(outcome) = self.attempt() {
            self.stage = Stage::Ended;
            return Poll::Ready(outcome);
        }
        let Some(choose) = self.waiting() else { return Poll::Pending };
        Pin::new(&mut *choose).poll(cx).map(|arm| choose.arms.arms[arm].outcome())
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> R {
        self.leave().unwrap_or_else(|| stop.unwind())
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<R, Stop> {
        self.leave().ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("select")
    }
}
