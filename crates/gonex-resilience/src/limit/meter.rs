use crate::InvalidConfig;

/// What a meter says to those who want tokens.
///
/// ```
/// use gonex_resilience::limit::{Gcra, Meter, TokenBucketConfig, Verdict};
///
/// let meter = Gcra::new(TokenBucketConfig { capacity: 2, ..TokenBucketConfig::per_second(1) }, 0)?;
/// assert_eq!(meter.take(2, 0), Verdict::Taken);
/// assert_eq!(meter.take(1, 0), Verdict::NotYet { at: 1_000_000_000 });
/// assert_eq!(meter.take(3, 0), Verdict::Never { most: 2 });
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are there, and taken.
    Taken,
    /// They are not there yet; nothing is taken.
    NotYet {
        /// The first nanosecond at which they would be there, if nobody else took any.
        at: u64,
    },
    /// So many are never there at once; nothing is taken.
    Never {
        /// How many are, at most.
        most: u32,
    },
}

/// A way to count what a [`Limiter`](super::Limiter) allows.
///
/// Time is told in nanoseconds since the limiter was made. A meter may be told of a moment that lies
/// before one it has seen, and then must allow no more than it would have at the later one.
///
/// A [`KeyedLimiter`](super::KeyedLimiter) looks at its meters under a lock, to know which of them can go:
/// `most`, `ready_at` and `is_at_rest` must not call it back.
///
/// ```
/// use gonex_resilience::limit::{Meter, Sliding, SlidingWindowConfig};
///
/// let meter = Sliding::new(SlidingWindowConfig::per_second(3), 0)?;
/// meter.take(2, 0);
/// assert_eq!(meter.available(0), 1);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub trait Meter: Send + Sync + Sized {
    /// How it is set up.
    type Config: Clone + PartialEq + Send + Sync + std::fmt::Debug;

    /// Makes one that has counted nothing.
    ///
    /// # Errors
    /// Every field that is wrong.
    fn new(config: Self::Config, now: u64) -> Result<Self, InvalidConfig>;

    /// Takes so many tokens, all or none.
    fn take(&self, tokens: u32, now: u64) -> Verdict;

    /// Takes so many tokens, all or none, and says by which look at the clock that is so.
    ///
    /// Who looked at the clock later may have taken before, and that is no reason to deny: by default the
    /// clock is asked once more before a denial. A meter that knows better can save that.
    fn take_by(&self, tokens: u32, clock: impl Fn() -> u64) -> (Verdict, u64) {
        let mut now = clock();
        loop {
            let verdict = self.take(tokens, now);
            let Verdict::NotYet { at } = verdict else { return (verdict, now) };
            now = clock();
            if at > now {
                return (verdict, now);
            }
        }
    }

    /// When so many would be there, at the earliest, if nobody took any meanwhile. They may be more than
    /// are ever there at once: then, by when all of them could have been taken.
    fn ready_at(&self, tokens: u64, now: u64) -> u64;

    /// How many could be taken now.
    fn available(&self, now: u64) -> u32;

    /// How many can be there at once.
    fn most(&self) -> u32;

    /// Forgets what was counted.
    fn reset(&self, now: u64);

    /// The settings.
    fn config(&self) -> Self::Config;

    /// Changes the settings and keeps what was counted: what was available stays so, up to the new most.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    fn reconfigure(&self, config: Self::Config, now: u64) -> Result<(), InvalidConfig>;

    /// Whether it is in the state of a new one, so that a new one could take its place.
    fn is_at_rest(&self, now: u64) -> bool;
}

/// A meter that gives tokens away before they are there.
///
/// ```
/// use gonex_resilience::limit::{Gcra, Meter, Reserve, TokenBucketConfig};
///
/// let config = TokenBucketConfig { capacity: 1, ..TokenBucketConfig::per_second(1) };
/// let meter = Gcra::new(config, 0)?;
/// let (first, _) = meter.reserve(1, 0, u64::MAX).unwrap();
/// let (second, receipt) = meter.reserve(1, 0, u64::MAX).unwrap();
/// assert_eq!((first, second), (0, 1_000_000_000));
/// assert_eq!(meter.refund(receipt, 0), 1, "nobody has built upon it");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub trait Reserve: Meter {
    /// What is shown to give tokens back.
    type Receipt: Copy + Send + Sync + std::fmt::Debug;

    /// Takes tokens now that will be there by the moment it yields, which is `latest` at most.
    ///
    /// # Errors
    /// [`Verdict::NotYet`] if that would be later, [`Verdict::Never`] if they are too many.
    fn reserve(&self, tokens: u32, now: u64, latest: u64) -> Result<(u64, Self::Receipt), Verdict>;

    /// Gives back what nobody who reserved later has built upon, if its moment has not come; says how
    /// many whole tokens that were.
    fn refund(&self, receipt: Self::Receipt, now: u64) -> u32;
}
