use crate::rule::{Rule, Severity};

/// WORLD010.
pub static BANNED: Rule = Rule {
    id: "WORLD010",
    name: "banned word",
    summary: "A word that story.toml bans.",
    explanation: "A telephone in 1850 takes readers out of the story.\n\n\
The words are those of the `[[banned]]` entries of story.toml, whole and in any case. Without such an \
entry the rule is silent. Headings, code and README files are not read.\n\n\
To settle it, find another word, or let this one stand with a reason.",
    bad: "[[banned]]\nwords = [\"telephone\"]\n\nThe telephone rang.",
    good: "[[banned]]\nwords = [\"telephone\"]\n\nThe bell rang.",
    severity: Severity::Warning,
    off: false,
};

/// PLOT001.
pub static UNPAID: Rule = Rule {
    id: "PLOT001",
    name: "plant without pay-off",
    summary: "Something is planted and never paid off, or never planted at all.",
    explanation: "Readers remember the key that nobody ever used.\n\n\
A `[[plant]]` of story.toml names words of the text that plant something, and words that pay it off. \
Reported is a plant whose pay-off stands nowhere, and a pay-off without its plant. The rule is silent \
if only some files of the story were given, and about a plant neither half of which is written yet.\n\n\
To settle it, write the other half, or correct the words in story.toml.",
    bad: "[[plant]]\nname = \"the key\"\nplanted = \"steel key\"\npaid = \"turned the key\"\n\n\
A steel key hung on the nail. […] The end.",
    good: "A steel key hung on the nail. […] She turned the key. The end.",
    severity: Severity::Warning,
    off: false,
};

/// PLOT002.
pub static EARLY: Rule = Rule {
    id: "PLOT002",
    name: "pay-off before plant",
    summary: "Something is paid off before it is planted.",
    explanation: "It happens when chapters change places.\n\n\
The words are those of the `[[plant]]` entries of story.toml; the first place of each counts.\n\n\
To settle it, plant it earlier, or correct the words in story.toml.",
    bad: "She turned the key. […] A steel key hung on the nail.",
    good: "A steel key hung on the nail. […] She turned the key.",
    severity: Severity::Warning,
    off: false,
};
