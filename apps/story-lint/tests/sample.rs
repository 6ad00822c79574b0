//! The sample manuscript: its answer key, and the README's capture of checking it.
//!
//! `STORY_LINT_UPDATE=1 cargo test -p story-lint --test sample` writes the capture anew.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::run;

const SAMPLE: &str = "samples/the-salt-ledger";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_key_is_found_exactly() {
    let key = fs::read_to_string(root().join(SAMPLE).with_extension("key.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&key).unwrap();
    let items = key["items"].as_array().unwrap();
    let expected: BTreeSet<(String, String, u64)> =
        items.iter().map(|item| place(item, "file")).collect();
    assert_eq!(expected.len(), 15);

    let ran = run(&root(), &["check", SAMPLE, "--format", "json"]);
    assert_eq!(ran.code, 1);
    let json = ran.json();
    let found: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|f| place(f, "path")).collect();
    assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(found.len(), expected.len(), "each is found once");
}

/// The rule, file and line of an item of the key or of a finding.
fn place(item: &serde_json::Value, file: &str) -> (String, String, u64) {
    let path = item[file].as_str().unwrap();
    let path = path.strip_prefix(SAMPLE).map_or(path, |rest| rest.trim_start_matches('/'));
    let rule = item["rule"].as_str().unwrap();
    (rule.to_owned(), path.to_owned(), item["line"].as_u64().unwrap())
}

/// Some of what a check prints, in its order, and the last line.
fn capture() -> String {
    let ran = run(&root(), &["check", SAMPLE, "--color", "never"]);
    let blocks: Vec<&str> = ran.out.trim_end().split("\n\n").collect();
    let is_shown = |block: &str| {
        ["[CHAR010]", "[DIAL001]", "[META001]", "[TIME003]"].iter().any(|rule| block.contains(rule))
    };
    let chosen: Vec<&str> = blocks.iter().copied().filter(|block| is_shown(block)).collect();
    let last = blocks.last().copied().unwrap_or_default();
    format!("[…]\n\n{}\n\n[…]\n\n{last}", chosen.join("\n\n[…]\n\n"))
}

#[test]
fn the_readme_shows_what_really_happens() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let command = format!("$ cargo run --release -- check {SAMPLE}\n");
    let (before, rest) = readme.split_once(&command).expect("the README runs the main job");
    let (shown, after) = rest.split_once("\n```").expect("in a code block");
    let expected = capture();
    if std::env::var_os("STORY_LINT_UPDATE").is_some() {
        fs::write(&path, format!("{before}{command}{expected}\n```{after}")).unwrap();
    } else {
        assert_eq!(
            shown, expected,
            "the README's capture is out of date; see the top of this file"
        );
    }
}
