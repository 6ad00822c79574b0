//! What the name of a file says about its part in a story.

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path, empty for the story's own.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file's name without its last extension.
pub(super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Whether a file leads to others: a README, an index or a summary.
pub(super) fn is_entry(path: &str) -> bool {
    ["readme", "index", "summary"].iter().any(|name| stem(path).eq_ignore_ascii_case(name))
}

/// Whether a file is about the manuscript and no part of it.
pub(super) fn is_about(path: &str) -> bool {
    const NAMES: [&str; 16] = [
        "changelog",
        "license",
        "licence",
        "contributing",
        "code_of_conduct",
        "code-of-conduct",
        "authors",
        "contributors",
        "copying",
        "notice",
        "security",
        "support",
        "sources",
        "credits",
        "todo",
        "style-guide",
    ];
    NAMES.iter().any(|name| stem(path).eq_ignore_ascii_case(name))
}
