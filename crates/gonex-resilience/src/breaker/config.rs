use std::time::Duration;

use crate::{InvalidConfig, Problems, span};

/// What a breaker looks at while it is closed.
///
/// ```
/// use gonex_resilience::breaker::{BreakerConfig, WindowKind};
///
/// assert_eq!(BreakerConfig::default().window, WindowKind::Count { calls: 100 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum WindowKind {
    /// So many calls that fail one after the other; rates and the minimum do not count. A slow call
    /// is one that fails here.
    Consecutive {
        /// How many.
        failures: u32,
    },
    /// The latest calls, of which the oldest leaves with each that comes.
    Count {
        /// How many.
        calls: u32,
    },
    /// The calls of the latest stretch of time.
    Time {
        /// How long it is.
        #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
        length: Duration,
        /// Into how many parts it is cut; calls leave it a part at a time.
        parts: u32,
    },
}

/// How a breaker that is half open finds out.
///
/// ```
/// use gonex_resilience::breaker::{BreakerConfig, HalfOpen};
///
/// assert_eq!(BreakerConfig::default().half_open, HalfOpen::Rate { calls: 10 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum HalfOpen {
    /// Lets so many in, and decides by their rates when all have ended.
    Rate {
        /// How many.
        calls: u32,
    },
    /// Lets so many in, and closes once enough of them succeed. It decides as soon as the outcome is
    /// certain.
    KOfN {
        /// How many have to succeed.
        successes: u32,
        /// How many are let in.
        calls: u32,
    },
    /// Lets in one, then two more at once, then four, and so on as long as all succeed. After so many
    /// stages it closes; one that fails opens it.
    Progressive {
        /// How many stages; 16 at most.
        stages: u32,
    },
}

/// What becomes of a call that ends without a result: it was dropped, cancelled, or left by a panic. One
/// that a time-out of its operation ends has failed, whatever this says. Its place is free at once in any
/// case.
///
/// ```
/// use gonex_resilience::breaker::Dropped;
///
/// assert_eq!(Dropped::default(), Dropped::Ignore);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Dropped {
    /// It is as if it had never been.
    #[default]
    Ignore,
    /// It counts among the calls of which a rate is taken, and not among those that failed.
    Rate,
    /// It has failed.
    Failure,
}

/// How a [`CircuitBreaker`](super::CircuitBreaker) is set up, as plain data.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::breaker::BreakerConfig;
///
/// let wrong = BreakerConfig {
///     failure_rate: 1.5,
///     break_duration: Duration::ZERO,
///     ..BreakerConfig::default()
/// };
/// assert_eq!(wrong.validate().unwrap_err().problems().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BreakerConfig {
    /// What it looks at while it is closed; the latest 100 calls by default.
    pub window: WindowKind,
    /// Opens when this share of calls fails, or more; 0.5 by default.
    pub failure_rate: f64,
    /// Opens when this share of calls is slow, or more; 1 by default.
    pub slow_rate: f64,
    /// A call that takes longer than this is slow, one that takes as long is not; none is by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option"))]
    pub slow_call: Option<Duration>,
    /// With fewer calls in the window nothing is said about rates; 100 by default.
    pub minimum_calls: u32,
    /// How long it stays open; 60 s by default.
    #[cfg_attr(feature = "serde", serde(alias = "recoveryTimeout", with = "crate::span::written"))]
    pub break_duration: Duration,
    /// By what that is multiplied each time it opens again without having been closed; 1 by default.
    pub break_growth: f64,
    /// It never stays open longer; an hour by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written"))]
    pub max_break: Duration,
    /// How it finds out whether to close; by the rates of 10 calls by default.
    pub half_open: HalfOpen,
    /// Opens again if it has been half open for so long without a decision; no limit by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::span::written_option"))]
    pub max_half_open: Option<Duration>,
    /// What becomes of a call without a result; it is ignored by default.
    pub dropped: Dropped,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window: WindowKind::Count { calls: 100 },
            failure_rate: 0.5,
            slow_rate: 1.0,
            slow_call: None,
            minimum_calls: 100,
            break_duration: Duration::from_secs(60),
            break_growth: 1.0,
            max_break: Duration::from_secs(3600),
            half_open: HalfOpen::Rate { calls: 10 },
            max_half_open: None,
            dropped: Dropped::Ignore,
        }
    }
}

/// The largest window: a megabyte.
const MOST: u32 = 1_000_000;

impl BreakerConfig {
    /// Opens after so many failures one after the other, and closes after one success.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(2))?;
    /// for _ in 0..2 {
    ///     assert!(breaker.call(|| Err::<(), _>("down")).block().is_err());
    /// }
    /// assert!(breaker.is_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn consecutive(failures: u32) -> Self {
        Self {
            window: WindowKind::Consecutive { failures },
            half_open: HalfOpen::KOfN { successes: 1, calls: 1 },
            ..Self::default()
        }
    }

    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: sizes of 0 or above a million, rates that are not above 0 and at most 1,
    /// more calls than the window holds as the minimum, spans of no length, a longest break below the
    /// first, and probes that could never be enough.
    ///
    /// ```
    /// use gonex_resilience::breaker::{BreakerConfig, HalfOpen};
    ///
    /// assert!(BreakerConfig::default().validate().is_ok());
    /// let half_open = HalfOpen::KOfN { successes: 3, calls: 2 };
    /// let wrong = BreakerConfig { half_open, ..BreakerConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("half_open"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        self.check_window(&mut problems);
        for (field, rate) in [("failure_rate", self.failure_rate), ("slow_rate", self.slow_rate)] {
            if !(rate > 0.0 && rate <= 1.0) {
                let reason = "it is no share of calls by which to open";
                problems.add(field, rate, reason, "above 0 and at most 1, such as 0.5");
            }
        }
        let spans = [
            ("break_duration", Some(self.break_duration)),
            ("slow_call", self.slow_call),
            ("max_half_open", self.max_half_open),
        ];
        for (field, span) in spans {
            if span.is_some_and(|span| span.is_zero()) {
                problems.add(field, "0s", "it has no length", "a length above 0, such as `30s`");
            }
        }
        if !(self.break_growth >= 1.0 && self.break_growth.is_finite()) {
            let reason = "a break does not become shorter by failing again";
            problems.add("break_growth", self.break_growth, reason, "at least 1, such as 2");
        }
        if self.max_break < self.break_duration {
            let reason =
                format!("shorter than the first break, {}", span::show(self.break_duration));
            problems.add("max_break", span::show(self.max_break), reason, "at least that");
        }
        self.check_probes(&mut problems);
        problems.finish()
    }

    fn check_window(&self, problems: &mut Problems) {
        let (size, shown) = match self.window {
            WindowKind::Consecutive { failures } => (failures, failures),
            WindowKind::Count { calls } => (calls, calls),
            WindowKind::Time { length, parts } => {
                if length.is_zero() || u128::from(parts) > length.as_nanos() {
                    let reason = "its parts would have no length";
                    problems.add(
                        "window",
                        span::show(length),
                        reason,
                        "a longer one, or fewer parts",
                    );
                }
                (parts, parts)
            }
        };
        if size == 0 || size > MOST {
            let reason = "its size is not between 1 and a million";
            problems.add("window", shown, reason, "a size such as 100");
        }
        if let WindowKind::Count { calls } = self.window
            && self.minimum_calls > calls
        {
            let reason = format!("the window never holds more than {calls} calls");
            problems.add("minimum_calls", self.minimum_calls, reason, "no more than the window");
        }
        if self.minimum_calls == 0 {
            let reason = "of no calls there is no rate";
            problems.add("minimum_calls", 0, reason, "at least 1");
        }
    }

    fn check_probes(&self, problems: &mut Problems) {
        match self.half_open {
            HalfOpen::Rate { calls: 0 } | HalfOpen::KOfN { calls: 0, .. } => {
                problems.add("half_open", "0 calls", "it would never find out", "at least 1 call");
            }
            HalfOpen::KOfN { successes, calls } if successes == 0 || successes > calls => {
                let shown = format!("{successes} of {calls}");
                let remedy = "at least 1, and no more than there are calls";
                problems.add("half_open", shown, "so many cannot succeed", remedy);
            }
            HalfOpen::Progressive { stages } if stages == 0 || stages > 16 => {
                let reason = "each stage has twice as many calls as the one before";
                problems.add("half_open", format!("{stages} stages"), reason, "1 to 16 stages");
            }
            _ => {}
        }
    }

    /// How long the break is that begins now, the n-th one after the other, from 1 on.
    pub(super) fn break_of(&self, attempt: u32) -> Duration {
        let steps = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let factor = self.break_growth.powi(steps);
        if factor <= 1.0 {
            return self.break_duration;
        }
        let grown = self.break_duration.as_secs_f64() * factor;
        let grown = Duration::try_from_secs_f64(grown).unwrap_or(Duration::MAX);
        grown.clamp(self.break_duration, self.max_break)
    }
}
