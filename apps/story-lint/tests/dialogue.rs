//! Quotation marks, as the dialogue validator pairs them.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::config::Quotes;
use story_lint::validator::dialogue::Dialogue;
use story_lint::validator::{AnyValidator, boxed};

fn dialogue() -> Box<dyn AnyValidator> {
    boxed(Dialogue)
}

/// Asserts the rules reported for a text, with their lines.
#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let found = shown(&*dialogue(), &[("ch.md", text)]);
    let short: Vec<String> = found
        .iter()
        .map(|line| {
            let place = line.trim_start_matches("ch.md:");
            let mut parts = place.splitn(3, [':', ' ']);
            let (line, _, rest) = (parts.next(), parts.next(), parts.next());
            let rule = rest.and_then(|rest| rest.split(' ').next());
            format!("{} {}", line.unwrap_or_default(), rule.unwrap_or_default())
        })
        .collect();
    assert_eq!(short, expected, "{text}\n{found:?}");
}

#[test]
fn a_quotation_that_is_never_closed() {
    finds("“I will come.\n\nShe nodded.\n", &["1 DIAL001"]);
    finds("“I will come.”\n\nShe nodded.\n", &[]);
    finds("\"I will come.\n\nShe nodded.\n", &["1 DIAL001"]);
    finds("\"I will come.\"\n\nShe nodded.\n", &[]);
    finds("‘I will come.\n\nShe nodded.\n", &["1 DIAL001"]);
    finds("‘I won’t come to the dogs’ home.’\n\nShe nodded.\n", &[]);
}

#[test]
fn a_quotation_that_is_left_open_in_the_middle() {
    finds("“Yes, he said, “I will.”\n", &["1 DIAL001"]);
    finds("“Yes,” he said, “I will.”\n", &[]);
    finds("\"Yes, he said, \"I will.\"\n", &["1 DIAL001"]);
    finds("“Yes,” he said, “I will.\n\nShe nodded.\n", &["1 DIAL001"]);
}

#[test]
fn a_quotation_that_is_not_opened() {
    finds("“Yes.”\n\nI will come,” he said.\n", &["3 DIAL002"]);
    finds("“Yes.”\n\n“I will come,” he said.\n", &[]);
    finds("\"Yes.\"\n\nI will come,\" he said.\n", &["3 DIAL002"]);
    finds("‘Yes.’\n\nI will come,’ he said.\n", &["3 DIAL002"]);
}

#[test]
fn speech_may_run_over_paragraphs() {
    finds("“One.\n\n“Two.\n\n“Three.”\n\nShe nodded.\n", &[]);
    finds("“One.\n\n“Two.\n\nThree.\n", &["3 DIAL001"]);
    // Some books open only the first paragraph.
    finds("“One.\n\nTwo.”\n\nShe nodded.\n", &[]);
    finds("“‘One.\n\n“‘Two.’”\n\nShe nodded.\n", &[]);
    finds("“One.\n\n‘Two’ is next.”\n\nShe nodded.\n", &[]);
}

#[test]
fn a_letter_verse_list_or_scene_break_may_stand_between() {
    finds("“Hear this:\n\n> Dear Sir, all is well.\n\n“That is all.”\n", &[]);
    finds("“Hear this:\n\n> O star  \n> of night\n\n“That is all.”\n", &[]);
    finds("“Hear this:\n\n- one\n- two\n\n“That is all.”\n", &[]);
    finds("“Hear this:\n\n* * *\n\n“That is all.”\n", &[]);
    finds("“Hear this:\n\n## Scene two\n\n“That is all.”\n", &[]);
    finds("“Hear this:\n\n> Dear Sir, all is well.\n\nHe stopped.\n", &["1 DIAL001"]);
    finds(
        "‘They must go,’ she thought; ‘and how funny!\n\n> Alice’s Foot  \n> (With Love).\n\nOh dear, what nonsense I’m talking!’\n",
        &[],
    );
}

#[test]
fn verse_and_comments_on_it_may_interrupt_speech() {
    let recited = "“Do you know the old rhyme:\n\nThe tide is high,  \nthe moon is low,\n\n";
    finds(&format!("{recited}and so on, for an hour.”\n"), &[]);
    finds(&format!("{recited}“and so on, for an hour.”\n"), &[]);
    finds("“A riddle!\n\nIt sings at night.\n\nA bird, or a kettle?\n\nNo, the sea.”\n", &[]);
    finds("“He wrote,\n\n‘The tide is high.’\n\nThat was all.”\n", &[]);
    // Narration ends speech, and what follows it cannot save it.
    finds("“Do you know the rhyme?\n\nShe did not.\n\n“I do,” he said.\n", &["1 DIAL001"]);
    finds("“I do.\n\nShe did not.\n\nHe sang.\n\nThey left.\n", &["1 DIAL001"]);
    let narration = "They walked on.\n\n".repeat(9);
    finds(&format!("“I do.\n\n{narration}Far,” he said.\n"), &["1 DIAL001", "21 DIAL002"]);
    let mut partial = Story::new(&[("1.md", "“I do.\n\nShe did not.\n")]);
    partial.partial = true;
    assert_eq!(partial.shown(&*dialogue()).len(), 1, "the narration is in this file");
}

#[test]
fn each_line_of_a_list_or_a_signature_may_open() {
    let letter = "\"Dear aunt, the boat came in on Friday and all are well, and\nsend their love to you and to the little ones.\n\"Ever yours,\n\"Matthew.";
    finds(&format!("{letter}\"\n\nShe smiled.\n"), &[]);
    finds(&format!("{letter}\n\nShe smiled.\n"), &["1 DIAL001"]);
    // A line that was only wrapped there says nothing.
    finds(
        "\"I will come tomorrow, he said to all who stood about the place,\n\"and I will bring the others too, if the weather lets us do so,\nor not.\"\n",
        &["1 DIAL001"],
    );
}

#[test]
fn a_paragraph_of_faults_is_one_finding() {
    let list = "“Ann, ten. “Ben, four. ".repeat(6);
    finds(&format!("{list}“Eve, five.”\n\nEnd.\n"), &["1 DIAL001"]);
    finds(
        "“Yes, he said, “I will.” “No, she said, “not I.”\n\nEnd.\n",
        &["1 DIAL001", "1 DIAL001"],
    );
}

#[test]
fn a_mark_on_the_wrong_side_of_a_space_is_one_finding() {
    finds("\"Yes,\" said Ann;\" I will come.\"\n\nShe nodded.\n", &["1 DIAL002"]);
    finds("\"Yes, \"said Ann, \"I will come.\"\n\nShe nodded.\n", &["1 DIAL001"]);
    finds("\"Yes,\" said Ann; \"I will come.\"\n\nShe nodded.\n", &[]);
    finds("“Will you come? “\n\nShe nodded.\n", &[]);
    finds("‘Will you come? ‘\n\nShe nodded.\n", &[]);
    finds("“Will you come?\n\nShe nodded.\n", &["1 DIAL001"]);
}

#[test]
fn speech_may_run_over_chapters() {
    let tale = [("1.md", "“One.\n"), ("2.md", "“Two.”\n")];
    assert_quiet(&*dialogue(), &tale);
    let broken = [("1.md", "“One.\n"), ("2.md", "Two.\n")];
    assert_eq!(shown(&*dialogue(), &broken).len(), 1);
    let mut partial = Story::new(&broken);
    partial.partial = true;
    assert!(partial.shown(&*dialogue()).is_empty(), "the next file may be another chapter");
}

#[test]
fn apostrophes_are_no_quotation_marks() {
    for text in [
        "‘It’s the dogs’ home, rock ’n’ roll, ’tis O’Brien’s.’\n\nShe nodded.\n",
        "‘Get ‘em,’ he said.\n\nShe nodded.\n",
        "‘I was goin’ home,’ he said.\n\nShe nodded.\n",
        "'It's the dogs' home, rock 'n' roll, 'tis O'Brien's.'\n\nShe nodded.\n",
        "'Get 'em,' he said.\n\nShe nodded.\n",
        "''Tis an etiquette I despise,' said he.\n\nShe nodded.\n",
        "'Lord—'; but he stopped.\n\nShe nodded.\n",
        "'As toom as old Dun's 'bacca-box.' He nudged him.\n",
        "“’Tis so.” The ’80s were the dogs’.\n",
        "‘Yes.’ He kept it in his ‘bacca-box.\n\nShe nodded.\n",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn inches_feet_and_dittos_are_no_quotation_marks() {
    finds("\"It is 6\" long,\" he said. \"And 5' 3\" wide.\"\n\nShe nodded.\n", &[]);
    finds("The nail was 6\" long.\n\n\"Yes.\"\n", &[]);
    finds("\"It was 1984\"\n\nShe nodded.\n", &[]);
}

#[test]
fn quotations_nest() {
    finds("“He said ‘go’ and ‘stay,’” she said.\n", &[]);
    finds("“He said: ‘I heard “Go!” then.’ I left.\n\n“And then I ran.”\n", &[]);
    finds("'He said \"go\" and \"stay.\"' She nodded.\n\n'Yes.'\n", &[]);
    finds("“The “Go” sign,” he said.\n", &[]);
}

#[test]
fn marks_stand_beside_all_kinds_of_signs() {
    for text in [
        "“I—” he began.\n\n“—you,” she said. (“Both,” he thought.)\n",
        "\"I--\" he began. \"You--\"\n\nThe end.\n",
        "\"He called me--\"Thief!\" he called me,\" she said.\n",
        "'\"I saw it, and she cried 'Oh!' and ran.\n\n'\"And I ran too.\"'\n\nShe nodded.\n",
        "*“All* of it,” he said.\n",
        "“*All of it,”* he said.\n",
        "„Hallo“, sagte er.\n\n„Ja“, sagte sie.\n\nEnde.\n",
        "”Hej”, sade han.\n\n”Ja.”\n\nSlut.\n",
        "« Bonjour », dit-il. »Nein«, sagte sie.\n",
        "`print(\"` is code.\n\n\"Yes.\"\n",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn verse_lists_tables_headings_and_code_are_left_alone() {
    finds("“Yes.”\n\n> “O star  \n> of night\n\nHe sang.\n", &[]);
    finds("“Yes.”\n\n- “one\n- two\n\n# “Head\n\n| “a | b |\n|---|---|\n| c | d” |\n", &[]);
    finds("“Yes.”\n\n    “code\n\nEnd.\n", &[]);
}

#[test]
fn a_story_told_in_block_quotations_is_checked() {
    finds("> “I will come.\n\n> She nodded.\n", &["1 DIAL001"]);
    finds("> “I will come.”\n\n> She nodded.\n", &[]);
}

#[test]
fn hard_wraps_and_crlf_change_nothing() {
    finds("“I will\r\ncome.\r\n\r\nShe nodded.\r\n", &["1 DIAL001"]);
    finds("“I will\r\ncome.”\r\n\r\nShe nodded.\r\n", &[]);
}

#[test]
fn a_quotation_left_open_in_a_letter_explains_only_what_follows_it() {
    finds("> “Dear Sir,\n\nall is well.”\n\nShe nodded.\n", &[]);
    finds("> “Dear Sir,\n\nShe read.\n\nAll is well,” he said.\n", &["5 DIAL002"]);
}

#[test]
fn the_setting_overrides_what_is_learned() {
    let mut story = Story::new(&[("ch.md", "“Yes,’ he said, ‘no.”\n")]);
    assert!(story.shown(&*dialogue()).is_empty());
    story.settings.quotes = Quotes::Single;
    assert!(!story.shown(&*dialogue()).is_empty());
}

#[test]
fn a_comma_outside_needs_a_habit_and_speech() {
    let habit = "“I will come,” he said.\n\n".repeat(20);
    let with = |text: &str| format!("{habit}{text}\n");
    finds(&with("“I will come”, he said."), &["41 DIAL003"]);
    finds(&with("“I will come,” he said."), &[]);
    finds(&with("We read “The Raven”, “Lenore” and “Ulalume”, she told me."), &[]);
    finds(&with("He called it “a thing”, which it was."), &[]);
    finds("“I will come”, he said.\n", &[]);
    let british = "“I will come”, he said.\n\n".repeat(20);
    finds(&british, &[]);
}
