//! The word of a breaker: what most calls need to know of it, read without its lock.
//!
//! It says how calls are let in and how they end, of which generation they are, and how many successes have
//! not been put into the window yet. Who has the lock writes it when the machine may have changed. A call
//! that only reads it counts as made at that moment, which lies before or after what is done under the lock.
//!
//! # Successes that wait
//! Where no number of successes could open the breaker, a success is one more in the word, and the next who
//! has the lock puts them into the window before anything else. For that it [takes](Word::take) them, and
//! until it has [written](Word::write) the word again everybody comes to the lock: no success is lost, and
//! none lands in another generation.

use super::machine::Machine;
use crate::moment::nanos;
use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// How calls are let in, and how those that succeed end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Under the lock, both.
    Asks,
    /// All are let in, and end under the lock.
    Admits,
    /// All are let in, and successes wait in the word.
    Counts,
    /// All are let in, and a success changes nothing.
    Keeps,
    /// None is let in until a moment.
    Refuses {
        /// The moment.
        until: u64,
    },
}

/// How a call is let in, as the word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Under the lock.
    Asks,
    /// With this generation.
    Admits(u64),
    /// Not before this moment.
    Refuses(u64),
}

#[derive(Debug)]
pub(super) struct Word {
    /// From the top: the way, the generation, the successes that wait.
    word: AtomicU64,
    /// Until when none is let in; written before the word that says so.
    until: AtomicU64,
    /// A call that takes longer than this is slow, in nanoseconds.
    slow: AtomicU64,
}

/// So many successes may wait; the next one comes to the lock, so that nobody has many to put in.
const WAITING: u64 = 0x3ff;
const WAITING_BITS: u32 = WAITING.count_ones();
const WAY_BITS: u32 = 3;

const ASKS: u64 = 0;
const ADMITS: u64 = 1;
const COUNTS: u64 = 2;
const KEEPS: u64 = 3;
const REFUSES: u64 = 4;

/// No call is slow.
const NEVER: u64 = u64::MAX;

fn way_of(word: u64) -> u64 {
    word >> (u64::BITS - WAY_BITS)
}

/// There is room for two thousand million million of them.
fn generation_of(word: u64) -> u64 {
    (word << WAY_BITS) >> (WAY_BITS + WAITING_BITS)
}

impl Word {
    pub(super) fn of(machine: &Machine) -> Self {
        let new = || AtomicU64::new(0);
        let word = Self { word: new(), until: new(), slow: new() };
        word.write(machine);
        word
    }

    /// How a call is let in.
    #[inline]
    pub(super) fn entry(&self) -> Entry {
        // Acquire, for the moment that was written before.
        let word = self.word.load(Ordering::Acquire);
        match way_of(word) {
            ASKS => Entry::Asks,
            // A later one may be there by now: then it is that break that refuses.
            REFUSES => Entry::Refuses(self.until.load(Ordering::Relaxed)),
            _ => Entry::Admits(generation_of(word)),
        }
    }

    /// From how long on a call is slow, in nanoseconds; `None` if none is, however long it takes.
    #[inline]
    pub(super) fn slow(&self) -> Option<u64> {
        let slow = self.slow.load(Ordering::Relaxed);
        (slow != NEVER).then_some(slow)
    }

    /// Takes note of a success of this generation; `false` if that needs the lock.
    #[inline]
    pub(super) fn succeeds(&self, generation: u64) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if generation_of(word) != generation {
                return false;
            }
            match way_of(word) {
                KEEPS => return true,
                COUNTS if word & WAITING < WAITING => {}
                _ => return false,
            }
            let exchanged = self.word.compare_exchange_weak(
                word,
                word + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match exchanged {
                Ok(_) => return true,
                Err(other) => word = other,
            }
        }
    }

    /// Whether a call of this generation that does not count changes nothing.
    #[inline]
    pub(super) fn ignores(&self, generation: u64) -> bool {
        let word = self.word.load(Ordering::Relaxed);
        generation_of(word) == generation && matches!(way_of(word), ADMITS | COUNTS | KEEPS)
    }

    /// How many successes wait.
    pub(super) fn waiting(&self) -> u64 {
        self.word.load(Ordering::Relaxed) & WAITING
    }

    /// Takes the successes that wait, for who has just got the lock, and writes the word before it gives the
    /// lock back.
    pub(super) fn take(&self) -> u64 {
        // Only who has the lock changes the way, so no success can come in between.
        if way_of(self.word.load(Ordering::Relaxed)) != COUNTS {
            return 0;
        }
        self.word.swap(ASKS << (u64::BITS - WAY_BITS), Ordering::Relaxed) & WAITING
    }

    /// Says how the machine is now, for who has the lock and has taken what waited.
    pub(super) fn write(&self, machine: &Machine) {
        let way = match machine.way() {
            Way::Asks => ASKS,
            Way::Admits => ADMITS,
            Way::Counts => COUNTS,
            Way::Keeps => KEEPS,
            Way::Refuses { until } => {
                self.until.store(until, Ordering::Relaxed);
                REFUSES
            }
        };
        let slow = machine.config.slow_call.map_or(NEVER, nanos);
        self.slow.store(slow, Ordering::Relaxed);
        let word = way << (u64::BITS - WAY_BITS) | machine.generation() << WAITING_BITS;
        // Written only where it changes: other threads read it at each call.
        if self.word.load(Ordering::Relaxed) != word {
            self.word.store(word, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BreakerConfig, WindowKind};
    use super::*;

    #[test]
    fn a_full_word_comes_to_the_lock_and_goes_on() {
        let window = WindowKind::Count { calls: 1_000_000 };
        let machine = Machine::new(BreakerConfig { window, ..BreakerConfig::default() });
        let word = Word::of(&machine);
        assert_eq!(word.entry(), Entry::Admits(0));
        assert!((0..WAITING).all(|_| word.succeeds(0)));
        assert!(!word.succeeds(0), "there is no more room");
        assert!(!word.succeeds(1), "and of other generations there never is");
        assert_eq!(word.take(), WAITING);
        assert_eq!(word.entry(), Entry::Asks, "until it is written again");
        assert!(!word.succeeds(0) && !word.ignores(0));
        word.write(&machine);
        assert!(word.succeeds(0) && word.ignores(0));
        assert_eq!(word.waiting(), 1);
    }
}
