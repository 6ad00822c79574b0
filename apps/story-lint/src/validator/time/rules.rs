use crate::rule::{Rule, Severity};

/// TIME001.
pub static ORDER: Rule = Rule {
    id: "TIME001",
    name: "time goes back",
    summary: "A scene has an earlier date than the one before it.",
    explanation: "Dates slip when scenes are moved, and a traveller arrives before the journey has \
begun.\n\n\
Only full dates in plain narration count, and only where the sentence sets a scene: not in speech, \
letters, italics, lists and verse, nor in sentences that look elsewhere with `had`, `born`, `since`, \
`would` and the like. A heading such as `Flashback`, `Ten years earlier` or of an earlier year takes \
its section out of the order, and a heading such as `Letter to Ann` or `Ann’s Diary` starts an order of \
its own. A date more than a year back is taken for a memory. If a book goes \
back more than twice, it is not told in order, and nothing is reported.\n\n\
To settle it, correct one of the two dates, or say in a heading that the scene lies in the past.",
    bad: "On 14 March 1812 they set out. […] They came home on 2 March 1812.",
    good: "On 14 March 1812 they set out. […] They came home on 20 March 1812.",
    severity: Severity::Warning,
    off: false,
};

/// TIME002.
pub static IMPOSSIBLE: Rule = Rule {
    id: "TIME002",
    name: "impossible date",
    summary: "A date that no calendar has.",
    explanation: "Reported are days that the month does not have, such as 31 June, and 29 February in \
a year without it, in the narrator’s words. What people say and write may be wrong on purpose. Years \
before 1752 have their leap days by either calendar.\n\n\
story.toml may declare a `[calendar]` of the story’s own; then its months count.\n\n\
To settle it, correct the day or the month.",
    bad: "They were to leave on June 31st.",
    good: "They were to leave on June 30th.",
    severity: Severity::Error,
    off: false,
};

/// TIME003.
pub static WEEKDAY: Rule = Rule {
    id: "TIME003",
    name: "wrong weekday",
    summary: "A full date with a weekday that it did not have.",
    explanation: "Readers look such things up.\n\n\
Weekdays are worked out by the Gregorian calendar from October 1752 to 2199; before, which day it was \
depends on the country. Only the narrator’s words are read, and only dates with day, month, year and \
weekday together.\n\n\
story.toml may declare a `[calendar]` of the story’s own, with `weekdays` and the `first-weekday` of \
year 1.\n\n\
To settle it, correct the weekday or the date.",
    bad: "It was Thursday, 7 February 1893.",
    good: "It was Tuesday, 7 February 1893.",
    severity: Severity::Error,
    off: false,
};
