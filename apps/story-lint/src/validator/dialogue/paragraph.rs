use super::balance::{Balancer, Fault};
use super::comma;
use super::flow::MOST_FAULTS;
use super::marks::{Class, Family, Mark, Marks};
use crate::document::{Block, Document};
use crate::source::Span;

/// What is known of a paragraph's quotation marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Paragraph {
    /// Whether it starts with an opening mark of each family.
    pub(super) starts: [bool; 2],
    /// Whether it has no mark of each family.
    pub(super) bare: [bool; 2],
    /// Whether it stands in a block quotation.
    pub(super) quoted: bool,
    /// Whether it is verse, of which nothing is reported.
    pub(super) verse: bool,
}

/// A lone mark of a paragraph, under the assumption that speech is opened by one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoneMark {
    /// The paragraph, counted within the piece or file.
    pub(super) paragraph: u32,
    pub(super) family: Family,
    pub(super) fault: Fault,
    pub(super) span: Span,
}

/// How often a family opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Sure opening marks.
    pub(super) opens: u32,
    /// Paragraphs that start with one.
    pub(super) starts: u32,
    /// Commas before a closing mark.
    pub(super) commas_inside: u32,
}

/// Reads paragraph after paragraph; its buffers are used again.
#[derive(Debug, Default)]
pub(super) struct Reader {
    marks: Marks,
    balancer: Balancer,
}

/// What a [`Reader`] adds to.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) paragraphs: Vec<Paragraph>,
    pub(super) lone: Vec<LoneMark>,
    pub(super) counts: [Counts; 2],
    /// Closing marks with a comma behind them and words such as `he said`.
    pub(super) commas_outside: Vec<(Family, Span)>,
}

impl Reader {
    pub(super) fn read(&mut self, document: &Document, block: &Block, found: &mut Found) {
        let text = document.text(block);
        self.marks.read(text);
        // A line of dots or stars says nothing about the speech around it.
        if self.marks.is_empty() && !text.contains(char::is_alphanumeric) {
            return;
        }
        self.drop_code(document, block);
        let mut paragraph = Paragraph {
            starts: [false; 2],
            bare: [true; 2],
            quoted: block.quoted,
            verse: block.hard_breaks,
        };
        let index = u32::try_from(found.paragraphs.len()).unwrap_or(u32::MAX);
        for family in Family::ALL {
            let marks = self.marks.of(family);
            if marks.is_empty() {
                continue;
            }
            paragraph.bare[family as usize] = false;
            let counts = &mut found.counts[family as usize];
            let first = marks[0];
            let at_start = !text[..first.at].contains(char::is_alphanumeric);
            let opens = !matches!(first.class, Class::Close | Class::MaybeClose | Class::Either);
            paragraph.starts[family as usize] = at_start && opens;
            counts.starts += u32::from(at_start && first.class == Class::Open);
            for mark in marks {
                match mark.class {
                    Class::Open | Class::Again => counts.opens += 1,
                    Class::Close => {
                        counts.commas_inside += u32::from(text[..mark.at].ends_with(','));
                    }
                    _ => {}
                }
            }
            comma::outside(text, marks, |mark| {
                let start = block.text.start + mark.at;
                let span = document.source_span(start..start + mark.len + 1);
                found.commas_outside.push((family, span));
            });
            let marks = &*self.marks.unnested(family);
            let mut faults = 0;
            for lone in self.balancer.balance(marks) {
                faults += usize::from(lone.fault.is_inside());
                if lone.fault.is_inside() && faults > MOST_KEPT {
                    continue;
                }
                let span = shown(document, block, marks[lone.mark], lone.fault);
                found.lone.push(LoneMark { paragraph: index, family, fault: lone.fault, span });
            }
        }
        found.paragraphs.push(paragraph);
    }

    /// Forgets the marks in code.
    fn drop_code(&mut self, document: &Document, block: &Block) {
        if self.marks.is_empty() {
            return;
        }
        let first = document.runs.partition_point(|run| run.prose.end <= block.text.start);
        let runs = document.runs[first..].iter();
        let mut code =
            runs.take_while(|run| run.prose.start < block.text.end).filter(|run| run.style.code);
        let Some(first) = code.next() else { return };
        for marks in [&mut self.marks.double, &mut self.marks.single] {
            // Both are in order, so one pass over both will do.
            let (mut run, mut later) = (Some(first), code.clone());
            marks.retain(|mark| {
                let at = block.text.start + mark.at;
                while run.is_some_and(|run| run.prose.end <= at) {
                    run = later.next();
                }
                !run.is_some_and(|run| run.prose.contains(&at))
            });
        }
    }
}

/// How many faults inside a paragraph are kept. [`Flow`](super::flow::Flow) reports one of
/// more than [`MOST_FAULTS`], and may explain one by the paragraph before: what follows changes
/// nothing.
const MOST_KEPT: usize = MOST_FAULTS + 2;

/// How many bytes of a line are shown. A line without spaces is no sentence, and showing all of
/// it for each mark would take time and room that grow with the square of its length.
const MOST_SHOWN: usize = 240;

/// The place to show: a closing mark with the word before it, an opening mark with the words
/// behind it, on one line and at most [`MOST_SHOWN`] bytes.
fn shown(document: &Document, block: &Block, mark: Mark, fault: Fault) -> Span {
    let text = document.text(block);
    let range = if fault == Fault::Unopened {
        let least = text.ceil_char_boundary(mark.at.saturating_sub(MOST_SHOWN));
        let before = &text[least..mark.at];
        let word = before
            .rfind(char::is_whitespace)
            .map_or(0, |space| space + before[space..].chars().next().map_or(0, char::len_utf8));
        least + word..mark.at + mark.len
    } else {
        let behind = mark.at + mark.len;
        let most = text.floor_char_boundary(text.len().min(behind + MOST_SHOWN));
        let line = text[behind..most].split('\n').next().unwrap_or_default();
        let words: usize = line.split_inclusive(' ').take(4).map(str::len).sum();
        mark.at..behind + line[..words].trim_end().len()
    };
    document.source_span(block.text.start + range.start..block.text.start + range.end)
}
