use std::borrow::Cow;

/// A link's destination, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::validator) enum Destination<'a> {
    /// Something that is not looked up: another site, a mail address.
    Elsewhere,
    /// A file or folder, and a place in it.
    Path {
        /// The decoded path as written; empty for the same file.
        path: Cow<'a, str>,
        /// The decoded anchor.
        anchor: Option<Cow<'a, str>>,
    },
}

impl<'a> Destination<'a> {
    pub(in crate::validator) fn parse(text: &'a str) -> Self {
        let text = text.trim();
        if has_scheme(text) || text.starts_with("//") {
            return Self::Elsewhere;
        }
        let (rest, anchor) = match text.split_once('#') {
            Some((rest, anchor)) => (rest, Some(decode(anchor))),
            None => (text, None),
        };
        let path = rest.split_once('?').map_or(rest, |(path, _)| path);
        Self::Path { path: decode(path), anchor }
    }
}

/// Whether a destination starts like `https:`; a single letter is a drive and no scheme.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(rest)
}

/// Decodes `%20` and the like; what is no valid escape stays as written.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| {
            bytes.get(at + offset).and_then(|&b| char::from(b).to_digit(16)).map(|d| d as u8)
        };
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Joins a written path to the folder of the file it stands in, both below the story's folder.
///
/// Leading `..` that climb out of the story stay. Whether the path named a folder by a final
/// slash is told beside it.
pub(in crate::validator) fn resolve(folder: &str, path: &str) -> (String, bool) {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { folder };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|&last| last != "..") => {
                parts.pop();
            }
            // Above the root there is only the root.
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let is_folder =
        path.ends_with('/') || path.ends_with("/.") || path.ends_with("..") || path == ".";
    (parts.join("/"), is_folder)
}
