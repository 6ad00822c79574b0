//! Dates: small stories with a fault, each with its quiet twin.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::validator::time::Time;
use story_lint::validator::{AnyValidator, boxed};

fn time() -> Box<dyn AnyValidator> {
    boxed(Time)
}

#[test]
fn impossible_dates_and_wrong_weekdays_are_found() {
    for (text, expected) in [
        ("They were to leave on June 31st.", "TIME002 June has 30 days, and no 31st"),
        ("It was the thirty-first of April.", "TIME002 April has 30 days"),
        ("On 29 February 1893 it rained.", "TIME002 February 1893 has 28 days"),
        ("On the 30th of February it rained.", "TIME002 February has 29 days"),
        (
            "It was Friday, November 26, 1811.",
            "TIME003 26 November 1811 was a Tuesday, not a Friday",
        ),
        ("On Thursday, 7 February 1893, it broke.", "TIME003 7 February 1893 was a Tuesday"),
        ("It broke on 7 February 1893, a Thursday.", "TIME003"),
    ] {
        let found = shown(&*time(), &[("c1.md", text)]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(expected), "{text}: {found:?}");
    }
}

#[test]
fn right_dates_and_those_of_others_are_let_be() {
    for text in [
        "On 29 February 1896 it rained, and on Tuesday, 7 February 1893, too.",
        "“It was June 31st,” he said.",
        "‘It was on Friday, November 26, 1811,’ he said.",
        "> It was June 31st when we left.",
        "*June 31st*",
        "- June 31st",
        // Before the change of calendars, and in another country, nobody knows.
        "On Friday, 29 February 1700, it rained.",
        "In June 31 men came.",
    ] {
        let story = format!("It rained.\n\nIt snowed.\n\n{text}\n");
        assert_eq!(shown(&*time(), &[("c1.md", story)]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn scenes_that_go_back_are_found() {
    for (first, later) in [
        (
            "It was on the 14th of March, 1812, that they set out.",
            "They came in sight of it on the 2nd of March, 1812.",
        ),
        ("On Tuesday, 14 March 1893, she came.", "On 13 March 1893 he came."),
        ("On January 3, 1900, she came.", "On December 30, 1899, he came."),
    ] {
        let found = shown(&*time(), &[("c1.md", first), ("c2.md", later)]);
        assert_eq!(found.len(), 1, "{first} {later}: {found:?}");
        assert!(found[0].contains("TIME001") && found[0].starts_with("c2.md"), "{found:?}");
    }
}

#[test]
fn memories_and_letters_may_go_back() {
    let first = "On Tuesday, 14 March 1893, she came.";
    for later in [
        "On 15 March 1893 he came.",
        "It had broken on 2 March 1893.",
        "He was born on 2 March 1893.",
        "The letter, dated 2 March 1893, was short.",
        "## Flashback\n\nOn 2 March 1893 he came.",
        "## Two weeks earlier\n\nOn 2 March 1893 he came.",
        "> On 2 March 1893 he came.",
        "*Lost on 2 March 1893.*",
        "“On 2 March 1893 he came,” she said.",
        "On 2 March 1853 there was a war.",
    ] {
        assert_quiet(&*time(), &[("c1.md", first), ("c2.md", later)]);
    }
}

#[test]
fn a_book_that_goes_back_often_is_not_told_in_order() {
    let chapter = |day: u32| format!("On {day} March 1893 she came.");
    let days = [20, 3, 18, 5, 17, 2];
    let files: Vec<(String, String)> =
        days.iter().enumerate().map(|(at, day)| (format!("c{at}.md"), chapter(*day))).collect();
    assert_quiet(&*time(), &files);
    let found = shown(&*time(), &files[..2]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn cuts_between_blocks_change_nothing() {
    let text = "# One\n\nOn 14 March 1893 she came.\n\n* * *\n\nOn 2 March 1893 he came.\n\nOn June \
                31st he left.\n\n## Flashback\n\nOn 1 March 1893 he came.\n";
    let story = Story::new(&[("c1.md", text)]);
    let whole = story.run(&*time(), &|_| Vec::new());
    assert_eq!(whole.len(), 2, "{whole:?}");
    assert_eq!(story.run(&*time(), &|document| (1..document.blocks.len()).collect()), whole);
}
