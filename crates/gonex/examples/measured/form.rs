use std::fmt;
use std::str::FromStr;

/// One way to write the same program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One thing after the other.
    Sequential,
    /// Everything in async tasks, on one thread: what Node.js is.
    EventLoop,
    /// The same tasks on an event loop for each core, which tokio has and Node.js has not.
    EventLoops,
    /// Waiting in async tasks, computing on gonex's workers.
    Gonex,
}

impl Form {
    pub(crate) const ALL: [Self; 4] =
        [Self::Sequential, Self::EventLoop, Self::EventLoops, Self::Gonex];

    /// How it is called where it is asked for.
    const NAMES: [&str; 4] = ["sequential", "event-loop", "event-loops", "gonex"];

    /// The runtime of tokio that the two forms with nothing but tasks run on; one thread for the first.
    pub(crate) fn tokio(self) -> std::io::Result<tokio::runtime::Runtime> {
        let mut builder = match self {
            Self::EventLoops => tokio::runtime::Builder::new_multi_thread(),
            _ => tokio::runtime::Builder::new_current_thread(),
        };
        builder.enable_all().build()
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::NAMES[*self as usize])
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|form| form.to_string() == name);
        found.ok_or_else(|| format!("{name:?} is no form; take one of {}", Self::NAMES.join(", ")))
    }
}
