use std::fmt;

use crate::source::Position;

/// One thing that is wrong in a configuration file, or with the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as shown to people.
    pub path: String,
    /// Where in the file; `None` if it is about the file as a whole.
    pub position: Option<Position>,
    /// What is wrong, naming the key or value.
    pub message: String,
    /// What would settle it.
    pub help: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// All that is wrong with the configuration, in order of file and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    faults: Vec<Fault>,
}

impl ConfigError {
    /// Gathers faults; `None` if there are none.
    #[must_use]
    pub fn of(mut faults: Vec<Fault>) -> Option<Self> {
        faults.sort_by(|a, b| (&a.path, a.position).cmp(&(&b.path, b.position)));
        faults.dedup();
        (!faults.is_empty()).then_some(Self { faults })
    }

    /// The faults, at least one.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
