//! Chapters against the mean of their book.

mod common;
mod harness;

use common::{run, tree};
use harness::{assert_quiet, shown};
use story_lint::validator::boxed;
use story_lint::validator::style::Style;

/// A chapter of so many sentences.
fn chapter(sentence: &str, count: usize) -> String {
    format!("# Chapter\n\n{}\n", vec![sentence; count].join(" "))
}

fn book(odd: &str) -> Vec<(String, String)> {
    let plain = chapter("The boat came home with the tide that night.", 60);
    let mut files: Vec<(String, String)> =
        (0..9).map(|number| (format!("c{number}.md"), plain.clone())).collect();
    files[5].1 = odd.to_owned();
    files
}

#[test]
fn a_chapter_far_above_the_mean_is_one_finding() {
    for (sentence, rule) in [
        (
            "The boat came home with the tide that night and the women on the wall who had waited there since noon went down to it.",
            "STYLE001",
        ),
        ("The boat slowly came home with the tide very quietly.", "STYLE002"),
        ("The boat came home with the tide that night!", "STYLE003"),
        ("She saw that the boat came home with tide.", "STYLE004"),
    ] {
        let found = shown(&*boxed(Style), &book(&chapter(sentence, 60)));
        assert_eq!(found.len(), 1, "{rule}: {found:?}");
        assert!(found[0].starts_with(&format!("c5.md:1:1 {rule}")), "{found:?}");
    }
}

#[test]
fn a_book_of_one_kind_is_let_be() {
    assert_quiet(
        &*boxed(Style),
        &book(&chapter("The boats came home with the tide that night.", 60)),
    );
    // Too short to be measured, and a book without a mean.
    assert_quiet(&*boxed(Style), &book(&chapter("Go! Run! Now!", 20)));
    assert_quiet(&*boxed(Style), &book(&chapter("He came! He saw! He won! ", 200))[4..7]);
}

#[test]
fn the_rules_are_off_unless_asked_for() {
    let files = book(&chapter("The boat came home with the tide that night!", 60));
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let folder = tree(&files);
    let count = |args: &[&str]| {
        let ran = run(
            folder.path(),
            &[&["check", "--rule", "REP=off", "--rule", "META=off"], args].concat(),
        );
        ran.out.matches("[STYLE003]").count()
    };
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&["--rule", "STYLE003=info"]), 1);
    assert_eq!(count(&["--rule", "STYLE=warning"]), 1);
    let rules = run(folder.path(), &["rules"]).out;
    assert!(rules.lines().any(|line| line.starts_with("STYLE003  off")), "{rules}");
    let explained = run(folder.path(), &["explain", "STYLE003"]).out;
    assert!(explained.contains("off by default") && explained.contains("STYLE003 = \"info\""));
}
