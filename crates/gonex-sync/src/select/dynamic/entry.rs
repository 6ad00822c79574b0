//! The arms as they were added. They outlive the rounds; for each wait they lend out
//! [round arms](super::round).

use std::any::Any;
use std::pin::Pin;

use super::round::{OpRound, RecvRound, RoundArm, SendRound};
use crate::select::arm::Arm;
use crate::select::{AsReceiver, AsSender, RecvArm, SendArm};
use crate::{RecvError, SendError};

/// An arm that was added, of whichever kind.
pub(super) trait Entry<R>: Send {
    /// Makes ready for a wait.
    fn begin<'s>(&'s mut self) -> Box<dyn RoundArm<'s, R> + Send + 's>;

    /// Does it, if that is possible now: what needs no memory, for a select that is nowhere in line.
    fn attempt(&mut self, glance: bool) -> Option<R>;

    /// Whether an [attempt](Self::attempt) can come true.
    fn is_channel(&self) -> bool {
        true
    }

    /// Whether it has happened and cannot again.
    fn is_spent(&self) -> bool {
        false
    }

    /// The `Option<T>` that an arm sends from.
    fn slot(&mut self) -> Option<&mut dyn Any> {
        None
    }
}

pub(super) struct RecvEntry<Rx, M> {
    pub(super) receiver: Rx,
    pub(super) map: M,
}

impl<R, Rx, M> Entry<R> for RecvEntry<Rx, M>
where
    Rx: AsReceiver<Item: Send> + Send,
    M: FnMut(Result<Rx::Item, RecvError>) -> R + Send,
{
    fn begin<'s>(&'s mut self) -> Box<dyn RoundArm<'s, R> + Send + 's> {
        let arm = RecvArm::new(self.receiver.as_receiver());
        Box::new(RecvRound { arm, map: &mut self.map })
    }

    fn attempt(&mut self, glance: bool) -> Option<R> {
        let mut arm = RecvArm::new(self.receiver.as_receiver());
        let happens = arm.attempt(glance);
        arm.take().filter(|_| happens).map(&mut self.map)
    }
}

pub(super) struct SendEntry<Tx, T, M> {
    pub(super) sender: Tx,
    pub(super) slot: Option<T>,
    pub(super) map: M,
}

impl<R, Tx, M> Entry<R> for SendEntry<Tx, Tx::Item, M>
where
    Tx: AsSender<Item: Send + 'static> + Send,
    M: FnMut(Result<(), SendError<()>>) -> R + Send,
{
    fn begin<'s>(&'s mut self) -> Box<dyn RoundArm<'s, R> + Send + 's> {
        let arm = SendArm::new(self.sender.as_sender(), &mut self.slot);
        Box::new(SendRound { arm, map: &mut self.map })
    }

    fn attempt(&mut self, glance: bool) -> Option<R> {
        let mut arm = SendArm::new(self.sender.as_sender(), &mut self.slot);
        let happens = arm.attempt(glance);
        arm.take().filter(|_| happens).map(&mut self.map)
    }

    fn slot(&mut self) -> Option<&mut dyn Any> {
        Some(&mut self.slot)
    }
}

pub(super) struct OpEntry<F, M> {
    /// `None` when it is done.
    pub(super) future: Option<Pin<Box<F>>>,
    pub(super) map: Option<M>,
}

impl<R, F, M> Entry<R> for OpEntry<F, M>
where
    F: Future<Output: Send> + Send,
    M: FnOnce(F::Output) -> R + Send,
{
    fn begin<'s>(&'s mut self) -> Box<dyn RoundArm<'s, R> + Send + 's> {
        Box::new(OpRound { future: &mut self.future, output: None, map: &mut self.map })
    }

    fn attempt(&mut self, _: bool) -> Option<R> {
        None
    }

    fn is_channel(&self) -> bool {
        false
    }

    fn is_spent(&self) -> bool {
        self.future.is_none()
    }
}
