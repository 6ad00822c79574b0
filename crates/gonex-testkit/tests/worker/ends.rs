//! How pools and those who wait for them end, whatever workers do.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::Pool;
use gonex_runtime::pool::{Leaving, What};
use gonex_testkit::worker::{Beginning, Deed, SimulatedWorkers};

use super::support::{by_hand, ms, secs, told};

#[test]
fn a_shutdown_does_not_wait_for_a_worker_that_never_begins() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |deed: &Deed| *deed, |_| ()).beginning(
            |start| match start.slot {
                0 => Beginning::After(Duration::ZERO),
                _ => Beginning::Hangs,
            },
        );
        let builder = Pool::builder().workers(3.try_into().unwrap()).name("stubborn");
        let pool = builder.build_of(workers.kind()).unwrap();
        workers.run_for(&pool, ms(1));
        let mut events = pool.events();
        let mut ending = pin!(pool.shutdown(rt::now() + secs(5)));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(ending.as_mut().poll(&mut cx).is_pending());
        workers.run_for(&pool, secs(5));
        assert!(ending.as_mut().poll(&mut cx).is_pending(), "they have a moment to leave");
        workers.run_for(&pool, secs(5));
        let Poll::Ready(report) = ending.as_mut().poll(&mut cx) else {
            panic!("it does not end: {:?}", pool.status())
        };
        assert_eq!((report.left_behind, report.discarded, report.cancelled), (2, 0, 0));
        let said = told(&mut events);
        let given_up =
            |what: &&What| matches!(what, What::Abandoned { task, .. } if task == "its start");
        assert_eq!(said.iter().filter(given_up).count(), 2, "{said:?}");
        let left = |what: &What| matches!(what, What::Left { why: Leaving::Closed, .. });
        assert!(said.iter().any(left), "the one that could left: {said:?}");
        assert_eq!((workers.alive(), workers.release(), workers.alive()), (2, 2, 0));
        assert_eq!(pool.stats().abandoned_now, 0);
    });
}

#[test]
fn a_shutdown_does_not_call_those_left_behind_who_leave_at_once() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |deed: &Deed| *deed, |_| ());
        let pool = Pool::builder().workers(3.try_into().unwrap()).build_of(workers.kind()).unwrap();
        workers.run_for(&pool, ms(1));
        let mut ending = pin!(pool.shutdown(rt::now()));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(ending.as_mut().poll(&mut cx).is_pending());
        workers.run_for(&pool, ms(1));
        let Poll::Ready(report) = ending.as_mut().poll(&mut cx) else { panic!("it does not end") };
        assert!(report.is_clean(), "{report}");
    });
}

/// A waker that only counts who holds it.
struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn who_waits_for_a_pool_no_longer_leaves_no_waker_behind() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(manual, |deed: &Deed| *deed, |_| ());
        let pool = Pool::builder().workers(1.try_into().unwrap()).build_of(workers.kind()).unwrap();
        pool.submit(Deed::Takes(secs(1))).block().unwrap().detach();
        let counted = Arc::new(Counted);
        let poll = |op: &mut dyn FnMut(&mut TaskContext<'_>) -> bool| {
            let waker = Waker::from(counted.clone());
            assert!(op(&mut TaskContext::from_waker(&waker)), "it has to wait");
        };
        {
            let (mut idle, mut other) = (pin!(pool.wait_idle()), pin!(pool.wait_idle()));
            for _ in 0..2 {
                poll(&mut |cx| idle.as_mut().poll(cx).is_pending());
                poll(&mut |cx| other.as_mut().poll(cx).is_pending());
            }
            let mut ending = pin!(pool.shutdown(rt::now() + secs(60)));
            poll(&mut |cx| ending.as_mut().poll(cx).is_pending());
            assert!(Arc::strong_count(&counted) > 1, "it is kept while somebody waits");
        }
        assert_eq!(Arc::strong_count(&counted), 1);
        workers.run_for(&pool, secs(2));
        assert_eq!((pool.stats().completed, workers.alive()), (1, 0), "it ends all the same");
    });
}
