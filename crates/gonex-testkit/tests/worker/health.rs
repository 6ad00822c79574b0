//! What becomes of workers that are not well, and of what they had.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gonex_core::component::Health;
use gonex_runtime::Pool;
use gonex_runtime::pool::{Leaving, What, WorkerState};
use gonex_task::{PanicHook, TaskError};
use gonex_testkit::worker::{Beginning, Deed, SimulatedWorkers};

use super::support::{by_hand, ms, secs, told};

/// Jobs that say what becomes of them.
fn obedient(manual: &gonex_core::rt::Manual) -> SimulatedWorkers<Deed, ()> {
    SimulatedWorkers::new(manual, |deed: &Deed| *deed, |_| ())
}

fn two() -> gonex_runtime::PoolBuilder {
    Pool::builder().workers(2.try_into().unwrap()).name("simulated").panic_hook(PanicHook::Quiet)
}

#[test]
fn a_worker_that_dies_loses_what_it_ran_and_is_replaced_at_once() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let pool = two().build_of(workers.kind()).unwrap();
        let mut events = pool.events();
        let mut dies = pool.submit(Deed::Dies(ms(10))).block().unwrap();
        let mut waits: Vec<_> =
            (0..6).map(|_| pool.submit(Deed::Takes(ms(20))).block().unwrap()).collect();
        workers.run_for(&pool, ms(11));
        assert_eq!(dies.join().timeout(Duration::ZERO).block(), Err(TaskError::lost(true)));
        assert_eq!((workers.alive(), pool.worker_count()), (2, 2));
        workers.run_for(&pool, secs(1));
        assert!(waits.iter_mut().all(|job| job.join().timeout(Duration::ZERO).block() == Ok(())));
        let died = told(&mut events).into_iter().find(|what| matches!(what, What::Died { .. }));
        assert!(died.unwrap().to_string().contains("it was to die"));
        assert_eq!(pool.status().health, Health::Healthy);
    });
}

#[test]
fn restarts_wait_longer_and_longer_and_too_many_break_the_pool() {
    by_hand(|manual| {
        let births = std::sync::Arc::new(AtomicU64::new(0));
        let counted = births.clone();
        let workers = obedient(manual).beginning(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Beginning::Dies(Duration::ZERO)
        });
        let builder = Pool::builder().workers(1.try_into().unwrap());
        let builder = builder.restart_delays(secs(1), secs(60)).restart_intensity(4, secs(3600));
        let pool = builder.build_of(workers.kind()).unwrap();
        let mut job = pool.submit(Deed::Takes(ms(1))).block().unwrap();
        // At once, after 1 s, after 2 s more, after 4 s more.
        for (time, count) in [(ms(1), 2), (secs(1), 3), (secs(2), 4), (secs(4), 5), (secs(99), 5)] {
            workers.run_for(&pool, time);
            assert_eq!(births.load(Ordering::Relaxed), count, "after {time:?} more");
        }
        assert_eq!(job.join().timeout(Duration::ZERO).block(), Err(TaskError::lost(false)));
        let refused = pool.submit(Deed::Hangs).block().unwrap_err();
        assert!(refused.is_closed());
        let Health::Unhealthy(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("more than 4 workers died within 3600s"), "{reason}");
    });
}

#[test]
fn a_worker_that_hangs_is_given_up_replaced_and_counted() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let builder = two().stuck_after(secs(5)).hung_after(secs(10)).max_abandoned(1);
        let pool = builder.build_of(workers.kind()).unwrap();
        let mut events = pool.events();
        let mut hangs = [Deed::Hangs, Deed::Hangs].map(|deed| pool.submit(deed).block().unwrap());
        workers.run_for(&pool, secs(6));
        let Health::Degraded(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("has run for") && reason.contains("health.rs"), "{reason}");
        workers.run_for(&pool, secs(5));
        // One is given up; the other would be one too many.
        let stats = pool.stats();
        assert_eq!((stats.abandoned_now, stats.workers, workers.alive()), (1, 2, 3), "{stats:?}");
        assert_eq!(hangs[0].join().timeout(Duration::ZERO).block(), Err(TaskError::lost(true)));
        assert!(!hangs[1].is_finished());
        let Health::Degraded(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("as many as `max_abandoned` allows (1)"), "{reason}");
        let said = told(&mut events);
        assert!(said.iter().any(|what| matches!(what, What::TaskStuck { .. })));
        assert!(said.iter().any(|what| matches!(what, What::TooManyAbandoned { most: 1 })));
        // The one that was replaced works.
        let mut works = pool.submit(Deed::Takes(ms(1))).block().unwrap();
        workers.run_for(&pool, ms(1));
        assert_eq!(works.join().timeout(Duration::ZERO).block(), Ok(()));
        // Late results are dropped, and there is room to give up again.
        assert_eq!(workers.release(), 2);
        workers.run_for(&pool, secs(1));
        let stats = pool.stats();
        assert_eq!((stats.abandoned_now, stats.late, workers.alive()), (0, 1, 2), "{stats:?}");
        assert_eq!(hangs[1].join().timeout(Duration::ZERO).block(), Ok(()), "it was kept");
        assert_eq!(pool.status().health, Health::Healthy);
    });
}

#[test]
fn who_falls_silent_is_killed() {
    by_hand(|manual| {
        let workers = obedient(manual).heartbeats(ms(100)).mortal();
        let pool = two().heartbeat_timeout(secs(1)).build_of(workers.kind()).unwrap();
        let mut slow = pool.submit(Deed::Takes(secs(60))).block().unwrap();
        let mut silent = pool.submit(Deed::FallsSilent).block().unwrap();
        workers.run_for(&pool, secs(2));
        assert_eq!(silent.join().timeout(Duration::ZERO).block(), Err(TaskError::lost(true)));
        assert_eq!(workers.alive(), 2, "it is replaced");
        workers.run_for(&pool, secs(58));
        assert_eq!(
            slow.join().timeout(Duration::ZERO).block(),
            Ok(()),
            "a long task is no silence"
        );
    });
}

#[test]
fn a_start_that_takes_too_long_is_given_up() {
    by_hand(|manual| {
        let births = AtomicU64::new(0);
        let workers = obedient(manual).mortal().beginning(move |_| {
            match births.fetch_add(1, Ordering::Relaxed) {
                0 => Beginning::Never,
                _ => Beginning::After(ms(10)),
            }
        });
        let builder = Pool::builder().workers(1.try_into().unwrap()).start_timeout(secs(3));
        let pool = builder.build_of(workers.kind()).unwrap();
        let mut job = pool.submit(Deed::Takes(ms(1))).block().unwrap();
        workers.run_for(&pool, secs(2));
        assert_eq!(pool.status().workers[0].state, WorkerState::Starting);
        workers.run_for(&pool, secs(2));
        assert_eq!(job.join().timeout(Duration::ZERO).block(), Ok(()));
    });
}

#[test]
fn failures_count_strictly_above_the_threshold() {
    by_hand(|manual| {
        let workers = SimulatedWorkers::new(
            manual,
            |_: &bool| Deed::Takes(ms(1)),
            |fails| assert!(!fails, "as planned"),
        );
        let builder = Pool::builder().workers(1.try_into().unwrap()).panic_hook(PanicHook::Quiet);
        let pool = builder.failure_threshold(2).build_of(workers.kind()).unwrap();
        let mut events = pool.events();
        let run = |fails: &[bool]| {
            let jobs: Vec<_> = fails.iter().map(|&f| pool.submit(f).block().unwrap()).collect();
            workers.run_for(&pool, ms(20));
            assert!(jobs.iter().all(gonex_task::Handle::is_finished));
        };
        run(&[true, true, false, true, true]);
        let said = told(&mut events);
        assert!(!said.iter().any(|what| matches!(what, What::Unhealthy { .. })), "never three");
        run(&[true]);
        let said = told(&mut events);
        assert!(said.iter().any(|what| matches!(what, What::Unhealthy { .. })), "{said:?}");
        let left = |what: &What| matches!(what, What::Left { why: Leaving::Unhealthy, .. });
        assert!(said.iter().any(left), "{said:?}");
        assert_eq!((workers.alive(), pool.status().health), (1, Health::Healthy));
    });
}

#[test]
fn what_is_not_replaced_by_itself_waits_for_a_word() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let pool = two().auto_restart(false).build_of(workers.kind()).unwrap();
        pool.submit(Deed::Dies(ms(1))).block().unwrap().detach();
        workers.run_for(&pool, secs(99));
        assert_eq!(pool.worker_count(), 1);
        let Health::Degraded(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("1 of 2 workers are missing"), "{reason}");
        assert_eq!(pool.restart_unhealthy(), 1);
        workers.run_for(&pool, ms(1));
        assert_eq!((pool.worker_count(), pool.status().health), (2, Health::Healthy));
    });
}

#[test]
fn a_check_of_the_user_replaces_whom_it_finds() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let builder = two().health_check(secs(1), |worker| match worker.id.get() {
            1 => Err("I do not like it".to_owned()),
            _ => Ok(()),
        });
        let pool = builder.build_of(workers.kind()).unwrap();
        workers.run_for(&pool, secs(3));
        let names: Vec<_> = pool.workers().iter().map(|id| id.get()).collect();
        assert_eq!((names, workers.alive()), (vec![2, 3], 2));
    });
}

#[test]
fn a_spare_takes_the_place_without_a_wait() {
    by_hand(|manual| {
        let workers = obedient(manual).beginning(|_| Beginning::After(secs(10)));
        let builder = Pool::builder().workers(1.try_into().unwrap()).spares(1);
        let pool = builder.build_of(workers.kind()).unwrap();
        workers.run_for(&pool, secs(10));
        assert_eq!((pool.stats().spares, workers.alive()), (1, 2));
        pool.submit(Deed::Dies(ms(1))).block().unwrap().detach();
        let mut next = pool.submit(Deed::Takes(ms(1))).block().unwrap();
        workers.run_for(&pool, ms(3));
        assert_eq!(next.join().timeout(Duration::ZERO).block(), Ok(()), "it does not wait 10 s");
        workers.run_for(&pool, secs(10));
        assert_eq!((pool.stats().spares, workers.alive()), (1, 2), "and there is another spare");
    });
}

#[test]
fn workers_are_recycled_by_age_and_by_jobs() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let builder = Pool::builder().workers(1.try_into().unwrap());
        let pool = builder.recycle_after(3).recycle_age(secs(60)).build_of(workers.kind()).unwrap();
        let id = || pool.workers().first().map(|id| id.get());
        for _ in 0..3 {
            pool.submit(Deed::Takes(ms(1))).block().unwrap().detach();
        }
        workers.run_for(&pool, ms(10));
        assert_eq!(id(), Some(2), "after three jobs");
        workers.run_for(&pool, secs(61));
        assert_eq!((id(), workers.alive()), (Some(3), 1), "after a minute");
    });
}

#[test]
fn a_task_that_times_out_lingers_and_its_late_result_is_dropped() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let builder = Pool::builder().workers(1.try_into().unwrap()).task_timeout(secs(1));
        let pool = builder.build_of(workers.kind()).unwrap();
        let mut slow = pool.submit(Deed::Takes(secs(3))).block().unwrap();
        let mut next = pool.submit(Deed::Takes(ms(1))).block().unwrap();
        workers.run_for(&pool, secs(2));
        assert_eq!(slow.join().timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
        assert_eq!((pool.stats().lingering, next.is_finished()), (1, false));
        workers.run_for(&pool, secs(2));
        assert_eq!(next.join().timeout(Duration::ZERO).block(), Ok(()));
        assert_eq!((pool.stats().lingering, pool.stats().late), (0, 1));
        assert!(pool.stats().adds_up());
    });
}

#[test]
fn memory_of_threads_cannot_be_told_and_health_says_so() {
    let pool = Pool::builder().memory_limit(1 << 20).build(|n: u8| n).unwrap();
    let Health::Degraded(reason) = pool.status().health else { panic!() };
    assert!(reason.contains("cannot be evicted") && reason.contains("thread"), "{reason}");
}

#[test]
fn starts_that_hang_are_left_behind_within_the_bound() {
    by_hand(|manual| {
        let births = std::sync::Arc::new(AtomicU64::new(0));
        let counted = births.clone();
        let workers = obedient(manual).beginning(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Beginning::Hangs
        });
        let builder = Pool::builder().workers(1.try_into().unwrap()).start_timeout(secs(1));
        let builder = builder.restart_delays(ms(1), ms(1)).restart_intensity(1000, secs(1));
        let pool = builder.max_abandoned(2).build_of(workers.kind()).unwrap();
        let mut events = pool.events();
        workers.run_for(&pool, secs(60));
        let stats = pool.stats();
        assert_eq!((births.load(Ordering::Relaxed), stats.abandoned_now), (3, 2), "{stats:?}");
        assert_eq!(workers.alive(), 3, "the third is kept, and none comes for it");
        let Health::Degraded(reason) = pool.status().health else { panic!() };
        assert!(reason.contains("as many as `max_abandoned` allows (2)"), "{reason}");
        let said = told(&mut events);
        assert!(said.iter().any(|what| matches!(what, What::TooManyAbandoned { most: 2 })));
        assert_eq!(workers.release(), 3);
        workers.run_for(&pool, secs(1));
        assert_eq!((pool.status().health, workers.alive()), (Health::Healthy, 1));
    });
}

#[test]
fn a_worker_that_was_told_to_go_before_it_began_has_a_limit_too() {
    by_hand(|manual| {
        let workers = obedient(manual).mortal().beginning(|start| match start.slot {
            0 => Beginning::After(Duration::ZERO),
            _ => Beginning::Never,
        });
        let builder = Pool::builder().scale(1..=2).initial(2).scaling_off();
        let pool = builder.start_timeout(secs(3)).build_of(workers.kind()).unwrap();
        workers.run_for(&pool, ms(1));
        assert_eq!(pool.scale_to(1), 1);
        workers.run_for(&pool, secs(4));
        assert_eq!((pool.status().workers.len(), workers.alive()), (1, 1), "{:?}", pool.status());
    });
}

#[test]
fn the_last_worker_stays_while_a_place_is_held() {
    for min in [0, 1] {
        by_hand(|manual| {
            let workers = obedient(manual);
            let builder = Pool::builder().scale(min..=2).initial(2).scaling_off();
            let builder = builder.auto_restart(false).idle_timeout(secs(10));
            let pool = builder.build_of(workers.kind()).unwrap();
            pool.submit(Deed::Dies(ms(1))).block().unwrap().detach();
            workers.run_for(&pool, secs(60));
            assert_eq!((pool.worker_count(), workers.alive()), (1, 1), "of at least {min}");
            let mut job = pool.submit(Deed::Takes(ms(1))).block().unwrap();
            workers.run_for(&pool, ms(2));
            assert_eq!(job.join().timeout(Duration::ZERO).block(), Ok(()));
            // Once the place is free, idle workers go as before.
            pool.restart_unhealthy();
            workers.run_for(&pool, secs(60));
            assert_eq!(workers.alive(), min);
        });
    }
}

#[test]
fn restarts_of_the_unwell_wait_longer_and_longer_too() {
    by_hand(|manual| {
        let births = std::sync::Arc::new(AtomicU64::new(0));
        let counted = births.clone();
        let workers = obedient(manual).beginning(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Beginning::After(Duration::ZERO)
        });
        let builder =
            Pool::builder().workers(1.try_into().unwrap()).restart_delays(secs(10), secs(60));
        let builder = builder.health_check(secs(1), |_| Err("never well".to_owned()));
        let pool = builder.build_of(workers.kind()).unwrap();
        // Replaced at once after a second; the next, found a second later, 10 s after that.
        for (time, count) in
            [(ms(1500), 2), (secs(9), 2), (secs(2), 3), (secs(17), 3), (secs(5), 4)]
        {
            workers.run_for(&pool, time);
            assert_eq!(births.load(Ordering::Relaxed), count, "after {time:?} more");
        }
    });
}

#[test]
fn workers_are_recycled_by_age_while_there_is_always_something_to_do() {
    by_hand(|manual| {
        let workers = obedient(manual);
        let builder = Pool::builder().workers(1.try_into().unwrap()).recycle_age(secs(60));
        let pool = builder.build_of(workers.kind()).unwrap();
        for _ in 0..100 {
            pool.submit(Deed::Takes(secs(1))).block().unwrap().detach();
        }
        workers.run_for(&pool, secs(62));
        assert_eq!(pool.workers()[0].get(), 2, "after a minute, between two jobs");
        workers.run_for(&pool, secs(60));
        assert_eq!((pool.stats().completed, pool.stats().lost), (100, 0));
    });
}

#[test]
fn the_age_of_a_worker_counts_from_when_it_is_ready() {
    by_hand(|manual| {
        let workers = obedient(manual).beginning(|_| Beginning::After(secs(10)));
        let builder = Pool::builder().workers(1.try_into().unwrap()).recycle_age(secs(5));
        let pool = builder.build_of(workers.kind()).unwrap();
        pool.submit(Deed::Takes(ms(1))).block().unwrap().detach();
        workers.run_for(&pool, secs(14));
        assert_eq!((pool.stats().completed, pool.stats().workers_started), (1, 1));
        assert_eq!(pool.status().workers[0].state, WorkerState::Idle);
        workers.run_for(&pool, secs(2));
        assert_eq!(pool.status().workers[0].state, WorkerState::Starting, "the next one");
    });
}
