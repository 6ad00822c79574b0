use std::time::Duration;

/// One attempt of a call, as the work and the callbacks see it.
///
/// ```
/// use gonex_resilience::Retry;
///
/// let retry = Retry::fixed().initial_delay(std::time::Duration::from_millis(1));
/// let answer = retry.call_with(|attempt| match attempt.number() {
///     1 => Err("not yet"),
///     number => Ok((number, attempt.max_attempts(), attempt.history().len())),
/// });
/// assert_eq!(answer.block().unwrap(), (2, Some(3), 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub(super) number: u32,
    pub(super) max_attempts: Option<u32>,
    pub(super) elapsed: Duration,
    pub(super) history: Vec<FailedAttempt>,
}

impl Attempt {
    /// The only one, of a call that nothing retries.
    pub(crate) fn only() -> Self {
        Self { number: 1, max_attempts: Some(1), elapsed: Duration::ZERO, history: Vec::new() }
    }

    /// Its number; the first call is 1.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let number = Retry::fixed().call_with(|attempt| Ok::<_, ()>(attempt.number()));
    /// assert_eq!(number.block(), Ok(1));
    /// ```
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many there are at most, if that is limited.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().max_attempts(5);
    /// assert_eq!(retry.call_with(|attempt| Ok::<_, ()>(attempt.max_attempts())).block(), Ok(Some(5)));
    /// ```
    #[must_use]
    pub fn max_attempts(&self) -> Option<u32> {
        self.max_attempts
    }

    /// Whether there is none after it, by their number.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let retry = Retry::fixed().max_attempts(1);
    /// assert_eq!(retry.call_with(|attempt| Ok::<_, ()>(attempt.is_last())).block(), Ok(true));
    /// ```
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.max_attempts.is_some_and(|max| self.number >= max)
    }

    /// How long after the first attempt began this one did.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let elapsed = Retry::fixed().call_with(|attempt| Ok::<_, ()>(attempt.elapsed()));
    /// assert_eq!(elapsed.block(), Ok(std::time::Duration::ZERO), "it is the first");
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The attempts that failed before it, the latest last; of many, the latest 32.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    ///
    /// let history = Retry::fixed().call_with(|attempt| Ok::<_, ()>(attempt.history().to_vec()));
    /// assert_eq!(history.block(), Ok(vec![]), "nothing failed before the first");
    /// ```
    #[must_use]
    pub fn history(&self) -> &[FailedAttempt] {
        &self.history
    }
}

/// An attempt that failed.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Retry;
///
/// let retry = Retry::fixed().initial_delay(Duration::from_millis(1)).max_attempts(2);
/// let mut delays = Vec::new();
/// let failed = retry.call_with(|attempt| {
///     delays.extend(attempt.history().iter().map(|failed| (failed.number, failed.delay)));
///     Err::<(), _>("no")
/// });
/// assert!(failed.block().is_err());
/// assert_eq!(delays, [(1, Duration::from_millis(1))]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedAttempt {
    /// Its number; the first call is 1.
    pub number: u32,
    /// How long it took.
    pub took: Duration,
    /// Whether its own time-out ended it.
    pub timed_out: bool,
    /// The delay after it.
    pub delay: Duration,
}
