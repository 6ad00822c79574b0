use std::fmt;

use crate::oneshot::OneshotSender;

/// The way back to who [asked](crate::Address::ask). It is used once, or dropped, which tells them that
/// there will be no answer.
///
/// ```
/// use gonex_sync::{Address, Reply};
///
/// struct Double(u32, Reply<u32>);
///
/// let (address, mailbox) = Address::new(8);
/// std::thread::spawn(move || {
///     for Double(n, reply) in &mailbox {
///         reply.send(n * 2);
///     }
/// });
/// assert_eq!(address.ask(|reply| Double(21, reply)).block().unwrap(), 42);
/// ```
#[must_use = "dropping it leaves a question without an answer"]
pub struct Reply<R> {
    sender: OneshotSender<R>,
}

impl<R> Reply<R> {
    pub(super) fn new(sender: OneshotSender<R>) -> Self {
        Self { sender }
    }

    /// Answers. An answer that nobody waits for any more is dropped; says whether somebody does.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Address, Reply};
    ///
    /// let (address, mailbox) = Address::new(1);
    /// let late = address.ask(|reply: Reply<u8>| reply).timeout(Duration::ZERO).block();
    /// assert!(late.is_err());
    /// assert!(!mailbox.try_recv().unwrap().send(7));
    /// ```
    pub fn send(self, answer: R) -> bool {
        self.sender.send(answer).is_ok()
    }

    /// Whether somebody waits for the answer still, so that finding one is not in vain.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Address, Reply};
    ///
    /// let (address, mailbox) = Address::new(1);
    /// let late = address.ask(|reply: Reply<u8>| reply).timeout(Duration::ZERO).block();
    /// assert!(late.is_err());
    /// assert!(!mailbox.try_recv().unwrap().is_wanted());
    /// ```
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.sender.is_closed()
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("wanted", &self.is_wanted()).finish()
    }
}
