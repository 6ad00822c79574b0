//! Which stories and files are found.

mod common;

use std::path::{Path, PathBuf};

use common::{add, findings, ran, run, stories, story_lint, tree};
use proptest::prelude::*;
use story_lint::config::{ConfigLoader, ConfigSource, Overrides};
use story_lint::story::{Discovery, Inputs, discover};

const ECHO: &str = "She saw the the door.\n";

fn check(folder: &Path, args: &[&str]) -> common::Ran {
    run(folder, &[&["check", "--format", "json"], args].concat())
}

fn names(list: &[(&str, u64)]) -> Vec<(String, u64)> {
    list.iter().map(|(name, files)| ((*name).to_owned(), *files)).collect()
}

#[test]
fn a_shelf_of_novels_is_checked_novel_by_novel() {
    let folder = tree(&[
        ("shelf/SOURCES.md", "Sources.\n"),
        ("shelf/alice/README.md", "[one](ch-1.md)\n"),
        ("shelf/alice/ch-1.md", "# I\n"),
        ("shelf/alice/ch-2.md", "# II\n"),
        ("shelf/dracula/index.markdown", "x\n"),
        ("shelf/dracula/part-1/ch-1.md", "# I\n"),
    ]);
    let ran = check(folder.path(), &["shelf"]);
    let expected = names(&[("shelf", 1), ("shelf/alice", 3), ("shelf/dracula", 2)]);
    assert_eq!(stories(&ran.json()), expected);
}

#[test]
fn parts_with_entry_files_belong_to_the_book_that_links_into_them() {
    let folder = tree(&[
        ("book/README.md", "# Book\n\n- [one](part%20one/ch1.md)\n- [two](part-2/README.md)\n"),
        ("book/part one/README.md", "# Part\n"),
        ("book/part one/ch1.md", "# I\n"),
        ("book/part-2/README.md", "# Part\n"),
    ]);
    let ran = check(folder.path(), &[]);
    assert_eq!(stories(&ran.json()), names(&[("book", 3), ("book/part-2", 1)]));
    add(folder.path(), &[("book/story.toml", "")]);
    let ran = check(folder.path(), &["book/"]);
    assert_eq!(stories(&ran.json()), names(&[("book", 4)]));
}

#[test]
fn ignored_and_hidden_files_are_left_out_unless_given_by_name() {
    let folder = tree(&[
        (".gitignore", "drafts/\n"),
        (".story-lint-ignore", "old.md\n"),
        ("ch1.md", "# I\n"),
        ("old.md", ECHO),
        (".hidden.md", ECHO),
        (".secret/x.md", ECHO),
        ("drafts/d.md", ECHO),
        ("notes.txt", ECHO),
        ("UPPER.MD", ECHO),
    ]);
    assert_eq!(findings(&check(folder.path(), &[]).json()), ["UPPER.MD:1:9 REP001"]);
    let ran = check(folder.path(), &["notes.txt", "./drafts//d.md", ".hidden.md"]);
    let expected = [".hidden.md:1:9 REP001", "notes.txt:1:9 REP001", "drafts/d.md:1:9 REP001"];
    let mut found = findings(&ran.json());
    found.sort();
    let mut expected = expected.map(ToOwned::to_owned);
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn files_given_by_name_are_grouped_by_their_story() {
    let folder = tree(&[
        ("one/README.md", "x\n"),
        ("one/part/ch1.md", "x\n"),
        ("one/ch2.md", "x\n"),
        ("two/ch1.md", "x\n"),
    ]);
    let ran = check(folder.path(), &["two/ch1.md", "one/part/ch1.md", "one/ch2.md", "one/ch2.md"]);
    assert_eq!(stories(&ran.json()), names(&[("one", 2), ("two", 1)]));
    // Seen from inside, the same story.
    let ran = check(&folder.path().join("one/part"), &["ch1.md"]);
    assert_eq!(stories(&ran.json()), names(&[("..", 1)]));
    // A folder that holds the file counts for it.
    let ran = check(folder.path(), &["one/ch2.md", "one"]);
    assert_eq!(stories(&ran.json()), names(&[("one", 3)]));
}

#[test]
fn what_is_not_there_is_told_and_the_rest_is_checked() {
    let folder = tree(&[("ch1.md", ECHO), ("empty/notes.txt", "x")]);
    let ran = check(folder.path(), &["ch1.md", "none.md", "empty"]);
    assert_eq!(ran.code, 2);
    let json = ran.json();
    assert_eq!(findings(&json), ["ch1.md:1:9 REP001"]);
    let problems = json["problems"].as_array().expect("a list");
    let paths: Vec<_> = problems.iter().map(|p| p["path"].as_str().expect("a path")).collect();
    assert_eq!(paths, ["empty", "none.md"]);
    assert!(problems[0]["message"].as_str().is_some_and(|m| m.contains("no Markdown files")));
    assert!(problems[1]["message"].as_str().is_some_and(|m| m.contains("no such file")));
    // Who reads JSON on standard output sees it on standard error.
    assert!(ran.err.contains("none.md"), "{}", ran.err);
}

#[test]
fn a_broken_ignore_file_is_told_with_its_line() {
    let folder = tree(&[("novel/.gitignore", "x.md\n[z-a]\n"), ("novel/ch1.md", "# I\n")]);
    let ran = check(folder.path(), &[]);
    assert_eq!(ran.code, 0);
    let problem = &ran.json()["problems"][0];
    assert_eq!(problem["path"], "novel/.gitignore");
    let message = problem["message"].as_str().expect("a message");
    assert!(message.starts_with("line 2: `[z-a]` is no pattern"), "{message}");
}

#[test]
fn standard_input_has_the_name_and_settings_it_is_given() {
    let folder = tree(&[
        ("novel/README.md", "x\n"),
        ("novel/story-lint.toml", "[rules]\nREP001 = \"error\"\n"),
    ]);
    let mut command = story_lint(
        folder.path(),
        &["check", "-", "--stdin-filename", "novel/new/ch1.md", "--format", "json"],
    );
    let named = ran(command.write_stdin(ECHO));
    assert_eq!(named.code, 1);
    assert_eq!(findings(&named.json()), ["novel/new/ch1.md:1:9 REP001"]);
    assert_eq!(stories(&named.json()), names(&[("novel", 1)]));

    let mut command = story_lint(folder.path(), &["check", "-", "--format", "concise"]);
    let unnamed = ran(command.write_stdin(ECHO));
    assert_eq!(unnamed.code, 0);
    assert!(unnamed.out.starts_with("<stdin>:1:9: warning REP001"), "{}", unnamed.out);

    let mut command = story_lint(folder.path(), &["check", "-"]);
    let broken = ran(command.write_stdin(&b"a\xffb"[..]));
    assert_eq!(broken.code, 2);
    assert!(broken.out.contains("<stdin>: byte 0xff"), "{}", broken.out);

    let alone = run(folder.path(), &["check", "--stdin-filename", "x.md"]);
    assert_eq!(alone.code, 2);
    assert!(alone.err.contains("give `-`"), "{}", alone.err);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_reached_twice_is_checked_once() {
        let folder = tree(&[("b/ch1.md", ECHO)]);
        symlink("b/ch1.md", folder.path().join("a.md")).expect("linked");
        symlink("b", folder.path().join("z")).expect("linked");
        for paths in [&["."][..], &["z", "a.md", "."], &["b", "z", "."]] {
            let ran = check(folder.path(), paths);
            assert_eq!(findings(&ran.json()), ["a.md:1:9 REP001"], "{paths:?}");
        }
        assert_eq!(findings(&check(folder.path(), &["z", "b"]).json()), ["b/ch1.md:1:9 REP001"]);
    }

    #[test]
    fn loops_end_with_a_warning() {
        let folder = tree(&[("book/ch1.md", "# I\n")]);
        symlink("..", folder.path().join("book/again")).expect("linked");
        let ran = check(folder.path(), &["."]);
        assert_eq!(ran.code, 0, "{}", ran.out);
        let problem = &ran.json()["problems"][0];
        assert_eq!(problem["severity"], "warning");
        assert_eq!(problem["path"], "book/again");
        assert!(problem["message"].as_str().is_some_and(|m| m.contains("leads back")), "{problem}");
    }

    #[test]
    fn links_to_nowhere_are_unreadable_files_if_they_say_markdown() {
        let folder = tree(&[("ch1.md", "# I\n")]);
        symlink("none", folder.path().join("gone.md")).expect("linked");
        symlink("self.md", folder.path().join("self.md")).expect("linked");
        symlink("none", folder.path().join("other")).expect("linked");
        symlink("user@host.17", folder.path().join(".#ch1.md")).expect("linked");
        let ran = check(folder.path(), &[]);
        assert_eq!(ran.code, 2);
        let json = ran.json();
        let problems = json["problems"].as_array().expect("a list");
        let paths: Vec<_> = problems.iter().map(|p| p["path"].as_str().expect("a path")).collect();
        assert_eq!(paths, ["gone.md", "self.md"]);
        assert!(problems.iter().all(|p| p["severity"] == "error"));
        assert_eq!(check(folder.path(), &["gone.md"]).code, 2);
    }

    #[test]
    fn a_pipe_that_says_markdown_is_told_and_not_waited_for() {
        let folder = tree(&[("ch1.md", "# I\n")]);
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("p.md")).status();
        assert!(made.expect("mkfifo runs").success());
        let ran = check(folder.path(), &[]);
        assert_eq!(ran.code, 2);
        assert!(ran.out.contains("no regular file"), "{}", ran.out);
    }
}

/// Everything about a discovery but its time.
fn gist(found: &Discovery) -> Vec<String> {
    let stories = found.stories.iter().map(|story| {
        let files: Vec<_> = story.files.iter().map(|file| (&file.path, &file.relative)).collect();
        format!("{:?} {} {} {files:?}", story.root, story.name, story.partial)
    });
    stories.chain(found.problems.iter().map(|p| format!("{}: {}", p.path, p.message))).collect()
}

fn find(paths: Vec<PathBuf>) -> Discovery {
    let loader = ConfigLoader::new(ConfigSource::Search, Overrides::default());
    let inputs = Inputs { paths, stdin_filename: None };
    discover(&inputs, &mut std::io::empty(), loader).expect("no configuration is wrong")
}

fn a_path() -> impl Strategy<Value = String> {
    let folder = prop::sample::select(vec!["", "a/", "b/", "a/b/", "a/b/c/", "b/a/"]);
    let file = prop::sample::select(vec![
        "ch1.md",
        "ch2.md",
        "README.md",
        "index.md",
        "story.toml",
        "story-lint.toml",
        "x.txt",
    ]);
    (folder, file).prop_map(|(folder, file)| format!("{folder}{file}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn order_and_repetition_of_paths_do_not_matter(
        files in prop::collection::btree_set(a_path(), 1..12),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        shuffled in any::<u64>(),
    ) {
        let links = "[x](a/ch1.md) [y](../b/ch2.md) [z](b/README.md)\n";
        let files: Vec<String> = files.into_iter().collect();
        let folder = tree(&files.iter().map(|file| {
            (file.as_str(), if file.ends_with("toml") { "" } else { links })
        }).collect::<Vec<_>>());
        let mut choices: Vec<PathBuf> = files.iter().map(|file| folder.path().join(file)).collect();
        choices.extend(files.iter().filter_map(|file| Some(folder.path().join(file).parent()?.to_owned())));
        let paths: Vec<PathBuf> = picks.iter().map(|pick| pick.get(&choices).clone()).collect();
        let mut other = paths.clone();
        let turns = usize::try_from(shuffled % other.len() as u64).expect("small");
        other.rotate_left(turns);
        other.push(paths[0].join("."));
        other.reverse();
        prop_assert_eq!(gist(&find(paths)), gist(&find(other)));
    }

    #[test]
    fn every_file_below_a_folder_is_in_one_story(
        files in prop::collection::btree_set(a_path(), 1..12),
    ) {
        let files: Vec<String> = files.into_iter().collect();
        let folder = tree(&files.iter().map(|file| (file.as_str(), "")).collect::<Vec<_>>());
        let found = find(vec![folder.path().to_owned()]);
        let mut seen: Vec<String> = found.stories.iter().flat_map(|story| &story.files).map(|file| {
            let disk = file.disk.strip_prefix(folder.path()).expect("below it");
            disk.to_string_lossy().into_owned()
        }).collect();
        seen.sort();
        let mut expected: Vec<String> =
            files.into_iter().filter(|file| file.ends_with(".md")).collect();
        expected.sort();
        prop_assert_eq!(seen, expected);
    }
}
