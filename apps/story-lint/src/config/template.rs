use std::fmt::Write;

use super::settings::Settings;

/// The text that `story-lint init` writes: every key with its default, commented out.
///
/// ```
/// let text = story_lint::config::template();
/// assert!(text.contains("# max-file-size = \"64 MiB\""));
/// ```
#[must_use]
pub fn template() -> String {
    let mut text = format!(
        r##"# Settings of story-lint for this folder and the stories below it.
# Each line with a leading "# " and a key shows the default: take the "# " away to change it.
# `story-lint explain RULE` tells what a rule is about.

# Files to leave out, as in a .gitignore, counted from this folder.
# exclude = ["drafts/", "*.bak.md"]

# The largest file that is read: bytes, or a text with a unit.
# max-file-size = "{size} MiB"

# Which quotation marks open speech: "auto" learns them from each story, else "double" or "single".
# quotes = "auto"

# From which severity on a finding makes the command end with 1: "info", "warning" or "error".
# fail-on = "error"

# How loud each rule is: "off", "info", "warning" or "error". A family such as DIAL sets all rules
# whose id starts so, ALL sets all; the narrowest decides.
[rules]
"##,
        size = Settings::MAX_FILE_SIZE >> 20,
    );
    for rule in crate::validator::rules() {
        let level = if rule.off { "off" } else { rule.severity.as_str() };
        let setting = format!("{} = \"{level}\"", rule.id);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# {setting:<20} # {}", rule.name);
    }
    text.push_str(
        r##"
# How the work is spread over threads. What is found does not depend on it.
[parallel]
# What is one task: "file".
# level = "file"
# Threads, at most; every core where it is left out.
# max_workers = 4
"##,
    );
    text
}
