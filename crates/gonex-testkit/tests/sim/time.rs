use std::time::Duration;

use gonex_core::{Context, Stop, rt};
use gonex_runtime::{aio, go};
use gonex_sync::{Ticker, Timer, channel};
use gonex_testkit::sim::{Fault, Sim};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn time_passes_when_all_wait() {
    let report = Sim::new().seeds(0..50).run(|| {
        let start = rt::now();
        let mut naps = [3, 1, 2].map(|hours| go(move || rt::sleep(hours * HOUR).block()));
        for nap in &mut naps {
            nap.join().block().unwrap();
        }
        let slept = rt::now() - start;
        assert!(slept >= 3 * HOUR && slept < 3 * HOUR + Duration::from_secs(1), "{slept:?}");
    });
    assert!(report.longest >= 3 * HOUR);
}

#[test]
fn timers_fire_in_their_order() {
    Sim::new().seeds(0..100).run(|| {
        let (tx, rx) = channel(3);
        for n in [3_u32, 1, 2] {
            let tx = tx.clone();
            go(async move {
                rt::sleep(n * HOUR).await;
                tx.send(n).await.unwrap();
            })
            .detach();
        }
        drop(tx);
        assert_eq!(rx.iter().collect::<Vec<_>>(), [1, 2, 3]);
    });
}

#[test]
fn limits_of_all_kinds_are_reached() {
    Sim::new().seeds(0..100).run(|| {
        let (_tx, rx) = channel::<u8>(1);
        assert!(rx.recv().timeout(HOUR).block().is_err());
        let context = Context::background().with_timeout(HOUR);
        assert_eq!(rt::sleep(2 * HOUR).within(&context).block(), Err(Stop::Timeout));
        let late = aio::block_on(aio::timeout(HOUR, std::future::pending::<()>()));
        assert_eq!(late, Err(Stop::Timeout));
        let mut task = go(move || rx.recv().block());
        assert!(task.join().timeout(HOUR).block().is_err());
        task.cancel("enough");
    });
}

#[test]
fn tickers_and_timers_tick() {
    Sim::new().seeds(0..20).run(|| {
        let (start, ticker) = (rt::now(), Ticker::new(HOUR).unwrap());
        for hour in 1..=5 {
            ticker.tick().block();
            assert_eq!((rt::now() - start).as_secs() / 3600, hour);
        }
        let timer = Timer::new(HOUR);
        timer.fired().block();
        assert_eq!((rt::now() - start).as_secs() / 3600, 6);
    });
}

/// A loop that looks at the clock comes to an end, for steps take time.
#[test]
fn steps_take_time() {
    Sim::new().seeds(0..4).run(|| {
        let end = rt::now() + Duration::from_micros(100);
        while rt::now() < end {
            rt::yield_now().block();
        }
    });
    let still = Sim::new().seeds(0..1).step_time(Duration::ZERO).run(|| rt::yield_now().block());
    assert_eq!(still.longest, Duration::ZERO);
}

#[test]
fn simulated_time_is_bounded() {
    let failure = Sim::new().max_time(HOUR).find(|| {
        loop {
            rt::sleep(HOUR / 4).block();
        }
    });
    assert_eq!(*failure.unwrap_err().fault(), Fault::Time(HOUR));
}
