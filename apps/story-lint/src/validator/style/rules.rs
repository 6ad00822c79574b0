use crate::rule::{Rule, Severity};

/// STYLE001.
pub static LENGTH: Rule = Rule {
    id: "STYLE001",
    name: "long sentences",
    summary: "The sentences of a chapter are much longer than those of the book.",
    explanation: "Each chapter is measured against the book’s own mean, since every writer has their \
own. Reported is a chapter that lies more than two standard deviations and a third above the mean of \
a book with five chapters or more of 300 words or more. There is one finding for each chapter.\n\n\
To settle it, look at the paragraph that is shown: it is the furthest from the mean.",
    bad: "Nine chapters with 14 words to a sentence, and one with 31.",
    good: "Ten chapters with 12 to 17 words to a sentence.",
    severity: Severity::Info,
    off: true,
};

/// STYLE002.
pub static ADVERBS: Rule = Rule {
    id: "STYLE002",
    name: "many adverbs",
    summary: "A chapter has many more adverbs in -ly than the book.",
    explanation: "The rule is STYLE001 for words such as `slowly` and `suddenly`; words that only end \
so, such as `family` and `lonely`, are not counted.",
    bad: "He slowly and very carefully opened the softly creaking door.",
    good: "He eased the door open.",
    severity: Severity::Info,
    off: true,
};

/// STYLE003.
pub static EXCLAMATIONS: Rule = Rule {
    id: "STYLE003",
    name: "many exclamation marks",
    summary: "A chapter has many more exclamation marks than the book.",
    explanation: "The rule is STYLE001 for exclamation marks, those in speech included.",
    bad: "“Go! Run! Now!” he cried!",
    good: "“Run,” he cried.",
    severity: Severity::Info,
    off: true,
};

/// STYLE004.
pub static FILTERS: Rule = Rule {
    id: "STYLE004",
    name: "many filter words",
    summary: "A chapter has many more words such as `saw` and `felt` than the book.",
    explanation: "The rule is STYLE001 for words that put a watcher between the reader and the scene: \
saw, heard, felt, noticed, watched, seemed, realised, wondered, thought, knew, decided. Speech is not \
counted.",
    bad: "She saw that the lamp was out, and felt the cold.",
    good: "The lamp was out. The cold bit.",
    severity: Severity::Info,
    off: true,
};
