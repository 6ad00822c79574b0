use crate::rule::{Rule, Severity};

/// REP001.
pub static DOUBLED: Rule = Rule {
    id: "REP001",
    name: "doubled word",
    summary: "A short word stands twice in a row.",
    explanation: "The eye skips a doubled `the`, above all across a line end, and so do most \
rounds of proofreading.\n\n\
Only words are looked at that are hardly ever doubled on purpose: the, a, an, of, to, and, or, my, \
your, their, our, for, from, with, at, by, into. Words that good English doubles, such as `had \
had`, `that that`, `is is`, `in in` or `very very`, are never reported. Nothing but white space \
may stand between the two: `the, the` or `to—to` is a stammer and left alone. So are code and \
verse, and a pair that is split by emphasis or by a capital, as in `the The Times`.\n\n\
To settle it, delete one of the two.",
    bad: "She opened the the door.\n",
    good: "She opened the door.\n",
    severity: Severity::Warning,
    off: false,
};

/// REP002.
pub static PASTED: Rule = Rule {
    id: "REP002",
    name: "pasted paragraph",
    summary: "A paragraph of 25 words or more stands twice in the story.",
    explanation: "It happens when a passage is moved by copying and the old place is not cleared, \
or when a chapter is put together from two drafts.\n\n\
Two paragraphs count as the same if their words are; capitals, punctuation, quotation marks and \
line breaks do not matter. Several paragraphs pasted together make one finding. It stands at the \
later place and names the earlier.\n\n\
Left alone are shorter paragraphs, verse, and what is set as a block quotation, since a letter may \
well be quoted twice; unless the story is told in block quotations for the most part.\n\n\
To settle it, delete one of the two, or suppress the rule at a repetition that is meant.",
    bad: "(chapter 3 and chapter 9 both hold the same long paragraph)\n",
    good: "(the paragraph stands in chapter 3 only)\n",
    severity: Severity::Warning,
    off: false,
};
