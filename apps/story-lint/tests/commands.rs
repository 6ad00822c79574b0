//! The commands beside `check`.

mod common;

use common::{run, tree};

#[test]
fn rules_lists_each_once_and_explain_knows_them_all() {
    let folder = tree(&[]);
    let table = run(folder.path(), &["rules"]);
    let json = run(folder.path(), &["rules", "--format", "json"]).json();
    let ids: Vec<&str> =
        json.as_array().expect("a list").iter().filter_map(|rule| rule["id"].as_str()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    for id in ["DIAL001", "LINK001", "META001", "REP001", "SUPP001", "SUPP002"] {
        assert!(ids.contains(&id), "{id}");
    }
    assert_eq!(table.out.lines().count(), ids.len());
    for (line, id) in table.out.lines().zip(&ids) {
        assert!(line.starts_with(id), "{line}");
        let told = run(folder.path(), &["explain", &id.to_lowercase()]);
        assert_eq!(told.code, 0);
        assert!(told.out.starts_with(id), "{}", told.out);
        let is_off = line[id.len()..].trim_start().starts_with("off");
        let turn = if is_off { "To turn it on, in" } else { "To turn it off, in" };
        for part in ["Reported:", "As it should be:", "story-lint: allow", turn] {
            assert!(told.out.contains(part), "{id} {part}");
        }
    }
}

#[test]
fn explain_guesses_what_was_meant() {
    let folder = tree(&[]);
    let ran = run(folder.path(), &["explain", "REP01"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `REP001`?"), "{}", ran.err);
    let stranger = run(folder.path(), &["explain", "spelling"]);
    assert_eq!(stranger.code, 2);
    assert!(!stranger.err.contains("did you mean"), "{}", stranger.err);
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let folder = tree(&[]);
    for args in [&["--help"][..], &["check", "--help"]] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 0);
        for part in ["Examples:", "Exit codes:", "story-lint check"] {
            assert!(ran.out.contains(part), "{args:?} {part}");
        }
    }
}

#[test]
fn completions_know_the_commands() {
    let folder = tree(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(folder.path(), &["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("explain") && ran.out.contains("fail-on"), "{shell}");
    }
}

#[test]
fn init_writes_where_it_is_told_and_never_beside_another() {
    let folder = tree(&[("one/.story-lint.toml", ""), ("two/ch1.md", "# I\n")]);
    let kept = run(folder.path(), &["init", "one"]);
    assert_eq!(kept.code, 2);
    assert!(kept.err.contains("one/.story-lint.toml"), "{}", kept.err);
    assert!(!folder.path().join("one/story-lint.toml").exists());
    let made = run(folder.path(), &["init", "two"]);
    assert_eq!(made.code, 0);
    assert!(folder.path().join("two/story-lint.toml").exists());
    assert!(made.out.contains("story-lint check two"), "{}", made.out);
}
