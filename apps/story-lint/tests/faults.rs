//! Files that cannot be checked: each is told with its reason, the rest is checked, and the
//! command ends with 2.

mod common;

use std::fs;

use common::{Ran, findings, run, tree};

/// A story with one finding, beside whatever a test adds.
const GOOD: (&str, &str) = ("good.md", "He saw the the sea.\n");

fn problem(ran: &Ran, path: &str) -> String {
    let json = ran.json();
    let problems = json["problems"].as_array().unwrap();
    let found = problems.iter().find(|problem| problem["path"] == path);
    found.unwrap_or_else(|| panic!("no problem of {path}: {problems:#?}"))["message"].to_string()
}

/// Checks a folder in which `path` cannot be read, and returns what is said of it.
fn unreadable(folder: &tempfile::TempDir, path: &str) -> String {
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(ran.code, 2);
    assert_eq!(findings(&ran.json()), ["good.md:1:8 REP001"], "the rest is checked");
    assert!(ran.err.contains(path), "people are told, too: {}", ran.err);
    problem(&ran, path)
}

#[test]
fn bytes_that_are_no_utf8_are_told_with_their_place() {
    let folder = tree(&[GOOD]);
    fs::write(folder.path().join("bad.md"), b"One\ntw\xe9\n").unwrap();
    let message = unreadable(&folder, "bad.md");
    assert!(message.contains("0xe9 at 2:3 is not UTF-8"), "{message}");
}

#[test]
fn utf16_is_named() {
    let folder = tree(&[GOOD]);
    fs::write(folder.path().join("wide.md"), b"\xff\xfeO\0n\0e\0").unwrap();
    let message = unreadable(&folder, "wide.md");
    assert!(message.contains("UTF-16") && message.contains("UTF-8"), "{message}");
}

#[test]
fn a_binary_file_is_named() {
    let folder = tree(&[GOOD, ("picture.md", "PNG\u{1}\0\0\0")]);
    let message = unreadable(&folder, "picture.md");
    assert!(message.contains("binary") && message.contains("offset 4"), "{message}");
}

#[test]
fn a_file_above_the_limit_is_not_read() {
    let folder = tree(&[GOOD]);
    // 200 MB, none of them on the disk.
    let huge = fs::File::create(folder.path().join("huge.md")).unwrap();
    huge.set_len(200_000_000).unwrap();
    let message = unreadable(&folder, "huge.md");
    assert!(message.contains("190.7 MiB") && message.contains("--max-file-size"), "{message}");
}

#[test]
fn a_small_limit_is_told_as_it_was_given() {
    let folder = tree(&[("a.md", "The sea was calm.\n")]);
    let ran = run(folder.path(), &["check", "--max-file-size", "16 B"]);
    let told = "the file holds 18 bytes, more than the limit of 16 bytes";
    assert!(ran.code == 2 && ran.out.contains(told), "{}", ran.out);
}

#[test]
fn a_byte_order_mark_shifts_no_column() {
    let folder = tree(&[GOOD]);
    fs::write(folder.path().join("bad.md"), b"\xef\xbb\xbfab\xff").unwrap();
    let message = unreadable(&folder, "bad.md");
    assert!(message.contains("0xff at 1:3"), "{message}");
}

#[test]
fn a_large_file_within_the_limit_is_checked() {
    let paragraph = "The gulls went up over the harbour and came down again, as they did.\n\n";
    let text = paragraph.repeat(20_000) + "He saw the the sea.\n";
    let folder = tree(&[("long.md", &text)]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(findings(&ran.json()), ["long.md:40001:8 REP001"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_told_and_harmless() {
    let folder = tree(&[GOOD, ("notes/n.md", "Quiet.\n")]);
    std::os::unix::fs::symlink("..", folder.path().join("notes/back")).unwrap();
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(ran.code, 0, "all was checked, and a doubled word is a warning");
    let message = problem(&ran, "notes/back");
    assert!(message.contains("leads back") && message.contains("not followed"), "{message}");
    assert_eq!(findings(&ran.json()), ["good.md:1:8 REP001"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_itself_is_unreadable() {
    let folder = tree(&[GOOD]);
    std::os::unix::fs::symlink("self.md", folder.path().join("self.md")).unwrap();
    unreadable(&folder, "self.md");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tree(&[GOOD, ("secret.md", "The the.\n")]);
    let secret = folder.path().join("secret.md");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&secret).is_ok() {
        eprintln!("not tested: this user reads everything");
        return;
    }
    let message = unreadable(&folder, "secret.md");
    assert!(message.contains("ermission"), "{message}");
}

#[test]
fn an_empty_folder_is_a_mistake() {
    let folder = tree(&[]);
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("no Markdown") || ran.err.contains("no Markdown"), "{}", ran.err);
}

#[test]
fn an_empty_file_is_fine() {
    let folder = tree(&[("empty.md", "")]);
    assert_eq!(run(folder.path(), &["check"]).code, 0);
}
