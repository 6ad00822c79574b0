//! Rows of the table: shared state, and messages to those who have an address.

use std::future::Pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex::{
    Address, AddressBook, AskError, OnLag, Op, PeerSendError, Receiver, Reply, SendError, Shared,
    SharedMap, Stop, op,
};

use crate::support::{cancelled, leaves_nothing, poll_once};

/// An update that is at work until it is dropped.
fn endless(shared: &Shared<u8>) -> Op<op::Update<'_, u8, Endless>> {
    shared.update_async(|_| std::future::pending())
}

type Endless = op::FromFutureFn<fn(Arc<u8>) -> Pending<u8>, Pending<u8>>;

/// A map with the value 1 under "a", and a subscriber for whom the next writer has to wait.
fn held_up()
-> (SharedMap<&'static str, u8>, gonex::BroadcastReceiver<gonex::Change<&'static str, u8>>) {
    let map = SharedMap::with_capacity(1);
    let slow = map.subscribe();
    map.write("a", 1).block();
    (map, slow)
}

/// An address with a full mailbox.
fn full() -> (Address<u8>, Receiver<u8>) {
    let (address, mailbox) = Address::new(1);
    address.try_send(0).unwrap();
    (address, mailbox)
}

crate::table::cells! {
    "shared.write(value)" {
        "drop": "changes nothing, and the place in line goes to the next; the value is dropped" => || {
            let shared = Shared::new(1);
            let mut work = Box::pin(endless(&shared));
            assert!(poll_once(&mut work.as_mut()).is_pending());
            leaves_nothing(shared.write(2));
            drop(work);
            shared.write(3).timeout(Duration::ZERO).block().unwrap();
            assert_eq!(*shared.get(), 3);
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`" => || {
            let shared = Shared::new(1);
            let mut work = pin!(endless(&shared));
            assert!(poll_once(&mut work).is_pending());
            assert_eq!(shared.write(2).timeout(Duration::ZERO).block(), Err(SendError::Timeout(2)));
        };
        "cancel": "gives the value back under `within`: `SendError::Cancelled(value, cause)`; by the ambient context it unwinds to the border of the task" => || {
            let shared = Shared::new(1);
            let mut work = pin!(endless(&shared));
            assert!(poll_once(&mut work).is_pending());
            let ended = shared.write(2).within(&cancelled()).block();
            assert!(matches!(ended, Err(SendError::Cancelled(2, _))));
        };
        "close": "does not occur: the value is there as long as it can be reached";
        "panic": "of the old value's destructor: it goes on to who wrote; the new value is there" => || {
            struct Bomb(bool);
            impl Drop for Bomb {
                fn drop(&mut self) {
                    assert!(!self.0, "a destructor that panics");
                }
            }
            let shared = Shared::new(Bomb(true));
            let written = AssertUnwindSafe(|| shared.write(Bomb(false)).block());
            assert!(catch_unwind(written).is_err());
            assert!(!shared.get().0);
            shared.write(Bomb(false)).timeout(Duration::ZERO).block().map_err(|_| "late").unwrap();
        };
        "bound reached": "does not occur: any number can wait, and only the last value is kept";
    }
    "shared.update(f)" {
        "drop": "changes nothing, at whichever step of an async function; the place in line goes to the next" => || {
            let shared = Shared::new(1);
            let mut work = Box::pin(endless(&shared));
            assert!(poll_once(&mut work.as_mut()).is_pending());
            leaves_nothing(shared.update(|n| n + 1));
            drop(work);
            assert_eq!(*shared.update(|n| n + 2).block(), 3);
        };
        "time-out": "yields `Err(Stop::Timeout)`, and changes nothing" => || {
            let shared = Shared::new(1);
            assert_eq!(endless(&shared).timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            assert_eq!(*shared.get(), 1);
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, and changes nothing; by the ambient context it unwinds to the border of the task" => || {
            let shared = Shared::new(1);
            let ended = endless(&shared).within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
            assert_eq!(*shared.get(), 1);
        };
        "close": "does not occur: the value is there as long as it can be reached";
        "panic": "of the function: the old value stays, nobody is told, and the next one goes on" => || {
            let shared = Shared::new(1);
            let watcher = shared.subscribe();
            let panics = AssertUnwindSafe(|| shared.update(|_| panic!("half-way")).block());
            assert!(catch_unwind(panics).is_err());
            assert_eq!((*shared.get(), watcher.has_changed()), (1, Ok(false)));
            assert_eq!(*shared.update(|n| n + 1).block(), 2);
        };
        "bound reached": "does not occur: any number can wait";
    }
    "shared_map.write(key, value)" {
        "drop": "changes nothing, tells nobody, and the place in line goes to the next; the value is dropped" => || {
            let (map, mut slow) = held_up();
            leaves_nothing(map.write("a", 2));
            assert_eq!(slow.try_recv().unwrap().value.as_deref(), Some(&1));
            map.write("a", 3).timeout(Duration::ZERO).block().unwrap();
            assert_eq!(slow.try_recv().unwrap().value.as_deref(), Some(&3));
        };
        "time-out": "gives the value back: `SendError::Timeout(value)`" => || {
            let (map, _slow) = held_up();
            let late = map.write("a", 2).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(SendError::Timeout(2)));
            assert_eq!(map.get(&"a").as_deref(), Some(&1));
        };
        "cancel": "gives the value back under `within`: `SendError::Cancelled(value, cause)`; by the ambient context it unwinds to the border of the task" => || {
            let (map, _slow) = held_up();
            let ended = map.write("a", 2).within(&cancelled()).block();
            assert!(matches!(ended, Err(SendError::Cancelled(2, _))));
        };
        "close": "does not occur: the map is there as long as it can be reached, and then its subscribers are told" => || {
            let (map, mut changes) = held_up();
            drop(map);
            assert!(changes.recv().block().is_ok() && changes.recv().block().is_err());
        };
        "panic": "does not occur but for a key's own code; destructors of old values run after the change" => || {
            struct Bomb(bool);
            impl Drop for Bomb {
                fn drop(&mut self) {
                    assert!(!self.0, "a destructor that panics");
                }
            }
            let map = SharedMap::new();
            map.write("a", Bomb(true)).block();
            let old = map.write("a", Bomb(false)).block();
            assert!(catch_unwind(AssertUnwindSafe(|| drop(old))).is_err());
            assert!(!map.get(&"a").unwrap().0);
        };
        "bound reached": "of a subscriber with `OnLag::Wait`: waits, first come first served; other subscribers miss the oldest change" => || {
            let (map, mut slow) = held_up();
            let mut lags = map.subscribe_with(OnLag::DropOldest);
            let mut waiting = pin!(map.write("a", 2));
            assert!(poll_once(&mut waiting).is_pending());
            assert!(slow.try_recv().is_ok());
            assert!(poll_once(&mut waiting).is_ready());
            drop(slow);
            map.write("a", 3).block();
            assert_eq!(lags.try_recv().unwrap().value.as_deref(), Some(&3));
            assert_eq!(lags.missed(), 1);
        };
    }
    "shared_map.update(key, f)" {
        "drop": "changes nothing, tells nobody, and the place in line goes to the next" => || {
            let (map, mut slow) = held_up();
            leaves_nothing(map.update("a", |_| panic!("not its turn")));
            assert!(slow.try_recv().is_ok());
            assert_eq!(map.update("a", |n| n.map(|n| n + 1)).block().as_deref(), Some(&2));
        };
        "time-out": "yields `Err(Stop::Timeout)`, and changes nothing" => || {
            let (map, _slow) = held_up();
            let late = map.update("a", |_| panic!("not its turn")).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(Stop::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, and changes nothing; by the ambient context it unwinds to the border of the task" => || {
            let map = SharedMap::<&str, u8>::new();
            let endless = map.update_async("a", |_| std::future::pending());
            assert!(matches!(endless.within(&cancelled()).block(), Err(Stop::Cancelled(_))));
            assert!(map.is_empty());
        };
        "close": "does not occur: the map is there as long as it can be reached";
        "panic": "of the function: the old value stays, nobody is told, and the next one goes on" => || {
            let (map, mut slow) = held_up();
            assert!(slow.try_recv().is_ok());
            let panics = AssertUnwindSafe(|| map.update("a", |_| panic!("half-way")).block());
            assert!(catch_unwind(panics).is_err());
            assert!(slow.try_recv().is_err());
            assert_eq!(map.update("a", |n| n.map(|n| n + 1)).block().as_deref(), Some(&2));
        };
        "bound reached": "as `shared_map.write(key, value)`; the function runs when there is room" => || {
            let (map, mut slow) = held_up();
            let mut waiting = pin!(map.update("a", |n| n.map(|n| n + 1)));
            assert!(poll_once(&mut waiting).is_pending());
            assert!(slow.try_recv().is_ok());
            let Poll::Ready(new) = poll_once(&mut waiting) else { panic!("there is room") };
            assert_eq!(new.as_deref(), Some(&2));
        };
    }
    "shared_map.remove(key)" {
        "drop": "changes nothing, tells nobody, and the place in line goes to the next" => || {
            let (map, mut slow) = held_up();
            leaves_nothing(map.remove("a"));
            assert!(slow.try_recv().is_ok());
            assert_eq!(map.remove("a").block().as_deref(), Some(&1));
        };
        "time-out": "yields `Err(Stop::Timeout)`, and changes nothing" => || {
            let (map, _slow) = held_up();
            assert_eq!(map.remove("a").timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            assert_eq!(map.len(), 1);
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, and changes nothing; by the ambient context it unwinds to the border of the task" => || {
            let (map, _slow) = held_up();
            let ended = map.remove("a").within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
        };
        "close": "does not occur: the map is there as long as it can be reached";
        "panic": "does not occur but for a key's own code";
        "bound reached": "as `shared_map.write(key, value)`; a key without a value is left alone, and nobody is told" => || {
            let (map, mut slow) = held_up();
            assert!(slow.try_recv().is_ok());
            assert_eq!(map.remove("b").block(), None);
            assert!(slow.try_recv().is_err());
        };
    }
    "address.send(message)" {
        "drop": "sends nothing, and the message is dropped" => || {
            let (address, mailbox) = full();
            leaves_nothing(address.send(1));
            assert_eq!(mailbox.try_recv(), Ok(0));
            assert!(mailbox.is_empty());
        };
        "time-out": "gives the message back: `PeerSendError::Timeout(message)`" => || {
            let (address, _mailbox) = full();
            let late = address.send(1).timeout(Duration::ZERO).block();
            assert_eq!(late, Err(PeerSendError::Timeout(1)));
        };
        "cancel": "gives the message back: `PeerSendError::Cancelled(message, cause)`" => || {
            let (address, _mailbox) = full();
            let ended = address.send(1).within(&cancelled()).block();
            assert!(matches!(ended, Err(PeerSendError::Cancelled(1, _))));
        };
        "close": "gives the message back when the peer has gone, or its name is unknown: `PeerSendError::NoSuchPeer(message)`" => || {
            let (address, mailbox) = full();
            let mut waiting = pin!(address.send(1));
            assert!(poll_once(&mut waiting).is_pending());
            drop(mailbox);
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Err(PeerSendError::NoSuchPeer(1))));
            let unknown = AddressBook::new().send("nobody", 1).block();
            assert_eq!(unknown, Err(PeerSendError::NoSuchPeer(1)));
        };
        "panic": "of the peer: it has gone" => || {
            let (address, mailbox) = Address::new(1);
            let peer = std::thread::spawn(move || {
                let _mailbox: Receiver<u8> = mailbox;
                std::panic::resume_unwind(Box::new("a peer that panics"));
            });
            assert!(peer.join().is_err());
            assert!(address.send(1).block().unwrap_err().is_no_such_peer());
        };
        "bound reached": "waits for room in the mailbox, first come first served; `try_send` gives the message back" => || {
            let (address, mailbox) = full();
            let mut waiting = pin!(address.send(1));
            assert!(poll_once(&mut waiting).is_pending());
            assert!(address.try_send(2).unwrap_err().is_full());
            assert_eq!(mailbox.try_recv(), Ok(0));
            assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
        };
    }
    "address.ask(question)" {
        "drop": "before the question is sent, sends nothing; after, the question stays with the peer, and its `Reply` says that nobody waits" => || {
            let (address, mailbox) = Address::<Reply<u8>>::new(1);
            leaves_nothing(address.ask(|reply| reply));
            assert!(!mailbox.try_recv().unwrap().is_wanted());
        };
        "time-out": "before the question is sent, gives it back: `AskError::NotSent(PeerSendError::Timeout(question))`; after, `AskError::NotYet(Stop::Timeout)`" => || {
            let (address, _mailbox) = Address::<Reply<u8>>::new(1);
            let sent = address.ask(|reply| reply).timeout(Duration::ZERO).block();
            assert!(matches!(sent, Err(AskError::NotYet(Stop::Timeout))));
            let unsent = address.ask(|reply| reply).timeout(Duration::ZERO).block();
            assert!(matches!(unsent, Err(AskError::NotSent(PeerSendError::Timeout(_)))));
        };
        "cancel": "before the question is sent, gives it back: `AskError::NotSent(PeerSendError::Cancelled(question, cause))`; after, `AskError::NotYet(Stop::Cancelled(cause))`" => || {
            let (address, _mailbox) = Address::<Reply<u8>>::new(1);
            let sent = address.ask(|reply| reply).within(&cancelled()).block();
            assert!(matches!(sent, Err(AskError::NotYet(Stop::Cancelled(_)))));
            let unsent = address.ask(|reply| reply).within(&cancelled()).block();
            assert!(matches!(unsent, Err(AskError::NotSent(PeerSendError::Cancelled(..)))));
        };
        "close": "when the peer goes: `AskError::Unanswered` if the question was in its mailbox, else the question comes back: `AskError::NotSent(PeerSendError::NoSuchPeer(question))`" => || {
            let (address, mailbox) = Address::<Reply<u8>>::new(1);
            let mut inside = pin!(address.ask(|reply| reply));
            let mut outside = pin!(address.ask(|reply| reply));
            assert!(poll_once(&mut inside).is_pending() && poll_once(&mut outside).is_pending());
            drop(mailbox);
            assert!(matches!(poll_once(&mut inside), Poll::Ready(Err(AskError::Unanswered))));
            let Poll::Ready(Err(gone)) = poll_once(&mut outside) else { panic!("it waits") };
            assert!(gone.is_no_such_peer());
        };
        "panic": "of the peer, with the question in hand: `AskError::Unanswered`" => || {
            let (address, mailbox) = Address::<Reply<u8>>::new(1);
            let peer = std::thread::spawn(move || {
                let _question = mailbox.recv().block();
                std::panic::resume_unwind(Box::new("a peer that panics"));
            });
            assert!(matches!(address.ask(|reply| reply).block(), Err(AskError::Unanswered)));
            assert!(peer.join().is_err());
        };
        "bound reached": "of the mailbox: waits for room, and then for the answer" => || {
            let (address, mailbox) = Address::<Reply<u8>>::new(1);
            let mut first = pin!(address.ask(|reply| reply));
            let mut second = pin!(address.ask(|reply| reply));
            assert!(poll_once(&mut first).is_pending() && poll_once(&mut second).is_pending());
            mailbox.try_recv().unwrap().send(1);
            mailbox.try_recv().unwrap().send(2);
            assert!(matches!(poll_once(&mut first), Poll::Ready(Ok(1))));
            assert!(matches!(poll_once(&mut second), Poll::Ready(Ok(2))));
        };
    }
    "address_book.broadcast(message)" {
        "drop": "what was sent stays sent, the rest is not" => || {
            let book = AddressBook::new();
            let (address, mailbox) = full();
            let (other, roomy) = Address::new(1);
            book.register("full", address).unwrap();
            book.register("roomy", other).unwrap();
            leaves_nothing(book.broadcast(1));
            assert_eq!((mailbox.try_recv(), roomy.try_recv()), (Ok(0), Ok(1)));
            assert!(mailbox.is_empty());
        };
        "time-out": "one result for each, in the order of registration; those who had no room have `PeerSendError::Timeout(message)`" => || {
            let (book, (address, _mailbox)) = (AddressBook::new(), full());
            book.register("full", address).unwrap();
            let late = book.broadcast(1).timeout(Duration::ZERO).block();
            assert_eq!(late, [("full".into(), Err(PeerSendError::Timeout(1)))]);
        };
        "cancel": "as timed out, with `PeerSendError::Cancelled(message, cause)`" => || {
            let (book, (address, _mailbox)) = (AddressBook::new(), full());
            book.register("full", address).unwrap();
            let ended = book.broadcast(1).within(&cancelled()).block();
            assert!(matches!(ended[0].1, Err(PeerSendError::Cancelled(1, _))));
        };
        "close": "those who have gone have `PeerSendError::NoSuchPeer(message)`; the others are reached" => || {
            let book = AddressBook::new();
            let (one, gone) = Address::new(1);
            let (other, there) = Address::new(1);
            book.register("gone", one).unwrap();
            book.register("there", other).unwrap();
            drop(gone);
            let sent: Vec<_> = book.broadcast(1).block().into_iter().map(|(_, sent)| sent).collect();
            assert_eq!(sent, [Err(PeerSendError::NoSuchPeer(1)), Ok(())]);
            assert_eq!(there.try_recv(), Ok(1));
        };
        "panic": "of the message's `clone`: it goes on to the caller, and nobody is reached" => || {
            struct Fragile;
            impl Clone for Fragile {
                fn clone(&self) -> Self {
                    panic!("fragile")
                }
            }
            let book = AddressBook::new();
            let (one, first) = Address::new(1);
            let (other, second) = Address::new(1);
            book.register("one", one).unwrap();
            book.register("other", other).unwrap();
            let sent = AssertUnwindSafe(|| book.broadcast(Fragile).block().len());
            assert!(catch_unwind(sent).is_err() && first.is_empty() && second.is_empty());
        };
        "bound reached": "waits for room with each at the same time" => || {
            let (book, (address, mailbox)) = (AddressBook::new(), full());
            book.register("full", address).unwrap();
            let mut broadcast = pin!(book.broadcast(1));
            assert!(poll_once(&mut broadcast).is_pending());
            assert_eq!(mailbox.try_recv(), Ok(0));
            assert_eq!(poll_once(&mut broadcast), Poll::Ready(vec![("full".into(), Ok(()))]));
        };
    }
}
