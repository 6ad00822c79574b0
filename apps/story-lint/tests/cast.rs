//! Names, looks, ages and the dead: small stories with a fault, each with its quiet twin.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::validator::cast::Cast;
use story_lint::validator::{AnyValidator, boxed};

fn cast() -> Box<dyn AnyValidator> {
    boxed(Cast)
}

/// A chapter that names people often enough to learn them.
const NAMES: &str = "# Chapter 1\n\n\
    “Good morning,” said Mrs. Harbottle. Tom Averly stood at Thornwick, and Mrs. Harbottle saw Tom \
    Averly. So Mrs. Harbottle went to Thornwick.\n\n\
    “Come,” said Mrs. Harbottle, and Tom Averly came from Thornwick. They were long at Thornwick, and \
    Mrs. Harbottle liked Thornwick. Behind Tom Averly stood Mrs. Harbottle, and near Thornwick a \
    mill. Tom Averly looked at Mrs. Harbottle, and Tom Averly was in Thornwick.\n";

/// What is found if this text follows [`NAMES`].
fn second(text: &str) -> Vec<String> {
    shown(&*cast(), &[("c1.md", NAMES), ("c2.md", text)])
}

#[test]
fn slips_for_names_are_found() {
    for (text, expected) in [
        ("“Yes,” said Mrs. Harbotle.", "CHAR001 `Harbotle` looks like a slip for `Harbottle`"),
        ("“Yes,” said Mrs. Harbottel.", "CHAR001 `Harbottel` looks like a slip for `Harbottle`"),
        ("Harbbotle came in.", "CHAR001 `Harbbotle` looks like a slip for `Harbottle`"),
        ("He saw Tom Averley.", "CHAR001 `Averley` looks like a slip for `Averly`"),
        ("They lived at Thornwik.", "WORLD001 `Thornwik` looks like a slip for `Thornwick`"),
        ("Thornwcik was far.", "WORLD001 `Thornwcik` looks like a slip for `Thornwick`"),
    ] {
        let found = second(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].ends_with(expected), "{text}: {found:?}");
        assert!(found[0].starts_with("c2.md:1:"), "{text}: {found:?}");
    }
}

#[test]
fn other_names_are_let_be() {
    for text in [
        // Plurals, possessives, forms.
        "The Harbottles came. It was Harbottle’s house, and the Harbottles’ garden.",
        "A Thornwickian sang, and two Thornwickers listened.",
        // A name that others bear too, with other company.
        "“No,” said Mr. Harbotle.",
        "He met Jane Averley.",
        // In italics, verse, lists and quotations.
        "He wrote *Harbotle* on the slate.",
        "> Harbotle, she signed herself.",
        "- Harbotle",
        "Harbotle the great,  \nHarbotle the small.",
        // A word that also stands in lower case.
        "Thornwik is a word, and thornwik means something.",
        // Headings, shouted words, accents.
        "# Harbotle\n\nHARBOTLE!",
        "“Ah,” said Mrs. Harböttle.",
        // Too often to be a slip.
        "Averley, Averley, Averley, and Averley.",
        // Foreign phrases.
        "He said *à Thornwyck* and bowed.",
    ] {
        assert_eq!(second(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_finding_shows_both_places_and_why() {
    let story = Story::new(&[("c1.md", NAMES), ("c2.md", "“Yes,” said Mrs. Harbotle.")]);
    let [finding] = &story.check(&*cast())[..] else { panic!("one finding") };
    assert_eq!(finding.related.len(), 1);
    assert_eq!(finding.related[0].at.file.index(), 0);
    let reason = finding.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("stands 7 times") && reason.contains("one letter differs"), "{reason}");
    assert!(finding.help.as_deref().unwrap_or_default().contains("story.toml"));
    assert_eq!(finding.silencer(), "<!-- story-lint: allow CHAR001 because … -->");
}

#[test]
fn looks_that_change_are_found() {
    for (first, later, expected) in [
        ("Tom’s blue eyes shone.", "Tom’s brown eyes shone.", "CHAR010 Tom has brown eyes here"),
        ("Tom had very grey eyes.", "Tom’s eyes were a deep brown.", "CHAR010"),
        ("Blue-eyed Tom sang.", "Tom’s green eyes shone, and he did not smile.", "CHAR010"),
        ("Captain Tom Averly’s grey eyes shone.", "Tom’s brown eyes shone.", "CHAR010"),
        (
            "Tom’s fair hair was admired.",
            "She remembered Tom’s black hair.",
            "CHAR011 Tom has black",
        ),
        ("Tom was red-haired.", "Tom’s dark hair was wet.", "CHAR011"),
        (
            "Tom was a tall boy of fifteen, who had gone.",
            "Tom was fourteen years old, and had no one.",
            "CHAR012 Tom is 14 here, and was 15 before",
        ),
        ("Tom, aged thirty, came.", "Tom was twenty-nine.", "CHAR012"),
        (
            "Tom limped on his left leg.",
            "Tom’s right leg was the lame one, and he limped.",
            "CHAR013 the limp of Tom is at the right leg here",
        ),
        ("The scar on Tom’s left cheek burned.", "A scar crossed Tom’s right cheek.", "CHAR013"),
    ] {
        let files = [("c1.md", NAMES), ("c2.md", first), ("c3.md", later)];
        let found = shown(&*cast(), &files);
        assert_eq!(found.len(), 1, "{first} {later}: {found:?}");
        assert!(found[0].contains(expected) && found[0].starts_with("c3.md"), "{found:?}");
    }
}

#[test]
fn looks_that_stay_are_let_be() {
    for (first, later) in [
        ("Tom’s blue eyes shone.", "Tom’s eyes were blue."),
        ("Tom’s grey eyes shone.", "Tom’s blue-grey eyes shone."),
        ("Tom’s hazel eyes shone.", "Tom’s brown eyes shone."),
        ("Tom’s blue eyes shone.", "Mrs. Harbottle’s brown eyes shone."),
        ("Tom’s blue eyes shone.", "Tom’s eyes were not brown."),
        ("Tom’s blue eyes shone.", "Tom’s eyes were black with rage."),
        ("Tom’s blue eyes shone.", "Tom’s black-lashed eyes shone."),
        ("Tom’s blue eyes shone.", "Tom looked into brown eyes."),
        ("Tom’s fair hair shone.", "Tom had dyed, and Tom’s black hair shone."),
        ("Tom’s black hair shone.", "Tom’s white hair shone."),
        ("Tom was a boy of fifteen.", "Tom was sixteen years old."),
        ("Tom was a boy of fifteen.", "When Tom was ten years old, he sang."),
        ("Tom was a boy of fifteen.", "## Flashback\n\nTom was ten years old."),
        ("Tom was a boy of fifteen.", "“Tom was ten years old,” he lied."),
        ("Tom was one of fifteen.", "Tom was fourteen years in the army."),
        ("Tom limped on his left leg.", "Tom rubbed his right leg, and limped on with both."),
        ("Tom limped on his left leg.", "Tom raised his right arm."),
    ] {
        assert_quiet(&*cast(), &[("c1.md", NAMES), ("c2.md", first), ("c3.md", later)]);
    }
}

#[test]
fn people_of_one_name_are_told_apart() {
    let two = "Ann Gray met Ann Brown. Then Ann Gray left, and Ann Brown stayed with Ann Gray and \
               with Ann Brown. “Oh,” said Mr. Gray to Mrs. Gray, as Mr. Gray and Mrs. Gray do.";
    for (first, later) in [
        ("Ann’s blue eyes shone.", "Ann’s brown eyes shone."),
        ("Ann Gray’s blue eyes shone.", "Ann Brown’s brown eyes shone."),
        ("Mr. Gray’s blue eyes shone.", "Mrs. Gray’s brown eyes shone."),
    ] {
        assert_quiet(&*cast(), &[("c1.md", two), ("c2.md", first), ("c3.md", later)]);
    }
    let found = shown(
        &*cast(),
        &[("c1.md", two), ("c2.md", "Mr. Gray’s blue eyes."), ("c3.md", "Mr. Gray’s brown eyes.")],
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_dead_who_speak_are_found() {
    for (death, speech) in [
        ("Tom Averly died that week.", "“Mind the step,” said Tom."),
        ("Tom Averly was killed at sea.", "Tom Averly said, “Mind the step.”"),
        ("That night Tom Averly was found dead.", "“Mind,” Tom Averly cried, “the step.”"),
        ("Tom Averly had died in May.", "‘Mind the step,’ said Tom Averly."),
    ] {
        let files = [("c1.md", NAMES), ("c2.md", death), ("c3.md", speech)];
        let found = shown(&*cast(), &files);
        assert_eq!(found.len(), 1, "{death} {speech}: {found:?}");
        assert!(found[0].contains("CHAR020") && found[0].starts_with("c3.md"), "{found:?}");
    }
}

#[test]
fn the_living_and_the_remembered_may_speak() {
    let speech = "“Mind the step,” said Tom.";
    for (death, speech) in [
        ("Tom Averly nearly died that week.", speech),
        ("They feared that Tom Averly was dead.", speech),
        ("“Tom Averly is dead,” she said.", speech),
        ("Tom Averly died of laughing.", speech),
        ("Tom Averly was dead tired.", speech),
        ("The sound of Tom Averly died away.", speech),
        ("Mrs. Harbottle and Tom’s dog died.", speech),
        ("Tom Averly died.", "## Flashback\n\n“Mind the step,” said Tom."),
        ("Tom Averly died.", "She remembered him.\n\n“Mind the step,” said Tom."),
        ("Tom Averly died.", "> “Mind the step,” said Tom."),
        ("Tom Averly died.", "“Mind the step,” said Mrs. Harbottle of Tom."),
        // Who speaks in scene after scene is alive after all.
        ("Tom Averly died.", "“Mind,” said Tom.\n\n* * *\n\n“Oh,” said Tom."),
        // A scene that is told from its end.
        ("Tom Averly died at noon.\n\n“Mind the step,” said Tom at ten.", "Nothing more."),
    ] {
        assert_quiet(&*cast(), &[("c1.md", NAMES), ("c2.md", death), ("c3.md", speech)]);
    }
}

#[test]
fn cuts_between_blocks_change_nothing() {
    let files = [
        ("c1.md", NAMES.to_owned() + "\nTom’s blue eyes shone.\n\nTom Averly died.\n"),
        (
            "c2.md",
            "# Two\n\nTom’s brown eyes shone.\n\n“Go,” said Mrs. Harbotle.\n\n* * *\n\n“Mind,” said \
             Tom.\n\nHarbotle, Averley.\n"
                .to_owned(),
        ),
    ];
    let story = Story::new(&files);
    let whole = story.run(&*cast(), &|_| Vec::new());
    assert!(whole.len() >= 3, "{whole:?}");
    let all = story.run(&*cast(), &|document| (1..document.blocks.len()).collect());
    assert_eq!(all, whole);
    let odd = story.run(&*cast(), &|document| (1..document.blocks.len()).step_by(2).collect());
    assert_eq!(odd, whole);
}
