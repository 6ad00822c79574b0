//! Contexts, as far as they meet channels and select. Their own tests are beside them.

use std::time::Duration;

use gonex_core::{Context, Stop};
use gonex_sync::{RecvError, SendError, channel};

use crate::in_each_mix;
use crate::ways::{choose, pause, wait};

#[test]
fn a_cancel_frees_all_who_wait_and_they_keep_their_values() {
    for capacity in [0, 1] {
        in_each_mix(|mix, world| {
            let (context, canceller) = Context::background().with_cancel();
            let ((tx, rx), (idle_tx, idle)) = (channel(capacity), channel::<u8>(capacity));
            while tx.try_send(0).is_ok() {}
            for value in 1..8 {
                let (context, tx, open) = (context.clone(), tx.clone(), rx.clone());
                world.go(mix.senders, async move {
                    match wait!(mix.senders, tx.send(value).within(&context)) {
                        Err(SendError::Cancelled(back, cause)) => {
                            assert_eq!((back, cause.to_string()), (value, "enough".to_owned()));
                        }
                        other => panic!("the send ended with {other:?}"),
                    }
                    drop(open);
                });
            }
            for _ in 0..8 {
                let (context, idle, open) = (context.clone(), idle.clone(), idle_tx.clone());
                world.go(mix.receivers, async move {
                    let received = wait!(mix.receivers, idle.recv().within(&context));
                    assert!(matches!(received, Err(RecvError::Cancelled(_))), "{received:?}");
                    drop(open);
                });
            }
            std::thread::yield_now();
            canceller.cancel("enough");
        });
    }
}

#[test]
fn a_context_below_ends_with_the_one_above_and_not_the_other_way_round() {
    in_each_mix(|mix, world| {
        let (above, cancel_above) = Context::background().with_cancel();
        let (below, cancel_below) = above.with_cancel();
        let (beside, _cancel_beside) = above.with_cancel();
        cancel_below.cancel("below");
        assert!(above.stopped().is_none() && beside.stopped().is_none());
        let waiting = beside.clone();
        world.go(mix.receivers, async move {
            let stop = wait!(mix.receivers, waiting.done());
            assert!(matches!(stop, Stop::Cancelled(cause) if cause.to_string() == "above"));
        });
        world.go(mix.senders, async move {
            cancel_above.cancel("above");
            cancel_above.cancel("again");
            let stop = wait!(mix.senders, below.done());
            assert!(matches!(stop, Stop::Cancelled(cause) if cause.to_string() == "below"));
        });
    });
}

#[test]
fn a_select_may_wait_for_a_context() {
    in_each_mix(|mix, world| {
        let (context, canceller) = Context::background().with_cancel();
        let (tx, rx) = channel::<u8>(0);
        world.go(mix.receivers, async move {
            let stopped = choose! { mix.receivers,
                recv(rx) -> _ => false,
                op(context.done()) -> _ => true,
            };
            assert!(stopped);
        });
        world.go(mix.senders, async move {
            canceller.cancel("enough");
            // The receiver ends with its select, for nothing else can happen to it.
            while !tx.is_closed() {
                pause(mix.senders).await;
            }
        });
    });
}

#[test]
fn of_two_deadlines_the_earlier_counts() {
    let soon = Context::background().with_timeout(Duration::ZERO);
    let both = [
        soon.with_timeout(Duration::from_secs(3600)),
        Context::background().with_timeout(Duration::from_secs(3600)).with_timeout(Duration::ZERO),
    ];
    let (_tx, rx) = channel::<u8>(0);
    for context in both {
        assert_eq!(rx.recv().within(&context).block(), Err(RecvError::Timeout));
    }
}
