//! The engine: validators that fail, files that cannot be read, and results that depend on nothing
//! but the text.

mod memory;

use memory::{check, check_with, in_memory, render};
use proptest::prelude::*;
use story_lint::config::Settings;
use story_lint::engine::{Step, ValidatorOutcome};
use story_lint::finding::{Finding, Report};
use story_lint::output::Format;
use story_lint::rule::{Rule, Severity};
use story_lint::source::Span;
use story_lint::validator::{
    FileFacts, Piece, Scope, StoryView, Validator, ValidatorError, boxed, builtin,
};

/// Reports each file, and fails where and how it is told.
struct Faulty {
    step: Step,
    panics: bool,
}

static SEEN: Rule = Rule {
    id: "TEST001",
    name: "seen",
    summary: "Reports each file.",
    explanation: "",
    bad: "",
    good: "",
    severity: Severity::Warning,
    off: false,
};

impl Faulty {
    fn at(&self, step: Step) -> Result<(), ValidatorError> {
        match (self.step == step, self.panics) {
            (false, _) => Ok(()),
            (true, false) => Err(ValidatorError("the dog ate it".to_owned())),
            (true, true) => panic!("the dog ate it"),
        }
    }
}

impl Validator for Faulty {
    type State = ();
    type Facts = ();

    fn name(&self) -> &'static str {
        "faulty"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 1] = [&SEEN];
        &RULES
    }

    fn scope(&self) -> Scope {
        Scope::File
    }

    fn initialise(&self, _: &Settings) -> Result<(), ValidatorError> {
        self.at(Step::Initialise)
    }

    fn facts(&self, (): &(), piece: &Piece<'_>, report: &mut Report) -> Result<(), ValidatorError> {
        report.add(Finding::new(&SEEN, piece.at(Span::new(0, 0)), "seen"));
        // The second of three files is the one that does harm.
        if piece.source.relative == "b.md" { self.at(Step::Facts) } else { Ok(()) }
    }

    fn merge(&self, (): (), (): ()) {}

    fn check(
        &self,
        (): &(),
        story: &StoryView<'_>,
        facts: &[FileFacts<()>],
        report: &mut Report,
    ) -> Result<(), ValidatorError> {
        assert_eq!(facts.len(), story.files.len());
        self.at(Step::Check)?;
        let at = story_lint::finding::Location { file: facts[0].file, span: Span::new(0, 1) };
        report.add(Finding::new(&SEEN, at, "checked"));
        Ok(())
    }

    fn finalise(&self, (): &()) -> Result<(), ValidatorError> {
        self.at(Step::Finalise)
    }
}

const FILES: [(&str, &str); 3] =
    [("a.md", "The the one.\n"), ("b.md", "Two.\n"), ("c.md", "All of of it.\n")];

#[test]
fn an_error_and_a_panic_are_reported_alike_and_take_nobody_down() {
    let steps = [
        (Step::Initialise, 0, None),
        (Step::Facts, 3, Some("b.md")),
        (Step::Check, 3, None),
        (Step::Finalise, 4, None),
    ];
    for (step, own_findings, in_file) in steps {
        for panics in [false, true] {
            let mut validators = builtin();
            validators.push(boxed(Faulty { step, panics }));
            let report = check_with(in_memory(&FILES), validators, 2);
            let story = &report.stories[0];

            let status = story.validators.iter().find(|v| v.name == "faulty").unwrap();
            let ValidatorOutcome::Failed { step: said, file, message } = &status.outcome else {
                panic!("{step:?} must fail");
            };
            assert_eq!((*said, file.as_deref()), (step, in_file));
            assert!(message.contains("the dog ate it"), "{message}");
            assert_eq!(
                message.contains("tests/engine.rs:"),
                panics,
                "a panic has a place: {message}"
            );

            let kept = story.findings.iter().filter(|f| f.rule == &SEEN).count();
            assert_eq!(kept, own_findings, "what was found before {step:?} is kept");
            let others = story.validators.iter().filter(|v| v.name != "faulty");
            assert!(others.into_iter().all(|v| v.outcome == ValidatorOutcome::Completed));
            let doubled = story.findings.iter().filter(|f| f.rule.id == "REP001").count();
            assert_eq!(doubled, 2, "the others go on");
            assert!(report.is_incomplete(), "which ends the command with 2");

            let json = render(&report, Format::Json);
            assert!(json.contains("the dog ate it") && json.contains("\"faulty\""));
            let sarif = render(&report, Format::Sarif);
            assert!(sarif.contains("the dog ate it"));
            assert!(sarif.contains("\"executionSuccessful\": false"), "{sarif}");
        }
    }
}

#[test]
fn a_validator_whose_rules_are_off_does_not_run() {
    let mut discovery = in_memory(&FILES);
    let mut settings = Settings::default();
    settings.rules.insert(SEEN.id, story_lint::config::Level::Off);
    discovery.stories[0].settings = settings.into();
    let faulty = Faulty { step: Step::Initialise, panics: true };
    let report = check_with(discovery, vec![boxed(faulty)], 1);
    assert!(report.stories[0].validators.is_empty());
    assert!(!report.is_incomplete());
}

#[test]
fn nothing_leaks_from_one_story_into_another() {
    let paragraph = "word ".repeat(40);
    let copies = [("a.md", paragraph.as_str())];
    let mut discovery = in_memory(&copies);
    discovery.stories.extend(in_memory(&copies).stories);
    let report = check(discovery, 2);
    assert!(report.stories.iter().all(|story| story.findings.is_empty()));
    let both = check(in_memory(&[("a.md", paragraph.as_str()), ("b.md", paragraph.as_str())]), 2);
    assert_eq!(both.stories[0].findings[0].rule.id, "REP002");
}

/// A paragraph that may hold anything the validators look for.
fn paragraph() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[“”‘’\"'a-z ,.!?—*_()\n]{0,80}",
        2 => Just("The the sea was calm, and “nobody spoke.".to_owned()),
        2 => Just("One paragraph that is long enough to be noticed when somebody pastes it in \
                   again, since it has well over the five and twenty words that are asked for."
            .to_owned()),
        1 => "# (Chapter|CHAPTER|Part) ([0-9]{1,2}|[IVX]{1,4}|Two)",
        3 => prop::sample::select(vec![
            "“Go,” said Mrs. Harbottle to Tom Averly, and Mrs. Harbottle and Tom Averly went.",
            "Mrs. Harbotle saw Tom Averley.",
            "Tom’s blue eyes shone.",
            "Tom’s brown eyes shone, and Tom was nineteen years old.",
            "Tom Averly died on Friday, 7 February 1893.",
            "It was 2 February 1893, or June 31st.",
            "* * *",
            "## Flashback",
        ]).prop_map(str::to_owned),
        2 => "\\[[a-z]{1,6}\\]\\((a|b|c|README)\\.md(#[a-z-]{1,6})?\\)",
        1 => "<!-- story-lint: allow (REP001|DIAL001|nonsense) because .{0,9} -->",
        1 => any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let front = prop_oneof![3 => Just(String::new()), 1 => "---\n[a-z:\" \n0-9]{0,30}\n---\n"];
    let line_end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    (front, prop::collection::vec(paragraph(), 0..12), line_end)
        .prop_map(|(front, blocks, end)| (front + &blocks.join("\n\n")).replace('\n', end))
}

fn story() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![Just("README.md".to_owned()), "[abc]\\.md", "chapter-[0-9]{1,2}\\.md"];
    prop::collection::hash_map(name, text(), 1..6).prop_map(|files| files.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn results_depend_on_nothing_but_the_text(files in story()) {
        let first = check(in_memory(&files), 1);
        let formats = [
            Format::Full,
            Format::Concise,
            Format::Json,
            Format::JsonLines,
            Format::Sarif,
            Format::Github,
            Format::Gitlab,
            Format::Junit,
            Format::Html,
        ];
        for format in formats {
            let expected = render(&first, format);
            for threads in [2, 3, 8] {
                let again = check(in_memory(&files), threads);
                prop_assert_eq!(&render(&again, format), &expected, "{} threads", threads);
            }
        }
    }

    #[test]
    fn every_place_lies_in_its_file(files in story()) {
        let report = check(in_memory(&files), 2);
        prop_assert!(!report.is_incomplete(), "{:?}", report);
        for story in &report.stories {
            for finding in &story.findings {
                let places = finding.related.iter().map(|related| related.at).chain([finding.at]);
                for at in places {
                    let file = story.files[at.file.index()].as_ref().unwrap();
                    prop_assert!(file.text.get(at.span.range()).is_some(), "{:?}", finding);
                    let (_, position) = story.resolve(at);
                    let lines = u32::try_from(file.lines.count(&file.text)).unwrap();
                    prop_assert!((1..=lines).contains(&position.line), "{:?}", finding);
                    let line = &file.text[file.lines.text_range(&file.text, position.line)];
                    let columns = u32::try_from(line.chars().count()).unwrap() + 1;
                    prop_assert!((1..=columns).contains(&position.column), "{:?}", finding);
                }
            }
        }
    }
}

#[test]
fn more_threads_than_files_are_fine() {
    let report = check(in_memory(&FILES), 64);
    assert_eq!(report.stats.parallel.workers, 64);
    assert_eq!(report.stats.files, 3);
}
