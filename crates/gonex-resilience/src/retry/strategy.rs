use std::fmt;
use std::str::FromStr;

/// How the delay grows from one attempt to the next.
///
/// ```
/// use gonex_resilience::retry::Strategy;
///
/// assert_eq!("fibonacci".parse(), Ok(Strategy::Fibonacci));
/// assert_eq!(Strategy::Fibonacci.to_string(), "fibonacci");
/// assert!("sometimes".parse::<Strategy>().unwrap_err().contains("exponential"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Always the initial delay.
    Fixed,
    /// The initial delay times the number of the attempt that failed: 1, 2, 3, 4 of it.
    Linear,
    /// The initial delay, and from there on times the multiplier: 1, 2, 4, 8 of it if that is 2.
    #[default]
    Exponential,
    /// As the Fibonacci numbers: 1, 1, 2, 3, 5, 8 of the initial delay.
    Fibonacci,
    /// As a function of the program's own says: see [`Retry::custom`](super::Retry::custom).
    Custom,
}

/// What chance adds to a delay, so that callers who failed together do not come back together.
///
/// None of them goes beyond the maximum delay.
///
/// ```
/// use gonex_resilience::retry::Jitter;
///
/// assert_eq!("full".parse(), Ok(Jitter::Full));
/// assert_eq!(Jitter::Full.to_string(), "full");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Jitter {
    /// Nothing: the delay is as the strategy says.
    #[default]
    None,
    /// Anything between nothing and what the strategy says. It spreads best.
    Full,
    /// Half of what the strategy says, and anything up to the other half.
    Equal,
    /// Anything between the initial delay and three times the delay before; the strategy does not count.
    Decorrelated,
}

/// Names the values of an enum in configurations.
macro_rules! names {
    ($kind:ident: $($value:ident = $name:literal),+) => {
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$value => $name),+ })
            }
        }

        impl FromStr for $kind {
            /// What would have been understood, in words.
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                match name {
                    $($name => Ok(Self::$value),)+
                    _ => Err(format!("one of {}", [$($name),+].join(", "))),
                }
            }
        }
    };
}

names! {
    Strategy:
    Fixed = "fixed", Linear = "linear", Exponential = "exponential", Fibonacci = "fibonacci",
    Custom = "custom"
}

names! {
    Jitter: None = "none", Full = "full", Equal = "equal", Decorrelated = "decorrelated"
}
