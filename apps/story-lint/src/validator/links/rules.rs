use crate::rule::{Rule, Severity};

/// LINK001.
pub static BROKEN: Rule = Rule {
    id: "LINK001",
    name: "broken link",
    summary: "A link or image leads to a file that does not exist.",
    explanation: "A reader who follows the link gets an error page, and a book built from the \
files lacks the picture. It mostly happens when a chapter is renamed or moved.\n\n\
Checked are Markdown links, images, autolinks and reference links, and `href` and `src` in HTML. \
Paths are taken from the file they stand in, or from the story's folder if they start with `/`; \
`%20` and the like are decoded. A path whose upper and lower case differ from the file's is \
reported too, because it works on some systems only.\n\n\
Left alone are addresses with a scheme such as `https:` or `mailto:`, and brackets without an \
address, such as `[sic]`.\n\n\
To settle it, correct the path; the nearest existing file is suggested. For a file that is yet to \
be written, turn the link into plain text or suppress the rule in that place with a reason.",
    bad: "See [the letter](leters/jane.md).\n",
    good: "See [the letter](letters/jane.md).\n",
    severity: Severity::Error,
    off: false,
};

/// LINK002.
pub static ORPHAN: Rule = Rule {
    id: "LINK002",
    name: "orphan file",
    summary: "No chain of links leads from the story's entry file to this file.",
    explanation: "A file that nothing links to is easily left out of the finished book: a scene \
that was cut and forgotten, or a new chapter that is missing from the table of contents.\n\n\
Entry files are `README`, `index` and `SUMMARY` in the story's own folder. A file counts as \
reached if links lead to it from one of them, through any number of files; a link to a folder \
reaches the files in it.\n\n\
The rule is silent if there is no entry file, if the entry files link to no chapter or leave \
nearly all of them out (then they are no table of contents), and if only some files of the story \
were given. Files about the project, such as `LICENSE` or `CHANGELOG`, are never orphans.\n\n\
To settle it, link to the file, move it out of the story's folder, or list it in \
`.story-lint-ignore`.",
    bad: "README.md:   - [Chapter 1](chapter-1.md)\nOn disk:     chapter-1.md, chapter-2.md\n",
    good: "README.md:   - [Chapter 1](chapter-1.md)\n             - [Chapter 2](chapter-2.md)\n\
On disk:     chapter-1.md, chapter-2.md\n",
    severity: Severity::Warning,
    off: false,
};

/// LINK003.
pub static BAD_ANCHOR: Rule = Rule {
    id: "LINK003",
    name: "missing anchor",
    summary: "A link's `#anchor` names no heading of the file it leads to.",
    explanation: "The link opens the right file at the wrong place. It mostly happens when a \
heading is reworded.\n\n\
Anchors are made from headings as GitHub makes them: lower case, spaces become hyphens, \
punctuation goes, and a second heading of the same name gets `-1`. The `id` and `name` of HTML \
elements count too.\n\n\
Left alone are `#` and `#top`, anchors in files that are no Markdown or no part of the story, and \
anchors of notes (`#fn1`).\n\n\
To settle it, use the anchor that is suggested, or put `<a id=\"…\"></a>` where the link should \
lead.",
    bad: "See [the storm](#the-strom).\n\n## The Storm\n",
    good: "See [the storm](#the-storm).\n\n## The Storm\n",
    severity: Severity::Warning,
    off: false,
};
