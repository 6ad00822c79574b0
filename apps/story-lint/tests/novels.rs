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

#[test]
fn six_finished_novels_have_few_findings() {
    let Some(novels) = shared("manuscripts") else { return };
    let json = check(&novels, &["--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    // Each is classified in docs/story-lint-accuracy.md; see there before changing the number.
    assert!(findings.len() <= 8, "{findings:#?}");
    assert_eq!(common::stories(&json).len(), 7, "six novels and the page about their sources");
}

#[test]
fn every_planted_fault_of_these_kinds_is_found_and_nothing_else() {
    let Some(planted) = shared("manuscripts-planted") else { return };
    let key = std::fs::read_to_string(planted.join("pride-and-prejudice.key.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&key).unwrap();
    let kinds = ["link-", "chapter-number", "dialogue-", "repeat-"];
    let items: Vec<_> = key["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| kinds.iter().any(|kind| item["kind"].as_str().unwrap().starts_with(kind)))
        .collect();
    assert_eq!(items.len(), 5);

    let json = check(&planted, &["pride-and-prejudice", "--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    let is_at = |finding: &serde_json::Value, item: &serde_json::Value| {
        let line = finding["line"].as_u64().unwrap();
        finding["path"].as_str().unwrap().ends_with(item["file"].as_str().unwrap())
            && (item["paragraph"][0].as_u64().unwrap()..=item["paragraph"][1].as_u64().unwrap())
                .contains(&line)
    };
    for item in &items {
        assert!(findings.iter().any(|finding| is_at(finding, item)), "missed: {item:#}");
    }
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
    for format in ["full", "concise", "json", "sarif"] {
        let check = |threads: &str, books: &[String]| {
            let mut args = vec!["--format", format, "--threads", threads];
            args.extend(books.iter().map(String::as_str));
            check(&novels, &args).out
        };
        let expected = check("1", &books);
        assert!(expected.contains("META001"), "{expected}");
        for threads in ["2", "3", "8"] {
            books.rotate_left(1);
            assert!(check(threads, &books) == expected, "{format}, {threads} threads");
        }
        books.reverse();
        assert!(check("2", &books) == expected, "{format}, reversed");
        books.sort();
    }
}
