use crate::rule::{Rule, Severity};

/// DIAL001.
pub static UNCLOSED: Rule = Rule {
    id: "DIAL001",
    name: "unclosed quotation",
    summary: "A quotation is opened and not closed.",
    explanation: "Without its closing mark, narration reads as speech.\n\n\
The quotation marks of each paragraph are paired. Whether double or single marks open speech is \
learned from the whole story, or set with `quotes` in the configuration; the other kind is free \
for quotations within quotations. Apostrophes (`don’t`, `’tis`, `the dogs’`) and marks for inches \
and feet are told apart.\n\n\
Left alone is speech that runs over several paragraphs, where each paragraph opens anew and only \
the last closes, also with a letter, verse or a scene break between; verse, lists, tables, \
headings and code are not looked at.\n\n\
To settle it, add the closing mark; where it belongs is not always where the paragraph ends.",
    bad: "“I will come tomorrow.\n\nShe nodded.\n",
    good: "“I will come tomorrow.”\n\nShe nodded.\n",
    severity: Severity::Error,
    off: false,
};

/// DIAL002.
pub static UNOPENED: Rule = Rule {
    id: "DIAL002",
    name: "unopened quotation",
    summary: "A quotation is closed and was not opened.",
    explanation: "A closing mark stands where nothing is open: the opening mark is missing, or the \
closing mark stands twice.\n\n\
Marks are paired as under DIAL001. A closing mark that ends speech of an earlier paragraph, or of \
a letter or verse before it, is left alone, and so is anything that may be an apostrophe.\n\n\
To settle it, add the opening mark or delete the closing one.",
    bad: "I will come tomorrow,” he said.\n",
    good: "“I will come tomorrow,” he said.\n",
    severity: Severity::Error,
    off: false,
};

/// DIAL003.
pub static COMMA_OUTSIDE: Rule = Rule {
    id: "DIAL003",
    name: "comma outside the quotation",
    summary: "A comma stands behind the closing mark, in a story that puts it before.",
    explanation: "American and British fiction set the comma that leads to `he said` before the \
closing mark. Other habits are fine as well, but one story should keep to one.\n\n\
The story's own habit is learned: the rule speaks only if at least ten commas stand inside, and \
they are 95 of 100. It looks only at speech of two words or more that is followed by a comma and \
words such as `he said`; titles, single words and enumerations in quotation marks are left alone.\n\n\
To settle it, move the comma before the closing mark.",
    bad: "“I will come tomorrow”, he said.\n",
    good: "“I will come tomorrow,” he said.\n",
    severity: Severity::Warning,
    off: false,
};
