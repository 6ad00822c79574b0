//! The document model: what is text, and where it comes from.

mod harness;

use harness::Story;
use proptest::prelude::*;
use story_lint::document::{BlockKind, Document, Target, parse};
use story_lint::finding::Finding;
use story_lint::validator::builtin;

fn texts(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.text(block))).collect()
}

#[test]
fn blocks_are_leaves_in_reading_order() {
    use BlockKind::{Break, Cell, Code, Heading, Html, Paragraph};
    let text = "# One\n\nTwo\n===\n\nA *dark*\nnight.\n\n> quoted\n\n- tight\n- **list**\n\n* * *\n\n\
| a | b |\n|---|---|\n| c | d |\n\n    code\n\n<!-- note -->\n\nEnd&amp;.\n";
    let document = parse(text);
    assert_eq!(
        texts(&document),
        [
            (Heading(1), "One"),
            (Heading(1), "Two"),
            (Paragraph, "A dark\nnight."),
            (Paragraph, "quoted"),
            (Paragraph, "tight"),
            (Paragraph, "list"),
            (Break, ""),
            (Cell, "a"),
            (Cell, "b"),
            (Cell, "c"),
            (Cell, "d"),
            (Code, "code\n"),
            (Html, ""),
            (Paragraph, "End&."),
        ]
    );
    let flags: Vec<(bool, bool)> =
        document.blocks[3..6].iter().map(|block| (block.quoted, block.listed)).collect();
    assert_eq!(flags, [(true, false), (false, true), (false, true)]);
    assert_eq!(&text[document.blocks[0].span.range()], "# One");
    assert_eq!(document.comments[0].text, "note");
    assert_eq!(document.comments[0].block, 12);
}

#[test]
fn places_lead_back_to_the_source() {
    let text = "> A *dark*\r\n> night &amp; *day*.\r\n";
    let document = parse(text);
    let source = |word: &str| {
        let at = document.prose.find(word).expect("the word is there");
        &text[document.source_span(at..at + word.len()).range()]
    };
    assert_eq!(source("dark"), "dark");
    assert_eq!(source("night"), "night");
    assert_eq!(source("&"), "&amp;");
    assert_eq!(source("& day"), "&amp; *day");
    assert_eq!(source("A dark"), "A *dark");
    assert!(document.source_span(0..0).range().is_empty());
}

#[test]
fn verse_is_marked() {
    let document = parse("O star  \nof night\n\nplain\nwrap\n");
    let breaks: Vec<bool> = document.blocks.iter().map(|block| block.hard_breaks).collect();
    assert_eq!(breaks, [true, false]);
}

#[test]
fn front_matter_is_cut_off() {
    let text = "---\ntitle: x\n---\n\n# One\n";
    let document = parse(text);
    let front = document.front_matter.as_ref().expect("front matter");
    assert_eq!(&text[front.yaml.range()], "title: x\n");
    assert_eq!(&text[front.span.range()], "---\ntitle: x\n---");
    assert!(front.closed);
    assert_eq!(texts(&document), [(BlockKind::Heading(1), "One")]);

    let unclosed = parse("---\ntitle: x\n\n# One\n");
    assert!(
        unclosed.front_matter.is_some_and(|front| !front.closed && front.yaml.range().is_empty())
    );
    assert_eq!(parse("---\n\nProse.\n\n---\n\nMore.\n").front_matter, None);
    assert_eq!(parse("text\n---\na: b\n---\n").front_matter, None);
}

#[test]
fn links_are_taken_with_their_targets() {
    let text = "[a](b.md) ![c](d.png) [e][f] [g][] [sic] [h] <x@example.com> [1][2]\n\n[h]: i.md\n";
    let document = parse(text);
    let destination = |target: &str| Target::Destination(target.to_owned());
    let undefined = |label: &str| Target::Undefined(label.to_owned());
    let targets: Vec<&Target> = document.links.iter().map(|link| &link.target).collect();
    let expected = [
        destination("b.md"),
        destination("d.png"),
        undefined("f"),
        undefined("g"),
        destination("i.md"),
        destination("mailto:x@example.com"),
    ];
    assert_eq!(targets, expected.iter().collect::<Vec<_>>());
    assert_eq!(&text[document.links[0].span.range()], "[a](b.md)");
}

/// Lines of the kinds that matter to the parser and the validators, in any order.
fn soup() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("---"),
        Just("..."),
        Just(""),
        Just("# Chapter 1"),
        Just("## XII. Night"),
        Just("“Hello,” he said."),
        Just("“Hello, he said"),
        Just("said.” ‘Yes’"),
        Just("> quoted"),
        Just("> > “deep"),
        Just("- item “one"),
        Just("| a | “b |"),
        Just("|---|---|"),
        Just("    code \""),
        Just("```"),
        Just("<!-- story-lint: off -->"),
        Just("<!--"),
        Just("<a id=\"x\" href=é>"),
        Just("[a](b.md#c)"),
        Just("[a][b]"),
        Just("[^1]: note"),
        Just("the the of of  "),
        Just("the\u{a0}the é ’tis 6\""),
        Just("title: a: b"),
        Just("chapter: 7"),
        Just("- ["),
        Just("a\\"),
        Just("&amp; *x* **y** `the the`"),
        Just(
            "It was a dark night over the harbour and none of the boats that had gone out in the \
morning with the tide had come home again though the women waited"
        ),
        Just("\u{feff}x"),
        Just("\t"),
        Just("$x$ ~~z~~ "),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n"), Just(" ")];
    proptest::collection::vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end]).collect())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        soup(),
        soup().prop_map(|text| format!("---\n{text}")),
        proptest::collection::vec(any::<u8>(), 0..300)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

fn assert_sound(text: &str, document: &Document) {
    for block in &document.blocks {
        assert!(text.get(block.span.range()).is_some());
        assert!(document.prose.get(block.text.clone()).is_some());
    }
    let mut end = 0;
    for run in &document.runs {
        assert!(run.prose.start >= end, "runs are in order");
        end = run.prose.end;
        let (prose, source) = (&document.prose[run.prose.clone()], &text[run.source.clone()]);
        if run.verbatim {
            assert_eq!(prose, source);
            let span = document.source_span(run.prose.clone());
            assert_eq!(&text[span.range()], prose);
        }
    }
    for link in &document.links {
        assert!(link.block < document.blocks.len());
        assert!(text.get(link.span.range()).is_some());
    }
    for comment in &document.comments {
        assert!(comment.block < document.blocks.len());
        assert!(text[comment.span.range()].starts_with("<!--"));
    }
    assert!(document.links.is_sorted_by_key(|link| link.block));
}

fn assert_inside(story: &Story, finding: &Finding) {
    for at in finding.related.iter().map(|related| related.at).chain([finding.at]) {
        let source = story.sources[at.file.index()].as_ref().expect("a readable file");
        assert!(source.text.get(at.span.range()).is_some(), "{finding:?}");
        let place = source.position(at.span.start);
        assert!(place.line as usize <= source.lines.count(&source.text).max(1), "{finding:?}");
        let line = source.lines.text_range(&source.text, place.line);
        let width = source.text[line].chars().count();
        assert!((1..=width + 1).contains(&(place.column as usize)), "{finding:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_sound_document(text in any_text()) {
        let source = story_lint::source::SourceFile::new("a", "a", text);
        assert_sound(&source.text, &parse(&source.text));
    }

    #[test]
    fn findings_lie_in_their_files(texts in proptest::collection::vec(any_text(), 1..4)) {
        let files: Vec<(String, String)> =
            (1..).zip(texts).map(|(n, text)| (format!("chapter-{n}.md"), text)).collect();
        let story = Story::new(&files);
        for validator in builtin() {
            for finding in story.check(&*validator) {
                assert_inside(&story, &finding);
            }
        }
    }

    #[test]
    fn cuts_between_blocks_change_nothing(
        texts in proptest::collection::vec(any_text(), 1..3),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let files: Vec<(String, String)> =
            (1..).zip(texts).map(|(n, text)| (format!("chapter-{n}.md"), text)).collect();
        let story = Story::new(&files);
        let cuts = |document: &Document| {
            let blocks = document.blocks.len();
            let mut cuts: Vec<usize> = picks
                .iter()
                .filter(|_| blocks > 1)
                .map(|pick| 1 + pick.index(blocks - 1))
                .collect();
            cuts.sort_unstable();
            cuts.dedup();
            cuts
        };
        for validator in builtin() {
            prop_assert_eq!(story.run(&*validator, &cuts), story.check(&*validator));
        }
    }
}
