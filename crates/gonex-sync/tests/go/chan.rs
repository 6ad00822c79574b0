//! Channels.

use std::collections::HashSet;

use gonex_sync::{Receiver, RecvError, Sender, TryRecvError, TrySendError, channel};

use crate::ways::{Way, pause, wait};
use crate::world::World;
use crate::{Mix, in_each_mix};

#[test]
fn a_chain_of_filters_sieves_the_primes() {
    async fn filter(way: Way, rx: Receiver<u32>, tx: Sender<u32>, prime: u32) {
        while let Ok(number) = wait!(way, rx.recv()) {
            if number % prime != 0 && wait!(way, tx.send(number)).is_err() {
                break;
            }
        }
    }
    for capacity in [0, 1, 10] {
        in_each_mix(|mix, world| {
            let (tx, mut rx) = channel(capacity);
            world.go(mix.senders, async move {
                for number in 2.. {
                    if wait!(mix.senders, tx.send(number)).is_err() {
                        break;
                    }
                }
            });
            let mut primes = Vec::new();
            for index in 0..25 {
                let prime = rx.recv().block().unwrap();
                primes.push(prime);
                let way = if index % 2 == 0 { mix.receivers } else { mix.senders };
                let (tx, next) = channel(capacity);
                world.go(way, filter(way, std::mem::replace(&mut rx, next), tx, prime));
            }
            let expected: Vec<u32> =
                (2..98).filter(|n| (2..*n).all(|divisor| n % divisor != 0)).collect();
            assert_eq!(primes, expected);
            // The chain ends from its end: each filter finds that nobody listens.
        });
    }
}

#[test]
fn a_buffer_is_first_in_first_out() {
    in_each_mix(|mix, world| {
        let (tx, rx) = channel(10);
        world.go(mix.senders, async move {
            for number in 0..10 {
                wait!(mix.senders, tx.send(number)).unwrap();
            }
        });
        world.go(mix.receivers, async move {
            for number in 0..10 {
                assert_eq!(wait!(mix.receivers, rx.recv()), Ok(number));
            }
        });
    });
}

#[test]
fn each_of_a_line_of_parties_hears_the_one_before() {
    in_each_mix(|mix, world| {
        let (first, mut rx) = channel(0);
        for index in 0..50 {
            let (tx, next) = channel(0);
            let before = std::mem::replace(&mut rx, next);
            let way = if index % 2 == 0 { mix.senders } else { mix.receivers };
            world.go(way, async move {
                let number: u32 = wait!(way, before.recv()).unwrap();
                wait!(way, tx.send(number + 1)).unwrap();
            });
        }
        first.send(0).block().unwrap();
        assert_eq!(rx.recv().block(), Ok(50));
    });
}

#[test]
fn what_does_not_block_says_so() {
    for capacity in [0, 1] {
        in_each_mix(|mix, world| {
            let (tx, rx) = channel(capacity);
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            if capacity == 1 {
                assert_eq!(tx.try_send(0), Ok(()));
                assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
                assert_eq!(rx.try_recv(), Ok(0));
            } else {
                assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
            }
            let receiver = rx.clone();
            world.go(mix.receivers, async move {
                assert_eq!(wait!(mix.receivers, receiver.recv()), Ok(1));
            });
            while tx.try_send(1).is_err() {
                std::thread::yield_now();
            }
            while !tx.is_empty() {
                std::thread::yield_now();
            }
            world.go(mix.senders, async move {
                assert!(wait!(mix.senders, tx.send(2)).is_ok());
            });
            loop {
                match rx.try_recv() {
                    Ok(value) => break assert_eq!(value, 2),
                    Err(_) => std::thread::yield_now(),
                }
            }
        });
    }
}

#[test]
fn capacity_and_length_are_what_they_say() {
    for capacity in [0, 1, 10] {
        let (tx, rx) = channel(capacity);
        assert_eq!((tx.capacity(), rx.capacity(), tx.len()), (Some(capacity), Some(capacity), 0));
        for length in 1..=capacity {
            tx.try_send(()).unwrap();
            assert_eq!((tx.len(), rx.len()), (length, length));
        }
        tx.close();
        assert_eq!((tx.capacity(), tx.len()), (Some(capacity), capacity));
    }
}

#[test]
fn a_closed_channel_yields_what_is_inside_and_then_ends_for_ever() {
    in_each_mix(|mix, world| {
        for capacity in [0, 1, 10] {
            let (tx, rx) = channel(capacity);
            for value in 0..capacity {
                tx.try_send(value).unwrap();
            }
            assert!(tx.close() && !tx.close());
            world.go(mix.senders, async move {
                for _ in 0..3 {
                    let refused = wait!(mix.senders, tx.send(9)).unwrap_err();
                    assert!(refused.is_closed() && refused.into_inner() == 9);
                }
            });
            world.go(mix.receivers, async move {
                for value in 0..capacity {
                    assert_eq!(wait!(mix.receivers, rx.recv()), Ok(value));
                }
                for _ in 0..3 {
                    assert_eq!(wait!(mix.receivers, rx.recv()), Err(RecvError::Closed));
                    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
                }
            });
        }
    });
}

#[test]
fn a_close_reaches_all_who_wait() {
    for capacity in [0, 1] {
        in_each_mix(|mix, world| {
            let (tx, rx) = channel::<u8>(capacity);
            for _ in 0..16 {
                let rx = rx.clone();
                world.go(mix.receivers, async move {
                    assert_eq!(wait!(mix.receivers, rx.recv()), Err(RecvError::Closed));
                });
            }
            let (full, full_rx) = channel(capacity);
            while full.try_send(0).is_ok() {}
            for value in 1..16 {
                let full = full.clone();
                world.go(mix.senders, async move {
                    let back = wait!(mix.senders, full.send(value)).unwrap_err();
                    assert_eq!(back.into_inner(), value);
                });
            }
            std::thread::yield_now();
            tx.close();
            full_rx.close();
        });
    }
}

#[test]
fn many_values_through_many_consumers_come_once_each() {
    const VALUES: usize = 271_828;
    const CONSUMERS: usize = 23;
    for capacity in [23 / 2, 1] {
        in_each_mix(|mix, world| {
            let values = if capacity == 1 { VALUES / 16 } else { VALUES };
            let ((tx, rx), (out, results)) = (channel(capacity), channel(capacity));
            for consumer in 0..CONSUMERS {
                let (rx, out) = (rx.clone(), out.clone());
                world.go(mix.receivers, async move {
                    while let Ok(value) = wait!(mix.receivers, rx.recv()) {
                        // Some are slower than others.
                        if value % 16 == consumer {
                            pause(mix.receivers).await;
                        }
                        wait!(mix.receivers, out.send(value)).unwrap();
                    }
                });
            }
            drop((rx, out));
            world.go(mix.senders, async move {
                for value in 0..values {
                    wait!(mix.senders, tx.send(value)).unwrap();
                }
            });
            let mut seen = HashSet::with_capacity(values);
            assert!(results.iter().all(|value| seen.insert(value)), "a value came twice");
            assert_eq!(seen.len(), values);
        });
    }
}

#[test]
fn several_senders_keep_their_own_order() {
    for capacity in [0, 1, 100] {
        in_each_mix(|mix, world| {
            const EACH: usize = 500;
            let (tx, rx) = channel(capacity);
            for sender in 0..4 {
                let tx = tx.clone();
                world.go(mix.senders, async move {
                    for number in 0..EACH {
                        wait!(mix.senders, tx.send((sender, number))).unwrap();
                    }
                });
            }
            drop(tx);
            world.go(mix.receivers, async move {
                let mut next = [0; 4];
                while let Ok((sender, number)) = wait!(mix.receivers, rx.recv()) {
                    assert_eq!(next[sender], number);
                    next[sender] += 1;
                }
                assert_eq!(next, [EACH; 4]);
            });
        });
    }
}

/// A mix is what it says: what waits by blocking does not run on the runtime's threads.
#[test]
fn the_mixes_are_what_they_say() {
    in_each_mix(|Mix { senders, receivers }, world: &mut World| {
        for way in [senders, receivers] {
            world.go(way, async move {
                assert_eq!(tokio::runtime::Handle::try_current().is_ok(), way == Way::Task);
            });
        }
    });
}
