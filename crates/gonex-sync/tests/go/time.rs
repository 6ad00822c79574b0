//! Time, as far as it meets channels and select, on a clock that is moved by hand.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_sync::{RecvError, channel, select};

const SECOND: Duration = Duration::from_secs(1);

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn by_hand(body: impl FnOnce(&Manual)) {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || body(&manual));
}

#[test]
fn time_is_an_arm_that_comes_neither_early_nor_twice() {
    by_hand(|manual| {
        let (_tx, rx) = channel::<u8>(0);
        let mut waits = pin!(async {
            select! {
                recv(rx) -> _ => "received",
                after(2 * SECOND) => "two seconds",
                after(3 * SECOND) => "three seconds",
            }
        });
        assert!(poll(waits.as_mut()).is_pending());
        manual.advance(2 * SECOND - Duration::from_nanos(1));
        assert!(poll(waits.as_mut()).is_pending());
        manual.advance(Duration::from_nanos(1));
        assert_eq!(poll(waits.as_mut()), Poll::Ready("two seconds"));
    });
}

#[test]
fn a_value_that_came_before_the_time_was_up_may_be_chosen_and_is_never_lost() {
    by_hand(|manual| {
        let (tx, rx) = channel(1);
        for _ in 0..50 {
            let mut waits = pin!(async {
                select! {
                    recv(rx) -> message => message,
                    after(SECOND) => Err(RecvError::Timeout),
                }
            });
            assert!(poll(waits.as_mut()).is_pending());
            tx.try_send(7).unwrap();
            manual.advance(2 * SECOND);
            let Poll::Ready(selected) = poll(waits.as_mut()) else { panic!("both are ready") };
            match selected {
                Ok(value) => assert_eq!(value, 7),
                Err(_) => assert_eq!(rx.try_recv(), Ok(7), "it is still there"),
            }
            assert!(rx.is_empty());
        }
    });
}

#[test]
fn timers_of_arms_that_lost_are_called_off() {
    by_hand(|manual| {
        let (tx, rx) = channel(1);
        for value in 0..100 {
            let mut waits = pin!(async {
                select! {
                    recv(rx) -> message => message,
                    after(3600 * SECOND) => Err(RecvError::Timeout),
                }
            });
            assert!(poll(waits.as_mut()).is_pending());
            tx.try_send(value).unwrap();
            assert_eq!(poll(waits.as_mut()), Poll::Ready(Ok(value)));
        }
        assert_eq!(manual.timers(), 0);
    });
}

#[test]
fn time_that_is_over_is_over_at_once() {
    by_hand(|manual| {
        let at = rt::now();
        manual.advance(SECOND);
        let (_tx, rx) = channel::<u8>(0);
        let mut waits = pin!(async {
            select! { recv(rx) -> _ => false, at(at) => true }
        });
        assert_eq!(poll(waits.as_mut()), Poll::Ready(true));
    });
}
