use std::fmt;
use std::sync::Arc;

use super::Failure;

/// What became of each component, in the order in which they were stopped.
///
/// ```
/// use gonex_core::component::Registry;
/// use gonex_core::rt;
///
/// let report = Registry::new().shutdown_all(rt::now()).block();
/// assert!(report.is_clean() && report.parts.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says which components have not ended"]
pub struct ShutdownReport {
    /// The components: last registered, first stopped.
    pub parts: Vec<Stopped>,
}

/// What became of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Its name.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: Arc<str>,
    /// `Ok` if it has ended; else what kept it from that, or went wrong.
    pub ending: Result<(), Failure>,
}

impl ShutdownReport {
    /// Whether all have ended, and nothing went wrong.
    ///
    /// ```
    /// assert!(gonex_core::component::ShutdownReport::default().is_clean());
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.parts.iter().all(|part| part.ending.is_ok())
    }
}

/// A line for each component.
impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| writeln!(f, "{part}"))
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, ending } = self;
        match ending {
            Ok(()) => write!(f, "the {kind} {name:?} has ended"),
            Err(failure) => write!(f, "the {kind} {name:?}: {failure}"),
        }
    }
}
