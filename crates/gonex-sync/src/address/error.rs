use std::fmt;
use std::sync::Arc;

use gonex_core::{Cause, Stop};

use crate::SendError;

/// Why a message was not sent to its peer; it comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerSendError<M> {
    /// There is nobody: the name is unknown, or its owner has gone.
    #[error("cannot send: there is no such peer, or it has gone")]
    NoSuchPeer(M),
    /// A time limit was reached before there was room in the mailbox.
    #[error("cannot send: timed out")]
    Timeout(M),
    /// The operation was cancelled before there was room in the mailbox.
    #[error("cannot send: cancelled: {1}")]
    Cancelled(M, Cause),
}

impl<M> PeerSendError<M> {
    /// The message that was not sent.
    ///
    /// ```
    /// let (address, mailbox) = gonex_sync::Address::new(1);
    /// drop(mailbox);
    /// assert_eq!(address.send("hello").block().unwrap_err().into_inner(), "hello");
    /// ```
    pub fn into_inner(self) -> M {
        match self {
            Self::NoSuchPeer(message) | Self::Timeout(message) | Self::Cancelled(message, _) => {
                message
            }
        }
    }

    /// Whether there is nobody, so that trying again is in vain.
    ///
    /// ```
    /// let (address, mailbox) = gonex_sync::Address::new(1);
    /// drop(mailbox);
    /// assert!(address.send("hello").block().unwrap_err().is_no_such_peer());
    /// ```
    pub fn is_no_such_peer(&self) -> bool {
        matches!(self, Self::NoSuchPeer(_))
    }
}

impl<M> From<SendError<M>> for PeerSendError<M> {
    fn from(error: SendError<M>) -> Self {
        match error {
            SendError::Closed(message) => Self::NoSuchPeer(message),
            SendError::Timeout(message) => Self::Timeout(message),
            SendError::Cancelled(message, cause) => Self::Cancelled(message, cause),
        }
    }
}

/// Why a question has no answer.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError<M> {
    /// The question was not sent; it comes back.
    #[error(transparent)]
    NotSent(PeerSendError<M>),
    /// The question was sent, and dropped without an answer: by who received it, or with the mailbox.
    #[error("the question was sent, and dropped without an answer")]
    Unanswered,
    /// The question was sent, and not answered before the limit. An answer that comes later is dropped.
    #[error("the question was sent, and not answered yet: {0}")]
    NotYet(Stop),
}

impl<M> AskError<M> {
    /// Whether there is nobody to ask: see [`PeerSendError::NoSuchPeer`].
    ///
    /// ```
    /// use gonex_sync::{Address, Reply};
    ///
    /// let (address, mailbox) = Address::new(1);
    /// drop(mailbox);
    /// let asked = address.ask(|reply: Reply<u8>| reply).block();
    /// assert!(asked.unwrap_err().is_no_such_peer());
    /// ```
    pub fn is_no_such_peer(&self) -> bool {
        matches!(self, Self::NotSent(error) if error.is_no_such_peer())
    }
}

/// Why an address was not put into a book.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRegistered {
    /// Another peer has this name, and is there.
    #[error(
        "cannot register {0:?}: another peer has this name; choose another one, or unregister it first"
    )]
    Taken(Arc<str>),
    /// There are as many names as there can be.
    #[error("cannot register {name:?}: there are {most} names already, the most there can be")]
    Full {
        /// The name.
        name: Arc<str>,
        /// How many there can be.
        most: usize,
    },
}

// What is inside need not be printable.
impl<M> fmt::Debug for PeerSendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPeer(_) => f.write_str("NoSuchPeer(..)"),
            Self::Timeout(_) => f.write_str("Timeout(..)"),
            Self::Cancelled(_, cause) => write!(f, "Cancelled(.., {cause:?})"),
        }
    }
}

impl<M> fmt::Debug for AskError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => f.debug_tuple("NotSent").field(error).finish(),
            Self::Unanswered => f.write_str("Unanswered"),
            Self::NotYet(stop) => f.debug_tuple("NotYet").field(stop).finish(),
        }
    }
}
