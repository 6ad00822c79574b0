//! The formats for machines, the page, and the baseline.

mod common;

use std::collections::BTreeSet;

use common::{add, run, tree};

const FILES: [(&str, &str); 2] = [
    ("c1.md", "# One <1>\n\nShe opened the the door.\n\nIt was the the end & all.\n"),
    ("c2.md", "# Two\n\nTo leave on June 31st, he said.\n"),
];

#[test]
fn each_line_of_json_lines_is_a_finding() {
    let folder = tree(&FILES);
    let ran = run(folder.path(), &["check", "--format", "json-lines"]);
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let rules: Vec<_> = lines.iter().map(|line| line["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["REP001", "REP001", "TIME002"]);
    assert_eq!(lines[2]["silencer"], "<!-- story-lint: allow TIME002 because … -->");
}

#[test]
fn github_shows_annotations() {
    let folder = tree(&FILES);
    let ran = run(folder.path(), &["check", "--format", "github"]);
    let first = ran.out.lines().next().unwrap();
    assert_eq!(
        first,
        "::warning file=c1.md,line=3,col=12,endColumn=19,title=REP001 doubled word::`the` stands \
         twice in a row%0Ahelp: delete one of the two"
    );
    assert_eq!(ran.out.lines().count(), 3);
}

#[test]
fn gitlab_takes_a_list_of_issues_with_unique_fingerprints() {
    let folder = tree(&FILES);
    add(folder.path(), &[("x/README.md", "[c](c1.md)\n"), ("x/c1.md", FILES[0].1)]);
    let json = run(folder.path(), &["check", "--format", "gitlab"]).json();
    let issues = json.as_array().unwrap();
    let prints: BTreeSet<_> = issues.iter().map(|of| of["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), issues.len());
    assert!(issues.len() >= 5);
    assert_eq!(issues[0]["location"]["path"], "c1.md");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 3);
    assert_eq!(issues[0]["severity"], "minor");
}

#[test]
fn junit_has_a_case_for_each_file() {
    let folder = tree(&FILES);
    add(folder.path(), &[("c3.md", "# Three\n"), ("c4.md", "\u{0}")]);
    let ran = run(folder.path(), &["check", "--format", "junit"]);
    assert!(ran.out.starts_with("<?xml"), "{}", ran.out);
    for part in [
        "<testsuites name=\"story-lint\" tests=\"4\" failures=\"2\" errors=\"1\">",
        "<testcase name=\"c3.md\" classname=\".\" file=\"c3.md\"/>",
        "3:12: warning REP001 `the` stands twice in a row",
        "<error message=\"the file is binary",
    ] {
        assert!(ran.out.contains(part), "{part} is missing in {}", ran.out);
    }
    assert_eq!(ran.out.matches("<failure ").count(), 2);
}

#[test]
fn the_page_stands_alone_and_shows_findings_in_place() {
    let folder = tree(&FILES);
    add(
        folder.path(),
        &[(
            "c3.md",
            "# Three\n\n“Go,” said Ann Gray. “Go,” said Ann Gray, and Ann Gray went <b>x</b>.\n",
        )],
    );
    let page = run(folder.path(), &["check", "--format", "html"]).out;
    for part in [
        "<!doctype html>",
        "name=\"viewport\"",
        "One &lt;1&gt;",
        "She opened <mark class=\"warning\">the the</mark> door.",
        " end &amp; all.",
        "<code>&lt;!-- story-lint: allow REP001 because … --&gt;</code>",
        "<svg class=\"chart\"",
        "Ann Gray",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    // It loads nothing and runs nothing.
    for part in ["http:", "https:", "<script", "<link", "src="] {
        assert!(!page.contains(part), "{part} stands in {page}");
    }
}

#[test]
fn fingerprints_outlive_edits_elsewhere() {
    let prints = |text: &str| -> Vec<String> {
        let folder = tree(&[("c1.md", text)]);
        let json = run(folder.path(), &["check", "--format", "json"]).json();
        let findings = json["findings"].as_array().unwrap();
        findings.iter().map(|f| f["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let before = prints("# One\n\nShe opened the the door.\n\nIt was of of use.\n");
    let after =
        prints("# One\n\nNew text.\n\nMore.\n\nShe opened the\nthe window.\n\nIt was of of use.\n");
    assert_eq!(before.len(), 2);
    assert_eq!(before, after);
    assert_ne!(before[0], before[1]);
}

#[test]
fn a_baseline_hides_what_is_old_and_shows_what_is_new() {
    let folder = tree(&FILES);
    let ran = run(folder.path(), &["baseline"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Wrote 3 findings to `story-lint-baseline.json`"), "{}", ran.out);
    let check = || run(folder.path(), &["check", "--baseline", "story-lint-baseline.json"]);
    let ran = check();
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("3 known from the baseline"), "{}", ran.out);

    // One more of the same kind, and one that is gone.
    add(
        folder.path(),
        &[(
            "c1.md",
            "# One\n\nHe opened the the gate.\n\nShe opened the the door.\n\nIt was the the end.\n",
        )],
    );
    add(folder.path(), &[("c2.md", "# Two\n\nTo leave on June 30th.\n")]);
    let ran = check();
    assert_eq!(ran.out.matches("[REP001]").count(), 1, "{}", ran.out);
    assert!(ran.err.contains("1 entry of the baseline found nothing"), "{}", ran.err);
}

#[test]
fn a_baseline_that_is_none_is_refused_before_the_work() {
    let folder = tree(&[("c1.md", "# One\n"), ("bad.json", "{\"version\": 7, \"findings\": []}")]);
    for (file, part) in [
        ("none.json", "cannot use the baseline"),
        ("bad.json", "version 7"),
        ("c1.md", "cannot use"),
    ] {
        let ran = run(folder.path(), &["check", "--baseline", file]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{file}");
        assert!(ran.err.contains(part) && ran.err.contains("story-lint baseline"), "{}", ran.err);
    }
}
