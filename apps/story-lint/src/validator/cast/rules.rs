use crate::rule::{Rule, Severity};

/// CHAR001.
pub static NAME: Rule = Rule {
    id: "CHAR001",
    name: "name variant",
    summary: "A rare name looks like a slip for a frequent one.",
    explanation: "Readers take a misspelled name for a new person, and spelling checkers know no \
invented names at all.\n\n\
Names are learned from the text itself: words that keep their capital inside sentences and never \
stand in lower case. A name that stands up to three times is reported if another stands at least \
five times and four times as often, starts alike, sounds alike, and differs in one letter or in two \
swapped ones (in long names in two letters). Titles and other names beside the two must agree.\n\n\
Left alone are forms of one word (`Russia`, `Russian`), names that differ in their last vowel \
(`Louisa`, `Louise`) or in accents, common names that are nobody’s slip (`Jonas`, `Jones`), names in \
italics, verse, lists and block quotations, and every name that story.toml declares.\n\n\
To settle it, correct the name; if both are right, declare the second in story.toml, as a \
`[[character]]` of its own or among the `aliases` of the first.",
    bad: "Ms. Harbottle sat down. […] “Indeed,” said Ms. Harbotle.",
    good: "Ms. Harbottle sat down. […] “Indeed,” said Ms. Harbottle.",
    severity: Severity::Warning,
    off: false,
};

/// WORLD001.
pub static PLACE: Rule = Rule {
    id: "WORLD001",
    name: "place variant",
    summary: "A rare place name looks like a slip for a frequent one.",
    explanation: "The rule is CHAR001 for names that stand behind words such as `at` and `in`, and \
that nobody bears who speaks or has a title.\n\n\
To settle it, correct the name; if both are right, declare the second in story.toml, as a \
`[[place]]` of its own or among the `aliases` of the first.",
    bad: "They lived at Thornwick. […] The road to Thornwik was long.",
    good: "They lived at Thornwick. […] The road to Thornwick was long.",
    severity: Severity::Warning,
    off: false,
};

/// CHAR010.
pub static EYES: Rule = Rule {
    id: "CHAR010",
    name: "eyes change",
    summary: "A person’s eyes have another colour than before.",
    explanation: "It is the slip that readers write letters about.\n\n\
Read are sentences that name the person and the colour together: `Ann’s grey eyes`, `Ann had brown \
eyes`, `Ann’s eyes were green`, `blue-eyed Ann`. Colours that people give to the same eyes, such as \
hazel and brown, agree, and a sentence in which something turns, grows or is worn says nothing. Two \
phrases count for one person if they are the same, or if one is a part of the other and nobody else \
bears that name: `Sloane` and `Captain Sloane`, but not `Gray` in a family of Grays.\n\n\
`eyes` of a `[[character]]` in story.toml counts before anything in the text.\n\n\
To settle it, correct one of the two.",
    bad: "Ann’s grey eyes went to the door. […] Ann’s brown eyes were very steady.",
    good: "Ann’s grey eyes went to the door. […] Ann’s grey eyes were very steady.",
    severity: Severity::Warning,
    off: false,
};

/// CHAR011.
pub static HAIR: Rule = Rule {
    id: "CHAR011",
    name: "hair changes",
    summary: "A person’s hair has another colour than before.",
    explanation: "The rule is CHAR010 for hair. Hair that turns grey or white is let be, and so is a \
sentence that speaks of dye or a wig.\n\n\
To settle it, correct one of the two, or let the text say that the hair was dyed.",
    bad: "Tom’s fair hair was much admired. […] She remembered Tom’s black hair.",
    good: "Tom’s fair hair was much admired. […] She remembered Tom’s fair hair.",
    severity: Severity::Warning,
    off: false,
};

/// CHAR012.
pub static AGE: Rule = Rule {
    id: "CHAR012",
    name: "age goes back",
    summary: "A person is younger than before, or not as old as the declared birth says.",
    explanation: "Ages drift when chapters are moved, or written months apart.\n\n\
Read are plain statements of the narrator: `Ann was nineteen years old`, `Ann was a girl of \
nineteen`, `Ann, aged nineteen,`. An age is reported if the person was older in an earlier chapter. \
Sentences with `when`, `had been`, `almost` and the like are let be, and so is what stands under a \
heading such as `Flashback` or of an earlier year.\n\n\
If story.toml declares when the person was `born`, and a full date stands before in the same file, \
the age must also agree with the two.\n\n\
To settle it, correct one of the two; if the scene lies in the past, say so in a heading.",
    bad: "Ann was a girl of fifteen. […] Ann was fourteen years old.",
    good: "Ann was a girl of fifteen. […] Ann was fifteen years old.",
    severity: Severity::Warning,
    off: false,
};

/// CHAR013.
pub static SIDE: Rule = Rule {
    id: "CHAR013",
    name: "side changes",
    summary: "A scar, a limp or a loss moves to the other side of a person’s body.",
    explanation: "Read are sentences that name the person, `left` or `right`, a part of the body and \
what marks it for good: a scar, a limp, a loss, a wooden leg, a blind eye. The same mark at the same \
part on the other side is reported.\n\n\
To settle it, correct one of the two.",
    bad: "Finn limped on his left leg. […] Finn rubbed his lame right leg, and limped on.",
    good: "Finn limped on his left leg. […] Finn rubbed his lame left leg, and limped on.",
    severity: Severity::Warning,
    off: false,
};

/// CHAR020.
pub static DEAD: Rule = Rule {
    id: "CHAR020",
    name: "the dead speak",
    summary: "A person speaks in a scene after the one in which they died.",
    explanation: "A line is left behind when a death moves to an earlier chapter.\n\n\
A death is what the narrator states as a fact: `Ann died`, `Ann had been killed`, but not what is \
feared, dreamed, told or half done. Speech is a line with `said Ann` or the like, in a later scene. \
Nothing is reported if the scene lies under a heading such as `Flashback` or of an earlier year, or \
behind `remembered`, `years ago` and the like; nor if the person speaks in several later scenes: \
then the report of the death was wrong, or the story is not told in order.\n\n\
story.toml may declare the file of a death, `died-in`, or its day, `died`.\n\n\
To settle it, give the line to someone else, or say in a heading that the scene lies in the past.",
    bad: "Ann Gray died at ten. […] “Mind the step,” said Ann.",
    good: "Ann Gray died at ten. […] “Mind the step,” said Tom.",
    severity: Severity::Info,
    off: false,
};
