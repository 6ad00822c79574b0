use std::fmt;
use std::time::Duration;

use gonex_resilience::{InvalidConfig, Problem, Problems, span};

use super::parallelism::ParallelismConfig;
use super::value::{FaultTolerance, Setting, ThreadCount};

/// Says which options cannot be used, all of them at once.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::ParallelismConfig;
///
/// let config = ParallelismConfig::new().timeout(Duration::ZERO).shared_memory_size(1 << 20);
/// let error = config.validate().unwrap_err();
/// assert_eq!(error.invalid()[0].field(), "timeout");
/// assert_eq!(error.refused()[0].field(), "shared_memory_size");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParallelismError {
    invalid: Vec<Problem>,
    refused: Vec<Problem>,
}

impl ParallelismError {
    /// Values that make no sense, alone or beside others.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// let config = ParallelismConfig::new().thread_count(0_usize).worker_processes(4_usize);
    /// let error = config.validate().unwrap_err();
    /// assert_eq!(error.invalid()[0].field(), "thread_count");
    /// ```
    #[must_use]
    pub fn invalid(&self) -> &[Problem] {
        &self.invalid
    }

    /// Fields whose machinery does not exist yet, or not for this value.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// let config = ParallelismConfig::new().thread_count(0_usize).worker_processes(4_usize);
    /// let error = config.validate().unwrap_err();
    /// assert_eq!(error.refused()[0].field(), "worker_processes");
    /// ```
    #[must_use]
    pub fn refused(&self) -> &[Problem] {
        &self.refused
    }

    /// Whether this field is among either.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// let config = ParallelismConfig::new().thread_count(0_usize).worker_processes(4_usize);
    /// let error = config.validate().unwrap_err();
    /// assert!(error.names("thread_count") && error.names("worker_processes"));
    /// ```
    #[must_use]
    pub fn names(&self, field: &str) -> bool {
        self.invalid.iter().chain(&self.refused).any(|problem| problem.field() == field)
    }

    /// That one field cannot be used, for a reason that was found when it was to be.
    pub(super) fn refusal(
        field: &'static str,
        value: impl fmt::Display,
        reason: &str,
        remedy: &str,
    ) -> Self {
        let mut refused = Problems::default();
        refused.add(field, value, reason, remedy);
        Self::new(Problems::default(), refused).err().unwrap_or_default()
    }

    pub(super) fn new(invalid: Problems, refused: Problems) -> Result<(), Self> {
        let found = |problems: Problems| {
            let finished = problems.finish();
            finished.err().map(|found| found.problems().to_vec()).unwrap_or_default()
        };
        let error = Self { invalid: found(invalid), refused: found(refused) };
        if error == Self::default() { Ok(()) } else { Err(error) }
    }
}

impl From<InvalidConfig> for ParallelismError {
    fn from(invalid: InvalidConfig) -> Self {
        Self { invalid: invalid.problems().to_vec(), refused: Vec::new() }
    }
}

impl fmt::Display for ParallelismError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the options cannot be used: ")?;
        for (index, problem) in self.invalid.iter().chain(&self.refused).enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParallelismError {}

/// More threads than this are a mistake: see the bound of blocked closures.
pub(super) const MAX_THREADS: usize = 4096;

impl ParallelismConfig {
    /// Says whether these options can be used.
    ///
    /// # Errors
    /// Every field that cannot: what makes no sense, what contradicts something else, and what there is
    /// no machinery for yet.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// assert!(ParallelismConfig::new().retry_attempts(3).validate().is_ok());
    /// assert!(ParallelismConfig::new().worker_processes(4_usize).validate().is_err());
    /// ```
    pub fn validate(&self) -> Result<(), ParallelismError> {
        let mut invalid = Problems::default();
        self.check_values(&mut invalid);
        self.check_conflicts(&mut invalid);
        ParallelismError::new(invalid, self.lacking())
    }

    /// Says whether a call that has fallbacks of these names can go by these options.
    pub(crate) fn check_for_calls<'a>(
        &self,
        fallbacks: impl Iterator<Item = &'a str>,
    ) -> Result<(), ParallelismError> {
        let mut invalid = Problems::default();
        self.check_values(&mut invalid);
        self.check_conflicts(&mut invalid);
        let mut refused = self.lacking();
        let known: Vec<_> = fallbacks.collect();
        if let Some(name) = self.fallback_strategy.as_deref().filter(|name| !name.is_empty())
            && !known.contains(&name)
        {
            let remedy = match &known[..] {
                [] => "`Parallel::fallback`, which gives the call one".to_owned(),
                known => format!("one of {}", known.join(", ")),
            };
            let reason = "the call has no fallback of this name";
            refused.add("fallback_strategy", format!("{name:?}"), reason, remedy);
        }
        ParallelismError::new(invalid, refused)
    }

    /// Whether there is to be a breaker, by either of its names.
    pub(crate) fn asks_for_breaker(&self) -> bool {
        self.circuit_breaker == Some(true)
            || self.fault_tolerance == Some(FaultTolerance::CircuitBreaker)
    }

    pub(super) fn check_values(&self, problems: &mut Problems) {
        let counts =
            [("thread_count", self.thread_count), ("worker_processes", self.worker_processes)];
        for (field, count) in counts {
            let Some(ThreadCount::Exactly(count)) = count else { continue };
            if count == 0 {
                problems.add(field, 0, "nothing would ever run", ThreadCount::REMEDY);
            } else if count > MAX_THREADS {
                let reason = format!("more than {MAX_THREADS} are a mistake");
                problems.add(field, count, reason, "`auto`, which follows the machine");
            }
        }
        let spans = [("worker_timeout", self.worker_timeout), ("timeout", self.timeout)];
        for (field, length) in spans {
            if length == Some(Duration::ZERO) {
                let reason = "a limit that is over before it begins";
                problems.add(
                    field,
                    span::show(Duration::ZERO),
                    reason,
                    "a length above 0, or none",
                );
            }
        }
        let sizes = [
            ("shared_memory_size", self.shared_memory_size),
            ("memory_pool_size", self.memory_pool_size),
        ];
        for (field, bytes) in sizes {
            if bytes == Some(0) {
                problems.add(field, 0, "nothing would fit", "a number of bytes above 0, or none");
            }
        }
        if self.retry_attempts == Some(u32::MAX) {
            let reason = "with the first call they are more than can be counted";
            problems.add("retry_attempts", u32::MAX, reason, "a number of extra calls, such as 3");
        }
        let texts = [("name", &self.name), ("fallback_strategy", &self.fallback_strategy)];
        for (field, text) in texts {
            if text.as_ref().is_some_and(String::is_empty) {
                problems.add(field, "\"\"", "it says nothing", String::REMEDY);
            }
        }
    }

    pub(super) fn check_conflicts(&self, problems: &mut Problems) {
        if let (Some(ThreadCount::Exactly(count)), Some(true)) =
            (self.thread_count, self.auto_scaling)
        {
            let reason = format!("`thread_count` says that there are {count}, and no other number");
            problems.add("auto_scaling", true, reason, "`thread_count` `auto`, or no scaling");
        }
        if self.shared_memory == Some(false)
            && let Some(bytes) = self.shared_memory_size
        {
            let reason = "`shared_memory` is off";
            problems.add("shared_memory_size", bytes, reason, "one of the two");
        }
        match self.fault_tolerance {
            Some(FaultTolerance::None) => {
                let against = "`fault_tolerance` is `none`, so the first failure is final";
                if let Some(extra) = self.retry_attempts.filter(|extra| *extra > 0) {
                    problems.add("retry_attempts", extra, against, "one of the two");
                }
                if self.circuit_breaker == Some(true) {
                    problems.add("circuit_breaker", true, against, "one of the two");
                }
                if let Some(name) = self.fallback_strategy.as_ref().filter(|name| !name.is_empty())
                {
                    problems.add(
                        "fallback_strategy",
                        format!("{name:?}"),
                        against,
                        "one of the two",
                    );
                }
            }
            Some(FaultTolerance::CircuitBreaker) if self.circuit_breaker == Some(false) => {
                let reason = "`fault_tolerance` asks for a circuit breaker";
                problems.add("circuit_breaker", false, reason, "one of the two");
            }
            _ => {}
        }
    }

    /// The fields that are asked for and cannot be had.
    pub(super) fn lacking(&self) -> Problems {
        let mut refused = Problems::default();
        for field in Self::fields() {
            if let Some(missing) = (field.lacks)(self)
                && let Some(value) = (field.get)(self)
            {
                refused.add(field.name, value, missing, "leave it out");
            }
        }
        refused
    }

    /// Says whether a pool can be set up by these options: what it does beside calls, and what it does
    /// not, with the reason.
    pub(super) fn check_for_pools(
        &self,
        does: &[&str],
        does_not: &[(&'static str, &'static str)],
    ) -> Result<(), ParallelismError> {
        let mut invalid = Problems::default();
        self.check_values(&mut invalid);
        self.check_conflicts(&mut invalid);
        let mut refused = Problems::default();
        for field in Self::fields() {
            let Some(value) = (field.get)(self) else { continue };
            let lacks = (field.lacks)(self).filter(|_| !does.contains(&field.name));
            let is_not = does_not.iter().find(|(name, _)| *name == field.name);
            if let Some(missing) = is_not.map(|(_, why)| *why).or(lacks) {
                refused.add(field.name, value, missing, "leave it out");
            }
        }
        ParallelismError::new(invalid, refused)
    }
}
