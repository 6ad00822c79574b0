//! What options are made of, and how each is written.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use gonex_resilience::span;

/// A value as files and the environment have it, before it is known what it is for.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Value {
    /// A switch.
    Switch(bool),
    /// A whole number.
    Number(i64),
    /// A number that is not whole, which no option is.
    Fraction(f64),
    /// Anything else.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(on) => on.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Fraction(number) => number.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl Value {
    /// Takes a text of the environment for what it looks like.
    #[must_use]
    pub(super) fn guess(text: &str) -> Self {
        match (text.parse(), text.parse()) {
            (Ok(on), _) => Self::Switch(on),
            (_, Ok(number)) => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// A type of option: how it is read and written.
pub trait Setting: Sized {
    /// What would be understood.
    const REMEDY: &'static str;

    /// Reads it.
    ///
    /// # Errors
    /// Why the value is none, in words.
    fn read(value: &Value) -> Result<Self, String>;

    /// Writes it as it is read.
    fn show(&self) -> Value;
}

impl Setting for bool {
    const REMEDY: &'static str = "`true` or `false`";

    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Switch(on) => Ok(*on),
            _ => Err("it is no switch".to_owned()),
        }
    }

    fn show(&self) -> Value {
        Value::Switch(*self)
    }
}

macro_rules! numbers {
    ($($number:ty: $remedy:literal;)+) => {$(
        impl Setting for $number {
            const REMEDY: &'static str = $remedy;

            fn read(value: &Value) -> Result<Self, String> {
                let Value::Number(number) = value else { return Err("it is no number".to_owned()) };
                let read = Self::try_from(*number);
                read.map_err(|_| match *number < 0 && Self::MIN == 0 {
                    true => "it is negative".to_owned(),
                    false => format!("it is not between {} and {}", Self::MIN, Self::MAX),
                })
            }

            fn show(&self) -> Value {
                // What does not fit is written as text, which is refused when it is read.
                i64::try_from(*self).map_or_else(|_| Value::Text(self.to_string()), Value::Number)
            }
        }
    )+};
}

numbers! {
    i8: "a number of steps, such as 1; negative for what is more urgent";
    u32: "a number, 0 or more";
    u64: "a number of bytes";
}

impl Setting for String {
    const REMEDY: &'static str = "a text that is not empty";

    fn read(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::Text(text) => text.clone(),
            Value::Switch(on) => on.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Fraction(number) => number.to_string(),
        })
    }

    fn show(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Setting for Duration {
    const REMEDY: &'static str = span::REMEDY;

    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Number(millis) => span::from_millis(*millis),
            Value::Text(text) => span::parse(text),
            Value::Switch(_) | Value::Fraction(_) => Err("it is no length of time".to_owned()),
        }
    }

    fn show(&self) -> Value {
        Value::Text(span::show(*self))
    }
}

/// How many threads, or processes.
///
/// ```
/// use gonex_runtime::config::ThreadCount;
///
/// assert_eq!("auto".parse(), Ok(ThreadCount::Auto));
/// assert_eq!(ThreadCount::from(4).to_string(), "4");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThreadCount {
    /// As many as the machine, and the cgroup this process is in, run at once.
    #[default]
    Auto,
    /// So many, above the number of cores too.
    Exactly(usize),
}

impl From<usize> for ThreadCount {
    fn from(count: usize) -> Self {
        Self::Exactly(count)
    }
}

impl From<NonZeroUsize> for ThreadCount {
    fn from(count: NonZeroUsize) -> Self {
        Self::Exactly(count.get())
    }
}

impl fmt::Display for ThreadCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Exactly(count) => count.fmt(f),
        }
    }
}

impl FromStr for ThreadCount {
    /// Why it is none, in words.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(&Value::guess(text))
    }
}

impl Setting for ThreadCount {
    const REMEDY: &'static str = "`auto`, or a number of at least 1";

    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) if text == "auto" => Ok(Self::Auto),
            // Nought is read, and refused with all else that cannot be used.
            Value::Number(number) => {
                let count = usize::try_from(*number).map_err(|_| "it is negative or too large");
                Ok(Self::Exactly(count?))
            }
            _ => Err("it is no number of threads".to_owned()),
        }
    }

    fn show(&self) -> Value {
        match self {
            Self::Auto => Value::Text(self.to_string()),
            Self::Exactly(count) => {
                i64::try_from(*count).map_or_else(|_| Value::Text(count.to_string()), Value::Number)
            }
        }
    }
}

/// An option that is one of several names.
macro_rules! names {
    (
        $(#[$doc:meta])*
        $kind:ident, $remedy:literal;
        $($(#[$value_doc:meta])* $value:ident = $name:literal;)+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $kind {
            $($(#[$value_doc])* $value,)+
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$value => $name),+ })
            }
        }

        impl Setting for $kind {
            const REMEDY: &'static str = $remedy;

            fn read(value: &Value) -> Result<Self, String> {
                match value {
                    $(Value::Text(text) if text == $name => Ok(Self::$value),)+
                    _ => Err("there is no such thing".to_owned()),
                }
            }

            fn show(&self) -> Value {
                Value::Text(self.to_string())
            }
        }
    };
}

names! {
    /// Which worker a task goes to.
    Balancing,
    "`round-robin`, `least-busy`, `weighted`, `two-choices`, `first-free`, `adaptive`, `key-affinity` or \
     `predictive`";
    /// One after the other.
    RoundRobin = "round-robin";
    /// One that has nothing to do, if there is any; else the one with the fewest tasks.
    LeastBusy = "least-busy";
    /// Each in proportion to its weight.
    Weighted = "weighted";
    /// Of two drawn by lot the less busy.
    TwoChoices = "two-choices";
    /// Whoever is free first.
    FirstFree = "first-free";
    /// The one that is through first, by what tasks have taken on it lately.
    Adaptive = "adaptive";
    /// The same for all tasks of a key.
    KeyAffinity = "key-affinity";
    /// The one that is expected to end the task first.
    Predictive = "predictive";
}

names! {
    /// What is done about failures.
    FaultTolerance, "`none` or `circuit-breaker`";
    /// Nothing: the first failure is final.
    None = "none";
    /// A breaker stands between the caller and a worker that fails.
    CircuitBreaker = "circuit-breaker";
}

names! {
    /// Where buffers come from.
    MemoryPool, "`shared` or `worker`";
    /// From one pool for all workers.
    Shared = "shared";
    /// From a pool of each worker's own.
    Worker = "worker";
}
