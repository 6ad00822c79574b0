//! Chapter numbers and front matter.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::validator::meta::Meta;
use story_lint::validator::{AnyValidator, boxed};

fn meta() -> Box<dyn AnyValidator> {
    boxed(Meta)
}

/// A story with a file for each heading, named by place: `chapter-01.md` and so on.
fn book(headings: &[&str]) -> Vec<(String, String)> {
    (1..)
        .zip(headings)
        .map(|(n, heading)| (format!("chapter-{n:02}.md"), format!("# {heading}\n\nText.\n")))
        .collect()
}

#[track_caller]
fn finds(headings: &[&str], expected: &[&str]) {
    let found = shown(&*meta(), &book(headings));
    assert_eq!(found.len(), expected.len(), "{headings:?}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{headings:?}: {found:?}");
    }
}

#[test]
fn rows_without_fault_are_quiet() {
    for headings in [
        &["Chapter 1", "Chapter 2", "Chapter 3"][..],
        &["Chapter 0", "Chapter 1: X", "Chapter 2"],
        &["CHAPTER I.", "CHAPTER II.", "CHAPTER III."],
        &["Chapter the First", "Chapter the Second", "Chapter the Third"],
        &["1. Dawn", "2. Noon", "3. Night"],
        &["I", "II", "III"],
        &["Prologue", "Chapter 1", "Interlude", "Chapter 2", "Epilogue"],
        &["Chapter 1", "Interlude", "Chapter 3"],
        &["Part 1, Chapter 1", "Part 1, Chapter 2", "Part 2, Chapter 1", "Part 2, Chapter 2"],
        &["Part One", "Chapter 1", "Chapter 2", "Part Two", "Chapter 1", "Chapter 2"],
        &["Chapter 1", "Chapter 2", "Chapter 3", "Chapter 1", "Chapter 2"],
        &["Kapitel 1", "Kapitel 2", "3. Kapitel"],
        &["Chapitre premier", "Chapitre II", "Chapitre III"],
        &["Dawn", "Noon", "1984", "I. Newton"],
        &["Chapter 1", "Chapters 2 and 3", "Chapter 4", "Chapter 4½", "Chapter 5"],
        &["Chapter 21", "Chapter 22", "Chapter 23"],
        &["Chapter 1", "Chapter 2, Part 1", "Chapter 2, Part 2", "Chapter 3"],
        &["Chapter 1", "Chapter 2", "Chapter 2 (continued)", "Chapter 3"],
    ] {
        finds(headings, &[]);
    }
}

#[test]
fn each_run_of_trouble_is_one_finding() {
    let c = |numbers: &[u32]| -> Vec<String> {
        numbers.iter().map(|n| format!("Chapter {n}")).collect()
    };
    for (numbers, expected) in [
        (&[1, 2, 4, 4, 5][..], "chapter-03.md:1:1 META001 the heading says chapter 4 where 3"),
        (&[1, 2, 2, 4, 5], "chapter-03.md:1:1 META001 the heading says chapter 2 where 3"),
        (&[1, 2, 4, 5, 6], "chapter-03.md:1:1 META001 chapter 3 is missing between"),
        (&[1, 2, 6, 7], "META001 chapters 3 to 5 are missing"),
        (&[1, 2, 2, 3, 4], "chapter-03.md:1:1 META001 chapter 2 stands twice"),
        (&[1, 3, 2, 4], "META001 the headings say chapters 3, 2 where 2 to 3 belong"),
        (&[1, 2, 33, 4], "META001 the heading says chapter 33 where 3 belongs"),
        (&[2, 3, 4], "META001 chapter 1 is missing before chapter 2"),
        (&[1, 2, 3, 5], "META001 chapter 4 is missing between"),
    ] {
        let headings = c(numbers);
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        finds(&headings, &[expected]);
    }
}

#[test]
fn a_part_may_start_with_a_wrong_heading() {
    let headings = ["Part 1, Chapter 1", "Part 1, Chapter 2", "Part 1, Chapter 3"];
    let part = ["Part 2, Chapter 2", "Part 2, Chapter 2", "Part 2, Chapter 3"];
    let all: Vec<&str> = headings.into_iter().chain(part).collect();
    finds(&all, &["chapter-04.md:1:1 META001 the heading says chapter 2 where 1 belongs"]);
}

#[test]
fn chapters_may_share_a_file() {
    let text = "# Book\n\n## Chapter 1\n\nA.\n\n## Chapter 2\n\nB.\n\n## Chapter 4\n\nC.\n";
    let found = shown(&*meta(), &[("book.md", text)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("book.md:11:1 META001"), "{found:?}");
    assert_quiet(&*meta(), &[("book.md", text.replace('4', "3"))]);
}

#[test]
fn names_without_numbers_say_nothing_about_order() {
    let files =
        [("one.md", "# Chapter 1\n"), ("three.md", "# Chapter 3\n"), ("two.md", "# Chapter 2\n")];
    assert_quiet(&*meta(), &files);
    let twice = [("a.md", "# Chapter 1\n"), ("b.md", "# Chapter 2\n"), ("c.md", "# Chapter 2\n")];
    assert_eq!(shown(&*meta(), &twice).len(), 1);
    let named = [1, 3, 3].map(|n| format!("# Chapter {n}\n"));
    let files: Vec<_> =
        ["chapter-i.md", "chapter-ii.md", "chapter-iii.md"].into_iter().zip(named).collect();
    let found = shown(&*meta(), &files);
    assert!(found.len() == 1 && found[0].starts_with("chapter-ii.md:1:1 META001"), "{found:?}");
}

#[test]
fn a_table_of_contents_gives_the_order_of_names_without_numbers() {
    let chapters = |harbour: &str| {
        [
            ("dawn.md", "# 1. Dawn\n".to_owned()),
            ("harbour.md", format!("# {harbour}. Harbour\n")),
            ("gale.md", "# 3. Gale\n".to_owned()),
            ("calm.md", "# 4. Calm\n".to_owned()),
            ("anchor.md", "# 5. Anchor\n".to_owned()),
            ("bar.md", "# 6. Bar\n".to_owned()),
        ]
    };
    let by_place =
        "[a](dawn.md) [b](harbour.md) [c](gale.md) [d](calm.md) [e](anchor.md) [f](bar.md)\n";
    let by_title =
        "[e](anchor.md) [f](bar.md) [d](calm.md) [a](dawn.md) [c](gale.md) [b](harbour.md)\n";
    let found = |harbour: &str, table: &str| {
        let mut files = chapters(harbour).to_vec();
        files.push(("README.md", table.to_owned()));
        shown(&*meta(), &files)
    };
    let wrong = found("3", by_place);
    assert!(wrong.len() == 1 && wrong[0].starts_with("harbour.md:1:1 META001"), "{wrong:?}");
    assert!(found("2", by_place).is_empty());
    assert!(found("2", by_title).is_empty(), "sorted by title");
    let one_left_out = by_place.replace("[c](gale.md)", "");
    assert!(found("2", &one_left_out).is_empty(), "the place of a chapter is not known");
}

#[test]
fn a_row_behind_an_interlude_may_start_with_a_wrong_heading() {
    let headings =
        ["Chapter 1", "Chapter 2", "Chapter 3", "Tale", "Chapter 2", "Chapter 2", "Chapter 3"];
    finds(&headings, &["chapter-05.md:1:1 META001 the heading says chapter 2 where 1"]);
}

#[test]
fn notes_and_titles_are_no_chapters() {
    let mut files = book(&["Chapter 1", "Chapter 2", "Chapter 3"]);
    files.push(("notes/3.md".to_owned(), "# Chapter 3\n".to_owned()));
    files.push(("README.md".to_owned(), "# Chapter 7\n".to_owned()));
    assert_quiet(&*meta(), &files);
    let titled = [1, 2, 4].map(|n| (format!("{n}.md"), format!("# My Book\n\n## Chapter {n}\n")));
    assert_eq!(shown(&*meta(), &titled).len(), 1, "a repeated title is no interlude");
}

#[test]
fn a_partial_story_misses_nothing() {
    let mut story = Story::new(&[("5.md", "# Chapter 5\n"), ("9.md", "# Chapter 9\n")]);
    story.partial = true;
    assert!(story.shown(&*meta()).is_empty());
}

#[test]
fn front_matter_must_be_yaml() {
    for (yaml, expected) in [
        ("title: The Storm: Part One\n", "1.md:2:"),
        // Where the value starts, and not where the parser noticed.
        ("title: \"open\nstatus: x\n", "1.md:2:8 META002"),
        ("title: x\nby: 'open\nstatus: x\n", "1.md:3:5 META002"),
        ("a: 1\nb: 2\na: 3\n", "1.md:4:1 META002 the front matter is no valid YAML: the key `a`"),
        ("- one\n- two\n", "META002 the front matter holds no `key: value` pairs"),
        ("tags: [a, b\n", "META002"),
    ] {
        let found = shown(&*meta(), &[("1.md", format!("---\n{yaml}---\n\nText.\n"))]);
        assert_eq!(found.len(), 1, "{yaml}: {found:?}");
        assert!(found[0].contains(expected), "{yaml}: {found:?}");
    }
    let unclosed = shown(&*meta(), &[("1.md", "---\ntitle: x\n\nText.\n")]);
    assert_eq!(unclosed.len(), 1, "{unclosed:?}");
    for text in [
        "---\ntitle: \"The Storm: Part One\"\ntags: [a, b]\n1: x\nwhen: 2024-01-02\n---\n\nText.\n",
        "---\n---\n\nText.\n",
        "---\n# nothing yet\n...\n\nText.\n",
        "---\n\nA scene break at the top.\n\n---\n\nAnd another.\n",
        "---\r\ntitle: x\r\nlist:\r\n  - a\r\n  - b\r\n---\r\n\r\nText.\r\n",
    ] {
        assert_quiet(&*meta(), &[("1.md", text)]);
    }
}

#[test]
fn numbers_must_agree_where_the_story_agrees() {
    let mut files = book(&["Chapter 1", "Chapter 2", "Chapter 3", "Chapter 4"]);
    assert_quiet(&*meta(), &files);
    files[2].1 = "---\nchapter: 7\n---\n# Chapter 3\n".to_owned();
    let found = shown(&*meta(), &files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("chapter-03.md:2:1 META004"), "{found:?}");

    // Headings in a row of their own, files in another: chapter 5 was renamed.
    let names = ["1", "2", "3", "4", "6"];
    let renamed: Vec<(String, String)> = (1..)
        .zip(names)
        .map(|(n, name)| (format!("ch-{name}.md"), format!("# Chapter {n}\n")))
        .collect();
    let found = shown(&*meta(), &renamed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("ch-6.md:1:1 META004"), "{found:?}");
}
