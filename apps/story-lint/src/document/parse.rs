use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::front_matter;
use super::html::{self, Html};
use super::types::{Block, BlockKind, Comment, Document, Inline, Link, Run, Style, Target};
use crate::source::Span;

/// Parses a Markdown file.
///
/// Reads `CommonMark` with tables, strikethrough, footnotes and task lists, and YAML front matter.
/// Any text is a document; there is nothing to fail at.
///
/// A footnote's text counts as listed. The alternative text of an image is no prose. HTML links
/// (`href`, `src`) are links as well.
///
/// ```
/// use story_lint::document::{BlockKind, parse};
/// let document = parse("# One\n\nA *dark*\nnight.\n");
/// assert_eq!(document.blocks[0].kind, BlockKind::Heading(1));
/// assert_eq!(document.text(&document.blocks[1]), "A dark\nnight.");
/// ```
#[must_use]
pub fn parse(text: &str) -> Document {
    let (front_matter, start) = front_matter::find(text);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS;
    let body = &text[start..];
    let parser = Parser::new_with_broken_link_callback(
        body,
        options,
        Some(|link: BrokenLink<'_>| intended_link(body, &link)),
    );
    let mut builder = Builder::new(text);
    builder.document.front_matter = front_matter;
    for (event, range) in parser.into_offset_iter() {
        builder.event(event, range.start + start..range.end + start);
    }
    builder.close();
    builder.document
}

/// Tells a reference whose definition is missing from two brackets that happen to touch.
///
/// A shortcut, `[sic]`, is never a link, and without a word in its text a full reference is none
/// either: `[1][2]` and `[*][†]` are note marks.
fn intended_link(body: &str, link: &BrokenLink<'_>) -> Option<(CowStr<'static>, CowStr<'static>)> {
    let word = |text: &str| text.contains(char::is_alphabetic);
    let intended = match link.link_type {
        LinkType::Reference => {
            // Brackets may nest by the thousand, and each asks; a word shows early or never.
            let end = body.floor_char_boundary(link.span.end.min(link.span.start + 1024));
            let text = body.get(link.span.start..end).unwrap_or_default();
            word(text.split("][").next().unwrap_or_default())
        }
        LinkType::Collapsed => word(&link.reference),
        _ => false,
    };
    intended.then_some((CowStr::Borrowed(""), CowStr::Borrowed("")))
}

/// Puts a [`Document`] together, event by event.
struct Builder<'a> {
    text: &'a str,
    document: Document,
    /// The leaf block that is being filled, whether it has a start and end of its own.
    leaf: Option<Leaf>,
    quoted: usize,
    listed: usize,
    emphasis: usize,
    strong: usize,
    links: usize,
    images: usize,
    style: Style,
}

struct Leaf {
    block: Block,
    /// Whether the parser has no tag for it: the text of a tight list item.
    implicit: bool,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let document = Document { prose: String::with_capacity(text.len()), ..Document::default() };
        Self {
            text,
            document,
            leaf: None,
            quoted: 0,
            listed: 0,
            emphasis: 0,
            strong: 0,
            links: 0,
            images: 0,
            style: Style::default(),
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) => self.push(&text, range, self.style),
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::SoftBreak => self.push("\n", range, self.style),
            Event::HardBreak => {
                self.push("\n", range, self.style);
                if let Some(leaf) = &mut self.leaf {
                    leaf.block.hard_breaks = true;
                }
            }
            Event::Code(code) => self.code(&code, range),
            Event::Html(_) => {}
            Event::InlineHtml(_) => {
                self.ensure_leaf(&range);
                let block = self.document.blocks.len();
                self.html(range, block);
            }
            Event::Rule => {
                self.open(BlockKind::Break, range, false);
                self.close();
            }
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => self.ensure_leaf(&range),
            Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.push(&text, range, self.style);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.open(BlockKind::Paragraph, range, false),
            Tag::Heading { level, .. } => self.open(BlockKind::Heading(level as u8), range, false),
            Tag::CodeBlock(_) => self.open(BlockKind::Code, range, false),
            Tag::TableCell => self.open(BlockKind::Cell, range, false),
            Tag::HtmlBlock => {
                self.open(BlockKind::Html, range.clone(), false);
                let block = self.document.blocks.len();
                self.html(range, block);
            }
            Tag::BlockQuote(_) => {
                self.close();
                self.quoted += 1;
            }
            Tag::List(_) | Tag::FootnoteDefinition(_) => {
                self.close();
                self.listed += 1;
            }
            Tag::Emphasis => self.set(&range, |builder| &mut builder.emphasis),
            Tag::Strong => self.set(&range, |builder| &mut builder.strong),
            Tag::Link { link_type, dest_url, id, .. } => {
                self.set(&range, |builder| &mut builder.links);
                let target = target(link_type, &dest_url, &id);
                self.link(Inline::Link, target, range);
            }
            Tag::Image { link_type, dest_url, id, .. } => {
                self.set(&range, |builder| &mut builder.images);
                let target = target(link_type, &dest_url, &id);
                self.link(Inline::Image, target, range);
            }
            Tag::Item
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.close(),
            Tag::Strikethrough | Tag::Superscript | Tag::Subscript => self.ensure_leaf(&range),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => {
                self.close();
                self.quoted = self.quoted.saturating_sub(1);
            }
            TagEnd::List(_) | TagEnd::FootnoteDefinition => {
                self.close();
                self.listed = self.listed.saturating_sub(1);
            }
            TagEnd::Emphasis => self.unset(|builder| &mut builder.emphasis),
            TagEnd::Strong => self.unset(|builder| &mut builder.strong),
            TagEnd::Link => self.unset(|builder| &mut builder.links),
            TagEnd::Image => self.unset(|builder| &mut builder.images),
            TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => {}
            _ => self.close(),
        }
    }

    fn set(&mut self, range: &Range<usize>, depth: fn(&mut Self) -> &mut usize) {
        self.ensure_leaf(range);
        *depth(self) += 1;
        self.restyle();
    }

    fn unset(&mut self, depth: fn(&mut Self) -> &mut usize) {
        let depth = depth(self);
        *depth = depth.saturating_sub(1);
        self.restyle();
    }

    fn restyle(&mut self) {
        self.style = Style {
            emphasis: self.emphasis > 0,
            strong: self.strong > 0,
            code: false,
            link: self.links > 0,
        };
    }

    /// Ends the open block and starts another.
    fn open(&mut self, kind: BlockKind, range: Range<usize>, implicit: bool) {
        self.close();
        let end = range.start + self.text[range.clone()].trim_end_matches(['\n', '\r']).len();
        let at = self.document.prose.len();
        let block = Block {
            kind,
            span: Span::new(range.start, end),
            text: at..at,
            quoted: self.quoted > 0,
            listed: self.listed > 0,
            hard_breaks: false,
        };
        self.leaf = Some(Leaf { block, implicit });
    }

    /// Ends the open block, if there is one.
    fn close(&mut self) {
        if let Some(Leaf { mut block, .. }) = self.leaf.take() {
            block.text.end = self.document.prose.len();
            self.document.blocks.push(block);
        }
    }

    /// Opens a paragraph for text that stands in none, as in a tight list item.
    fn ensure_leaf(&mut self, range: &Range<usize>) {
        match &mut self.leaf {
            None => self.open(BlockKind::Paragraph, range.clone(), true),
            Some(leaf) if leaf.implicit => {
                let end =
                    range.start + self.text[range.clone()].trim_end_matches(['\n', '\r']).len();
                leaf.block.span.end = leaf.block.span.end.max(Span::new(end, end).end);
            }
            Some(_) => {}
        }
    }

    /// Adds visible text.
    fn push(&mut self, text: &str, range: Range<usize>, mut style: Style) {
        self.ensure_leaf(&range);
        let code = matches!(&self.leaf, Some(leaf) if leaf.block.kind == BlockKind::Code);
        let html = matches!(&self.leaf, Some(leaf) if leaf.block.kind == BlockKind::Html);
        if text.is_empty() || self.images > 0 || html {
            return;
        }
        style.code |= code;
        let start = self.document.prose.len();
        self.document.prose.push_str(text);
        let prose = start..start + text.len();
        let verbatim = self.text.as_bytes().get(range.clone()) == Some(text.as_bytes());
        if let Some(last) = self.document.runs.last_mut()
            && verbatim
            && last.verbatim
            && last.source.end == range.start
            && last.style == style
        {
            // The parser cuts text at every character that might have been markup.
            last.prose.end = prose.end;
            last.source.end = range.end;
            return;
        }
        self.document.runs.push(Run { prose, source: range, verbatim, style });
    }

    /// Adds code in a line; its source without the backticks where the text shows as it stands.
    fn code(&mut self, code: &str, range: Range<usize>) {
        let source = &self.text[range.clone()];
        let inner = source.trim_start_matches('`');
        let ticks = source.len() - inner.len();
        let space = usize::from(!inner.starts_with(code));
        let start = range.start + ticks + space;
        let verbatim = start..start + code.len();
        let style = Style { code: true, ..self.style };
        self.ensure_leaf(&range);
        if verbatim.end <= range.end && self.text.get(verbatim.clone()) == Some(code) {
            self.push(code, verbatim, style);
        } else {
            self.push(code, range, style);
        }
    }

    fn link(&mut self, inline: Inline, target: Target, range: Range<usize>) {
        let block = self.document.blocks.len();
        let span = Span::new(range.start, range.end);
        self.document.links.push(Link { block, span, target, inline });
    }

    /// Takes comments, anchors and links from raw HTML.
    fn html(&mut self, range: Range<usize>, block: usize) {
        let Html { comments, anchors, links } = html::scan(&self.text[range.clone()]);
        self.document.html_anchors.extend(anchors);
        for link in links {
            let inline = if link.image { Inline::Image } else { Inline::Link };
            let tag = range.start + link.tag.start..range.start + link.tag.end;
            self.link(inline, Target::Destination(link.target), tag);
        }
        for comment in comments {
            let span = Span::new(range.start + comment.start, range.start + comment.end);
            let inner = self.text[span.range()].trim_start_matches("<!--");
            let text = inner.strip_suffix("-->").unwrap_or_default().trim().to_owned();
            self.document.comments.push(Comment { span, text, block });
        }
    }
}

fn target(link_type: LinkType, destination: &str, id: &str) -> Target {
    match link_type {
        LinkType::ReferenceUnknown | LinkType::CollapsedUnknown => Target::Undefined(id.to_owned()),
        LinkType::Email => Target::Destination(format!("mailto:{destination}")),
        _ => Target::Destination(destination.to_owned()),
    }
}
