//! What a file's name says, and how paths are shown.

use std::path::{Component, Path, PathBuf};

/// Name endings of Markdown files.
const MARKDOWN: [&str; 3] = ["md", "markdown", "mdown"];
/// Names, without their ending, of the file that leads into a story.
const ENTRY: [&str; 3] = ["readme", "index", "summary"];

/// Whether a file's name says that it is Markdown.
pub(super) fn is_markdown(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((stem, ending)) => {
            !stem.is_empty() && MARKDOWN.iter().any(|known| ending.eq_ignore_ascii_case(known))
        }
        None => false,
    }
}

/// Whether a file's name says that it leads into a story.
pub(super) fn is_entry(name: &str) -> bool {
    is_markdown(name)
        && name
            .rsplit_once('.')
            .is_some_and(|(stem, _)| ENTRY.iter().any(|known| stem.eq_ignore_ascii_case(known)))
}

/// The last part of a path that is written with slashes.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a path that is written with slashes; empty if it has none.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A folder and those above it, up to the empty path.
pub(super) fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |path| (!path.is_empty()).then(|| parent(path)))
}

/// Whether a path lies below a folder, at any depth; every path lies below the empty one.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A path without `.` and doubled or trailing slashes, and with `.` for nothing.
///
/// `..` stays: behind a link it is not what it looks like.
pub(super) fn normalise(path: &Path) -> PathBuf {
    let kept: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if kept.as_os_str().is_empty() { PathBuf::from(".") } else { kept }
}

/// A path as people read it, with forward slashes.
pub(super) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// Joins what was given with what was found below it; `.` and nothing vanish.
pub(super) fn join(given: &str, below: &str) -> String {
    match (given, below) {
        ("" | ".", "") => ".".to_owned(),
        ("" | ".", below) => below.to_owned(),
        (given, "") => given.to_owned(),
        (given, below) if given.ends_with('/') => format!("{given}{below}"),
        (given, below) => format!("{given}/{below}"),
    }
}

/// Where a link leads from a file in `folder`, as a path with slashes; `None` if it leads out or
/// elsewhere.
pub(super) fn resolve(folder: &str, destination: &str) -> Option<String> {
    let path = destination.split(['#', '?']).next().unwrap_or_default();
    let has_scheme = path.split('/').next().is_some_and(|first| first.contains(':'));
    if path.is_empty() || path.starts_with('/') || has_scheme {
        return None;
    }
    let decoded = percent_decode(path);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digit = |index: usize| {
            tail.get(index).and_then(|&digit| char::from(digit).to_digit(16)).map(|d| d as u8)
        };
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn names_tell_markdown_and_entries() {
        for name in ["a.md", "A.MD", "b.c.markdown", "x.MDown"] {
            assert!(is_markdown(name), "{name}");
        }
        for name in ["md", ".md", "a.mdx", "a.txt", "a.md.bak"] {
            assert!(!is_markdown(name), "{name}");
        }
        for name in ["README.md", "readme.markdown", "Index.md", "SUMMARY.MD"] {
            assert!(is_entry(name), "{name}");
        }
        for name in ["README", "README.txt", "readme2.md", "summary-of-part-1.md"] {
            assert!(!is_entry(name), "{name}");
        }
    }

    #[test]
    fn given_paths_lose_what_says_nothing() {
        let cases = [
            ("./x", "x"),
            ("x/", "x"),
            (".", "."),
            ("./", "."),
            ("x//y/./z", "x/y/z"),
            ("../x", "../x"),
            ("x/../y", "x/../y"),
            ("/", "/"),
        ];
        for (given, expected) in cases {
            assert_eq!(normalise(Path::new(given)), Path::new(expected), "{given}");
        }
        assert_eq!(join(".", "a/b"), "a/b");
        assert_eq!(join(".", ""), ".");
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("../x", "a"), "../x/a");
    }

    #[test]
    fn links_lead_to_paths() {
        assert_eq!(resolve("book", "part-1/ch1.md#top").as_deref(), Some("book/part-1/ch1.md"));
        assert_eq!(resolve("book/a", "../b/one%20two.md").as_deref(), Some("book/b/one two.md"));
        assert_eq!(resolve("", "./x.md?y").as_deref(), Some("x.md"));
        assert_eq!(resolve("", "100%.md").as_deref(), Some("100%.md"));
        for elsewhere in ["../x.md", "https://example.org/x.md", "#top", "/x.md", "mailto:a@b.c"] {
            assert_eq!(resolve("", elsewhere), None, "{elsewhere}");
        }
    }
}
