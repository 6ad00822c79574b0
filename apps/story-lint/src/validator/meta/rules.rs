use crate::rule::{Rule, Severity};

/// META001.
pub static NUMBERING: Rule = Rule {
    id: "META001",
    name: "chapter numbering",
    summary: "A chapter number is missing, stands twice or is out of order.",
    explanation: "Numbers slip when chapters are added, split or moved, and readers take a missing \
one for a missing chapter.\n\n\
Numbers are read from headings such as `Chapter 12`, `CHAPTER XII.`, `Chapter the Twelfth`, \
`Part 2, Chapter 1`, `12. The Storm` or `Kapitel 3`, in the order of the files. Numbering may \
start with 0 or 1, and may start anew at a part, in another folder, and behind a heading without \
a number, such as an interlude; an interlude may also take a number of its own. One finding stands \
for a whole run of wrong numbers.\n\n\
If file names carry no numbers, their order says little; then only what is missing or double is \
reported. The rule is silent about missing chapters if only some files of the story were given.\n\n\
To settle it, correct the heading, or add the missing chapter.",
    bad: "# Chapter 1\n\n# Chapter 3\n\n# Chapter 3\n",
    good: "# Chapter 1\n\n# Chapter 2\n\n# Chapter 3\n",
    severity: Severity::Error,
    off: false,
};

/// META002.
pub static BAD_FRONT_MATTER: Rule = Rule {
    id: "META002",
    name: "bad front matter",
    summary: "The YAML between `---` lines at the top of a file cannot be read.",
    explanation: "Tools that build books drop such a block, stop at it or print it as text.\n\n\
Reported are errors of YAML with the place where reading stopped, a block without a closing `---`, \
a key that stands twice, and a block that holds no `key: value` pairs. A scene break at the top \
of a file is no front matter, and an empty block is fine. A block of more than 64 KiB is not read, \
which is reported too.\n\n\
To settle it, correct the line. Text with a colon and a space in it needs quotation marks around \
it.",
    bad: "---\ntitle: The Storm: Part One\n---\n",
    good: "---\ntitle: \"The Storm: Part One\"\n---\n",
    severity: Severity::Error,
    off: false,
};

/// META004.
pub static DISAGREE: Rule = Rule {
    id: "META004",
    name: "numbers disagree",
    summary: "A chapter's heading, file name and front matter give different numbers.",
    explanation: "One of them was not changed when the chapter moved.\n\n\
The number in the file name is compared with the heading only in a story where nearly all files \
agree (at least three, and four of five): a book whose numbers start anew in each part, or whose \
files are counted with the preface, is left alone. `chapter:` in the front matter is compared with \
the heading in the same way; it is also wrong if heading and file name agree against it. A heading \
that META001 names already is not reported again.\n\n\
To settle it, correct whichever is wrong.",
    bad: "chapter-06.md:\n---\nchapter: 7\n---\n# Chapter 6\n",
    good: "chapter-06.md:\n---\nchapter: 6\n---\n# Chapter 6\n",
    severity: Severity::Warning,
    off: false,
};
