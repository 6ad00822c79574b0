//! What the tests of the command share.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A fresh folder with these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    add(folder.path(), files);
    folder
}

/// Adds files to a folder.
pub(crate) fn add(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// The command, run in `folder`, with an environment that does not matter.
pub(crate) fn story_lint(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_story-lint"));
    command.current_dir(folder).args(args);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// What a run of the command gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).expect("JSON on standard output")
    }
}

/// Runs the command in `folder`.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Ran {
    ran(&mut story_lint(folder, args))
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("it runs");
    Ran {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The names of the stories in JSON output, each with its number of files.
pub(crate) fn stories(json: &serde_json::Value) -> Vec<(String, u64)> {
    let stories = json["stories"].as_array().expect("a list");
    stories
        .iter()
        .map(|story| {
            (
                story["name"].as_str().expect("a name").to_owned(),
                story["files"].as_u64().expect("n"),
            )
        })
        .collect()
}

/// `path:line:column RULE` of each finding in JSON output that is about doubled words or
/// suppressions; what else is found depends on checks that are not the matter here.
pub(crate) fn findings(json: &serde_json::Value) -> Vec<String> {
    let findings = json["findings"].as_array().expect("a list");
    findings
        .iter()
        .filter(|f| f["rule"].as_str().is_some_and(|r| r == "REP001" || r.starts_with("SUPP")))
        .map(|f| {
            let path = f["path"].as_str().expect("a path");
            format!("{path}:{}:{} {}", f["line"], f["column"], f["rule"].as_str().expect("a rule"))
        })
        .collect()
}
