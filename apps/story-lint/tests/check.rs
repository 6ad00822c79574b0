//! The command as people and scripts meet it.

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{findings, ran, run, story_lint, tree};

const ECHO: &str = "She saw the the door.\n";

#[test]
fn exit_codes_follow_severity_and_trouble() {
    let folder = tree(&[("ch1.md", ECHO), ("clean/a.md", "Nothing.\n"), ("bad/b.md", "a\0b\n")]);
    let code = |args: &[&str]| run(folder.path(), &[&["check"], args].concat()).code;
    assert_eq!(code(&["clean"]), 0);
    assert_eq!(code(&["ch1.md"]), 0);
    assert_eq!(code(&["ch1.md", "--fail-on", "warning"]), 1);
    assert_eq!(code(&["ch1.md", "--rule", "REP001=error"]), 1);
    assert_eq!(code(&["ch1.md", "--rule", "REP001=error", "--exit-zero"]), 0);
    // What went unchecked wins over what was found, and over --exit-zero.
    assert_eq!(code(&["ch1.md", "bad", "--fail-on", "warning"]), 2);
    assert_eq!(code(&["bad", "--exit-zero"]), 2);
    assert_eq!(code(&["--nonsense"]), 2);
    assert_eq!(run(folder.path(), &["--help"]).code, 0);
    assert_eq!(run(folder.path(), &[]).code, 2);
}

#[test]
fn each_story_fails_by_its_own_configuration() {
    let folder = tree(&[
        ("strict/story-lint.toml", "fail-on = \"info\"\n"),
        ("strict/a.md", "Nothing.\n"),
        ("lax/a.md", ECHO),
    ]);
    assert_eq!(run(folder.path(), &["check"]).code, 0);
    std::fs::write(folder.path().join("strict/a.md"), ECHO).expect("written");
    assert_eq!(run(folder.path(), &["check"]).code, 1);
    assert_eq!(run(folder.path(), &["check", "--fail-on", "error"]).code, 0);
}

#[test]
fn suppressions_need_a_reason_and_a_use() {
    let text = "\
<!-- story-lint: allow REP001 because she stammers -->

She saw the the door.

Again <!-- story-lint: allow REP001 because so it is --> and the the end.

<!-- story-lint: allow REP001 -->

The end of the the tale.

<!-- story-lint: allow REP001 because once there was one -->

Nothing.
";
    let folder = tree(&[("ch1.md", text)]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    let json = ran.json();
    assert_eq!(
        findings(&json),
        ["ch1.md:7:1 SUPP002", "ch1.md:9:12 REP001", "ch1.md:11:24 SUPP001"]
    );
    assert_eq!(json["summary"]["suppressed"], 2);

    // With the rule off, nobody knows whether a suppression is needed.
    let ran = run(folder.path(), &["check", "--format", "json", "--rule", "REP001=off"]);
    assert_eq!(findings(&ran.json()), ["ch1.md:7:1 SUPP002"]);

    let whole = "Some the the words.\n\n<!-- story-lint: allow-file REP001 because old -->\n";
    let folder = tree(&[("ch1.md", whole), ("ch2.md", ECHO)]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(findings(&ran.json()), ["ch2.md:1:9 REP001"]);
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let folder = tree(&[("ch1.md", ECHO)]);
    let coloured = |args: &[&str], variable: Option<&str>| {
        let mut command = story_lint(folder.path(), &[&["check"], args].concat());
        if let Some(variable) = variable {
            command.env(variable, "1");
        }
        ran(&mut command).out.contains('\u{1b}')
    };
    assert!(!coloured(&[], None));
    assert!(coloured(&["--color", "always"], None));
    assert!(coloured(&["--color", "always"], Some("NO_COLOR")));
    assert!(coloured(&[], Some("CLICOLOR_FORCE")));
    assert!(!coloured(&["--color", "never"], Some("CLICOLOR_FORCE")));
    assert!(!coloured(&["--format", "json", "--color", "always"], None));
}

#[test]
fn a_result_file_is_written_whole_beside_nothing() {
    let folder = tree(&[("novel/ch1.md", ECHO), ("novel/bad.md", "a\0b\n")]);
    let shown = run(folder.path(), &["check", "novel", "--format", "sarif"]);
    let written = run(folder.path(), &["check", "novel", "--format", "sarif", "-o", "out.sarif"]);
    assert_eq!((written.code, written.out.as_str()), (2, ""));
    assert!(written.err.contains("novel/bad.md"), "{}", written.err);
    let text = std::fs::read_to_string(folder.path().join("out.sarif")).expect("written");
    assert_eq!(text, shown.out);
    let names: Vec<_> = folder.path().read_dir().expect("a folder").flatten().collect();
    assert_eq!(names.len(), 2, "{names:?}");

    let nowhere = run(folder.path(), &["check", "novel", "-o", "none/out.txt"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("there is no folder `none`; create it first"), "{}", nowhere.err);
}

#[test]
fn output_does_not_depend_on_threads_order_or_repetition() {
    let files: Vec<(String, String)> = (1..40)
        .map(|n| (format!("book-{}/part {}/ch{n}.md", n % 3, n % 4), format!("# {n}\n\n{ECHO}")))
        .collect();
    let list: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let folder = tree(&list);
    for format in ["full", "concise", "json", "sarif"] {
        let out = |args: &[&str]| {
            run(folder.path(), &[&["check", "--format", format], args].concat()).out
        };
        let one = out(&["--threads", "1"]);
        assert!(one.contains("book-2/part"), "{one}");
        for args in [
            &["--threads", "2"][..],
            &["--threads", "7"],
            &["book-2", "book-0", "book-1", "./book-0/"],
            &["--stats", "--quiet"],
        ] {
            assert!(one == out(args), "{format} {args:?}");
        }
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let folder = tree(&[("ch1.md", &ECHO.repeat(20_000).replace('\n', "\n\n"))]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_story-lint"));
    let mut child = command
        .current_dir(folder.path())
        .args(["check", "--format", "concise"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("a pipe");
    BufReader::new(out).read_line(&mut line).expect("a line");
    assert!(line.starts_with("ch1.md:1:9: warning REP001"), "{line}");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn stats_go_to_standard_error() {
    let folder = tree(&[("ch1.md", ECHO)]);
    let with = run(folder.path(), &["check", "--stats"]);
    assert!(with.err.contains("discover") && with.err.contains("files"), "{}", with.err);
    assert_eq!(with.out, run(folder.path(), &["check"]).out);
}
