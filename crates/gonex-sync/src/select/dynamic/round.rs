//! The arms for one wait, which borrow from [those that were added](super::entry).

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use crate::select::arm::{Arm, Arms};
use crate::select::{RecvArm, SendArm, happened};
use crate::{RecvError, SendError};

/// An arm, and what is made of its outcome.
pub(super) trait RoundArm<'s, R> {
    fn arm(&mut self) -> &mut (dyn Arm<'s> + '_);

    /// What the arm that happened yields. Users write part of this, so no arm waits any more.
    fn outcome(&mut self) -> R;
}

/// All arms of one wait.
pub(super) struct Round<'s, R> {
    pub(super) arms: Vec<Box<dyn RoundArm<'s, R> + Send + 's>>,
}

impl<'s, R> Arms<'s> for Round<'s, R> {
    fn count(&self) -> usize {
        self.arms.len()
    }

    fn arm(&mut self, index: usize) -> &mut (dyn Arm<'s> + '_) {
        self.arms[index].arm()
    }

    fn each<'m>(&'m mut self, visit: &mut impl FnMut(&'m mut (dyn Arm<'s> + 'm)))
    where
        's: 'm,
    {
        self.arms.iter_mut().for_each(|arm| visit(arm.arm()));
    }
}

pub(super) struct RecvRound<'s, T, M> {
    pub(super) arm: RecvArm<'s, T>,
    pub(super) map: &'s mut M,
}

impl<'s, R, T, M: FnMut(Result<T, RecvError>) -> R> RoundArm<'s, R> for RecvRound<'s, T, M> {
    fn arm(&mut self) -> &mut (dyn Arm<'s> + '_) {
        &mut self.arm
    }

    fn outcome(&mut self) -> R {
        (self.map)(happened(self.arm.take()))
    }
}

pub(super) struct SendRound<'s, T, M> {
    pub(super) arm: SendArm<'s, 's, T>,
    pub(super) map: &'s mut M,
}

impl<'s, R, T, M: FnMut(Result<(), SendError<()>>) -> R> RoundArm<'s, R> for SendRound<'s, T, M> {
    fn arm(&mut self) -> &mut (dyn Arm<'s> + '_) {
        &mut self.arm
    }

    fn outcome(&mut self) -> R {
        (self.map)(happened(self.arm.take()))
    }
}

pub(super) struct OpRound<'s, F: Future, M> {
    pub(super) future: &'s mut Option<Pin<Box<F>>>,
    pub(super) output: Option<F::Output>,
    pub(super) map: &'s mut Option<M>,
}

impl<'s, R, F: Future, M: FnOnce(F::Output) -> R> RoundArm<'s, R> for OpRound<'s, F, M> {
    fn arm(&mut self) -> &mut (dyn Arm<'s> + '_) {
        self
    }

    fn outcome(&mut self) -> R {
        happened(self.map.take())(happened(self.output.take()))
    }
}

impl<'s, F: Future, M> Arm<'s> for OpRound<'s, F, M> {
    fn is_enabled(&self) -> bool {
        self.future.is_some()
    }

    /// With nobody to wake: for a select that does not wait.
    fn attempt(&mut self, _: bool) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn is_channel(&self) -> bool {
        false
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(future) = self.future.as_mut() else { return Poll::Pending };
        let output = ready!(future.as_mut().poll(cx));
        self.output = Some(output);
        // It goes at once, and not with the select.
        *self.future = None;
        Poll::Ready(())
    }
}
