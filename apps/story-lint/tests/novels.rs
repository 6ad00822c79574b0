//! Real novels, where they lie beside the checkout: few findings, every planted fault of a rule
//! that exists, and output that depends on nothing but the text.

mod common;

use std::path::{Path, PathBuf};

use common::{Ran, run};

/// A folder beside the checkout; the tests that read it say so when it is missing.
fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(folder);
    if !path.is_dir() {
        eprintln!("not tested: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn check(folder: &Path, args: &[&str]) -> Ran {
    run(folder, &[&["check"], args].concat())
}

/// The findings on the six novels, a line each; `STORY_LINT_UPDATE=1 cargo test -p story-lint --test
/// novels` writes them anew. Each is classified in docs/story-lint-accuracy.md.
const PINNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/novels.txt");

#[test]
fn the_findings_on_six_finished_novels_are_known() {
    let Some(novels) = shared("manuscripts") else { return };
    let json = check(&novels, &["--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(common::stories(&json).len(), 7, "six novels and the page about their sources");
    let shown: String = findings
        .iter()
        .map(|of| {
            let text = |key: &str| of[key].as_str().unwrap();
            format!("{} {}:{} {}\n", text("rule"), text("path"), of["line"], text("message"))
        })
        .collect();
    if std::env::var_os("STORY_LINT_UPDATE").is_some() {
        std::fs::write(PINNED, &shown).unwrap();
    }
    let pinned = std::fs::read_to_string(PINNED).unwrap();
    assert_eq!(shown, pinned, "see docs/story-lint-accuracy.md before writing the file anew");
    // 832,000 words: under 0.2 findings per 10,000.
    assert!(findings.len() <= 16, "{} findings", findings.len());
}

#[test]
fn the_planted_faults_are_found_and_nothing_else() {
    let Some(planted) = shared("manuscripts-planted") else { return };
    let key = std::fs::read_to_string(planted.join("pride-and-prejudice.key.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&key).unwrap();
    let items = key["items"].as_array().unwrap();
    assert_eq!(items.len(), 15);

    let json = check(&planted, &["pride-and-prejudice", "--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    let is_at = |finding: &serde_json::Value, item: &serde_json::Value| {
        let line = finding["line"].as_u64().unwrap();
        finding["path"].as_str().unwrap().ends_with(item["file"].as_str().unwrap())
            && (item["paragraph"][0].as_u64().unwrap()..=item["paragraph"][1].as_u64().unwrap())
                .contains(&line)
    };
    let missed: Vec<_> =
        items.iter().filter(|item| !findings.iter().any(|finding| is_at(finding, item))).collect();
    assert!(missed.len() <= 1, "missed: {missed:#?}");
    for finding in findings {
        assert!(items.iter().any(|item| is_at(finding, item)), "not planted: {finding:#}");
    }
}

#[test]
fn output_depends_on_nothing_but_the_text() {
    let Some(novels) = shared("manuscripts") else { return };
    // Everything on, so that there is something to put in order.
    let mut books: Vec<String> = std::fs::read_dir(&novels)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let planted = "../manuscripts-planted/pride-and-prejudice".to_owned();
    books.push(planted);
    books.sort();
    if cfg!(debug_assertions) {
        // Unoptimised, all of them take minutes; what could differ differs between two, too.
        books.retain(|book| book.starts_with("alice") || book.starts_with(".."));
        assert_eq!(books.len(), 2);
    }
    let formats =
        ["full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "html"];
    for format in formats {
        let check = |threads: &str, books: &[String]| {
            let mut args = vec!["--format", format, "--threads", threads];
            args.extend(books.iter().map(String::as_str));
            check(&novels, &args).out
        };
        let expected = check("1", &books);
        assert!(expected.contains("META001"), "{expected}");
        // The same findings in other dress: once will do.
        let is_known = !matches!(format, "full" | "concise" | "json" | "sarif");
        for threads in if is_known { &["2"][..] } else { &["2", "3", "8"] } {
            books.rotate_left(1);
            assert!(check(threads, &books) == expected, "{format}, {threads} threads");
        }
        books.reverse();
        assert!(is_known || check("2", &books) == expected, "{format}, reversed");
        books.sort();
    }
}
