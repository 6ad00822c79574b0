use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_core::rt::{self, Manual};
use gonex_sync::{Ticker, Timer, ZeroPeriod};

use crate::hand::{Bell, watched};
use crate::support::{ready, waits};

const SECOND: Duration = Duration::from_secs(1);

/// Runs a test with a clock that is moved by hand.
fn by_hand(body: impl FnOnce(&Manual)) {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || body(&manual));
}

#[test]
fn a_timer_fires_once() {
    by_hand(|clock| {
        let (timer, start) = (Timer::new(SECOND), rt::now());
        let (bell, mut fired) = (Bell::new(), Box::pin(timer.fired()));
        assert!(bell.poll(&mut fired).is_pending());
        assert_eq!(clock.timers(), 1);
        clock.advance(SECOND * 3);
        assert_eq!(bell.rings(), 1);
        assert_eq!(ready(&mut fired) - start, SECOND);
        assert!(waits(&mut Box::pin(timer.fired())));
        assert_eq!(clock.timers(), 0);
    });
}

#[test]
fn no_stale_tick_comes_after_stop() {
    by_hand(|clock| {
        let timer = Timer::new(SECOND);
        clock.advance(SECOND);
        // It fired, and nobody took that.
        assert!(timer.stop());
        assert_eq!(timer.try_fired(), None);
        assert!(!timer.stop());
    });
}

#[test]
fn no_stale_tick_comes_after_reset() {
    by_hand(|clock| {
        let timer = Timer::new(SECOND);
        let (bell, mut fired) = (Bell::new(), Box::pin(timer.fired()));
        assert!(bell.poll(&mut fired).is_pending());
        clock.advance(SECOND);
        // Woken, but the firing is called off before it looks.
        assert!(timer.reset(SECOND));
        assert!(bell.poll(&mut fired).is_pending());
        clock.advance(SECOND);
        ready(&mut fired);
        assert!(!timer.reset(SECOND));
    });
}

#[test]
fn reset_to_an_earlier_time_wakes_who_waits_for_the_later_one() {
    by_hand(|clock| {
        let timer = Timer::new(SECOND * 60);
        let (bell, mut fired) = (Bell::new(), Box::pin(timer.fired()));
        assert!(bell.poll(&mut fired).is_pending());
        timer.reset(SECOND);
        assert!(bell.poll(&mut fired).is_pending());
        assert_eq!(clock.timers(), 1);
        clock.advance(SECOND);
        ready(&mut fired);
    });
}

#[test]
fn a_stopped_timer_is_waited_for_until_it_is_reset() {
    by_hand(|clock| {
        let timer = Timer::new(SECOND);
        timer.stop();
        let (bell, mut fired) = (Bell::new(), Box::pin(timer.fired()));
        assert!(bell.poll(&mut fired).is_pending());
        assert_eq!((clock.timers(), timer.deadline()), (0, None));
        assert!(!timer.reset(Duration::ZERO));
        assert_eq!(bell.rings(), 1);
        ready(&mut fired);
    });
}

#[test]
fn ticks_come_with_the_period_and_do_not_drift() {
    by_hand(|clock| {
        let (ticker, start) = (Ticker::new(SECOND).unwrap(), rt::now());
        for n in 1..=3 {
            // Late by a little, each time.
            clock.advance(if n == 1 { SECOND + SECOND / 10 } else { SECOND });
            let tick = ticker.tick().block();
            assert_eq!((tick.at - start, tick.missed), (SECOND * n, 0));
        }
    });
}

#[test]
fn a_slow_receiver_learns_how_many_ticks_were_dropped() {
    by_hand(|clock| {
        let (ticker, start) = (Ticker::new(SECOND).unwrap(), rt::now());
        clock.advance(SECOND * 5 + SECOND / 2);
        let tick = ticker.try_tick().unwrap();
        assert_eq!((tick.at - start, tick.missed), (SECOND * 5, 4));
        assert_eq!((ticker.try_tick(), ticker.missed()), (None, 4));
        clock.advance(SECOND / 2);
        assert_eq!(ticker.try_tick().unwrap().missed, 0);
    });
}

#[test]
fn ticks_go_to_those_who_wait_in_turn() {
    by_hand(|clock| {
        let ticker = Ticker::new(SECOND).unwrap();
        let (mut one, mut other) = (Box::pin(ticker.tick()), Box::pin(ticker.tick()));
        let bell = Bell::new();
        assert!(waits(&mut one) && bell.poll(&mut other).is_pending());
        assert_eq!(clock.timers(), 1, "the first watches the clock");
        clock.advance(SECOND);
        assert!(bell.poll(&mut other).is_pending());
        ready(&mut one);
        assert_eq!(bell.rings(), 1, "the next is first now");
        assert!(bell.poll(&mut other).is_pending());
        clock.advance(SECOND);
        ready(&mut other);
    });
}

#[test]
fn a_first_in_line_that_leaves_hands_the_clock_to_the_next() {
    by_hand(|clock| {
        let ticker = Ticker::new(SECOND).unwrap();
        let (mut gone, mut next) = (Box::pin(ticker.tick()), Box::pin(ticker.tick()));
        let bell = Bell::new();
        assert!(waits(&mut gone) && bell.poll(&mut next).is_pending());
        clock.advance(SECOND);
        drop(gone);
        assert_eq!(bell.rings(), 1);
        ready(&mut next);
    });
}

#[test]
fn a_reset_ticker_ticks_with_the_new_period() {
    by_hand(|clock| {
        let ticker = Ticker::new(SECOND).unwrap();
        clock.advance(SECOND);
        ticker.reset(SECOND * 2).unwrap();
        assert_eq!(ticker.try_tick(), None, "no tick from before");
        clock.advance(SECOND * 2);
        assert!(ticker.try_tick().is_some());
    });
}

#[test]
fn a_stopped_ticker_ticks_no_more() {
    by_hand(|clock| {
        let ticker = Ticker::new(SECOND).unwrap();
        let mut tick = Box::pin(ticker.tick());
        assert!(waits(&mut tick));
        assert!(ticker.stop());
        clock.advance(SECOND * 2);
        assert!(waits(&mut tick));
        ticker.reset(SECOND).unwrap();
        assert!(waits(&mut tick));
        clock.advance(SECOND);
        assert_eq!(ready(&mut tick).missed, 0);
    });
}

#[test]
fn a_zero_period_is_an_error_that_names_the_remedy() {
    let error = Ticker::new(Duration::ZERO).unwrap_err();
    assert_eq!(error, ZeroPeriod);
    assert!(error.to_string().contains("0 s") && error.to_string().contains("use "));
}

#[test]
fn times_too_long_never_come() {
    by_hand(|clock| {
        let timer = Timer::new(Duration::MAX);
        let ticker = Ticker::new(Duration::MAX).unwrap();
        assert!(waits(&mut Box::pin(timer.fired())) && waits(&mut Box::pin(ticker.tick())));
        assert_eq!(clock.timers(), 0);
    });
}

#[test]
fn a_blocked_thread_sees_a_reset_from_another() {
    watched(|| {
        let timer = Arc::new(Timer::new(Duration::MAX));
        let other = timer.clone();
        let waiter = thread::spawn(move || other.fired().block());
        timer.reset(Duration::ZERO);
        waiter.join().unwrap();
    });
}

#[test]
fn a_limit_takes_no_tick() {
    by_hand(|clock| {
        let ticker = Ticker::new(SECOND).unwrap();
        assert_eq!(ticker.tick().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        assert_eq!(clock.timers(), 0);
        clock.advance(SECOND);
        assert!(ticker.tick().timeout(Duration::ZERO).block().is_ok());
    });
}
