//! What the formats look like, of results made by hand.

mod common;

use std::sync::Arc;

use serde_json::Value;
use story_lint::config::{Level, Settings};
use story_lint::engine::{
    Problem, RunReport, Step, StoryReport, ValidatorOutcome, ValidatorStatus,
};
use story_lint::finding::{Finding, Location, MALFORMED, UNUSED};
use story_lint::output::{Format, View};
use story_lint::rule::Severity;
use story_lint::source::{SourceFile, Span};
use story_lint::story::FileId;

/// The place of a text in a file.
fn at(file: u32, source: &SourceFile, text: &str) -> Location {
    let start = source.text.find(text).expect("the file holds it");
    Location { file: FileId(file), span: Span::new(start, start + text.len()) }
}

/// A story of three files, one of them unreadable, with a contradiction and a failed check.
fn report() -> RunReport {
    let first =
        SourceFile::new("my novel/ch#1.md", "ch#1.md", "# I\r\n\r\n\tHer eyes were 漢 green.\r\n");
    let long =
        format!("{}her eyes were brown{}\n", "Many words. ".repeat(200), " And more.".repeat(200));
    let second = SourceFile::new("my novel/ch2.md", "ch2.md", long);
    let contradiction = Finding::new(
        &MALFORMED,
        at(2, &second, "her eyes were brown"),
        "her eyes change \u{1b}[31m",
    )
    .help("keep one colour")
    .related(at(0, &first, "漢 green"), "green here");
    let plain = Finding::new(&UNUSED, at(0, &first, "I\r\n\r\n\tHer"), "a heading");
    let settings = Settings {
        rules: [("SUPP001", Level::On(Severity::Info)), ("SUPP002", Level::On(Severity::Error))]
            .into(),
        ..Settings::default()
    };
    let failed = ValidatorOutcome::Failed {
        step: Step::Facts,
        file: Some("my novel/ch2.md".to_owned()),
        message: "index out of bounds".to_owned(),
    };
    RunReport {
        stories: vec![StoryReport {
            name: "my novel".to_owned(),
            settings: Arc::new(settings),
            files: vec![Some(Arc::new(first)), None, Some(Arc::new(second))],
            findings: vec![plain, contradiction],
            suppressed: 2,
            baselined: 0,
            validators: vec![
                ValidatorStatus { name: "links", outcome: ValidatorOutcome::Completed },
                ValidatorStatus { name: "dialogue", outcome: failed },
            ],
        }],
        problems: vec![Problem {
            path: "my novel/ch1b.md".to_owned(),
            severity: Severity::Error,
            message: "the file is binary".to_owned(),
        }],
        ..RunReport::default()
    }
}

fn text(format: Format, report: &RunReport) -> String {
    let mut text = Vec::new();
    format.write(&View { width: 72, ..View::new(report, 2) }, &mut text).expect("memory takes it");
    let mut plain = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut plain, &text).expect("memory takes it");
    String::from_utf8(plain.into_inner()).expect("UTF-8")
}

fn json(format: Format, report: &RunReport) -> Value {
    serde_json::from_str(&text(format, report)).expect("JSON")
}

#[test]
fn full_shows_both_places_of_a_contradiction() {
    let expected = "\
info[SUPP001]: a heading
 --> my novel/ch#1.md:1:3
  |
1 | # I
  |   ^ … to line 3

error[SUPP002]: her eyes change \u{fffd}[31m
 --> my novel/ch2.md:1:2401
  |
1 | … Many words. Many words. her eyes were brown And more. And more. And…
  |                           ^^^^^^^^^^^^^^^^^^^
 ::: my novel/ch#1.md:3:16: green here
  |
3 |     Her eyes were 漢 green.
  |                   --------
  = help: keep one colour

error: my novel/ch1b.md: the file is binary
error: my novel/ch2.md: the check `dialogue` failed in its step `facts`, so the story `my novel` is not fully checked: index out of bounds

1 error, 1 info in 2 of 2 files, 1 story; 2 suppressed; 1 problem; 1 check failed
";
    assert_eq!(text(Format::Full, &report()), expected);
}

#[test]
fn concise_is_one_line_each() {
    let text = text(Format::Concise, &report());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "my novel/ch#1.md:1:3: info SUPP001 a heading");
    assert_eq!(lines[1], "my novel/ch2.md:1:2401: error SUPP002 her eyes change \u{fffd}[31m");
    assert_eq!(lines.iter().filter(|line| line.starts_with("error: ")).count(), 2);
}

#[test]
fn json_holds_all_of_it() {
    let json = json(Format::Json, &report());
    assert_eq!(json["schemaVersion"], 1);
    assert_eq!(json["exitCode"], 2);
    let finding = &json["findings"][0];
    let region = ["line", "column", "endLine", "endColumn"].map(|key| finding[key].as_u64());
    assert_eq!(region, [1, 3, 3, 5].map(Some));
    let finding = &json["findings"][1];
    assert_eq!(finding["path"], "my novel/ch2.md");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["help"], "keep one colour");
    assert_eq!(finding["related"][0]["path"], "my novel/ch#1.md");
    assert_eq!(finding["related"][0]["note"], "green here");
    let validators = &json["stories"][0]["validators"];
    assert_eq!(validators[0]["status"], "completed");
    assert_eq!(validators[1]["status"], "failed");
    assert_eq!(validators[1]["step"], "facts");
    assert_eq!(json["problems"][0]["message"], "the file is binary");
    assert_eq!(json["summary"]["suppressed"], 2);
}

#[test]
fn sarif_follows_its_schema() {
    let schema = include_str!("data/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).expect("JSON");
    // A slip in the published schema, a bracket that is closed and never opened, makes the pattern
    // of a property that is not written here invalid for strict readers.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        assert!(language.as_object_mut().is_some_and(|it| it.remove("pattern").is_some()));
    }
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema that needs nothing else");
    // It must be able to tell.
    let mut wrong = json(Format::Sarif, &report());
    wrong["runs"][0]["results"][0]["level"] = "info".into();
    assert!(!validator.is_valid(&wrong));
    let folder =
        common::tree(&[("my novel/é#1.md", "She saw the the door.\n"), ("my novel/bad.md", "\0")]);
    let real = common::run(folder.path(), &["check", "--format", "sarif", "none"]).json();
    let all = common::run(folder.path(), &["check", "--format", "sarif"]).json();
    assert_eq!(all["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let made = [report(), RunReport::default()].map(|report| json(Format::Sarif, &report));
    for log in made.into_iter().chain([real, all]) {
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_says_where_and_what_failed() {
    let log = json(Format::Sarif, &report());
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    let notifications = invocation["toolExecutionNotifications"].as_array().expect("a list");
    assert_eq!(notifications.len(), 2);
    assert_eq!(notifications[1]["descriptor"]["id"], "dialogue");

    let result = &run["results"][1];
    assert_eq!(result["level"], "error");
    assert_eq!(run["results"][0]["level"], "note");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20novel/ch2.md");
    assert_eq!(place["region"]["startColumn"], 2401);
    assert_eq!(place["region"]["endColumn"], 2420);
    let related = &result["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "green here");
    assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "my%20novel/ch%231.md");

    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
    assert_eq!(rules[index.expect("an index")]["id"], "SUPP002");
    assert!(rules.iter().all(|rule| rule["help"]["text"].as_str().is_some_and(|t| t.len() > 20)));
}

#[test]
fn a_place_in_a_file_that_is_not_there_breaks_no_format() {
    let mut report = report();
    let nowhere = Location { file: FileId(1), span: Span::new(5, 9) };
    let beyond = Location { file: FileId(9), span: Span::new(5, 9) };
    report.stories[0].findings = vec![Finding::new(&UNUSED, nowhere, "x").related(beyond, "y")];
    for format in [Format::Full, Format::Concise, Format::Json, Format::Sarif] {
        assert!(text(format, &report).contains("my novel"), "{format:?}");
    }
}
