use std::ops::Range;
use std::sync::OnceLock;

use crate::prose::Reading;
use crate::source::Span;

/// A parsed Markdown file.
///
/// The visible text of all blocks stands in one string, [`Document::prose`], in which markup,
/// escapes and line prefixes are gone. [`Document::source_span`] leads back to the file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The YAML block at the top, if there is one.
    pub front_matter: Option<FrontMatter>,
    /// The leaf blocks in reading order.
    pub blocks: Vec<Block>,
    /// The visible text of all blocks, one after the other.
    pub prose: String,
    /// The pieces of `prose`, in order and without overlap, each with its place in the source.
    pub runs: Vec<Run>,
    /// Links and images, in order.
    pub links: Vec<Link>,
    /// HTML comments, in order.
    pub comments: Vec<Comment>,
    /// Names that a link can jump to beside the headings: `id` and `name` of HTML elements.
    pub html_anchors: Vec<String>,
    /// Its words, read when first asked for and once for all validators.
    pub(crate) reading: OnceLock<Reading>,
}

impl Document {
    /// The words of its paragraphs.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        self.reading.get_or_init(|| Reading::of(self))
    }

    /// The visible text of a block. A line break in the source is one `\n`.
    #[must_use]
    pub fn text(&self, block: &Block) -> &str {
        &self.prose[block.text.clone()]
    }

    /// The place in the source of a range of `prose`.
    ///
    /// Covers markup that lies between the first and the last character of the range. An empty
    /// range gives an empty span.
    #[must_use]
    pub fn source_span(&self, prose: Range<usize>) -> Span {
        let start = self.source_offset(prose.start, false);
        let end = self.source_offset(prose.end, true);
        Span::new(start, end.max(start))
    }

    /// The source offset of an offset in `prose`; `end` asks for the place behind the character
    /// before it, which matters where markup lies between two characters.
    fn source_offset(&self, offset: usize, end: bool) -> usize {
        let after = self.runs.partition_point(|run| {
            if end { run.prose.start < offset } else { run.prose.start <= offset }
        });
        let Some(run) = after.checked_sub(1).and_then(|index| self.runs.get(index)) else {
            return self.runs.first().map_or(0, |run| run.source.start);
        };
        if run.verbatim {
            (run.source.start + (offset - run.prose.start)).min(run.source.end)
        } else if end {
            run.source.end
        } else {
            run.source.start
        }
    }
}

/// The YAML between `---` lines at the top of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter {
    /// From the first `---` to behind the last.
    pub span: Span,
    /// What stands between them; its start is the start of line 2.
    pub yaml: Span,
    /// Whether the closing `---` is there. Without it the whole file is taken for prose, `span`
    /// is the opening line and `yaml` is empty.
    pub closed: bool,
}

/// A leaf block: text that belongs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its place in the source, with its markup, without the final line end.
    pub span: Span,
    /// Its visible text in [`Document::prose`].
    pub text: Range<usize>,
    /// Whether it stands in a block quotation: a letter, verse, an epigraph.
    pub quoted: bool,
    /// Whether it stands in a list or a footnote.
    pub listed: bool,
    /// Whether a hard line break occurs in it, as in verse.
    pub hard_breaks: bool,
}

/// The kinds of leaf block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading of level 1 to 6.
    Heading(u8),
    /// A paragraph, a list item's text included.
    Paragraph,
    /// A table cell.
    Cell,
    /// Code, indented or fenced.
    Code,
    /// Raw HTML; its text is empty.
    Html,
    /// A scene break such as `* * *`; its text is empty.
    Break,
}

/// A piece of visible text and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its place in [`Document::prose`].
    pub prose: Range<usize>,
    /// Its place in the source.
    pub source: Range<usize>,
    /// Whether both are the same bytes; if not, it is one unit: an entity, an escape, a line
    /// break with its prefix.
    pub verbatim: bool,
    /// How it is set.
    pub style: Style,
}

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// In `*…*` or `_…_`.
    pub emphasis: bool,
    /// In `**…**`.
    pub strong: bool,
    /// In backticks.
    pub code: bool,
    /// Inside a link's text.
    pub link: bool,
}

/// A link or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The index of the block it stands in.
    pub block: usize,
    /// Its place in the source.
    pub span: Span,
    /// Where it leads.
    pub target: Target,
    /// Whether it is a link or an image.
    pub inline: Inline,
}

/// What a [`Link`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    /// `[text](target)`, `[text][label]` or `<autolink>`.
    Link,
    /// `![text](target)`.
    Image,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A destination as written, escapes and entities resolved, not percent-decoded.
    Destination(String),
    /// A full or collapsed reference, `[text][label]` or `[label][]`, without a definition.
    Undefined(String),
}

/// An HTML comment, which is where suppressions stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `<!--` to `-->`.
    pub span: Span,
    /// What stands between them, trimmed.
    pub text: String,
    /// The index of the block it stands in or, for one between blocks, of its own
    /// [`BlockKind::Html`] block.
    pub block: usize,
}
