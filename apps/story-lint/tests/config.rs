//! Where settings come from, and how their faults are told.

mod common;

use common::{findings, run, tree};

const ECHO: &str = "# One\n\nShe saw the the door.\n";

#[test]
fn all_faults_of_a_file_are_told_at_once_with_place_and_remedy() {
    let text = r#"quotes = "doubel"
max_file_size = 3
fail-on = "never"
exclude = ["[z-a]", 3]
[rules]
REP01 = "warn"
DIAL = "inof"
REP001 = false
[parallel]
level = "chunk"
max_workers = 0
balancing = "even"
"#;
    let folder = tree(&[("story-lint.toml", text), ("ch1.md", ECHO)]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let expected = [
        "story-lint.toml:1:10: `quotes`: `doubel`",
        "did you mean `double`?",
        "story-lint.toml:2:1: there is no key `max_file_size`",
        "did you mean `max-file-size`?",
        "story-lint.toml:3:11: `fail-on`: `never`",
        "`--exit-zero`",
        "story-lint.toml:4:12: `[z-a]` is no pattern",
        "story-lint.toml:4:21: `exclude` is an integer",
        "story-lint.toml:6:1: there is no rule `REP01`",
        "did you mean `REP001`?",
        "story-lint.toml:6:9: `REP01`: `warn` is no level",
        "did you mean `warning`?",
        "story-lint.toml:7:8: `DIAL`: `inof` is no level",
        "story-lint.toml:8:10: `REP001` is a boolean",
        "story-lint.toml:10:9: `level`: the level `chunk` is not available yet",
        "story-lint.toml:11:15: 0 threads",
        "story-lint.toml:12:1: `balancing` is not available yet",
    ];
    let mut rest = ran.err.as_str();
    for text in expected {
        let at = rest.find(text).unwrap_or_else(|| panic!("`{text}` in its place in\n{}", ran.err));
        rest = &rest[at + text.len()..];
    }
}

#[test]
fn a_slip_in_the_syntax_hides_no_other_fault() {
    let folder = tree(&[("story-lint.toml", "quotes =\nnonsense = 1\n"), ("ch1.md", ECHO)]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("story-lint.toml:1:"), "{}", ran.err);
    assert!(ran.err.contains("story-lint.toml:2:1: there is no key `nonsense`"), "{}", ran.err);
}

#[test]
fn faults_of_all_files_are_told_and_each_file_is_read_once() {
    let folder = tree(&[
        ("a/story-lint.toml", "x = 1\n"),
        ("a/ch1.md", ECHO),
        ("a/part/README.md", ECHO),
        ("b/.story-lint.toml", "y = 1\n"),
        ("b/ch1.md", ECHO),
    ]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    for fault in ["a/story-lint.toml:1:1", "b/.story-lint.toml:1:1"] {
        assert_eq!(ran.err.matches(fault).count(), 1, "{}", ran.err);
    }
}

#[test]
fn the_nearest_file_wins_and_both_names_in_one_folder_are_an_error() {
    let folder = tree(&[
        ("story-lint.toml", "[rules]\nREP001 = \"error\"\n"),
        ("one/README.md", ECHO),
        ("two/.story-lint.toml", "[rules]\nREP001 = \"off\"\n"),
        ("two/ch1.md", ECHO),
    ]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(findings(&ran.json()), ["one/README.md:3:9 REP001"]);

    common::add(folder.path(), &[("two/story-lint.toml", "")]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("stand in one folder"), "{}", ran.err);
}

#[test]
fn isolated_and_given_files_replace_the_search() {
    let folder = tree(&[
        ("novel/story-lint.toml", "[rules]\nREP001 = \"off\"\n"),
        ("novel/ch1.md", ECHO),
        ("loud.toml", "fail-on = \"warning\"\n"),
    ]);
    assert_eq!(run(folder.path(), &["check", "--fail-on", "warning"]).code, 0);
    assert_eq!(run(folder.path(), &["check", "--fail-on", "warning", "--isolated"]).code, 1);
    assert_eq!(run(folder.path(), &["check", "--config", "loud.toml"]).code, 1);
    let missing = run(folder.path(), &["check", "--config", "none.toml"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("none.toml: cannot read"), "{}", missing.err);
    assert!(missing.err.contains("story-lint init"), "{}", missing.err);
    assert_eq!(run(folder.path(), &["check", "--config", "loud.toml", "--isolated"]).code, 2);
}

#[test]
fn narrow_selectors_win_and_the_command_line_has_the_last_word() {
    let text = "[rules]\nREP001 = \"error\"\nREP = \"off\"\nALL = \"info\"\n";
    let folder = tree(&[("story-lint.toml", text), ("ch1.md", ECHO)]);
    let severity = |args: &[&str]| {
        let ran = run(folder.path(), &[&["check", "--format", "json"], args].concat());
        let json = ran.json();
        json["findings"][0]["severity"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(severity(&[]).as_deref(), Some("error"));
    assert_eq!(severity(&["--rule", "rep=info"]).as_deref(), Some("info"));
    assert_eq!(
        severity(&["--rule", "REP001=warning", "--rule", "ALL=off"]).as_deref(),
        Some("warning")
    );
    assert_eq!(severity(&["--rule", "ALL=off"]), None);
    let wrong = run(folder.path(), &["check", "--rule", "REP01=off"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean `REP001`?"), "{}", wrong.err);
}

#[test]
fn patterns_count_from_their_file_and_from_the_current_folder() {
    let folder = tree(&[
        ("novel/story-lint.toml", "exclude = [\"/drafts/\"]\n"),
        ("novel/ch1.md", ECHO),
        ("novel/drafts/README.md", ECHO),
        ("novel/part/drafts/x.md", ECHO),
    ]);
    let run = |args: &[&str]| {
        findings(
            &common::run(folder.path(), &[&["check", "--format", "json"], args].concat()).json(),
        )
    };
    assert_eq!(run(&[]), ["novel/ch1.md:3:9 REP001", "novel/part/drafts/x.md:3:9 REP001"]);
    assert_eq!(run(&["--exclude", "novel/ch*.md"]), ["novel/part/drafts/x.md:3:9 REP001"]);
    // A file given by name is checked whatever the patterns say.
    assert_eq!(run(&["novel/drafts/README.md"]), ["novel/drafts/README.md:3:9 REP001"]);
    // So says the command line of one that the file leaves out.
    assert_eq!(run(&["--exclude", "!novel/drafts/"]).len(), 3);
}

#[test]
fn sizes_and_threads_are_checked() {
    let folder = tree(&[("ch1.md", ECHO)]);
    for (args, reason) in [
        (["--max-file-size", "64 pages"], "`64 pages` is no size"),
        (["--max-file-size", "0"], "leave out every file"),
        (["--threads", "0"], "0 threads cannot do any work"),
        (["--threads", "many"], "`many` is no number"),
        (["--level", "chunk"], "not available yet"),
        (["--exclude", "[z-a]"], "is no pattern"),
    ] {
        let ran = run(folder.path(), &[&["check"], &args[..]].concat());
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(reason), "{args:?}: {}", ran.err);
    }
    let ran = run(folder.path(), &["check", "--max-file-size", "3 B"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("ch1.md"), "{}", ran.out);
}

#[test]
fn what_init_writes_is_valid_with_and_without_its_comments() {
    let folder = tree(&[("ch1.md", ECHO)]);
    let ran = run(folder.path(), &["init"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("story-lint check"), "{}", ran.out);
    let file = folder.path().join("story-lint.toml");
    let text = std::fs::read_to_string(&file).expect("written");
    assert_eq!(run(folder.path(), &["check"]).code, 0);

    // Every line that shows a setting becomes one.
    let all: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.split(' ').nth(1) == Some("=") => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert!(all.contains("\nmax_workers = 4") && all.contains("\nREP001 = "), "{all}");
    std::fs::write(&file, all).expect("written");
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 0, "{}", ran.err);

    let again = run(folder.path(), &["init"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("stays as it is"), "{}", again.err);
    let nowhere = run(folder.path(), &["init", "none"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("create it first"), "{}", nowhere.err);
}

#[test]
fn a_configuration_file_does_not_control_the_terminal() {
    let text = "\"\\u001b[2J\" = 1\nquotes = \"\\u001b[31m\"\n";
    let folder = tree(&[("ch1.md", ECHO), ("story-lint.toml", text)]);
    let ran = run(folder.path(), &["check", "--color", "always"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("\u{fffd}[2J") && ran.err.contains("\n  help: "), "{}", ran.err);
    assert!(!ran.err.contains("\u{1b}[2J"), "{}", ran.err);
}

#[test]
fn patterns_that_are_too_much_together_are_blamed_on_their_file() {
    let patterns: Vec<String> =
        (0..12).map(|n| format!("\"{n}{}*\"", "x".repeat(30_000))).collect();
    let text = format!("exclude = [{}]\n", patterns.join(", "));
    let folder = tree(&[("ch1.md", ECHO), ("story-lint.toml", &text)]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("error: story-lint.toml: the patterns"), "{}", ran.err);
    assert!(!ran.err.contains("--exclude"), "{}", ran.err);
}

#[test]
fn a_folder_and_a_flood_are_no_configuration() {
    let folder = tree(&[("ch1.md", "# One\n"), ("sub/ch2.md", "# Two\n")]);
    let ran = run(folder.path(), &["check", "--config", "sub"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("this is a folder") && ran.err.contains("give the file"),
        "{}",
        ran.err
    );

    let flood = "# more\n".repeat(200_000);
    std::fs::write(folder.path().join("story-lint.toml"), flood).unwrap();
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("1400000 bytes, more than 1048576"), "{}", ran.err);
}

#[test]
fn never_failing_has_a_flag_of_its_own() {
    let folder = tree(&[("ch1.md", "# One\n")]);
    let ran = run(folder.path(), &["check", "--fail-on", "never"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--exit-zero"), "{}", ran.err);
}
