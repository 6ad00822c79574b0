use std::collections::HashMap;
use std::ops::Range;

use super::comment::{Request, read};
use super::{Finding, Location, Report};
use crate::config::{RuleSelector, UnknownRule};
use crate::document::{BlockKind, Comment, Document};
use crate::rule::{Rule, Severity};
use crate::source::{SourceFile, Span};
use crate::story::FileId;

/// Reports a suppression that suppressed nothing.
pub static UNUSED: Rule = Rule {
    id: "SUPP001",
    name: "unused suppression",
    summary: "Reports a suppression comment that nothing needs any more.",
    explanation: "\
A comment that outlives its reason hides the next fault in the same place, and tells readers of a \
fault that is not there.

It is not reported for a rule that is off, nor where the check that owns the rule failed: there \
nobody knows whether the comment is needed.

To settle it, delete the rule from the comment, or the whole comment if it names no other rule. If \
the fault is still there, the comment stands in the wrong place: on its own line it covers the next \
paragraph, heading or table, inside a paragraph it covers that paragraph, and `allow-file` covers \
the whole file.",
    bad: "\
<!-- story-lint: allow REP001 because she stammers -->

She opened the door and said nothing.",
    good: "\
She opened the door and said nothing.",
    severity: Severity::Warning,
    off: false,
};

/// Reports a suppression comment that cannot be understood.
pub static MALFORMED: Rule = Rule {
    id: "SUPP002",
    name: "malformed suppression",
    summary: "Reports a suppression comment without a reason, a known rule or a known verb.",
    explanation: "\
A comment that cannot be understood suppresses nothing. Staying silent about it would leave you to \
wonder why the finding is still there.

A suppression names one or more rules, and says why:

    <!-- story-lint: allow REP001 because the echo is meant -->
    <!-- story-lint: allow-file META001, LINK002 because the appendix is numbered apart -->

`allow` on its own line covers the next paragraph, heading or table; inside a paragraph it covers \
that paragraph. `allow-file` covers the whole file, wherever it stands. Rules are named one by one; \
a comment with an unknown rule still suppresses the known ones. To turn a rule off for the whole \
story, use story-lint.toml.",
    bad: "\
<!-- story-lint: allow REP001 -->

“The the,” he stammered.",
    good: "\
<!-- story-lint: allow REP001 because he stammers -->

“The the,” he stammered.",
    severity: Severity::Warning,
    off: false,
};

/// One rule that one comment suppresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The rule.
    pub rule: &'static Rule,
    /// Where the comment names it.
    pub at: Location,
    /// The bytes of the same file in which findings are suppressed; `None` for all of them.
    pub covers: Option<Span>,
}

/// The suppressions of one rule in one file, for finding those that cover a place.
#[derive(Debug, Default)]
struct Covers {
    /// The start and the end of what each covers, and its index; in order of the start.
    spans: Vec<(u32, u32, usize)>,
    /// Of each of `spans`, the furthest end of those up to it.
    furthest: Vec<u32>,
}

impl Covers {
    fn gather(suppressions: &[Suppression]) -> HashMap<(FileId, &'static str), Self> {
        let mut gathered: HashMap<_, Self> = HashMap::new();
        for (index, of) in suppressions.iter().enumerate() {
            let (start, end) = of.covers.map_or((0, u32::MAX), |span| (span.start, span.end));
            let covers = gathered.entry((of.at.file, of.rule.id)).or_default();
            covers.spans.push((start, end, index));
        }
        for covers in gathered.values_mut() {
            covers.spans.sort_unstable();
            let mut furthest = 0;
            covers.furthest.extend(covers.spans.iter().map(|&(_, end, _)| {
                furthest = end.max(furthest);
                furthest
            }));
        }
        gathered
    }

    /// The indices of the suppressions that cover a place.
    fn at(&self, place: u32) -> impl Iterator<Item = usize> {
        let started = self.spans.partition_point(|&(start, ..)| start <= place);
        let spans = self.spans[..started].iter().zip(&self.furthest[..started]).rev();
        // The end counts: a finding about what is missing may stand behind the last character.
        spans
            .take_while(move |(_, furthest)| place <= **furthest)
            .filter(move |((_, end, _), _)| place <= *end)
            .map(|(&(.., index), _)| index)
    }
}

/// Reads the suppressions of a file; those that are malformed are reported.
///
/// A document without such comments costs next to nothing.
pub fn suppressions(
    file: FileId,
    source: &SourceFile,
    document: &Document,
    report: &mut Report,
) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut reaches = None;
    for comment in &document.comments {
        // The text is trimmed: it starts where the first of its characters stands.
        let raw = source.slice(comment.span);
        let start = comment.span.start as usize + raw.find(&comment.text).unwrap_or(0);
        let at = |range: Range<usize>| {
            let end = (start + range.end).min(comment.span.end as usize);
            Location { file, span: Span::new((start + range.start).min(end), end) }
        };
        match read(&comment.text) {
            None => {}
            Some(Err(mistake)) => {
                let at = Location { file, span: comment.span };
                report.add(Finding::new(&MALFORMED, at, mistake.message).help(mistake.help));
            }
            Some(Ok(Request { whole_file, rules })) => {
                let covers = if whole_file {
                    None
                } else {
                    let reaches = reaches.get_or_insert_with(|| reaches_of(document));
                    Some(covered(comment, document, reaches))
                };
                for word in rules {
                    match named(&comment.text[word.clone()]) {
                        Ok(rule) => found.push(Suppression { rule, at: at(word), covers }),
                        Err((message, help)) => {
                            report.add(Finding::new(&MALFORMED, at(word), message).help(help));
                        }
                    }
                }
            }
        }
    }
    found
}

/// The rule that a word names, or a message and a remedy.
fn named(word: &str) -> Result<&'static Rule, (String, String)> {
    if word == UNUSED.id || word == MALFORMED.id {
        let help = "mend or delete the comment it speaks of, or turn it off in story-lint.toml";
        return Err((format!("`{word}` cannot be suppressed in the text"), help.to_owned()));
    }
    match word.parse::<RuleSelector>() {
        Ok(RuleSelector::One(id)) => {
            let known = crate::validator::rules().into_iter().find(|rule| rule.id == id);
            known.ok_or_else(|| (format!("there is no rule `{word}`"), String::new()))
        }
        Ok(RuleSelector::All | RuleSelector::Family(_)) => Err((
            format!("`{word}` names more than one rule"),
            "name each rule, so that a new one is not hidden unseen".to_owned(),
        )),
        Err(unknown @ UnknownRule { .. }) => Err((unknown.to_string(), unknown.help())),
    }
}

/// What an `allow` comment covers: the block it stands in or, on its own, the next one.
fn covered(comment: &Comment, document: &Document, reaches: &[Option<Span>]) -> Span {
    let inside = document.blocks.get(comment.block).filter(|block| block.kind != BlockKind::Html);
    let behind = || reaches.get(comment.block + 1).copied().flatten();
    let nothing = Span { start: comment.span.end, end: comment.span.end };
    inside.map(|block| block.span).or_else(behind).unwrap_or(nothing)
}

/// Of each block, what a comment right before it covers.
fn reaches_of(document: &Document) -> Vec<Option<Span>> {
    let blocks = &document.blocks;
    let mut is_comment = vec![false; blocks.len()];
    for comment in &document.comments {
        if let Some(is_comment) = is_comment.get_mut(comment.block) {
            *is_comment = blocks[comment.block].kind == BlockKind::Html;
        }
    }
    let mut reaches = vec![None; blocks.len()];
    for (index, block) in blocks.iter().enumerate().rev() {
        let next: Option<Span> = reaches.get(index + 1).copied().flatten();
        let is_cell = |at: usize| blocks.get(at).is_some_and(|b| b.kind == BlockKind::Cell);
        reaches[index] = match next {
            // Comments may be stacked above what they speak of.
            next if is_comment[index] => next,
            // No comment can stand between the cells of a table: they are covered together.
            Some(next) if is_cell(index) && is_cell(index + 1) => {
                Some(Span { start: block.span.start, end: next.end })
            }
            _ => Some(block.span),
        };
    }
    reaches
}

/// What is left when suppressions have been applied.
#[derive(Debug, Default)]
pub struct Applied {
    /// The findings that stay, and one for each suppression that suppressed nothing.
    pub kept: Vec<Finding>,
    /// How many findings were suppressed.
    pub suppressed: usize,
}

/// Takes suppressed findings out, and reports the suppressions that suppressed nothing.
///
/// `active` says of a rule whether its silence means anything: that it is on, and the check that
/// owns it came to its end and saw all it needs.
pub fn apply(
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    active: &dyn Fn(&Rule) -> bool,
) -> Applied {
    let mut used = vec![false; suppressions.len()];
    let mut applied = Applied::default();
    let gathered = Covers::gather(&suppressions);
    for finding in findings {
        let mut is_suppressed = false;
        if let Some(covers) = gathered.get(&(finding.at.file, finding.rule.id)) {
            for index in covers.at(finding.at.span.start) {
                used[index] = true;
                is_suppressed = true;
            }
        }
        if is_suppressed {
            applied.suppressed += 1;
        } else {
            applied.kept.push(finding);
        }
    }
    if active(&UNUSED) {
        let unused = suppressions.into_iter().zip(used).filter(|(_, used)| !used);
        applied.kept.extend(unused.filter(|(of, _)| active(of.rule)).map(|(of, _)| {
            let place = if of.covers.is_some() { "in what it covers" } else { "in this file" };
            Finding::new(&UNUSED, of.at, format!("nothing {place} is against {}", of.rule.id))
                .help("delete it; see `story-lint explain SUPP001` for what a comment covers")
        }));
    }
    applied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Block;

    fn block(kind: BlockKind, start: usize, end: usize) -> Block {
        Block {
            kind,
            span: Span::new(start, end),
            text: 0..0,
            quoted: false,
            listed: false,
            hard_breaks: false,
        }
    }

    fn rule(id: &str) -> &'static Rule {
        crate::validator::rules().into_iter().find(|rule| rule.id == id).expect("a known rule")
    }

    /// A file of one comment in its own block, and a paragraph behind it.
    fn file(comment: &str) -> (SourceFile, Document) {
        let text = format!("<!-- {comment} -->\n\nthe the end\n");
        let end = text.find('\n').expect("a line end");
        let document = Document {
            blocks: vec![
                block(BlockKind::Html, 0, end),
                block(BlockKind::Paragraph, end + 2, text.len() - 1),
            ],
            comments: vec![Comment { span: Span::new(0, end), text: comment.to_owned(), block: 0 }],
            ..Document::default()
        };
        (SourceFile::new("a.md", "a.md", text), document)
    }

    fn read_all(comment: &str) -> (Vec<Suppression>, Vec<Finding>) {
        let (source, document) = file(comment);
        let mut report = Report::default();
        let found = suppressions(FileId(0), &source, &document, &mut report);
        (found, report.into_findings())
    }

    fn finding(id: &str, start: usize) -> Finding {
        let at = Location { file: FileId(0), span: Span::new(start, start + 1) };
        Finding::new(rule(id), at, "x")
    }

    #[test]
    fn a_comment_covers_the_next_block_for_its_rule() {
        let comment = "story-lint: allow REP001 because the echo is meant";
        let (found, malformed) = read_all(comment);
        assert!(malformed.is_empty());
        let paragraph = file(comment).1.blocks[1].span;
        assert_eq!(found[0].covers, Some(paragraph));
        let findings = vec![
            finding("REP001", paragraph.start as usize),
            finding("REP002", paragraph.start as usize),
            finding("REP001", 0),
        ];
        let applied = apply(findings, found, &|_| true);
        assert_eq!(applied.suppressed, 1);
        let left: Vec<_> = applied.kept.iter().map(|f| (f.rule.id, f.at.span.start)).collect();
        assert_eq!(left, [("REP002", paragraph.start), ("REP001", 0)]);
    }

    #[test]
    fn an_unused_rule_is_reported_where_it_is_named() {
        let comment = "story-lint: allow-file REP001, LINK001 because so";
        let (found, _) = read_all(comment);
        let (source, _) = file(comment);
        let applied = apply(vec![finding("REP001", 70)], found, &|_| true);
        assert_eq!(applied.suppressed, 1);
        let unused: Vec<_> = applied.kept.iter().map(|f| source.slice(f.at.span)).collect();
        assert_eq!(unused, ["LINK001"]);
        assert!(applied.kept[0].message.contains("LINK001"));
    }

    #[test]
    fn a_rule_that_is_off_leaves_its_suppressions_alone() {
        let (found, _) = read_all("story-lint: allow REP001 because so");
        let applied = apply(Vec::new(), found.clone(), &|rule| rule.id != "REP001");
        assert!(applied.kept.is_empty());
        let applied = apply(Vec::new(), found, &|rule| *rule != UNUSED);
        assert!(applied.kept.is_empty());
    }

    #[test]
    fn covers_within_covers_are_all_used() {
        let at = |start: usize| Location { file: FileId(0), span: Span::new(start, start + 1) };
        let of = |covers: Option<Span>, start| Suppression {
            rule: rule("REP001"),
            at: at(start),
            covers,
        };
        let table = Some(Span::new(20, 90));
        let cell = Some(Span::new(40, 50));
        let all = vec![of(cell, 0), of(None, 1), of(table, 2), of(cell, 3)];
        let unused = |places: &[usize]| -> Vec<u32> {
            let findings = places.iter().map(|&place| finding("REP001", place)).collect();
            let applied = apply(findings, all.clone(), &|_| true);
            assert_eq!(applied.suppressed, places.len());
            applied.kept.iter().map(|finding| finding.at.span.start).collect()
        };
        assert_eq!(unused(&[70]), [0, 3], "behind the cell, inside the table");
        assert_eq!(unused(&[45]), [0; 0]);
        assert_eq!(unused(&[90]), [0, 3], "the end counts");
        assert_eq!(unused(&[5]), [0, 2, 3]);
    }

    #[test]
    fn tens_of_thousands_of_comments_cost_no_more_each() {
        // Compared one with another, these take minutes.
        let line = "<!-- story-lint: allow REP001 because so -->\n";
        let stack = format!("{}\nthe the\n", line.repeat(20_000));
        let spread = format!("{line}\nthe the\n\n").repeat(20_000);
        for (text, findings) in [(stack, 1), (spread, 20_000)] {
            let document = crate::document::parse(&text);
            let source = SourceFile::new("a.md", "a.md", text);
            let mut report = Report::default();
            let found = suppressions(FileId(0), &source, &document, &mut report);
            assert_eq!(found.len(), 20_000);
            let paragraphs = document.blocks.iter().filter(|b| b.kind == BlockKind::Paragraph);
            let faults: Vec<_> =
                paragraphs.map(|b| finding("REP001", b.span.start as usize)).collect();
            assert_eq!(faults.len(), findings);
            let applied = apply(faults, found, &|_| true);
            assert_eq!((applied.suppressed, applied.kept.len()), (findings, 0));
        }
    }

    #[test]
    fn unknown_rules_are_reported_and_known_ones_count() {
        let (found, malformed) = read_all("story-lint: allow REP001 REP01 DIAL SUPP001 because so");
        assert_eq!(found.iter().map(|of| of.rule.id).collect::<Vec<_>>(), ["REP001"]);
        let messages: Vec<_> = malformed.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "there is no rule `REP01`",
                "`DIAL` names more than one rule",
                "`SUPP001` cannot be suppressed in the text"
            ]
        );
        assert!(malformed.iter().all(|f| f.rule == &MALFORMED && f.help.is_some()));
    }

    #[test]
    fn stacked_comments_cover_the_same_block() {
        let text = "<!-- a -->\n<!-- b -->\nx\n";
        let mut document = Document {
            blocks: vec![
                block(BlockKind::Html, 0, 10),
                block(BlockKind::Html, 11, 21),
                block(BlockKind::Paragraph, 22, 23),
            ],
            ..Document::default()
        };
        for (index, start) in [0, 11].into_iter().enumerate() {
            document.comments.push(Comment {
                span: Span::new(start, start + 10),
                text: "story-lint: allow REP001 because so".to_owned(),
                block: index,
            });
        }
        let source = SourceFile::new("a.md", "a.md", text);
        let mut report = Report::default();
        let found = suppressions(FileId(0), &source, &document, &mut report);
        assert!(found.iter().all(|of| of.covers == Some(Span::new(22, 23))));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn inside_a_paragraph_or_at_the_end_it_covers_just_that() {
        let (source, mut document) = file("story-lint: allow REP001 because so");
        document.blocks.truncate(1);
        let mut report = Report::default();
        let at_end = suppressions(FileId(0), &source, &document, &mut report);
        let end = document.comments[0].span.end;
        assert_eq!(at_end[0].covers, Some(Span { start: end, end }));
        document.blocks[0].kind = BlockKind::Paragraph;
        let inside = suppressions(FileId(0), &source, &document, &mut report);
        assert_eq!(inside[0].covers, Some(document.blocks[0].span));
    }
}
