//! Timers that wait and are called off, as nearly all time-outs are.

use std::error::Error;
use std::future::Future;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::child::{Measured, Meter, Waiting};

pub const TIMERS: [Waiting; 2] = [("gonex", gonex), ("tokio sleep", tokio_sleep)];

/// Spread over half a minute, in no order, and none due before the bench has ended.
fn delay(index: usize) -> Duration {
    const FIRST: Duration = Duration::from_secs(600);
    FIRST + Duration::from_micros((index as u64).wrapping_mul(2_654_435_761) % 30_000_000)
}

fn gonex(count: usize) -> Result<Measured, Box<dyn Error>> {
    // The thread that keeps the timers is started once for a process.
    drop(gonex_core::rt::timer(Instant::now() + delay(0), Waker::noop().clone()));
    let meter = Meter::start()?;
    let start = Instant::now();
    let mut timers = Vec::with_capacity(count);
    for index in 0..count {
        timers.push(gonex_core::rt::timer(start + delay(index), Waker::noop().clone()));
    }
    let grown = meter.grown()?;
    drop(timers);
    meter.end(grown, count)
}

/// Boxed, because a sleep has to be pinned to be polled.
fn tokio_sleep(count: usize) -> Result<Measured, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let meter = Meter::start()?;
        let start = tokio::time::Instant::now();
        let mut timers = Vec::with_capacity(count);
        for index in 0..count {
            let mut sleep = Box::pin(tokio::time::sleep_until(start + delay(index)));
            if sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                return Err("a timer has fired too early".into());
            }
            timers.push(sleep);
        }
        let grown = meter.grown()?;
        drop(timers);
        meter.end(grown, count)
    })
}
