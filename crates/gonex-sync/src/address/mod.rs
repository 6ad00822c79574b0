//! Addresses: messages and questions to one who has a mailbox.
//!
//! An [`Address`] is the way to a mailbox, which is the receiver of a bounded channel: whoever holds it
//! takes messages out one at a time, so what it keeps for itself needs no lock. To [send](Address::send)
//! hands a message over; to [ask](Address::ask) puts a [`Reply`] into it and waits for what comes back.
//! An [`AddressBook`] finds addresses by name, and sends to all.
//!
//! The way is a [`Transport`](crate::distribute::Transport), so that an address may lead out of the
//! process. What answers a question across that border is the transport's to say.
//!
//! # Who is gone
//! Somebody is gone when their mailbox is: the receiver was dropped, or the channel closed. Sending says
//! so with [`PeerSendError::NoSuchPeer`], and gives the message back; a question that was in the mailbox
//! ends with [`AskError::Unanswered`].

#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod address;
mod ask;
mod book;
mod error;
mod everyone;
mod reply;
mod send;

pub use address::Address;
pub use ask::Ask;
pub use book::AddressBook;
pub use error::{AskError, NotRegistered, PeerSendError};
pub use everyone::SendToAll;
pub use reply::Reply;
pub use send::SendTo;
