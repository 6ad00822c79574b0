use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How many parts a count has. Threads share them if there are more.
const PARTS: usize = 16;

/// Counts the futures that have not ended, in parts, so that threads do not write to one place.
///
/// A future is counted where it begins and again where it ends, each in the part of the thread: a count
/// that went up here and down there would travel between the two with every future.
#[derive(Debug)]
pub(super) struct Alive {
    parts: Box<[Part]>,
}

#[derive(Debug, Default)]
#[repr(align(128))] // Neighbours write at the same time; two lines, since they are fetched in pairs.
struct Part {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Alive {
    pub(super) fn new() -> Self {
        Self { parts: (0..PARTS).map(|_| Part::default()).collect() }
    }

    /// One more begins, to [end](Self::end) later.
    pub(super) fn begin(&self) {
        self.parts[part()].begun.fetch_add(1, Ordering::SeqCst);
    }

    /// One of those that have begun has ended.
    pub(super) fn end(&self) {
        self.parts[part()].ended.fetch_add(1, Ordering::SeqCst);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        Self::count([self])
    }

    /// How many there are in all.
    ///
    /// Not all is looked at at once. But what has ended has begun before, and so has whatever it began
    /// itself: with the ends looked at first, all of those are among the beginnings. If the numbers are
    /// equal, then nothing was alive when the second look began but what others may have begun since.
    pub(super) fn count<const N: usize>(all: [&Self; N]) -> usize {
        let ended: u64 = all.iter().map(|one| one.sum(|part| &part.ended)).sum();
        let begun: u64 = all.iter().map(|one| one.sum(|part| &part.begun)).sum();
        usize::try_from(begun - ended).unwrap_or(usize::MAX)
    }

    fn sum(&self, count: impl Fn(&Part) -> &AtomicU64) -> u64 {
        self.parts.iter().map(|part| count(part).load(Ordering::SeqCst)).sum()
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

#[cfg(test)]
mod tests {
    use super::Alive;

    #[test]
    fn what_has_ended_elsewhere_is_not_alive() {
        let alive = Alive::new();
        alive.begin();
        alive.begin();
        assert_eq!(alive.len(), 2);
        std::thread::scope(|scope| scope.spawn(|| alive.end()).join().unwrap());
        assert_eq!(alive.len(), 1);
        alive.end();
        assert_eq!(alive.len(), 0);
    }
}
