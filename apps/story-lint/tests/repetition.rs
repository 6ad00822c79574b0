//! Doubled words and pasted paragraphs.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::validator::repetition::Repetition;
use story_lint::validator::{AnyValidator, boxed};

fn repetition() -> Box<dyn AnyValidator> {
    boxed(Repetition)
}

const LONG: &str = "It was a dark night over the harbour, and none of the boats that had gone out \
in the morning with the tide had come home again, though the women waited on the wall.";
const OTHER: &str = "In the morning the boats came home after all, one behind the other, their \
sails torn and their nets empty, and the women on the wall counted them and said nothing at all.";

#[test]
fn a_doubled_word_is_found_wherever_it_stands() {
    for (text, place) in [
        ("She opened the the door.\n", "1:12"),
        ("She opened the\nthe door.\n", "1:12"),
        ("She opened the\r\nthe door.\r\n", "1:12"),
        ("> She opened the\n> the door.\n", "1:14"),
        ("The the door.\n", "1:1"),
        ("“The the door,” he said.\n", "1:2"),
        ("It was *of of* use.\n", "1:9"),
        ("Go  to   to bed.\n", "1:5"),
    ] {
        let found = shown(&*repetition(), &[("ch.md", text)]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(&format!("ch.md:{place} REP001 ")), "{text}: {found:?}");
    }
}

#[test]
fn what_may_be_doubled_is_left_alone() {
    for text in [
        "He had had enough, and that that was in in her her way was very very so.\n",
        "The, the door. To—to bed! Of. Of course. And “and” and.\n",
        "He read the *the* again, and `the the` too.\n",
        "He read the The Times.\n",
        "    the the code\n",
        "> O the the night  \n> of of the star\n",
        "A catheter er and the bathe the.\n",
        "Ma’ the the’re.\n",
    ] {
        assert_quiet(&*repetition(), &[("ch.md", text)]);
    }
}

#[test]
fn a_pasted_paragraph_is_found_at_the_later_place() {
    let files = [("1.md", format!("# One\n\n{LONG}\n")), ("2.md", format!("# Two\n\n{LONG}\n"))];
    let story = Story::new(&files);
    let found = story.check(&*repetition());
    assert_eq!(found.len(), 1);
    assert!(story.show(&found[0]).starts_with("2.md:3:1 REP002"));
    assert_eq!(found[0].related[0].at.file.index(), 0);
}

#[test]
fn capitals_punctuation_and_wraps_do_not_matter() {
    let other = LONG.to_uppercase().replace(", ", " – ").replace(" AND ", "\r\nAND ");
    let files = [("1.md", LONG.to_owned()), ("2.md", format!("*{other}*\r\n"))];
    assert_eq!(shown(&*repetition(), &files).len(), 1);
}

#[test]
fn a_passage_is_one_finding_and_three_copies_are_two() {
    let passage = format!("{LONG}\n\n“Yes.”\n\n{OTHER}\n\n");
    let found = shown(&*repetition(), &[("1.md", &passage), ("2.md", &passage)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("these 2 paragraphs"), "{found:?}");
    let found = shown(&*repetition(), &[("1.md", LONG), ("2.md", LONG), ("3.md", LONG)]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn refrains_verse_letters_and_readmes_are_left_alone() {
    let verse = LONG.replace(", ", ",  \n");
    let quoted = format!("> {LONG}\n");
    let almost = LONG.replace("women", "children");
    let short = "He came again, as he had said, and stood before the door, waiting.";
    for (one, two) in
        [(verse.as_str(), verse.as_str()), (&quoted, &quoted), (LONG, &almost), (short, short)]
    {
        let tale = "Narration.\n\nMore of it.\n\nAnd more.\n\n";
        let files = [("1.md", format!("{tale}{one}\n")), ("2.md", format!("{tale}{two}\n"))];
        assert_quiet(&*repetition(), &files);
    }
    assert_quiet(&*repetition(), &[("README.md", LONG), ("1.md", LONG)]);
}

#[test]
fn a_story_told_in_block_quotations_is_compared() {
    let quoted = format!("> {LONG}\n");
    assert_eq!(shown(&*repetition(), &[("1.md", &quoted), ("2.md", &quoted)]).len(), 1);
}
