use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::document::{Block, BlockKind, Document, Run, parse};
use crate::engine::StoryReport;
use crate::finding::{Finding, Location};
use crate::output::escape::markup;
use crate::output::view::Place;
use crate::source::{SourceFile, Span};

/// A file of a story with what was found in it.
pub(super) struct Chapter<'a> {
    /// Its name in links of the page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) file: usize,
    source: &'a SourceFile,
    document: Document,
    /// Findings that stand in it, with their number in the story.
    pub(super) findings: Vec<(usize, &'a Finding)>,
    /// Other places of findings that stand anywhere, with the number of the finding.
    others: Vec<(usize, Location)>,
}

impl<'a> Chapter<'a> {
    pub(super) fn all(story: &'a StoryReport, number: usize) -> Vec<Self> {
        let files = story.files.iter().enumerate();
        files
            .filter_map(|(file, source)| {
                let source = source.as_deref()?;
                let document = parse(&source.text);
                let numbered = || story.findings.iter().enumerate();
                let others = numbered().flat_map(|(index, finding)| {
                    finding.related.iter().map(move |other| (index, other.at))
                });
                Some(Self {
                    id: format!("s{number}-c{file}"),
                    title: title(&document, source),
                    file,
                    source,
                    findings: numbered().filter(|(_, f)| f.at.file.index() == file).collect(),
                    others: others.filter(|(_, at)| at.file.index() == file).collect(),
                    document,
                })
            })
            .collect()
    }

    /// Whether its text is part of the page: something in it is spoken of.
    pub(super) fn is_shown(&self) -> bool {
        !self.findings.is_empty() || !self.others.is_empty()
    }
}

/// The first heading, or else the file's name.
fn title(document: &Document, source: &SourceFile) -> String {
    let heading = document.blocks.iter().find(|block| matches!(block.kind, BlockKind::Heading(_)));
    match heading.map(|block| document.text(block).trim()) {
        Some(text) if !text.is_empty() => text.replace('\n', " "),
        _ => source.relative.clone(),
    }
}

pub(super) fn write_chapter(
    story: &StoryReport,
    chapter: &Chapter<'_>,
    number: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (id, title) = (&chapter.id, markup(&chapter.title));
    let path = markup(&chapter.source.path);
    writeln!(
        out,
        "<details open id=\"{id}\">\n<summary><b>{title}</b> <span class=\"count\">{path}</span></summary>"
    )?;
    let mut shown = BTreeSet::new();
    let mut first = true;
    // Its title stands above already.
    let is_title = |block: &Block| {
        matches!(block.kind, BlockKind::Heading(_)) && chapter.document.text(block) == chapter.title
    };
    for block in &chapter.document.blocks {
        let is_here = |span: Span| {
            // What stands before the first block, in the front matter, is told at its top.
            (first || span.start >= block.span.start) && span.start <= block.span.end
        };
        let here: Vec<(usize, &Finding)> = chapter
            .findings
            .iter()
            .filter(|(index, finding)| is_here(finding.at.span) && !shown.contains(index))
            .copied()
            .collect();
        let before: Vec<_> =
            here.iter().copied().filter(|(_, f)| f.at.span.start < block.span.start).collect();
        for (index, finding) in before {
            write_finding(story, finding, index, number, out)?;
            shown.insert(index);
        }
        let is_marked = !here.is_empty() || chapter.others.iter().any(|(_, at)| is_here(at.span));
        if !first || is_marked || !is_title(block) {
            write_block(story, chapter, block, number, out)?;
        }
        for (index, finding) in here {
            if shown.insert(index) {
                write_finding(story, finding, index, number, out)?;
            }
        }
        first = false;
    }
    for &(index, finding) in &chapter.findings {
        if shown.insert(index) {
            write_finding(story, finding, index, number, out)?;
        }
    }
    writeln!(out, "</details>")
}

fn write_finding(
    story: &StoryReport,
    finding: &Finding,
    index: usize,
    number: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let severity = story.severity(finding);
    let (rule, message) = (finding.rule.id, sentence(&finding.message));
    writeln!(out, "<aside class=\"{severity}\" id=\"s{number}-f{index}\">")?;
    let place = Place::of(story, finding.at);
    let line = place.start.line;
    writeln!(
        out,
        "<p><b class=\"rule\">{severity} {rule}</b> {message} <span class=\"count\">line {line}</span></p>"
    )?;
    for (nth, other) in finding.related.iter().enumerate() {
        let there = Place::of(story, other.at);
        let (path, line) = (markup(there.path), there.start.line);
        let note = sentence(&other.note);
        let link = format!("s{number}-f{index}-o{nth}");
        writeln!(out, "<p>{note}: <a href=\"#{link}\">{path}, line {line}</a></p>")?;
    }
    for (title, note) in [("Why", &finding.reason), ("Help", &finding.help)] {
        if let Some(note) = note {
            writeln!(out, "<p><b>{title}:</b> {}</p>", sentence(note))?;
        }
    }
    writeln!(out, "<p><b>To keep it:</b> <code>{}</code></p>", markup(&finding.silencer()))?;
    writeln!(out, "</aside>")
}

/// A message, with what stands between backticks as code.
fn sentence(text: &str) -> String {
    let mut pieces = text.split('`').peekable();
    let mut shown = String::new();
    let mut is_code = false;
    while let Some(piece) = pieces.next() {
        // A backtick without its twin is shown as it is.
        match (is_code, pieces.peek().is_some()) {
            (true, true) => shown.push_str(&format!("<code>{}</code>", markup(piece))),
            (true, false) => shown.push_str(&format!("`{}", markup(piece))),
            (false, _) => shown.push_str(&markup(piece)),
        }
        is_code = !is_code;
    }
    shown
}

fn write_block(
    story: &StoryReport,
    chapter: &Chapter<'_>,
    block: &Block,
    number: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tag = match block.kind {
        BlockKind::Heading(_) => "h3",
        BlockKind::Paragraph if block.quoted => "blockquote",
        BlockKind::Paragraph | BlockKind::Cell => "p",
        BlockKind::Code => "pre",
        BlockKind::Html => return Ok(()),
        BlockKind::Break => return writeln!(out, "<hr>"),
    };
    write!(out, "<{tag}>")?;
    let runs = &chapter.document.runs;
    let first = runs.partition_point(|run| run.prose.end <= block.text.start);
    let inside = runs[first..].iter().take_while(|run| run.prose.start < block.text.end);
    let marks = Marks::of(story, chapter, block.span, number);
    for run in inside {
        write_run(chapter, run, &marks, out)?;
    }
    writeln!(out, "</{tag}>")
}

/// What is marked in a block.
struct Marks {
    /// Places with their class.
    spans: Vec<(Span, String)>,
    /// Names that links of the page lead to, each with its place.
    anchors: Vec<(u32, String)>,
}

impl Marks {
    fn of(story: &StoryReport, chapter: &Chapter<'_>, block: Span, number: usize) -> Self {
        let touches = |span: Span| span.start < block.end && span.end > block.start;
        let mut marks = Self { spans: Vec::new(), anchors: Vec::new() };
        for (_, finding) in &chapter.findings {
            if touches(finding.at.span) {
                let class = story.severity(finding).to_string();
                marks.spans.push((finding.at.span, class));
            }
        }
        for &(index, at) in &chapter.others {
            if touches(at.span) {
                marks.spans.push((at.span, "other".to_owned()));
            }
            if (block.start..block.end).contains(&at.span.start) {
                let related = &story.findings[index].related;
                let nth = related.iter().position(|other| other.at == at).unwrap_or(0);
                marks.anchors.push((at.span.start, format!("s{number}-f{index}-o{nth}")));
            }
        }
        marks.anchors.sort();
        marks.anchors.dedup();
        marks
    }

    fn class(&self, at: usize) -> Option<&str> {
        let covers = self.spans.iter().find(|(span, _)| span.range().contains(&at));
        covers.map(|(_, class)| class.as_str())
    }
}

/// Writes a run, cut where marks start and end.
fn write_run(
    chapter: &Chapter<'_>,
    run: &Run,
    marks: &Marks,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = &chapter.document.prose[run.prose.clone()];
    let tags: Vec<&str> =
        [(run.style.emphasis, "em"), (run.style.strong, "strong"), (run.style.code, "code")]
            .into_iter()
            .filter_map(|(is_set, tag)| is_set.then_some(tag))
            .collect();
    for tag in &tags {
        write!(out, "<{tag}>")?;
    }
    let mut cuts = BTreeSet::from([0, text.len()]);
    if run.verbatim {
        let spans = marks.spans.iter().flat_map(|(span, _)| [span.start, span.end]);
        let anchors = marks.anchors.iter().map(|(at, _)| *at);
        for at in spans.chain(anchors) {
            let offset = (at as usize).checked_sub(run.source.start);
            cuts.extend(offset.filter(|at| *at < text.len() && text.is_char_boundary(*at)));
        }
    }
    let cuts: Vec<usize> = cuts.into_iter().collect();
    for pair in cuts.windows(2) {
        let at = run.source.start + pair[0];
        for (_, name) in marks.anchors.iter().filter(|(place, _)| *place as usize == at) {
            write!(out, "<a id=\"{name}\"></a>")?;
        }
        let piece = markup(&text[pair[0]..pair[1]]);
        match marks.class(at) {
            Some(class) => write!(out, "<mark class=\"{class}\">{piece}</mark>")?,
            None => write!(out, "{piece}")?,
        }
    }
    for tag in tags.iter().rev() {
        write!(out, "</{tag}>")?;
    }
    Ok(())
}
