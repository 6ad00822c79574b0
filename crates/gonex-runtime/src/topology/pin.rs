use std::fmt;
use std::io;

use super::cpus::Cpus;

/// Keeps the calling thread on some processors from now on, and the threads that it starts.
///
/// # Errors
/// If the set is empty, the system denies it, or it cannot be done here; the thread runs where it did.
/// That is nothing to fail for: a pool warns of it in its health.
///
/// ```
/// use gonex_runtime::topology::{Cpus, PinError, pin_current_thread};
///
/// assert!(matches!(pin_current_thread(&Cpus::new()), Err(PinError::Nowhere)));
/// ```
pub fn pin_current_thread(cpus: &Cpus) -> Result<(), PinError> {
    if cpus.is_empty() {
        return Err(PinError::Nowhere);
    }
    pin(cpus)
}

#[cfg(target_os = "linux")]
fn pin(cpus: &Cpus) -> Result<(), PinError> {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut set = CpuSet::new();
    for cpu in cpus.iter() {
        let index = cpu as usize;
        if index >= CpuSet::MAX_CPU {
            let source = io::Error::from(io::ErrorKind::InvalidInput);
            return Err(PinError::Denied { cpus: cpus.clone(), source });
        }
        set.set(index);
    }
    let denied = |error: rustix::io::Errno| PinError::Denied {
        cpus: cpus.clone(),
        source: io::Error::from(error),
    };
    sched_setaffinity(None, &set).map_err(denied)
}

#[cfg(not(target_os = "linux"))]
fn pin(_: &Cpus) -> Result<(), PinError> {
    Err(PinError::Unsupported)
}

/// Why a thread does not stay on the processors that were chosen for it.
#[derive(Debug)]
#[non_exhaustive]
pub enum PinError {
    /// No processor was named.
    Nowhere,
    /// The system does not let threads be kept anywhere, or gonex does not know how.
    Unsupported,
    /// The system refused.
    Denied {
        /// Where the thread was to stay.
        cpus: Cpus,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("a thread cannot stay on no processor; name one"),
            Self::Unsupported => f.write_str(
                "threads cannot be kept on processors here; only Linux lets gonex do that",
            ),
            Self::Denied { cpus, .. } => write!(
                f,
                "the system does not let a thread stay on the processors {cpus}; the cgroup may allow \
                 others, or a sandbox may forbid the call"
            ),
        }
    }
}

impl std::error::Error for PinError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Denied { source, .. } => Some(source),
            Self::Nowhere | Self::Unsupported => None,
        }
    }
}
