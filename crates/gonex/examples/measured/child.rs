use std::env;
use std::io::{BufRead, BufReader};
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use super::{Failure, Usage};

/// This program again, as a process that runs one form and tells what came of it, a `name value` a line.
pub(crate) struct Child {
    process: process::Child,
    /// What ends a process that waits to be ended, when it is dropped.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Child {
    pub(crate) fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().ok_or("the process has no output")?);
        Ok(Self { process, stdin, stdout })
    }

    /// Reads its next line, which has to have this name.
    pub(crate) fn read<T: FromStr>(&mut self, name: &str) -> Result<T, Failure> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let value = line.trim_end().strip_prefix(name).map(str::trim);
        let read = value.and_then(|value| value.parse().ok());
        read.ok_or_else(|| format!("the process was to tell its {name} and said {line:?}").into())
    }

    /// Asks it to end, and reads what it has used.
    pub(crate) fn finish(mut self) -> Result<Usage, Failure> {
        drop(self.stdin.take());
        let cpu = Some(self.read("cpu_us")?).filter(|us| *us > 0).map(Duration::from_micros);
        let peak_bytes = Some(self.read("peak_bytes")?).filter(|bytes| *bytes > 0);
        let status = self.process.wait()?;
        if !status.success() {
            return Err(format!("the process ended with {status}").into());
        }
        Ok(Usage { cpu, peak_bytes })
    }
}

impl Drop for Child {
    /// Whoever gives up half-way leaves no process behind. One that has ended is not there to be killed.
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// In the process: tells what it has used, last of all. What the system does not say is 0.
pub(crate) fn told(usage: Usage) {
    println!("cpu_us {}", usage.cpu.map_or(0, |cpu| cpu.as_micros()));
    println!("peak_bytes {}", usage.peak_bytes.unwrap_or(0));
}
