//! Select.

use std::pin::pin;
use std::task::{Context, Waker};

use gonex_sync::{Receiver, RecvError, Sender, channel, select, unbounded};

use crate::in_each_mix;
use crate::ways::{choose, wait};

#[test]
fn a_select_that_sends_to_several_sends_each_value_once_and_in_order() {
    in_each_mix(|mix, world| {
        const VALUES: u32 = 2000;
        let (merged, all) = channel(0);
        let senders: [Sender<u32>; 4] = std::array::from_fn(|_| {
            let (tx, rx) = channel(0);
            let merged = merged.clone();
            world.go(mix.receivers, async move {
                let mut last = None;
                while let Ok(value) = wait!(mix.receivers, rx.recv()) {
                    assert!(last < Some(value), "{value} after {last:?}");
                    last = Some(value);
                    wait!(mix.receivers, merged.send(value)).unwrap();
                }
            });
            tx
        });
        drop(merged);
        world.go(mix.senders, async move {
            let [a, b, c, d] = senders;
            for value in 0..VALUES {
                let mut slots = [Some(value); 4];
                let [one, two, three, four] = &mut slots;
                choose! { mix.senders,
                    send(a, one) => {},
                    send(b, two) => {},
                    send(c, three) => {},
                    send(d, four) => {},
                }
                let sent = slots.iter().filter(|slot| slot.is_none()).count();
                assert_eq!(sent, 1, "one arm happens, and the others keep their value");
            }
        });
        let mut received: Vec<u32> = all.iter().collect();
        received.sort_unstable();
        assert!(received.into_iter().eq(0..VALUES));
    });
}

#[test]
fn two_channels_that_are_always_ready_are_served_about_equally() {
    in_each_mix(|mix, world| {
        let ((one_tx, one), (other_tx, other)) = (unbounded(), unbounded());
        one_tx.send_all(0..3000).block().unwrap();
        other_tx.send_all(0..3000).block().unwrap();
        world.go(mix.receivers, async move {
            let mut counts = [0u32; 2];
            for _ in 0..2000 {
                choose! { mix.receivers,
                    recv(one) -> _ => counts[0] += 1,
                    recv(other) -> _ => counts[1] += 1,
                }
            }
            assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
        });
    });
}

#[test]
fn a_busy_channel_does_not_starve_another() {
    in_each_mix(|mix, world| {
        let ((one_tx, one), (other_tx, other), (stop, stopped)) =
            (channel(0), channel(0), channel::<()>(0));
        for tx in [one_tx, other_tx] {
            let stopped = stopped.clone();
            world.go(mix.senders, async move {
                let mut open = true;
                while open {
                    let mut slot = Some(());
                    choose! { mix.senders,
                        send(tx, &mut slot) => {},
                        recv(stopped) -> _ => open = false,
                    }
                }
            });
        }
        world.go(mix.receivers, async move {
            let mut counts = [0u32; 2];
            while counts.iter().sum::<u32>() < 2000 {
                choose! { mix.receivers,
                    recv(one) -> _ => counts[0] += 1,
                    recv(other) -> _ => counts[1] += 1,
                }
            }
            assert!(counts.iter().all(|&count| count > 100), "{counts:?}");
            drop(stop);
        });
    });
}

#[test]
fn who_selects_on_both_ends_never_meets_itself() {
    for capacity in [0, 10] {
        in_each_mix(|mix, world| {
            let (tx, rx) = channel(capacity);
            for (me, way) in [(0, mix.senders), (1, mix.receivers)] {
                let (tx, rx): (Sender<u8>, Receiver<u8>) = (tx.clone(), rx.clone());
                world.go(way, async move {
                    for _ in 0..1000 {
                        let mut slot = Some(me);
                        choose! { way,
                            send(tx, &mut slot) => {},
                            recv(rx) -> message => {
                                // In a buffer one's own value may well come back.
                                assert!(capacity > 0 || message != Ok(me), "it met itself");
                            },
                        }
                    }
                });
            }
            // At a rendezvous each step of one is a step of the other, so both come to their end;
            // with a buffer each can always do one of the two.
        });
    }
}

#[test]
fn the_same_channel_may_stand_in_several_arms() {
    for capacity in [0, 1] {
        in_each_mix(|mix, world| {
            const VALUES: u32 = 500;
            let (tx, rx) = channel(capacity);
            world.go(mix.senders, async move {
                for value in 0..VALUES {
                    let [mut one, mut other] = [Some(value); 2];
                    choose! { mix.senders,
                        send(tx, &mut one) => {},
                        send(tx, &mut other) => {},
                    }
                    assert_ne!(one.is_some(), other.is_some(), "it is sent once");
                }
            });
            world.go(mix.receivers, async move {
                let mut counts = [0u32; 3];
                for value in 0..VALUES {
                    let (arm, message) = choose! { mix.receivers,
                        recv(rx) -> message => (0, message),
                        recv(rx) -> message => (1, message),
                        recv(rx) -> message => (2, message),
                    };
                    assert_eq!(message, Ok(value));
                    counts[arm] += 1;
                }
                assert_eq!(rx.try_recv().ok(), None);
                assert_eq!(counts.iter().sum::<u32>(), VALUES);
            });
        });
    }
}

#[test]
fn a_default_is_not_taken_when_the_channel_has_a_value_or_is_closed() {
    in_each_mix(|mix, world| {
        for _ in 0..300 {
            let (tx, rx) = channel(1);
            tx.try_send(1).unwrap();
            let second = rx.clone();
            world.go(mix.receivers, async move {
                let ready = choose! { mix.receivers,
                    recv(second) -> _ => true,
                    default => false,
                };
                assert!(ready, "it had a value, and then it was closed");
            });
            tx.close();
            let _ = rx.try_recv();
        }
    });
}

#[test]
fn a_default_is_not_taken_while_one_of_two_channels_is_ready() {
    in_each_mix(|mix, world| {
        for _ in 0..300 {
            let ((one_tx, one), (other_tx, other)) = (channel(1), channel(1));
            one_tx.try_send(1).unwrap();
            let first = one.clone();
            let parties = (one.clone(), other.clone());
            world.go(mix.receivers, async move {
                let (one, other) = parties;
                let ready = choose! { mix.receivers,
                    recv(one) -> _ => true,
                    recv(other) -> _ => true,
                    default => false,
                };
                assert!(ready);
            });
            other_tx.try_send(1).unwrap();
            let _ = first.try_recv();
            drop((one, other));
        }
    });
}

#[test]
fn what_is_disabled_is_never_chosen_and_nothing_at_all_waits_for_ever() {
    let (tx, rx) = channel::<u8>(1);
    tx.try_send(1).unwrap();
    let nothing = async {
        select! {
            recv(rx) -> _, if false => {},
            recv(None::<Receiver<u8>>) -> _ => {},
            send(None::<Sender<u8>>, &mut Some(1)) => {},
            send(tx, &mut None) => {},
        }
    };
    let mut nothing = pin!(nothing);
    for _ in 0..3 {
        assert!(nothing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_closed_channel_is_always_ready_and_wakes_who_selects() {
    for capacity in [0, 1] {
        in_each_mix(|mix, world| {
            let ((tx, rx), (idle_tx, idle)) = (channel::<u8>(capacity), channel::<u8>(capacity));
            for _ in 0..8 {
                let (rx, idle, open) = (rx.clone(), idle.clone(), idle_tx.clone());
                world.go(mix.receivers, async move {
                    let _open = open;
                    for _ in 0..3 {
                        let ended = choose! { mix.receivers,
                            recv(rx) -> message => message,
                            recv(idle) -> message => message,
                        };
                        assert_eq!(ended, Err(RecvError::Closed));
                    }
                });
            }
            tx.close();
        });
    }
}

#[test]
fn random_operations_on_four_channels_come_out_even() {
    in_each_mix(|mix, world| {
        const EACH: usize = 500;
        let channels: Vec<(Sender<usize>, Receiver<usize>)> =
            [0, 0, 2, 3].into_iter().map(channel).collect();
        for (index, (tx, rx)) in channels.iter().enumerate() {
            let (tx, rx) = (tx.clone(), rx.clone());
            world.go(mix.senders, async move {
                for value in 0..EACH {
                    wait!(mix.senders, tx.send(index * EACH + value)).unwrap();
                }
            });
            world.go(mix.receivers, async move {
                for _ in 0..EACH {
                    wait!(mix.receivers, rx.recv()).unwrap();
                }
            });
        }
        let ends = channels.clone();
        world.go(mix.senders, async move {
            let mut left: Vec<usize> = vec![EACH; 4];
            while left.iter().any(|&left| left > 0) {
                let mut slots: Vec<Option<usize>> =
                    left.iter().map(|&left| (left > 0).then_some(left)).collect();
                let [a, b, c, d] = &mut slots[..] else { unreachable!("there are four") };
                let arm = choose! { mix.senders,
                    send(ends[0].0, a) => 0,
                    send(ends[1].0, b) => 1,
                    send(ends[2].0, c) => 2,
                    send(ends[3].0, d) => 3,
                };
                left[arm] -= 1;
            }
        });
        let ends = channels.clone();
        world.go(mix.receivers, async move {
            let mut left = [EACH; 4];
            while left.iter().any(|&left| left > 0) {
                let arm = choose! { mix.receivers,
                    recv(ends[0].1) -> _, if left[0] > 0 => 0,
                    recv(ends[1].1) -> _, if left[1] > 0 => 1,
                    recv(ends[2].1) -> _, if left[2] > 0 => 2,
                    recv(ends[3].1) -> _, if left[3] > 0 => 3,
                };
                left[arm] -= 1;
            }
            for (_, rx) in &ends {
                // A receive here would take what another task still waits for.
                assert!(!rx.is_closed());
            }
        });
    });
}
