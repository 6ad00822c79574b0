use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Reserve;
use super::limiter::Shared;

/// Tokens that were taken in advance; made by [`Limiter::reserve`](super::Limiter::reserve).
///
/// They are taken whatever becomes of this: what is not used is given back by
/// [`cancel`](Self::cancel), as far as nobody who reserved later has built upon it.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
///
/// let limiter = TokenBucket::new(TokenBucketConfig::per(3, Duration::from_secs(60)))?;
/// limiter.try_acquire(3).unwrap();
/// let two = limiter.reserve(2, Duration::MAX)?;
/// let _one = limiter.reserve(1, Duration::MAX)?;
/// assert_eq!(two.cancel(), 1, "the other would otherwise have come too early");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "tokens that were reserved are taken; cancel them to give them back"]
pub struct Reservation<M: Reserve> {
    shared: Arc<Shared<M>>,
    tokens: u32,
    at: u64,
    receipt: M::Receipt,
}

impl<M: Reserve> Reservation<M> {
    pub(super) fn new(shared: Arc<Shared<M>>, tokens: u32, at: u64, receipt: M::Receipt) -> Self {
        Self { shared, tokens, at, receipt }
    }

    /// How many tokens they are.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(3))?;
    /// assert_eq!(limiter.reserve(2, Duration::ZERO)?.tokens(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.tokens
    }

    /// How long from now they may be used.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(3))?;
    /// assert_eq!(limiter.reserve(3, Duration::ZERO)?.wait(), Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wait(&self) -> Duration {
        Duration::from_nanos(self.at.saturating_sub(self.shared.time.now()))
    }

    /// Gives them back, unless their moment has come; says how many tokens others can have now. What was
    /// reserved later keeps its moment, so what it has built upon stays taken.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(3))?;
    /// assert_eq!(limiter.reserve(3, Duration::ZERO)?.cancel(), 0, "they could have been used");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cancel(self) -> u32 {
        let back = self.shared.meter.refund(self.receipt, self.shared.time.now());
        self.shared.nudge();
        back
    }
}

impl<M: Reserve> fmt::Debug for Reservation<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation")
            .field("tokens", &self.tokens)
            .field("wait", &self.wait())
            .finish()
    }
}
