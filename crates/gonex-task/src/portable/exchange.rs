//! What can come of sending a call, and of the reply to it.

use gonex_core::Stop;

use super::PortableTask;
use super::codec::CodecError;
use super::wire::{JobId, WireError};
use crate::TaskError;
use crate::place::NotTaken;

/// Why a call could not be made into a message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nobody waits for it any longer, so it need not be sent.
    #[error("{0}")]
    Stopped(Stop),
    /// Writing its arguments has panicked.
    #[error("{0}")]
    Panicked(TaskError),
    /// Its arguments cannot be written.
    #[error("{0}")]
    Arguments(CodecError),
    /// It is larger than a message may be.
    #[error(
        "the call takes {size} bytes, and a message at most {limit}; hand over less at once, or where \
         to find it"
    )]
    #[non_exhaustive]
    TooLarge {
        /// How many bytes it takes.
        size: usize,
        /// How many a message may have.
        limit: usize,
    },
}

/// What has become of a call after a reply.
#[derive(Debug)]
#[must_use = "a call that was not taken, or may be sent again, is lost when it is dropped"]
pub enum AfterReply {
    /// Its handle knows how it has ended.
    Ended,
    /// The other end has not taken it: it may be handed in elsewhere.
    NotTaken(NotTaken),
    /// The other end has lost it, and it may be sent again.
    Again(PortableTask),
}

/// A reply that does not end this call, which goes on.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
#[non_exhaustive]
pub struct BadReply {
    /// The call.
    pub task: PortableTask,
    /// What is wrong with the reply.
    #[source]
    pub why: NoReply,
}

/// What is wrong with a reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoReply {
    /// It is no message that could be read.
    #[error(transparent)]
    Unreadable(#[from] WireError),
    /// It is one to another call.
    #[error("this is the reply to the call {0}, and not to this one")]
    OtherCall(JobId),
    /// It is one to an attempt that was never made.
    #[error("this is the reply to attempt {0}, and there was none")]
    OtherAttempt(u32),
    /// It is one to an earlier attempt, and has no result: how that attempt has ended says nothing of the
    /// one that is under way. Who has sent it is merely late.
    #[error("this is the reply to attempt {0}, which was given up, and it has no result")]
    GivenUp(u32),
}
