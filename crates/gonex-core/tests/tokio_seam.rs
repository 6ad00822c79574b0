//! Inside a tokio runtime, time is tokio's.
#![cfg(all(feature = "tokio", not(gonex_loom)))]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual, Tokio};
use gonex_core::{Context, Stop};
use tokio::runtime::{Builder, Runtime};
use tokio::time;

const HOUR: Duration = Duration::from_secs(3600);
const MILLI: Duration = Duration::from_millis(1);

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn running() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
}

#[test]
fn a_paused_clock_goes_on_by_itself_to_our_next_timer() {
    paused().block_on(async {
        let start = time::Instant::now();
        rt::sleep(HOUR).await;
        let slept = start.elapsed();
        assert!(slept >= HOUR && slept <= HOUR + 2 * MILLI, "{slept:?}");
        let stopped = rt::sleep(3 * HOUR).timeout(HOUR).await;
        assert_eq!(stopped, Err(Stop::Timeout));
        assert!(start.elapsed() <= 2 * HOUR + 4 * MILLI);
    });
}

#[test]
fn an_advanced_clock_fires_what_is_due_and_nothing_else() {
    paused().block_on(async {
        let (sent, fired) = mpsc::channel();
        for hours in [3, 1, 2] {
            let sent = sent.clone();
            tokio::spawn(async move {
                rt::sleep(hours * HOUR).await;
                sent.send(hours).unwrap();
            });
        }
        // The tasks set their timers first.
        tokio::task::yield_now().await;
        time::advance(2 * HOUR + MILLI).await;
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(fired.try_iter().collect::<Vec<_>>(), [1, 2]);
    });
}

#[test]
fn a_context_ends_by_the_paused_clock() {
    paused().block_on(async {
        let context = Context::background().with_timeout(HOUR);
        let (sent, ran) = mpsc::channel();
        context.after_func(move || sent.send(time::Instant::now()).unwrap());
        assert_eq!(context.done().await, Stop::Timeout);
        assert!(ran.recv().is_ok());
    });
}

#[test]
fn one_task_drives_all_timers_and_ends_with_the_runtime() {
    let runtime = paused();
    runtime.block_on(async {
        let mut sleeps: Vec<_> =
            (0..10_000).map(|n| Box::pin(rt::sleep(n * MILLI + HOUR))).collect();
        let mut cx = TaskContext::from_waker(Waker::noop());
        for sleep in &mut sleeps {
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
        for sleep in sleeps {
            sleep.await;
        }
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
    });
}

#[test]
fn the_driver_without_timers_moves_no_paused_clock() {
    paused().block_on(async {
        let start = time::Instant::now();
        rt::sleep(HOUR).await;
        let slept = start.elapsed();
        let waker = Arc::new(Mutex::new(None::<Waker>));
        let theirs = waker.clone();
        let other = thread::spawn(move || {
            let waker = loop {
                if let Some(waker) = theirs.lock().unwrap().take() {
                    break waker;
                }
                thread::yield_now();
            };
            waker.wake();
        });
        let mut asked = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            *waker.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        assert_eq!(start.elapsed(), slept);
        other.join().unwrap();
    });
}

#[test]
fn an_entered_seam_goes_first() {
    paused().block_on(async {
        assert!(Tokio::current().is_some());
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let start = rt::now();
            manual.advance(HOUR);
            assert_eq!(rt::now() - start, HOUR);
            rt::sleep_until(start).block();
        });
    });
    assert!(Tokio::current().is_none());
}

#[test]
fn blocking_code_under_a_runtime_has_time_limits_too() {
    let (context, _canceller) = Context::background().with_cancel();
    let runtime = running();
    let theirs = context.clone();
    let blocked = runtime.spawn_blocking(move || theirs.done().timeout(MILLI).block());
    assert_eq!(runtime.block_on(blocked).unwrap(), Err(Stop::Timeout));
    // On the very thread without which the runtime's timers do not go on:
    let alone = Builder::new_current_thread().enable_time().build().unwrap();
    let stopped = alone.block_on(async { context.done().timeout(MILLI).block() });
    assert_eq!(stopped, Err(Stop::Timeout));
}

#[test]
fn blocking_code_waits_by_the_paused_clock() {
    let (context, _canceller) = Context::background().with_cancel();
    paused().block_on(async {
        let mut blocked =
            tokio::task::spawn_blocking(move || context.done().timeout(10 * HOUR).block());
        let stopped = loop {
            time::advance(HOUR).await;
            if let Poll::Ready(stopped) = poll(Pin::new(&mut blocked)) {
                break stopped;
            }
            thread::yield_now();
        };
        assert_eq!(stopped.unwrap(), Err(Stop::Timeout));
    });
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Waits on this thread, which is in no runtime.
fn wait<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn timers_that_outlive_their_runtime_fire_all_the_same() {
    struct Told(mpsc::Sender<()>);
    impl Wake for Told {
        fn wake(self: Arc<Self>) {
            self.0.send(()).ok();
        }
    }
    let (sent, told) = mpsc::channel();
    let waker = Waker::from(Arc::new(Told(sent)));
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let timer = {
        let _inside = runtime.enter();
        rt::timer(rt::now() + MILLI, waker)
    };
    drop(runtime);
    assert!(told.recv().is_ok(), "it fired");
    drop(timer);
}

#[test]
fn a_runtime_without_time_gets_it_from_a_thread() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        rt::sleep(MILLI).await;
        rt::sleep(MILLI).await;
    });
}

#[test]
fn outside_of_runtimes_threads_serve() {
    wait(pin!(rt::sleep(MILLI)));
}
