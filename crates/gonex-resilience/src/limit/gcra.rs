//! # The word and the rates
//! What was taken is one word, changed by compare-and-exchange; a denial writes nothing. The rates stand
//! beside it as a seqlock: `version` is odd while they change, and grows with each reset. Who reads finds it the same before
//! and after, or waits for the lock of who writes. Who changes them also changes the word, so that a
//! decision by the old rates that is still under way fails to exchange it and is made again. If the word
//! happens to stay the same, that decision counts as made before the change.

use gonex_core::primitive::atomic::{AtomicU64, Ordering, fence};
use gonex_core::primitive::{Mutex, lock};

use super::meter::{Meter, Reserve, Verdict};
use super::rates::{Claim, Rates};
use super::{Local, Store, TokenBucketConfig};
use crate::InvalidConfig;

/// A token bucket in one word: the generic cell rate algorithm.
///
/// Each token costs a stretch of time, and the word is the moment at which all that were taken are paid
/// for. So there is nothing to refill, idle time never banks more than the bucket holds, and a clock that
/// goes back brings nothing. `S` is where the word is kept.
///
/// ```
/// use gonex_resilience::limit::{Gcra, Meter, TokenBucketConfig, Verdict};
///
/// let meter = Gcra::new(TokenBucketConfig::per_second(2), 0)?;
/// assert_eq!(meter.take(2, 0), Verdict::Taken);
/// assert_eq!(meter.take(1, 499_999_999), Verdict::NotYet { at: 500_000_000 });
/// assert_eq!(meter.take(1, 500_000_000), Verdict::Taken);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Debug)]
pub struct Gcra<S = Local> {
    store: S,
    /// Odd while the rates change; read by who takes, written under the lock.
    version: AtomicU64,
    step: AtomicU64,
    gain: AtomicU64,
    cost: AtomicU64,
    burst: AtomicU64,
    /// Held by who changes the rates. No user code runs under it.
    config: Mutex<TokenBucketConfig>,
}

/// The word and the rates at one moment.
#[derive(Debug)]
struct Look {
    word: u64,
    rates: Rates,
    version: u64,
}

/// What comes of a look.
#[derive(Debug)]
enum Decision {
    Taken(u64, Receipt),
    Denied(Verdict),
    /// Somebody has changed the word since.
    Late,
}

/// What a [`Gcra`] gives for a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The word after it was made.
    after: u64,
    /// What it cost.
    paid: u64,
    /// By which rates, and since which reset.
    version: u64,
}

impl<S: Store> Gcra<S> {
    /// Makes one whose word is kept elsewhere, where others may have changed it already.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::limit::{Gcra, Local, Meter, TokenBucketConfig};
    ///
    /// let meter = Gcra::stored(Local::default(), TokenBucketConfig::per_second(2))?;
    /// assert_eq!(meter.available(0), 2);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn stored(store: S, config: TokenBucketConfig) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let Rates { step, gain, cost, burst } = Rates::new(&config);
        Ok(Self {
            store,
            version: AtomicU64::new(0),
            step: AtomicU64::new(step),
            gain: AtomicU64::new(gain),
            cost: AtomicU64::new(cost),
            burst: AtomicU64::new(burst),
            config: Mutex::new(config),
        })
    }

    /// The rates, whole, and their version.
    #[inline]
    fn rates(&self) -> (Rates, u64) {
        let before = self.version.load(Ordering::Acquire);
        let rates = self.glance();
        // Orders the four loads before the one that follows.
        fence(Ordering::Acquire);
        if before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before {
            (rates, before)
        } else {
            self.settled()
        }
    }

    #[cold]
    fn settled(&self) -> (Rates, u64) {
        let _writing = lock(&self.config);
        (self.glance(), self.version.load(Ordering::Relaxed))
    }

    fn glance(&self) -> Rates {
        Rates {
            step: self.step.load(Ordering::Relaxed),
            gain: self.gain.load(Ordering::Relaxed),
            cost: self.cost.load(Ordering::Relaxed),
            burst: self.burst.load(Ordering::Relaxed),
        }
    }

    /// What there is to decide by. The word goes first: by it, a change of the rates after this look is
    /// noticed.
    #[inline]
    fn look(&self) -> Look {
        let word = self.store.load();
        let (rates, version) = self.rates();
        Look { word, rates, version }
    }

    /// Takes tokens that are there by `latest`, if nobody has been faster since the look.
    #[inline]
    fn decide(&self, look: &Look, tokens: u32, now: u64, latest: u64) -> Decision {
        let Look { word, rates, version } = look;
        let paid = rates.cost.checked_mul(tokens.into()).filter(|paid| *paid <= rates.burst);
        let Some(paid) = paid else {
            return Decision::Denied(Verdict::Never { most: rates.most() });
        };
        let then = rates.units(now);
        let Some(Claim { next, ready }) = rates.claim(*word, tokens.into(), then) else {
            return Decision::Denied(Verdict::NotYet { at: u64::MAX });
        };
        // No tokens at all are there also where more are owed than there can be.
        let at = if tokens == 0 || ready <= then { now } else { rates.moment(ready) };
        if at > latest {
            return Decision::Denied(Verdict::NotYet { at });
        }
        let receipt = Receipt { after: next, paid, version: *version };
        if tokens == 0 || self.store.compare_exchange(*word, next).is_ok() {
            Decision::Taken(at, receipt)
        } else {
            Decision::Late
        }
    }

    /// Takes tokens that are there by `latest`.
    #[inline]
    fn claim(&self, tokens: u32, now: u64, latest: u64) -> Result<(u64, Receipt), Verdict> {
        loop {
            match self.decide(&self.look(), tokens, now, latest) {
                Decision::Taken(at, receipt) => return Ok((at, receipt)),
                Decision::Denied(verdict) => return Err(verdict),
                Decision::Late => {}
            }
        }
    }

    fn replace(&self, new: impl Fn(u64) -> u64) {
        let mut word = self.store.load();
        while let Err(other) = self.store.compare_exchange(word, new(word)) {
            word = other;
        }
    }
}

impl Meter for Gcra {
    type Config = TokenBucketConfig;

    fn new(config: TokenBucketConfig, _: u64) -> Result<Self, InvalidConfig> {
        Self::stored(Local::default(), config)
    }

    #[inline]
    fn take(&self, tokens: u32, now: u64) -> Verdict {
        match self.claim(tokens, now, now) {
            Ok(_) => Verdict::Taken,
            Err(verdict) => verdict,
        }
    }

    #[inline]
    fn take_by(&self, tokens: u32, clock: impl Fn() -> u64) -> (Verdict, u64) {
        // Before the clock: whatever has been taken was taken by then, so that a denial needs no second
        // look at the clock.
        let mut look = self.look();
        let mut now = clock();
        let mut is_by_then = true;
        loop {
            match self.decide(&look, tokens, now, now) {
                Decision::Taken(..) => return (Verdict::Taken, now),
                Decision::Denied(Verdict::NotYet { .. }) if !is_by_then => {
                    now = clock();
                    is_by_then = true;
                }
                Decision::Denied(verdict) => return (verdict, now),
                Decision::Late => {
                    look = self.look();
                    is_by_then = false;
                }
            }
        }
    }

    fn ready_at(&self, tokens: u64, now: u64) -> u64 {
        let word = self.store.load();
        let (rates, _) = self.rates();
        let then = rates.units(now);
        match rates.claim(word, tokens, then) {
            Some(claim) if claim.ready <= then => now,
            Some(claim) => rates.moment(claim.ready),
            None => u64::MAX,
        }
    }

    fn available(&self, now: u64) -> u32 {
        let word = self.store.load();
        let (rates, _) = self.rates();
        rates.available(word, rates.units(now))
    }

    fn most(&self) -> u32 {
        self.rates().0.most()
    }

    fn reset(&self, _: u64) {
        let _writing = lock(&self.config);
        // The rates stay, but what was reserved before gives nothing back any more. The version is odd until
        // the word is cleared: a receipt by the next one is for what was reserved after that.
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.replace(|_| 0);
        self.version.store(version + 2, Ordering::Release);
    }

    fn config(&self) -> TokenBucketConfig {
        *lock(&self.config)
    }

    fn reconfigure(&self, config: TokenBucketConfig, now: u64) -> Result<(), InvalidConfig> {
        config.validate()?;
        let to = Rates::new(&config);
        let mut known = lock(&self.config);
        let from = self.glance();
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        // Orders the odd version before the four stores.
        fence(Ordering::Release);
        self.step.store(to.step, Ordering::Relaxed);
        self.gain.store(to.gain, Ordering::Relaxed);
        self.cost.store(to.cost, Ordering::Relaxed);
        self.burst.store(to.burst, Ordering::Relaxed);
        let (now, then) = (from.units(now), to.units(now));
        self.replace(|word| from.convert(word, now, &to, then));
        self.version.store(version + 2, Ordering::Release);
        *known = config;
        Ok(())
    }

    fn is_at_rest(&self, now: u64) -> bool {
        let word = self.store.load();
        word <= self.rates().0.units(now)
    }
}

impl Reserve for Gcra {
    type Receipt = Receipt;

    fn reserve(&self, tokens: u32, now: u64, latest: u64) -> Result<(u64, Receipt), Verdict> {
        self.claim(tokens, now, latest)
    }

    fn refund(&self, receipt: Receipt, now: u64) -> u32 {
        loop {
            let word = self.store.load();
            let (rates, version) = self.rates();
            // Earlier ones that were cancelled may have moved the word back.
            let later = word.saturating_sub(receipt.after);
            let due = receipt.after.saturating_sub(rates.burst) <= rates.units(now);
            let back = receipt.paid.saturating_sub(later);
            // What was reset or converted since is no longer counted as it was paid.
            if version != receipt.version || due || back == 0 {
                return 0;
            }
            if self.store.compare_exchange(word, word.saturating_sub(back)).is_ok() {
                return (back / rates.cost) as u32;
            }
        }
    }
}
