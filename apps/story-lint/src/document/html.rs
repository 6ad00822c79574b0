use std::ops::Range;

use memchr::memmem;

/// What a piece of raw HTML holds for us; ranges are relative to the piece.
#[derive(Debug, Default)]
pub(super) struct Html {
    /// Whole comments, markers included.
    pub(super) comments: Vec<Range<usize>>,
    /// Values of `id` and `name`.
    pub(super) anchors: Vec<String>,
    /// Values of `href` and `src`, with the tag they stand in.
    pub(super) links: Vec<HtmlLink>,
}

/// A link set in HTML.
#[derive(Debug)]
pub(super) struct HtmlLink {
    pub(super) tag: Range<usize>,
    pub(super) target: String,
    pub(super) image: bool,
}

/// Reads comments and the attributes of tags; not a validating parser.
pub(super) fn scan(html: &str) -> Html {
    let mut found = Html::default();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &html.as_bytes()[at..]) {
        let start = at + open;
        let rest = &html[start..];
        let length = if rest.starts_with("<!--") {
            // `<!-->` is a whole comment, so the end is looked for behind the first two marks.
            match memmem::find(&rest.as_bytes()[2..], b"-->") {
                Some(end) => {
                    found.comments.push(start..start + 2 + end + 3);
                    2 + end + 3
                }
                None => break,
            }
        } else {
            let length = tag_length(rest);
            attributes(&rest[..length], start, &mut found);
            length
        };
        at = start + length;
    }
    found
}

/// The length of a tag, quoted attribute values skipped; what is never closed ends the text.
fn tag_length(tag: &str) -> usize {
    let mut quote = None;
    for (at, &byte) in tag.as_bytes().iter().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn attributes(tag: &str, start: usize, found: &mut Html) {
    let bytes = tag.as_bytes();
    let mut at = 0;
    while let Some(equals) = memchr::memchr(b'=', &bytes[at..]) {
        let equals = at + equals;
        let before = tag[at..equals].trim_end();
        let name_start = before.rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/'));
        // An attribute name stands behind white space or a quotation mark.
        let name = name_start.map_or("", |space| before[space..].get(1..).unwrap_or_default());
        let value_at =
            equals + 1 + (tag[equals + 1..].len() - tag[equals + 1..].trim_start().len());
        let (value, next) = value(tag, value_at);
        match name.to_ascii_lowercase().as_str() {
            "id" | "name" => found.anchors.push(value.to_owned()),
            key @ ("href" | "src") => found.links.push(HtmlLink {
                tag: start..start + tag.len(),
                target: value.trim().replace("&amp;", "&"),
                image: key == "src",
            }),
            _ => {}
        }
        at = next;
    }
}

/// The attribute value at an offset, and the offset behind it.
fn value(tag: &str, at: usize) -> (&str, usize) {
    let rest = &tag[at..];
    let quoted = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quoted.and_then(|quote| rest[1..].find(quote)) {
        Some(end) => (&rest[1..=end], at + end + 2),
        None => {
            let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
            (&rest[..end], at + end)
        }
    }
}
