//! What a select does first: it looks whether an arm can happen, before it builds anything.
//!
//! A select in a loop mostly finds a channel ready. To build its arms, to wrap them in an operation
//! and to drop all that would then cost more than the message itself. So the macros look at the
//! operands as they are, and only if no arm can happen at once do they make what waits.

use gonex_core::rt;

use crate::channel::shared::Shared;
use crate::simulation::step;
use crate::{Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError};

/// Looks in the code of a task, and spends one of its budget for what happens at once. Where there is
/// nothing left to spend it does not look, and says `Err(false)`.
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub fn in_task<R>(look: impl FnOnce() -> Option<R>) -> Result<R, bool> {
    step("select", "channels");
    match rt::coop::at_once(look) {
        Some(Some(happened)) => Ok(happened),
        looked => Err(looked.is_some()),
    }
}

/// Looks on a thread.
///
/// # Panics
/// Where blocking is forbidden.
#[inline(always)]
#[track_caller]
pub fn on_thread<R>(look: impl FnOnce() -> Option<R>) -> Result<R, bool> {
    rt::check_blocking();
    step("select", "channels");
    look().ok_or(true)
}

/// Looks where nobody waits.
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub fn without_waiting<R>(look: impl FnOnce() -> Option<R>) -> Result<R, bool> {
    step("select", "channels");
    look().ok_or(true)
}

/// The slot of an arm, which must hold what its sender sends.
#[inline(always)]
pub fn slot_for<'s, T>(_: Option<&Sender<T>>, slot: &'s mut Option<T>) -> &'s mut Option<T> {
    slot
}

/// Whether a receiving arm is worth asking.
#[inline(always)]
pub fn looks_ready<T>(receiver: Option<&Receiver<T>>) -> bool {
    receiver.is_some_and(|receiver| receiver.shared().looks_ready())
}

/// Whether a sending arm is worth asking: what it takes to know is the asking.
#[inline(always)]
pub fn looks_roomy<T>(sender: Option<&Sender<T>>) -> bool {
    sender.is_some()
}

/// What an arm receives if it can happen at once.
#[inline(always)]
pub fn receive<T>(receiver: Option<&Receiver<T>>) -> Option<Result<T, RecvError>> {
    receive_from(receiver?.shared())
}

#[inline(always)]
pub(super) fn receive_from<T>(shared: &Shared<T>) -> Option<Result<T, RecvError>> {
    match shared.recv_at_a_glance() {
        Ok(value) => Some(Ok(value)),
        Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
        Err(TryRecvError::Empty) => None,
    }
}

/// How it went if an arm can send at once. The value is taken out of the slot if it was sent.
#[inline(always)]
pub fn send<T>(
    sender: Option<&Sender<T>>,
    slot: &mut Option<T>,
) -> Option<Result<(), SendError<()>>> {
    let sender = sender?;
    send_to(sender.shared(), sender.lane_index(), slot)
}

#[inline(always)]
pub(super) fn send_to<T>(
    shared: &Shared<T>,
    lane: usize,
    slot: &mut Option<T>,
) -> Option<Result<(), SendError<()>>> {
    match shared.send_at_a_glance(slot.take()?, lane) {
        Ok(()) => Some(Ok(())),
        Err(error) => {
            let closed = matches!(error, TrySendError::Closed(_));
            *slot = Some(error.into_inner());
            closed.then_some(Err(SendError::Closed(())))
        }
    }
}
