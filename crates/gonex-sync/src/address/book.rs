use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::address::ask;
use super::{Address, Ask, NotRegistered, Reply, SendTo, SendToAll};
use crate::primitive::{Mutex, lock};

/// The most names of one book.
const MOST_NAMES: usize = 65_536;

/// Addresses by name, for messages of one type; cheap to clone.
///
/// It holds up to 65,536. A name belongs to its peer until it is unregistered, or until the peer has
/// gone and another takes the name. The book keeps mailboxes open: an owner who ends when nobody can
/// send any more should be unregistered first, or [closed](Address::close).
///
/// ```
/// use gonex_sync::{Address, AddressBook};
///
/// let book = AddressBook::new();
/// let (address, mailbox) = Address::new(8);
/// book.register("printer", address)?;
/// book.send("printer", "page 1").block().unwrap();
/// assert_eq!(mailbox.recv().block(), Ok("page 1"));
///
/// let unknown = book.send("plotter", "page 1").block().unwrap_err();
/// assert!(unknown.is_no_such_peer() && unknown.into_inner() == "page 1");
/// drop(mailbox);
/// assert!(book.send("printer", "page 2").block().unwrap_err().is_no_such_peer());
/// # Ok::<(), gonex_sync::NotRegistered>(())
/// ```
pub struct AddressBook<M> {
    state: Arc<Mutex<State<M>>>,
}

/// Addresses are neither called nor dropped under the lock.
struct State<M> {
    drawn: u64,
    /// In the order of registration.
    peers: BTreeMap<u64, (Arc<str>, Address<M>)>,
    numbers: HashMap<Arc<str>, u64>,
}

impl<M> State<M> {
    fn find(&self, name: &str) -> Option<&Address<M>> {
        let number = self.numbers.get(name)?;
        self.peers.get(number).map(|(_, address)| address)
    }

    fn remove(&mut self, name: &str) -> Option<Address<M>> {
        let number = self.numbers.remove(name)?;
        self.peers.remove(&number).map(|(_, address)| address)
    }
}

impl<M> AddressBook<M> {
    /// Makes an empty book.
    ///
    /// ```
    /// assert!(gonex_sync::AddressBook::<u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        let (peers, numbers) = (BTreeMap::new(), HashMap::new());
        Self { state: Arc::new(Mutex::new(State { drawn: 0, peers, numbers })) }
    }

    /// Gives a peer a name. One that has gone loses it to the new one.
    ///
    /// # Errors
    /// [`NotRegistered`] when a peer that is there has this name, and when the book is full.
    ///
    /// ```
    /// use gonex_sync::{Address, AddressBook, NotRegistered};
    ///
    /// let book = AddressBook::<u8>::new();
    /// let (one, first_mailbox) = Address::new(1);
    /// let (other, _mailbox) = Address::new(1);
    /// book.register("printer", one)?;
    /// let taken = book.register("printer", other.clone());
    /// assert!(matches!(taken, Err(NotRegistered::Taken(_))));
    /// drop(first_mailbox);
    /// book.register("printer", other)?;
    /// # Ok::<(), NotRegistered>(())
    /// ```
    pub fn register(
        &self,
        name: impl Into<Arc<str>>,
        address: Address<M>,
    ) -> Result<(), NotRegistered> {
        let name = name.into();
        // The one before is asked whether it is there outside the lock, and may change meanwhile.
        loop {
            let before = lock(&self.state).find(&name).cloned();
            if before.as_ref().is_some_and(Address::is_alive) {
                return Err(NotRegistered::Taken(name));
            }
            let mut state = lock(&self.state);
            let now = state.find(&name);
            let same = match (&before, now) {
                (None, None) => true,
                (Some(before), Some(now)) => Arc::ptr_eq(before.way(), now.way()),
                _ => false,
            };
            if !same {
                continue;
            }
            let former = state.remove(&name);
            if state.peers.len() >= MOST_NAMES {
                return Err(NotRegistered::Full { name, most: MOST_NAMES });
            }
            let number = state.drawn;
            state.drawn += 1;
            state.numbers.insert(name.clone(), number);
            state.peers.insert(number, (name, address));
            drop(state);
            drop(former);
            return Ok(());
        }
    }

    /// Takes a name out of the book; its address, if it was there.
    ///
    /// ```
    /// use gonex_sync::{Address, AddressBook};
    ///
    /// let book = AddressBook::<u8>::new();
    /// book.register("printer", Address::new(1).0)?;
    /// assert!(book.unregister("printer").is_some());
    /// assert!(book.unregister("printer").is_none());
    /// # Ok::<(), gonex_sync::NotRegistered>(())
    /// ```
    pub fn unregister(&self, name: &str) -> Option<Address<M>> {
        lock(&self.state).remove(name)
    }

    /// The address of a peer that is there; `None` if the name is unknown or its owner has gone.
    ///
    /// ```
    /// use gonex_sync::{Address, AddressBook};
    ///
    /// let book = AddressBook::<u8>::new();
    /// let (address, mailbox) = Address::new(1);
    /// book.register("printer", address)?;
    /// assert!(book.lookup("printer").is_some());
    /// drop(mailbox);
    /// assert!(book.lookup("printer").is_none());
    /// # Ok::<(), gonex_sync::NotRegistered>(())
    /// ```
    #[must_use]
    pub fn lookup(&self, name: &str) -> Option<Address<M>> {
        let found = lock(&self.state).find(name).cloned();
        found.filter(Address::is_alive)
    }

    /// The names, in the order of registration, of peers that are there and of those that have gone.
    ///
    /// ```
    /// use gonex_sync::{Address, AddressBook};
    ///
    /// let book = AddressBook::<u8>::new();
    /// book.register("printer", Address::new(1).0)?;
    /// book.register("plotter", Address::new(1).0)?;
    /// assert_eq!(book.names(), ["printer".into(), "plotter".into()]);
    /// # Ok::<(), gonex_sync::NotRegistered>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<Arc<str>> {
        lock(&self.state).peers.values().map(|(name, _)| name.clone()).collect()
    }

    /// How many names there are.
    ///
    /// ```
    /// assert_eq!(gonex_sync::AddressBook::<u8>::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.state).peers.len()
    }

    /// Whether there are no names.
    ///
    /// ```
    /// assert!(gonex_sync::AddressBook::<u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends a message to a peer by name: see [`Address::send`].
    ///
    /// The name is looked up at once, the operation sends.
    ///
    /// # Cancel safety
    /// As [`Address::send`].
    ///
    /// # Errors
    /// As [`Address::send`]; an unknown name is [`NoSuchPeer`](crate::PeerSendError::NoSuchPeer) as well.
    ///
    /// ```
    /// let book = gonex_sync::AddressBook::new();
    /// assert!(book.send("nobody", 7).block().unwrap_err().is_no_such_peer());
    /// ```
    #[track_caller]
    pub fn send(&self, name: &str, message: M) -> Op<SendTo<M>> {
        let address = lock(&self.state).find(name).cloned();
        Op::new(SendTo::new(address.map(|address| address.way().clone()), message))
    }

    /// Asks a peer by name: see [`Address::ask`].
    ///
    /// # Cancel safety
    /// As [`Address::ask`].
    ///
    /// # Errors
    /// As [`Address::ask`]; an unknown name is [`NoSuchPeer`](crate::PeerSendError::NoSuchPeer) as well.
    ///
    /// ```
    /// use gonex_sync::{AddressBook, Reply};
    ///
    /// let book = AddressBook::<Reply<u8>>::new();
    /// assert!(book.ask("nobody", |reply| reply).block().unwrap_err().is_no_such_peer());
    /// ```
    #[track_caller]
    pub fn ask<R>(&self, name: &str, question: impl FnOnce(Reply<R>) -> M) -> Op<Ask<M, R>> {
        let address = lock(&self.state).find(name).cloned();
        Op::new(ask(address.map(|address| address.way().clone()), question))
    }

    /// Sends a message to all, each a clone, and waits for room with each at the same time. Yields one
    /// result for each, in the order of registration.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves sent what was sent. Under a limit that is reached the others
    /// are reported as [`Timeout`](crate::PeerSendError::Timeout) or
    /// [`Cancelled`](crate::PeerSendError::Cancelled).
    ///
    /// # Panics
    /// With the message's `clone`; nobody has it then.
    ///
    /// ```
    /// use gonex_sync::{Address, AddressBook, PeerSendError};
    ///
    /// let book = AddressBook::new();
    /// let (printer, printing) = Address::new(1);
    /// let (plotter, plotting) = Address::new(1);
    /// book.register("printer", printer)?;
    /// book.register("plotter", plotter)?;
    /// drop(plotting);
    ///
    /// let results = book.broadcast("wake up").block();
    /// assert_eq!(results[0], ("printer".into(), Ok(())));
    /// assert_eq!(results[1], ("plotter".into(), Err(PeerSendError::NoSuchPeer("wake up"))));
    /// assert_eq!(printing.try_recv(), Ok("wake up"));
    /// # Ok::<(), gonex_sync::NotRegistered>(())
    /// ```
    #[track_caller]
    pub fn broadcast(&self, message: M) -> Op<SendToAll<M>>
    where
        M: Clone + 'static,
    {
        let peers = lock(&self.state).peers.values().cloned().collect();
        Op::new(SendToAll::new(peers, message))
    }
}

impl<M> Clone for AddressBook<M> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone() }
    }
}

impl<M> Default for AddressBook<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> fmt::Debug for AddressBook<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressBook").field("names", &self.names()).finish()
    }
}
