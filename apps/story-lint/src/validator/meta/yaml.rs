use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, Spanned};

use super::number::number;
use super::rules::BAD_FRONT_MATTER;
use crate::document::FrontMatter;
use crate::finding::{Finding, Report};
use crate::source::Span;
use crate::validator::Piece;

/// Front matter longer than this is not read; it is data, and reading it would cost more than
/// all the rest.
const LONGEST: usize = 64 << 10;

/// Reads front matter and reports what is wrong with it; gives the chapter number in it.
pub(super) fn read(
    piece: &Piece<'_>,
    front: &FrontMatter,
    report: &mut Report,
) -> Option<(u32, Span)> {
    if !front.closed {
        let message = "the front matter is not closed, so all of the file is taken for text";
        report.add(
            Finding::new(&BAD_FRONT_MATTER, piece.at(front.span), message)
                .help("add a line `---` behind its last line"),
        );
        return None;
    }
    let yaml = piece.source.slice(front.yaml);
    if yaml.len() > LONGEST {
        return None;
    }
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Top>(yaml, options) {
        Ok(Top::Empty) => None,
        Ok(Top::Keys(chapter)) => {
            let Spanned { value, referenced, .. } = chapter?;
            let words: Vec<&str> = value.split_whitespace().collect();
            let (number, used) = number(&words)?;
            (used == words.len()).then(|| (number, line_of(piece, &referenced)))
        }
        Ok(Top::Other) => {
            let message = "the front matter holds no `key: value` pairs";
            report.add(
                Finding::new(&BAD_FRONT_MATTER, piece.at(front.span), message)
                    .help("write one `key: value` per line, or remove the block"),
            );
            None
        }
        Err(error) => {
            let stopped = error.location().map_or(front.span, |at| place(piece, front, &at));
            let span = open_value(piece, front, stopped).unwrap_or(stopped);
            let (reason, help) = explain(&error);
            let message = format!("the front matter is no valid YAML: {reason}");
            report.add(Finding::new(&BAD_FRONT_MATTER, piece.at(span), message).help(help));
            None
        }
    }
}

/// The reason in plain words, and what helps.
fn explain(error: &Error) -> (String, &'static str) {
    match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` stands twice"), "delete or rename one of the two")
        }
        Error::DuplicateMappingKey { .. } => {
            ("a key stands twice".to_owned(), "delete or rename one of the two")
        }
        other => {
            // The place is the finding's own; the reason is its first line without it.
            let text = other.without_snippet().to_string();
            let line = text.lines().next().unwrap_or_default();
            let line = line.split(" at line ").next().unwrap_or(line);
            let line = line.trim_start_matches("error: ").trim_end_matches('.');
            let help = "quote values that hold a colon, a quotation mark or a bracket";
            (line.to_owned(), help)
        }
    }
}

/// The place where reading stopped, to the end of its line; within the block.
fn place(piece: &Piece<'_>, front: &FrontMatter, at: &Location) -> Span {
    let start = character(piece, at).clamp(front.yaml.start as usize, front.yaml.end as usize);
    let source = piece.source;
    let line = source.lines.line(start);
    let range = source.lines.text_range(&source.text, line);
    // An error behind the last line is shown at the end of that line.
    let (start, end) = if range.is_empty() || start >= front.yaml.end as usize {
        let before = source.lines.text_range(&source.text, line.saturating_sub(1).max(1));
        (before.start, before.end)
    } else {
        (start.min(range.end), range.end)
    };
    Span::new(start, end)
}

/// A quoted value above the place where reading stopped that is not closed on its line, though the
/// next line does not go on with it: the parser notices only later.
fn open_value(piece: &Piece<'_>, front: &FrontMatter, stopped: Span) -> Option<Span> {
    let yaml = piece.source.slice(front.yaml);
    let mut start = front.yaml.start as usize;
    let mut lines = yaml.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let text = line.trim_end();
        let goes_on = lines.peek().is_some_and(|next| next.starts_with([' ', '\t']));
        let value = text.split_once(": ").map(|(_, value)| value.trim_start());
        if let Some(value) = value
            && let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && !goes_on
            && !value[1..].contains(quote)
            && start <= stopped.start as usize
        {
            return Some(Span::new(start + text.len() - value.len(), start + text.len()));
        }
        start += line.len();
    }
    None
}

/// The line of a value in the front matter.
fn line_of(piece: &Piece<'_>, at: &Location) -> Span {
    let line = u32::try_from(at.line()).unwrap_or(0).saturating_add(1);
    let range = piece.source.lines.text_range(&piece.source.text, line);
    Span::new(range.start, range.end)
}

/// The offset of a place that is counted in lines and characters from the YAML's start.
fn character(piece: &Piece<'_>, at: &Location) -> usize {
    let line = u32::try_from(at.line()).unwrap_or(0).saturating_add(1);
    let range = piece.source.lines.text_range(&piece.source.text, line);
    let column = usize::try_from(at.column()).unwrap_or(1).saturating_sub(1);
    let text = &piece.source.text[range.clone()];
    range.start + text.char_indices().nth(column).map_or(text.len(), |(offset, _)| offset)
}

/// What front matter is, with the value of `chapter`.
enum Top {
    Empty,
    Keys(Option<Spanned<String>>),
    Other,
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`key: value` pairs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut chapter = None;
        while let Some(Node(key)) = map.next_key()? {
            let value: Spanned<Node> = map.next_value()?;
            if key.is_some_and(|key| key.eq_ignore_ascii_case("chapter")) {
                let Spanned { value: Node(text), referenced, defined } = value;
                chapter = text.map(|value| Spanned { value, referenced, defined });
            }
        }
        Ok(Top::Keys(chapter))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Top, A::Error> {
        while seq.next_element::<Node>()?.is_some() {}
        Ok(Top::Other)
    }

    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::Empty)
    }

    fn visit_none<E>(self) -> Result<Top, E> {
        Ok(Top::Empty)
    }

    fn visit_str<E>(self, text: &str) -> Result<Top, E> {
        Ok(if text.trim().is_empty() { Top::Empty } else { Top::Other })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Top, E> {
        Ok(Top::Other)
    }
}

/// Any YAML value, of which only the text of a scalar is kept.
struct Node(Option<String>);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        while map.next_entry::<Node, Node>()?.is_some() {}
        Ok(Node(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        while seq.next_element::<Node>()?.is_some() {}
        Ok(Node(None))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node(Some(text.to_owned())))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node(Some(value.to_string())))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        use serde::de::VariantAccess;
        let (_, variant) = data.variant::<IgnoredAny>()?;
        variant.unit_variant()?;
        Ok(Node(None))
    }
}
