//! A process that lets many wait, and tells what that took.

use std::error::Error;
use std::fmt;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{closures, runners, tasks, timers};

/// A way to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// All tasks receive from one channel.
    Shared,
    /// Each task receives from a channel of its own.
    Each,
    /// Each task receives from a channel of its own, of the same kind for all who run tasks.
    Runners,
    /// Closures, each of which keeps a thread.
    Closures,
    /// Timers that are called off before they fire.
    Timers,
}

/// A subject: its name, and what it does with so many.
pub type Waiting = (&'static str, fn(usize) -> Result<Measured, Box<dyn Error>>);

/// What one of many costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Resident memory while all wait.
    pub bytes: f64,
    /// From the first start to the end of the last.
    pub ns: f64,
    pub cpu_ns: f64,
}

impl Way {
    pub const ALL: [Self; 5] =
        [Self::Shared, Self::Each, Self::Runners, Self::Closures, Self::Timers];

    /// How many wait at a time. Threads are far fewer than anything else may be.
    pub const fn count(self, quick: bool) -> usize {
        match (self, quick) {
            (Self::Closures, false) => 10_000,
            (Self::Closures, true) => 1_000,
            (_, false) => 1_000_000,
            (_, true) => 100_000,
        }
    }

    pub fn subjects(self) -> Vec<&'static str> {
        self.list().iter().map(|(name, _)| *name).collect()
    }

    fn list(self) -> &'static [Waiting] {
        match self {
            Self::Shared => &tasks::SHARED,
            Self::Each => &tasks::EACH,
            Self::Runners => &runners::RUNNERS,
            Self::Closures => &closures::CLOSURES,
            Self::Timers => &timers::TIMERS,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared => "tasks parked on one channel",
            Self::Each => "tasks parked, each on its own channel",
            Self::Runners => "tasks parked, each on a tokio oneshot, by who runs them",
            Self::Closures => "closures parked, a thread each",
            Self::Timers => "timers, set and called off",
        })
    }
}

/// Starts this program anew as the child, and reads what it tells.
pub fn start(way: Way, name: &str, count: usize) -> Result<Measured, Box<dyn Error>> {
    let way = way.to_possible_value().ok_or("a way without a name")?;
    let output = Command::new(std::env::current_exe()?)
        .args(["parked", "--child", way.get_name(), name, &count.to_string()])
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the measuring process failed: {}", said.trim()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Is the child: measures and prints.
pub fn run(words: &[String]) -> Result<(), Box<dyn Error>> {
    let [way, name, count] = words else {
        return Err("--child takes a way, a subject and a count".into());
    };
    let way = Way::from_str(way, false)?;
    let (_, waiting) = way
        .list()
        .iter()
        .find(|(known, _)| known == name)
        .ok_or_else(|| format!("no subject `{name}`; known are {:?}", way.subjects()))?;
    println!("{}", serde_json::to_string(&waiting(count.parse()?)?)?);
    Ok(())
}

/// Measures from its start on.
pub struct Meter {
    resident: f64,
    cpu: Duration,
    start: Instant,
}

impl Meter {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        Ok(Self { resident: resident()?, cpu: cpu()?, start: Instant::now() })
    }

    /// The memory that has come since the start.
    pub fn grown(&self) -> Result<f64, Box<dyn Error>> {
        Ok(resident()? - self.resident)
    }

    pub fn end(&self, grown: f64, count: usize) -> Result<Measured, Box<dyn Error>> {
        let each = |time: Duration| time.as_secs_f64() * 1e9 / count as f64;
        Ok(Measured {
            bytes: grown / count as f64,
            ns: each(self.start.elapsed()),
            cpu_ns: each(cpu()?.saturating_sub(self.cpu)),
        })
    }
}

fn cpu() -> Result<Duration, Box<dyn Error>> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// The resident memory of this process in bytes.
fn resident() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("/proc/self/status has no VmRSS")?
        .parse()?;
    Ok(kib * 1024.0)
}
