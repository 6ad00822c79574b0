//! Operations polled by hand, values that are counted, and a watchdog.
#![allow(dead_code, reason = "each test takes of it what it needs")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use gonex_sync::{ChannelBuilder, Receiver, Sender, channel, unbounded};

/// Counts how often it is woken.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn rings(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn poll<F: Future + Unpin>(self: &Arc<Self>, future: &mut F) -> Poll<F::Output> {
        let waker = Waker::from(self.clone());
        Pin::new(future).poll(&mut Context::from_waker(&waker))
    }
}

/// A future with a waker that counts.
pub(crate) struct Hand<F> {
    future: F,
    bell: Arc<Bell>,
}

impl<F: Future + Unpin> Hand<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future, bell: Arc::default() }
    }

    /// The same, polled once, which must find nothing ready.
    #[track_caller]
    pub(crate) fn waiting(future: F) -> Self {
        let mut hand = Self::new(future);
        assert!(hand.poll().is_pending(), "it has to wait");
        hand
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.bell.poll(&mut self.future)
    }

    /// What it yields, which must be ready.
    #[track_caller]
    pub(crate) fn ready(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it should be done, and waits"),
        }
    }

    /// Whether it has been woken since it was last asked.
    pub(crate) fn was_woken(&self) -> bool {
        self.bell.0.swap(0, Ordering::SeqCst) > 0
    }
}

/// A make of channel, for tests that hold for several.
pub(crate) struct Make<T> {
    pub(crate) name: &'static str,
    pub(crate) make: fn() -> (Sender<T>, Receiver<T>),
    /// How many values fit.
    pub(crate) room: Option<usize>,
}

/// So often somebody who waits for a value of a buffer may be overtaken in a row.
pub(crate) const PATIENCE: usize = 4;

impl Make<u32> {
    /// Has the next value served to a receive that waits. Where nobody is called it is anyway; elsewhere
    /// those that were overtaken [a few times](PATIENCE) are served.
    #[track_caller]
    pub(crate) fn overtake<F>(&self, tx: &Sender<u32>, rx: &Receiver<u32>, first: &mut Hand<F>)
    where
        F: Future + Unpin,
    {
        if !matches!(self.name, "rendezvous" | "weighted") {
            for _ in 0..PATIENCE {
                tx.try_send(0).unwrap();
                assert_eq!(rx.try_recv(), Ok(0));
                assert!(first.poll().is_pending(), "a newcomer was quicker");
            }
        }
    }
}

/// All makes of channels.
pub(crate) fn makes<T>() -> [Make<T>; 6] {
    [
        Make { name: "rendezvous", make: || channel(0), room: Some(0) },
        Make { name: "capacity 1", make: || channel(1), room: Some(1) },
        Make { name: "capacity 3", make: || channel(3), room: Some(3) },
        Make { name: "unbounded", make: unbounded, room: None },
        Make {
            name: "lanes",
            make: || ChannelBuilder::new().bounded(2).lanes(2).build(),
            room: Some(2),
        },
        Make {
            name: "weighted",
            make: || ChannelBuilder::new().weighted(3, |_| 1).build(),
            room: Some(3),
        },
    ]
}

/// The makes in which a send can have to wait for room, full.
pub(crate) fn full(filler: impl Fn() -> u32) -> Vec<(&'static str, Sender<u32>, Receiver<u32>)> {
    let bounded = makes().into_iter().filter(|make| make.room.is_some());
    let fill = |make: Make<u32>| {
        let (tx, rx) = (make.make)();
        while tx.try_send(filler()).is_ok() {}
        (make.name, tx, rx)
    };
    bounded.map(fill).collect()
}

/// Counts the values that are there.
#[derive(Clone, Default)]
pub(crate) struct Tally(Arc<[AtomicUsize; 2]>);

/// A value that is counted when it is made and when it is dropped.
pub(crate) struct Counted {
    pub(crate) number: u32,
    tally: Tally,
}

impl Tally {
    pub(crate) fn value(&self, number: u32) -> Counted {
        self.0[0].fetch_add(1, Ordering::SeqCst);
        Counted { number, tally: self.clone() }
    }

    pub(crate) fn made(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.tally.0[1].fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs what waits for other threads, and fails when that takes two minutes.
#[track_caller]
pub(crate) fn watched<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, wait) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let result = body();
        // Nobody listens any more if the time is over.
        done.send(()).ok();
        result
    });
    let timed_out =
        wait.recv_timeout(Duration::from_secs(120)) == Err(mpsc::RecvTimeoutError::Timeout);
    assert!(!timed_out, "nothing has happened for two minutes");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
