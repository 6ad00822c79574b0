use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// How many parts a count has. Threads share them if there are more.
const PARTS: usize = 16;

/// Counts the futures that have not ended, in parts, so that threads do not write to one place.
///
/// Each future holds the part that it was counted in, and the count of holders is the number: so neither
/// its beginning nor its end takes more than one exchange for that.
#[derive(Debug)]
pub(super) struct Alive {
    parts: Box<[Arc<Part>]>,
}

#[derive(Debug, Default)]
#[repr(align(128))] // Neighbours write at the same time; two lines, since they are fetched in pairs.
pub(super) struct Part {
    /// How many have ever been counted here.
    begun: AtomicU64,
}

impl Alive {
    pub(super) fn new() -> Self {
        Self { parts: (0..PARTS).map(|_| Arc::default()).collect() }
    }

    /// Counts a future until it is dropped.
    pub(super) fn count<F>(&self, future: F) -> Counted<F> {
        let part = self.parts[part()].clone();
        part.begun.fetch_add(1, Ordering::SeqCst);
        Counted { future, _part: part }
    }

    /// How many there are: a moment's view.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| Arc::strong_count(part) - 1).sum()
    }

    /// Whether there is a moment at which there is none. The parts are not looked at all at once: one
    /// future may begin in a part behind the look while one that it was started by ends in a part before
    /// it. But then one more has begun.
    pub(super) fn is_none(&self) -> bool {
        let before = self.begun();
        self.len() == 0 && self.begun() == before
    }

    fn begun(&self) -> u64 {
        self.parts.iter().map(|part| part.begun.load(Ordering::SeqCst)).sum()
    }
}

/// The part of this thread.
fn part() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % PARTS;
    }
    // A thread that ends may have no such variable any more.
    MINE.try_with(|mine| *mine).unwrap_or_default()
}

pin_project! {
    /// A future that is counted.
    #[derive(Debug)]
    pub(super) struct Counted<F> {
        #[pin]
        future: F,
        _part: Arc<Part>,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}
