use std::time::Duration;

use gonex_core::Op;

use super::{AcquireTokens, Denied, Limiter, Meter, Reservation, Reserve, Verdict};
use crate::moment::nanos;

/// Asking it.
impl<M: Meter> Limiter<M> {
    /// Takes so many tokens now, all or none. Where others wait, it does not overtake them.
    ///
    /// # Errors
    /// [`Denied::NotYet`] says when it is worth trying again, [`Denied::TooMany`] that it never is.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(2))?;
    /// assert!(limiter.try_acquire(2).is_ok());
    /// assert!(limiter.try_acquire(0).is_ok(), "nothing is always there");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[inline]
    pub fn try_acquire(&self, tokens: u32) -> Result<(), Denied> {
        self.shared.try_acquire(tokens)
    }

    /// Tries several in their order, each for itself: what one cannot have is left to those after it.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(5, std::time::Duration::from_secs(60)))?;
    /// assert_eq!(limiter.try_acquire_batch(&[3, 3, 2]), [true, false, true]);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn try_acquire_batch(&self, batch: &[u32]) -> Vec<bool> {
        batch.iter().map(|tokens| self.try_acquire(*tokens).is_ok()).collect()
    }

    /// Takes what several want together, all or nothing.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire) of the sum.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(5, std::time::Duration::from_secs(60)))?;
    /// assert!(limiter.try_acquire_many(&[3, 3]).is_err());
    /// assert!(limiter.try_acquire_many(&[3, 2]).is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn try_acquire_many(&self, many: &[u32]) -> Result<(), Denied> {
        // A sum that is beyond a `u32` is beyond any capacity.
        self.try_acquire(many.iter().fold(0, |sum, tokens| sum.saturating_add(*tokens)))
    }

    /// Takes so many tokens, waiting in line until they are there.
    ///
    /// A context whose deadline is sooner than that can be ends it at once.
    ///
    /// # Cancel safety
    /// Dropped or stopped before it is done, it has taken nothing, and those behind it move up.
    ///
    /// # Errors
    /// At once [`Denied::TooMany`], [`Denied::TooLong`] and [`Denied::QueueFull`]; later
    /// [`Denied::Stopped`], and the others if the settings are changed meanwhile.
    ///
    /// ```
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per_second(1000))?;
    /// limiter.acquire(1000).block()?;
    /// limiter.acquire(1).block()?;
    /// assert_eq!(limiter.metrics().allowed, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn acquire(&self, tokens: u32) -> Op<AcquireTokens<M>> {
        Op::new(AcquireTokens::new(self.shared.clone(), tokens, None))
    }

    /// Takes so many tokens as [`acquire`](Self::acquire) does, unless that takes longer than this. If it is
    /// sure to, nothing is waited for.
    ///
    /// # Errors
    /// [`Denied::TooLong`] says how long it would take at least.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{Denied, TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(60)))?;
    /// limiter.try_acquire(1).unwrap();
    /// let denied = limiter.acquire_within(1, Duration::from_secs(30)).block();
    /// assert!(matches!(denied, Err(Denied::TooLong { .. })), "and at once");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[track_caller]
    pub fn acquire_within(&self, tokens: u32, max_wait: Duration) -> Op<AcquireTokens<M>> {
        Op::new(AcquireTokens::new(self.shared.clone(), tokens, Some(max_wait)))
    }
}

impl<M: Reserve> Limiter<M> {
    /// Takes so many tokens in advance, and says when they may be used: for who cannot wait here, or wants
    /// to choose. Those who come later wait for longer. Where others wait in line, it does not overtake
    /// them.
    ///
    /// # Errors
    /// [`Denied::TooLong`] if that would be more than `max_wait` from now, [`Denied::TooMany`], and
    /// [`Denied::NotYet`] while others wait.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_resilience::limit::{TokenBucket, TokenBucketConfig};
    ///
    /// let limiter = TokenBucket::new(TokenBucketConfig::per(1, Duration::from_secs(60)))?;
    /// let first = limiter.reserve(1, Duration::ZERO)?;
    /// assert!(first.wait().is_zero());
    /// let second = limiter.reserve(1, Duration::from_secs(60))?;
    /// assert!(second.wait() > Duration::from_secs(50));
    /// assert_eq!(second.cancel(), 1, "somebody else may have it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve(&self, tokens: u32, max_wait: Duration) -> Result<Reservation<M>, Denied> {
        let shared = &self.shared;
        let now = shared.time.now();
        let too_long = |at: u64| {
            let needed = Duration::from_nanos(at.saturating_sub(now));
            shared.denied(Denied::TooLong { needed, allowed: max_wait })
        };
        let latest = now.saturating_add(nanos(max_wait));
        if let Some(line) = shared.line()
            && !line.is_empty()
            && let verdict @ (Verdict::NotYet { .. } | Verdict::Never { .. }) =
                shared.behind(line, tokens)
        {
            shared.answer(verdict, tokens, now)?;
        }
        match shared.meter.reserve(tokens, now, latest) {
            Ok((at, receipt)) => {
                shared.counters.allowed.add(1);
                Ok(Reservation::new(shared.clone(), tokens, at, receipt))
            }
            Err(Verdict::NotYet { at }) => Err(too_long(at)),
            Err(Verdict::Never { most }) => {
                Err(shared.denied(Denied::TooMany { wanted: tokens, most }))
            }
            Err(Verdict::Taken) => unreachable!("what is taken is no error"),
        }
    }
}
