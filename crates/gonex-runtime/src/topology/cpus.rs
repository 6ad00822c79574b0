use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A set of processors, by the numbers that the system gives them: what the scheduler of the system runs
/// one thread on, which may be half of a core.
///
/// It is written as Linux does.
///
/// ```
/// use gonex_runtime::topology::Cpus;
///
/// let cpus: Cpus = "0-2,8,10-11".parse().unwrap();
/// assert_eq!(cpus.iter().collect::<Vec<_>>(), [0, 1, 2, 8, 10, 11]);
/// assert_eq!(cpus.to_string(), "0-2,8,10-11");
/// assert!("3-1".parse::<Cpus>().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpus(BTreeSet<u32>);

/// Numbers above this are none: no system has as many processors, and a range to there would be a lot.
const MOST: u32 = 1 << 16;

impl Cpus {
    /// The set without processors.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(&self, cpu: u32) -> bool {
        self.0.contains(&cpu)
    }

    /// The one with the lowest number.
    #[must_use]
    pub fn first(&self) -> Option<u32> {
        self.0.first().copied()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// Those that are also in the other set.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }
}

impl FromIterator<u32> for Cpus {
    fn from_iter<I: IntoIterator<Item = u32>>(cpus: I) -> Self {
        Self(cpus.into_iter().collect())
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.iter().peekable();
        let mut comma = "";
        while let Some(first) = rest.next() {
            let mut last = first;
            while rest.next_if_eq(&(last + 1)).is_some() {
                last += 1;
            }
            write!(f, "{comma}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            comma = ",";
        }
        Ok(())
    }
}

/// A text that is no set of processors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCpusError {
    part: String,
}

impl fmt::Display for ParseCpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no range of processors; write numbers below {MOST} as in `0-3,8`",
            self.part
        )
    }
}

impl std::error::Error for ParseCpusError {}

impl FromStr for Cpus {
    type Err = ParseCpusError;

    fn from_str(text: &str) -> Result<Self, ParseCpusError> {
        let mut cpus = BTreeSet::new();
        for part in text.trim().split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number =
                |text: &str| text.trim().parse::<u32>().ok().filter(|&number| number < MOST);
            match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last => cpus.extend(first..=last),
                _ => return Err(ParseCpusError { part: part.to_owned() }),
            }
        }
        Ok(Self(cpus))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["", "0", "0-63", "1,3,5-6,65535"] {
            assert_eq!(text.parse::<Cpus>().unwrap().to_string(), text);
        }
        assert_eq!("0-1\n".parse::<Cpus>().unwrap().len(), 2);
    }

    #[test]
    fn nonsense_is_named() {
        for (text, part) in [("0,a-b", "a-b"), ("5-", "5-"), ("4-2", "4-2"), ("0-65536", "0-65536")]
        {
            assert_eq!(text.parse::<Cpus>(), Err(ParseCpusError { part: part.to_owned() }));
        }
    }
}
