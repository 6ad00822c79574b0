//! `story.toml`: what it declares counts, what is wrong in it is named, and the command that drafts
//! it keeps what is there.

mod common;

use common::{run, tree};

/// Rule, path and line of each finding about the story's own facts.
fn found(ran: &common::Ran) -> Vec<String> {
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|f| !f["rule"].as_str().unwrap().starts_with("LINK"))
        .map(|f| {
            format!("{} {}:{}", f["rule"].as_str().unwrap(), f["path"].as_str().unwrap(), f["line"])
        })
        .collect()
}

const STORY: &str = "\
[[character]]
name = \"Edmund Sloane\"
aliases = [\"Captain Sloane\", \"Sloane\"]
born = 1833-05-04
died-in = \"c2.md\"
eyes = \"grey\"
hair = \"fair\"

[[character]]
name = \"Dorcas\"
died = 1893-03-10

[[place]]
name = \"Thornwik\"

[[banned]]
words = [\"telephone\", \"okay then\"]
because = \"it is 1893\"

[[plant]]
name = \"the key\"
planted = \"steel key\"
paid = \"turned the key\"
";

#[test]
fn the_text_is_compared_with_what_is_declared() {
    for (c1, c2, expected) in [
        ("Sloane’s brown eyes shone.", "", vec!["CHAR010 c1.md:1"]),
        ("Captain Sloane’s hair was black.", "", vec!["CHAR011 c1.md:1"]),
        ("It was 14 March 1893. Sloane was fifty years old.", "", vec!["CHAR012 c1.md:1"]),
        ("“Mind,” said Sloane.", "“Mind,” said Sloane.", vec![]),
        ("It was 14 March 1893.\n\n“Mind,” said Dorcas.", "", vec!["CHAR020 c1.md:3"]),
        ("The\ntelephone rang. “Okay\nthen.”", "", vec!["WORLD010 c1.md:2", "WORLD010 c1.md:2"]),
        ("A steel\nkey hung there.", "", vec!["PLOT001 c1.md:1"]),
        ("She turned the key.", "A steel key hung there.", vec!["PLOT002 c1.md:1"]),
        ("She turned the key.", "", vec!["PLOT001 c1.md:1"]),
        // The quiet twins.
        ("Sloane’s grey eyes shone.", "Sloane’s blue-grey eyes shone.", vec![]),
        ("It was 14 March 1893. Sloane was fifty-nine years old.", "", vec![]),
        ("It was 9 March 1893.\n\n“Mind,” said Dorcas.", "", vec![]),
        ("The telephones rang: a telephonist. Okay, then.", "", vec![]),
        ("A steel key hung there.", "She turned the key.", vec![]),
        (
            "Sloane was at Thornwick, in Thornwick, at Thornwick. He saw Thornwick and Thornwick, and \
          Thornwik.",
            "",
            vec![],
        ),
    ] {
        let folder = tree(&[("story.toml", STORY), ("c1.md", c1), ("c2.md", c2)]);
        let ran = run(folder.path(), &["check", "--format", "json"]);
        assert_eq!(found(&ran), expected, "{c1} / {c2}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn who_died_in_a_file_is_silent_in_later_ones() {
    let folder = tree(&[
        ("story.toml", STORY),
        ("c1.md", "“Mind,” said Sloane."),
        ("c2.md", "The end of him."),
        ("c3.md", "“Mind,” said Captain Sloane."),
    ]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(found(&ran), ["CHAR020 c3.md:1"]);
    let reason = ran.json()["findings"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("story.toml:1 declares `died-in = \"c2.md\"`"), "{reason}");
}

#[test]
fn a_story_may_have_its_own_calendar() {
    let calendar = "calendar.months = [{ name = \"Thaw\", days = 20 }, { name = \"Frost\", days = 40 }]\n\
                    calendar.weekdays = [\"Oneday\", \"Twoday\"]\ncalendar.first-weekday = \"Oneday\"\n";
    for (text, expected) in [
        ("On 21 Thaw 12 it rained.", vec!["TIME002 c1.md:1"]),
        ("On Oneday, 2 Thaw 1, it rained.", vec!["TIME003 c1.md:1"]),
        ("On 3 Frost 12 it rained.\n\nOn 4 Thaw 12 it snowed.", vec!["TIME001 c1.md:3"]),
        ("On Twoday, 2 Thaw 1, it rained. On June 31st, too.", vec![]),
    ] {
        let folder = tree(&[("story.toml", calendar), ("c1.md", text)]);
        let ran = run(folder.path(), &["check", "--format", "json"]);
        assert_eq!(found(&ran), expected, "{text}: {}", ran.err);
    }
}

#[test]
fn wrong_entries_are_told_with_their_line_and_nothing_is_checked() {
    let text = "[[character]]\nname = \"Ann\"\neye = \"blue\"\nborn = \"31 June 1890\"\n";
    let folder = tree(&[("story.toml", text), ("c1.md", "# One\n")]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("story.toml:3:1: there is no key `eye`"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `eyes`?"), "{}", ran.err);
    assert!(ran.err.contains("story.toml:4:8: `born`: `31 June 1890` is no date"), "{}", ran.err);
    assert_eq!(run(folder.path(), &["check", "--isolated"]).code, 0);
}

const CHAPTER: &str = "# One\n\n“Sit,” said Captain Edmund Sloane at Skelmouth. Captain Sloane had \
    grey eyes. Then Sloane left Skelmouth. In Skelmouth stood Dorcas Anstey. “No,” said Dorcas, and \
    Dorcas Anstey was fifty-two. “Oh,” said Dorcas.\n";

#[test]
fn a_draft_lists_who_and_what_is_in_the_story() {
    let folder = tree(&[("c1.md", CHAPTER)]);
    let ran = run(folder.path(), &["bible"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let text = std::fs::read_to_string(folder.path().join("story.toml")).unwrap();
    for part in [
        "name = \"Captain Edmund Sloane\"\naliases = [\"Captain Sloane\", \"Sloane\"]\neyes = \"grey\"",
        "name = \"Dorcas Anstey\"",
        "[[place]] # named 3 times, first in c1.md, line 3\nname = \"Skelmouth\"",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    // What it drafts can be read, and accuses nobody.
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!((ran.code, found(&ran)), (0, Vec::new()), "{}", ran.err);
}

#[test]
fn a_second_run_keeps_every_edit_and_adds_who_is_new() {
    let folder = tree(&[("c1.md", CHAPTER)]);
    run(folder.path(), &["bible"]);
    let file = folder.path().join("story.toml");
    let edited = "# mine\n[[character]]\nname = \"Edmund Sloane\" # the harbour master\n\
                  aliases = [\"Captain Sloane\", \"Sloane\", \"Captain Edmund Sloane\"]\neyes = \"green\"\n\
                  [[character]]\nname = \"Dorcas Anstey\"\naliases = [\"Dorcas\"]\n\
                  [[place]]\nname = \"Skelmouth\"";
    std::fs::write(&file, edited).unwrap();
    let ran = run(folder.path(), &["bible"]);
    assert!(ran.out.contains("Nobody new"), "{}", ran.out);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited);

    common::add(
        folder.path(),
        &[("c2.md", "“Ay,” said Jonas. “Ay,” said Jonas. “Ay,” said Jonas.")],
    );
    let printed = run(folder.path(), &["bible", "--print"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited, "printing writes nothing");
    run(folder.path(), &["bible"]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(edited), "{text}");
    assert!(text[edited.len()..].contains("name = \"Jonas\""), "{text}");
    assert_eq!(printed.out, text);
}

#[test]
fn a_folder_with_several_stories_is_asked_about() {
    let folder = tree(&[("a/README.md", "# A\n"), ("b/README.md", "# B\n")]);
    let ran = run(folder.path(), &["bible"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("holds 2 stories; give one of them: a, b"), "{}", ran.err);
}
