use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_sync::distribute::{Distributor, PeerId};
use gonex_sync::{Address, AddressBook, AskError, NotRegistered, PeerSendError, Receiver, Reply};
use proptest::prelude::*;

use crate::chance::Chance;
use crate::hand::{Hand, Tally, watched};
use crate::support::{cancelled, moment};

/// A question that is a number, and wants it back doubled.
type Question = (u32, Reply<u32>);

fn answer(mailbox: &Receiver<Question>) -> u32 {
    let (n, reply) = mailbox.try_recv().unwrap();
    reply.send(n * 2);
    n
}

#[test]
fn a_question_is_answered() {
    let (address, mailbox) = Address::new(1);
    let mut first = Hand::waiting(address.ask(|reply| (1, reply)));
    let mut second = Hand::waiting(address.ask(|reply| (2, reply)));
    assert_eq!(address.queued(), Some(1), "there is room for one");
    answer(&mailbox);
    assert!(first.was_woken() && second.was_woken());
    assert_eq!(first.ready().unwrap(), 2);
    assert!(second.poll().is_pending(), "it has got into the mailbox");
    answer(&mailbox);
    assert_eq!(second.ready().unwrap(), 4);
}

#[test]
fn a_question_in_the_mailbox_of_one_who_goes_is_unanswered() {
    let (address, mailbox) = Address::new(1);
    let mut inside = Hand::waiting(address.ask(|reply: Reply<u8>| reply));
    let mut outside = Hand::waiting(address.ask(|reply| reply));
    drop(mailbox);
    assert!(inside.was_woken() && outside.was_woken());
    assert!(matches!(inside.ready(), Err(AskError::Unanswered)));
    assert!(outside.ready().unwrap_err().is_no_such_peer());
    assert!(!address.is_alive());
}

#[test]
fn a_question_that_is_dropped_is_unanswered() {
    let (address, mailbox) = Address::<Question>::new(1);
    let mut asked = Hand::waiting(address.ask(|reply| (1, reply)));
    drop(mailbox.try_recv().unwrap());
    assert!(matches!(asked.ready(), Err(AskError::Unanswered)));
}

#[test]
fn a_question_whose_time_is_over_comes_back_or_stays_sent() {
    let (address, mailbox) = Address::<Question>::new(1);
    let sent = address.ask(|reply| (1, reply)).timeout(Duration::ZERO).block();
    assert!(matches!(sent, Err(AskError::NotYet(Stop::Timeout))));
    let unsent = address.ask(|reply| (2, reply)).within(&cancelled()).block();
    let Err(AskError::NotSent(PeerSendError::Cancelled((2, _), _))) = unsent else {
        panic!("it should come back: {unsent:?}")
    };
    let (n, reply) = mailbox.try_recv().unwrap();
    assert!(n == 1 && !reply.is_wanted() && !reply.send(2));
    assert!(mailbox.is_empty());
}

#[test]
fn an_answer_that_came_in_time_counts() {
    let (address, mailbox) = Address::new(1);
    let clock = std::sync::Arc::new(gonex_core::rt::Manual::new());
    gonex_core::rt::enter(clock.clone(), || {
        let asked = address.ask(|reply| (21, reply)).timeout(Duration::from_secs(1));
        let mut asked = Hand::waiting(asked);
        answer(&mailbox);
        clock.advance(Duration::from_secs(1));
        assert_eq!(asked.ready().unwrap(), 42);
    });
}

#[test]
fn a_question_without_a_mailbox_capacity_is_handed_over() {
    watched(|| {
        let (address, mailbox) = Address::<Question>::new(0);
        let peer = thread::spawn(move || {
            let (n, reply) = mailbox.recv().block().unwrap();
            reply.send(n * 2)
        });
        assert_eq!(address.ask(|reply| (21, reply)).block().unwrap(), 42);
        assert!(peer.join().unwrap());
    });
}

#[test]
fn an_address_is_a_way_for_a_distributor() {
    let peers = Distributor::new();
    let (address, mailbox) = Address::new(1);
    peers.join(PeerId::new(1), address.clone()).unwrap();
    peers.route_to(PeerId::new(1)).send(7).block().unwrap();
    assert_eq!(mailbox.try_recv(), Ok(7));
    assert_eq!(peers.peers()[0].queued, Some(0));
    assert!(address.close() && !peers.peers()[0].is_alive);
}

#[test]
fn a_book_knows_who_is_there() {
    let book = AddressBook::new();
    let (one, first) = Address::new(1);
    let (other, second) = Address::new(1);
    book.register("a", one.clone()).unwrap();
    assert_eq!(book.register("a", other.clone()), Err(NotRegistered::Taken("a".into())));
    assert!(book.lookup("a").is_some() && book.lookup("b").is_none());
    drop(first);
    assert!(book.lookup("a").is_none());
    assert_eq!(book.send("a", 7).block(), Err(PeerSendError::NoSuchPeer(7)));
    assert_eq!(book.send("b", 7).block(), Err(PeerSendError::NoSuchPeer(7)));
    book.register("a", other).unwrap();
    book.send("a", 8).block().unwrap();
    assert_eq!((second.try_recv(), book.len()), (Ok(8), 1));
    assert!(book.unregister("a").is_some() && book.is_empty());
}

#[test]
fn a_broadcast_reaches_all_who_are_there_and_tells_of_each_in_order() {
    let book = AddressBook::new();
    let mailboxes: Vec<_> = ["c", "a", "b"]
        .map(|name| {
            let (address, mailbox) = Address::new(1);
            book.register(name, address).unwrap();
            mailbox
        })
        .into();
    book.send("a", 0).block().unwrap();
    let mut broadcast = Hand::waiting(book.broadcast(7));
    assert_eq!((mailboxes[0].try_recv(), mailboxes[2].try_recv()), (Ok(7), Ok(7)));
    assert_eq!(mailboxes[1].try_recv(), Ok(0));
    let names = broadcast.ready().into_iter().map(|(name, sent)| {
        sent.unwrap();
        name.to_string()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["c", "a", "b"]);
    assert_eq!(mailboxes[1].try_recv(), Ok(7));

    book.send("a", 0).block().unwrap();
    drop(mailboxes.into_iter().nth(2));
    let late = book.broadcast(8).timeout(Duration::ZERO).block();
    let sent: Vec<_> = late.into_iter().map(|(_, sent)| sent).collect();
    let gone = Err(PeerSendError::NoSuchPeer(8));
    assert_eq!(sent, [gone.clone(), gone.clone(), gone], "all mailboxes went with the vector");
}

#[test]
fn a_message_whose_clone_panics_reaches_nobody() {
    struct Fragile;
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            panic!("fragile")
        }
    }
    let book = AddressBook::new();
    let (one, first) = Address::new(1);
    let (other, second) = Address::new(1);
    book.register("a", one).unwrap();
    book.register("b", other).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| book.broadcast(Fragile).block())).is_err());
    assert!(first.is_empty() && second.is_empty());
}

#[test]
fn messages_are_dropped_once() {
    let tally = Tally::default();
    let (address, mailbox) = Address::new(1);
    address.send(tally.value(1)).block().unwrap();
    drop(Hand::waiting(address.send(tally.value(2))));
    drop(address.send(tally.value(3)).timeout(Duration::ZERO).block());
    assert_eq!(tally.dropped(), 2);
    drop((address, mailbox));
    assert_eq!(tally.dropped(), tally.made());
}

proptest! {
    /// Questions that are asked, answered and given up in any order: none is lost, none comes twice, and
    /// who still waits in the end gets their own answer.
    #[test]
    fn asks_that_are_given_up_lose_and_double_nothing(
        steps in prop::collection::vec((0..4_u8, 0..8_usize), 1..100),
        capacity in 0..3_usize,
    ) {
        let (address, mailbox) = Address::<Question>::new(capacity);
        let (mut asked, mut waiting, mut seen) = (0, Vec::new(), HashSet::new());
        for (step, at) in steps {
            match step {
                0 => {
                    asked += 1;
                    let number = asked;
                    let mut ask = Hand::new(address.ask(|reply| (number, reply)));
                    prop_assert!(ask.poll().is_pending());
                    waiting.push((number, ask));
                }
                1 => {
                    if let Ok((number, reply)) = mailbox.try_recv() {
                        prop_assert!(seen.insert(number), "{number} came twice");
                        let wanted = waiting.iter().any(|(other, _)| *other == number);
                        prop_assert_eq!(reply.is_wanted(), wanted);
                        reply.send(number * 2);
                    }
                }
                2 if !waiting.is_empty() => drop(waiting.swap_remove(at % waiting.len())),
                3 if !waiting.is_empty() => {
                    let at = at % waiting.len();
                    if let Poll::Ready(answer) = waiting[at].1.poll() {
                        let (number, _) = waiting.swap_remove(at);
                        prop_assert!(seen.contains(&number));
                        prop_assert_eq!(answer.unwrap(), number * 2);
                    }
                }
                _ => {}
            }
        }
        // All that are left are served, by wake-ups alone.
        loop {
            while let Ok((number, reply)) = mailbox.try_recv() {
                prop_assert!(seen.insert(number), "{number} came twice");
                reply.send(number * 2);
            }
            let Some(at) = waiting.iter_mut().position(|(_, ask)| ask.was_woken()) else { break };
            if let Poll::Ready(answer) = waiting[at].1.poll() {
                let (number, _) = waiting.swap_remove(at);
                prop_assert_eq!(answer.unwrap(), number * 2);
            }
        }
        prop_assert!(waiting.is_empty(), "somebody waits for an answer");
    }
}

#[test]
fn asks_on_many_threads_get_their_own_answers() {
    watched(|| {
        let (address, mailbox) = Address::<Question>::new(2);
        let peer = thread::spawn(move || {
            let mut seen = HashSet::new();
            for (number, reply) in &mailbox {
                assert!(seen.insert(number), "{number} came twice");
                reply.send(number * 2);
            }
            seen.len()
        });
        let askers: Vec<_> = (0..4)
            .map(|asker| {
                let address = address.clone();
                thread::spawn(move || {
                    let mut chance = Chance::new(7, asker);
                    let mut answered = 0;
                    for round in 0..300 {
                        let number = u32::try_from(asker).unwrap() * 1_000 + round;
                        let limit = moment(&mut chance);
                        match address.ask(|reply| (number, reply)).timeout(limit).block() {
                            Ok(answer) => {
                                assert_eq!(answer, number * 2);
                                answered += 1;
                            }
                            Err(AskError::NotYet(_)) => {}
                            Err(AskError::NotSent(error)) => {
                                assert_eq!(error.into_inner().0, number);
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                    answered
                })
            })
            .collect();
        let answered: usize = askers.into_iter().map(|asker| asker.join().unwrap()).sum();
        drop(address);
        assert!(answered <= peer.join().unwrap());
    });
}
