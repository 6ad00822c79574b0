//! Hostile and odd input: each text here once took minutes or gigabytes.

mod harness;

use std::fmt::Write;

use harness::{Story, shown};
use story_lint::validator::boxed;
use story_lint::validator::dialogue::Dialogue;
use story_lint::validator::links::Links;
use story_lint::validator::meta::Meta;

/// What the dialogue validator finds in a text.
fn dialogue(text: &str) -> Vec<String> {
    shown(&*boxed(Dialogue), &[("ch.md", text)])
}

#[test]
fn a_paragraph_of_nothing_but_marks_is_one_short_finding() {
    for mark in ["“", "”", "\"", "‘", "’", "'", "„", "“‘", "”a", "“a"] {
        let found = dialogue(&format!("{}\n\nEnd.\n", mark.repeat(50_000)));
        assert!(found.len() <= 2, "{mark}: {}", found.len());
        assert!(found.iter().all(|line| line.len() < 1_000), "{mark}");
    }
}

#[test]
fn marks_of_all_kinds_in_one_paragraph_are_few_findings() {
    let mixed = "“a ‘b’ \"c 'd e\" ’f ” 6\" “ ".repeat(10_000);
    assert!(dialogue(&format!("{mixed}\n\nEnd.\n")).len() <= 2);
}

#[test]
fn each_of_many_lines_may_open() {
    let lines = "\"A line of it\n\"Short\n".repeat(25_000);
    assert!(dialogue(&format!("{lines}\nEnd.\n")).len() <= 2);
}

#[test]
fn each_of_many_paragraphs_may_stay_open() {
    assert_eq!(dialogue(&"“One.\n\n".repeat(50_000)).len(), 1, "the last is not closed");
    assert_eq!(dialogue(&"“One.\n\nTwo.\n\nThree.\n\n".repeat(500)).len(), 500);
}

#[test]
fn marks_in_code_are_left_out_however_many() {
    let text = "`print(\"` is “code” and ".repeat(25_000);
    assert_eq!(dialogue(&format!("{text}\n\nEnd.\n")), Vec::<String>::new());
}

#[test]
fn the_mark_shown_is_that_of_a_paragraph_with_a_slip() {
    // Behind four faults the first is told as it is behind one.
    let found = dialogue(&format!("{}”\n\nEnd.\n", "“Ann, ten. ".repeat(500)));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("ch.md:1:1 DIAL001"), "{found:?}");
    let found = dialogue(&format!("“Yes,{} he said.\n\nEnd.\n", "x".repeat(5_000)));
    assert!(found.len() == 1 && found[0].len() < 400, "{found:?}");
}

/// A file with this many headings and links to anchors that are nearly those.
fn slips(headings: usize, links: usize) -> String {
    let mut text = String::new();
    for n in 0..headings {
        writeln!(text, "# Heading number {n}\n").expect("written");
    }
    for n in 0..links {
        write!(text, "[a](#haeding-number-{n}) ").expect("written");
    }
    text
}

#[test]
fn bad_anchors_without_number_are_told_with_a_suggestion_for_the_first() {
    let story = Story::new(&[("1.md", slips(2_000, 20_000))]);
    let found = story.check(&*boxed(Links));
    assert_eq!(found.len(), 20_000);
    let suggests = |n: usize| found[n].help.as_deref().is_some_and(|help| help.contains("mean"));
    assert!(suggests(0) && !suggests(19_999));
}

#[test]
fn an_anchor_that_is_wrong_everywhere_is_suggested_everywhere() {
    let links = "[a](#haeding-number-7) ".repeat(20_000);
    let story = Story::new(&[("1.md", slips(2_000, 0) + &links)]);
    let found = story.check(&*boxed(Links));
    assert_eq!(found.len(), 20_000);
    let helps = found.iter().map(|finding| finding.help.as_deref());
    assert!(helps.into_iter().all(|help| help == Some("did you mean `#heading-number-7`?")));
}

#[test]
fn references_without_number_are_told_in_one_line() {
    let links = boxed(Links);
    for (text, count) in
        [("[the tide][x] ", 20_000), ("[the tide][] ", 20_000), ("[tide] ", 0), ("[1][2] ", 0)]
    {
        let found = shown(&*links, &[("1.md", text.repeat(20_000))]);
        assert_eq!(found.len(), count, "{text}");
    }
    let nested = format!("{}1{}", "[".repeat(5_000), "][x]".repeat(5_000));
    assert_eq!(shown(&*links, &[("1.md", nested)]), Vec::<String>::new());
}

/// What is found in front matter.
fn front(yaml: &str) -> String {
    let found = shown(&*boxed(Meta), &[("1.md", format!("---\n{yaml}\n---\n\nText.\n"))]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

#[test]
fn front_matter_that_is_too_long_is_told() {
    let long = front(&"key: value\n".repeat(10_000));
    assert_eq!(long, "1.md:1:1 META002 front matter of 108 KiB is not read, at most 64 KiB are");
}

#[test]
fn what_yaml_refuses_is_told_in_plain_words() {
    let tenfold = |n: usize| format!("a{n}: &a{n} [{}]\n", format!("*a{},", n - 1).repeat(10));
    let doubled: String = (1..9).map(tenfold).collect();
    for (yaml, place, reason) in [
        (format!("a0: &a0 [x]\n{doubled}"), "", "it holds too many values"),
        (format!("a: &x 1\nb: [{}]", "*x,".repeat(20_000)), "", "it repeats values with `*`"),
        (format!("a: {}", "[".repeat(3_000)), "", "its lists stand inside each other too deeply"),
        ("- ".repeat(3_000), "", "its lists stand inside each other too deeply"),
        ("a: &x [*x]".to_owned(), "2:8", "`*x` stands inside the value that it repeats"),
        ("by: x\nto: *storm".to_owned(), "3:5", "`*storm` repeats a value named `&storm`"),
        ("to: [a, *storm, b]".to_owned(), "2:9", "`*storm` repeats a value named `&storm`"),
        ("title: *The Storm*".to_owned(), "2:8", "`*The` repeats a value named `&The`"),
    ] {
        let told = front(&yaml);
        let start: String = yaml.chars().take(30).collect();
        assert!(told.starts_with(&format!("1.md:{place}")), "{start}: {told}");
        assert!(told.contains(&format!(": {reason}")), "{start}: {told}");
        assert!(!told.contains(['{', '}']) && !told.contains("budget"), "{start}: {told}");
    }
}
