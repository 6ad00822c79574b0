use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::{Ask, Reply, SendTo};
use crate::distribute::{Sending, Transport};
use crate::oneshot::oneshot;
use crate::{Receiver, Sender, TrySendError, channel};

/// The way to one who has a mailbox; cheap to clone.
///
/// Messages of one sender arrive in the order in which they were sent. How it stands with those who are
/// gone is told in [the module](crate::address). An address keeps the mailbox open, but its owner not
/// alive.
///
/// ```
/// use std::time::Duration;
/// use gonex_sync::{Address, Reply};
///
/// enum Account {
///     Deposit(u64),
///     Balance(Reply<u64>),
/// }
///
/// let (account, mailbox) = Address::new(8);
/// let owner = std::thread::spawn(move || {
///     let mut balance = 0;
///     for message in &mailbox {
///         match message {
///             Account::Deposit(amount) => balance += amount,
///             Account::Balance(reply) => drop(reply.send(balance)),
///         }
///     }
/// });
/// account.send(Account::Deposit(40)).block().unwrap();
/// account.send(Account::Deposit(2)).block().unwrap();
/// let balance = account.ask(Account::Balance).timeout(Duration::from_secs(60)).block();
/// assert_eq!(balance.unwrap(), 42);
/// drop(account);
/// owner.join().unwrap();
/// ```
pub struct Address<M> {
    way: Arc<dyn Transport<M>>,
}

impl<M: Send + 'static> Address<M> {
    /// Makes an address with its mailbox, which holds up to `capacity` messages; 0 makes every message
    /// wait until it is received.
    ///
    /// # Panics
    /// As [`channel`](crate::channel()).
    ///
    /// ```
    /// let (address, mailbox) = gonex_sync::Address::new(8);
    /// address.send("hello").block().unwrap();
    /// assert_eq!(mailbox.recv().block(), Ok("hello"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> (Self, Receiver<M>) {
        let (tx, rx) = channel(capacity);
        (Self::over(tx), rx)
    }
}

impl<M> Address<M> {
    /// Makes an address that leads by way of a transport. A [`Sender`] is one.
    ///
    /// ```
    /// use gonex_sync::{Address, unbounded};
    ///
    /// let (tx, rx) = unbounded();
    /// let address = Address::over(tx);
    /// address.send("hello").block().unwrap();
    /// assert_eq!(rx.try_recv(), Ok("hello"));
    /// ```
    #[must_use]
    pub fn over(way: impl Transport<M> + 'static) -> Self {
        Self { way: Arc::new(way) }
    }

    pub(super) fn way(&self) -> &Arc<dyn Transport<M>> {
        &self.way
    }

    /// Sends a message, waiting for room in the mailbox.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it sends nothing, and the message is dropped. Under a limit that is
    /// reached the message comes back in the error.
    ///
    /// # Errors
    /// [`PeerSendError`](crate::PeerSendError) with the message when the owner of the mailbox has gone,
    /// and when a limit or the ambient context stops it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Address, PeerSendError};
    ///
    /// let (address, mailbox) = Address::new(1);
    /// address.send(1).block().unwrap();
    /// let late = address.send(2).timeout(Duration::ZERO).block();
    /// assert_eq!(late, Err(PeerSendError::Timeout(2)));
    /// drop(mailbox);
    /// assert_eq!(address.send(3).block(), Err(PeerSendError::NoSuchPeer(3)));
    /// ```
    #[track_caller]
    pub fn send(&self, message: M) -> Op<SendTo<M>> {
        Op::new(SendTo::new(Some(self.way.clone()), message))
    }

    /// Sends a message if that needs no wait.
    ///
    /// # Errors
    /// Gives the message back: full when there is no room, closed when the owner of the mailbox has
    /// gone.
    ///
    /// ```
    /// let (address, _mailbox) = gonex_sync::Address::new(1);
    /// address.try_send(1).unwrap();
    /// assert!(address.try_send(2).unwrap_err().is_full());
    /// ```
    pub fn try_send(&self, message: M) -> Result<(), TrySendError<M>> {
        self.way.try_send(message)
    }

    /// Asks: sends a message with a way back in it, and waits for the answer.
    ///
    /// The message is made at once, the operation sends it. To wait only so long for an answer, set a
    /// [`timeout`](Op::timeout). Who asks whoever waits for an answer of theirs, waits for ever.
    ///
    /// # Cancel safety
    /// Dropped before the question is sent, it sends nothing. Dropped after, the question stays with
    /// whoever has it, and [says](Reply::is_wanted) that nobody waits any more. It is never sent twice.
    ///
    /// # Errors
    /// [`AskError`](crate::AskError): with the question while it was not sent; afterwards it says whether
    /// an answer might still have come.
    ///
    /// ```
    /// use gonex_sync::{Address, AskError, Reply};
    ///
    /// let (address, mailbox) = Address::<(&str, Reply<usize>)>::new(8);
    /// std::thread::spawn(move || {
    ///     for (question, reply) in &mailbox {
    ///         // A question that is no question is dropped.
    ///         if question != "" {
    ///             reply.send(question.len());
    ///         }
    ///     }
    /// });
    /// assert_eq!(address.ask(|reply| ("how long?", reply)).block().unwrap(), 9);
    /// let unanswered = address.ask(|reply| ("", reply)).block();
    /// assert!(matches!(unanswered, Err(AskError::Unanswered)));
    /// ```
    #[track_caller]
    pub fn ask<R>(&self, question: impl FnOnce(Reply<R>) -> M) -> Op<Ask<M, R>> {
        Op::new(ask(Some(self.way.clone()), question))
    }

    /// Whether the owner of the mailbox is there, as far as is known.
    ///
    /// ```
    /// let (address, mailbox) = gonex_sync::Address::<u8>::new(1);
    /// assert!(address.is_alive());
    /// drop(mailbox);
    /// assert!(!address.is_alive());
    /// ```
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.way.is_alive()
    }

    /// How many messages wait to be received, if that is known.
    ///
    /// ```
    /// let (address, _mailbox) = gonex_sync::Address::new(1);
    /// address.try_send(1).unwrap();
    /// assert_eq!(address.queued(), Some(1));
    /// ```
    #[must_use]
    pub fn queued(&self) -> Option<usize> {
        self.way.queued()
    }

    /// Lets no more messages in; those in the mailbox can still be received, and then its owner is
    /// told. Says whether it was open.
    ///
    /// ```
    /// let (address, mailbox) = gonex_sync::Address::new(1);
    /// address.try_send(1).unwrap();
    /// assert!(address.close());
    /// assert!(address.try_send(2).is_err());
    /// assert_eq!(mailbox.iter().collect::<Vec<_>>(), [1]);
    /// ```
    pub fn close(&self) -> bool {
        self.way.close()
    }
}

/// Begins to ask whoever is there.
pub(super) fn ask<M, R>(
    way: Option<Arc<dyn Transport<M>>>,
    question: impl FnOnce(Reply<R>) -> M,
) -> Ask<M, R> {
    let (tx, rx) = oneshot();
    Ask::new(SendTo::new(way, question(Reply::new(tx))), rx)
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self { way: self.way.clone() }
    }
}

impl<M: Send + 'static> From<Sender<M>> for Address<M> {
    fn from(sender: Sender<M>) -> Self {
        Self::over(sender)
    }
}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("alive", &self.is_alive())
            .field("queued", &self.queued())
            .finish()
    }
}

/// An address is a way itself: for a [`Distributor`](crate::distribute::Distributor), among others.
impl<M> Transport<M> for Address<M> {
    fn try_send(&self, value: M) -> Result<(), TrySendError<M>> {
        self.way.try_send(value)
    }

    fn send(&self, value: M) -> Box<dyn Sending<M>> {
        self.way.send(value)
    }

    fn close(&self) -> bool {
        self.way.close()
    }

    fn is_alive(&self) -> bool {
        self.way.is_alive()
    }

    fn queued(&self) -> Option<usize> {
        self.way.queued()
    }

    fn room(&self) -> Option<usize> {
        self.way.room()
    }

    fn take_back(&self) -> Option<M> {
        self.way.take_back()
    }
}
