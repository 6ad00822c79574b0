//! Links, anchors and orphans.

mod harness;

use harness::{Story, assert_quiet, shown};
use story_lint::validator::links::Links;
use story_lint::validator::{AnyValidator, boxed};

fn links() -> Box<dyn AnyValidator> {
    boxed(Links)
}

/// The help of the only finding in a story.
#[track_caller]
fn help(files: &[(&str, &str)]) -> String {
    let story = Story::new(files);
    let found = story.check(&*links());
    assert_eq!(found.len(), 1, "{:?}", story.shown(&*links()));
    found[0].help.clone().unwrap_or_default()
}

#[test]
fn links_that_lead_somewhere_are_quiet() {
    let index = "[a](one.md) [b](./part%201/two.md) [c](part%201/../one.md#the-storm)
[d](/one.md) [e](https://example.com/x.md) [f](mailto:a@example.com) [g](#here) [h](#)
[i](one.md?raw=1#top) [j][ref] [k] [sic] [l](part%201/) <https://example.com>
![m](data:image/png;base64,AA) <a href=\"one.md\">n</a> [1][2]

[ref]: one.md

## Here
";
    assert_quiet(
        &*links(),
        &[
            ("README.md", index),
            ("one.md", "# The Storm\n\n[up](../story) [back](part%201/two.md#x)\n"),
            ("part 1/two.md", "<a id=\"x\"></a>\n\n[up](../one.md)\n"),
        ]
        .map(|(path, text)| (path, text.replace("[up](../story) ", ""))),
    );
}

#[test]
fn links_to_built_pages_are_quiet() {
    let story = [
        ("README.md", "[a](one.html) [b](part/two.html#x)\n"),
        ("one.md", "[toc](index.html)\n"),
        ("part/two.md", "[toc](../index.html)\n"),
    ];
    assert_quiet(&*links(), &story);
    let missing = [("README.md", "[a](one.md) [b](two.html)\n"), ("one.md", "Text.\n")];
    assert_eq!(shown(&*links(), &missing).len(), 1);
}

#[test]
fn links_that_only_a_site_generator_reads_hide_orphans() {
    let story = |link: &str| {
        [
            ("README.md", format!("[a](one.md) [b](two.md) {link}\n")),
            ("one.md", "Text.\n".to_owned()),
            ("two.md", "Text.\n".to_owned()),
            ("three.md", "Text.\n".to_owned()),
        ]
    };
    assert_quiet(&*links(), &story("[[three|The Third]]"));
    assert_quiet(&*links(), &story("[c]({% link three.md %})"));
    assert_quiet(&*links(), &story("[c]({{ site.base }}/three)"));
    assert_eq!(shown(&*links(), &story("three")).len(), 1);
}

#[test]
fn broken_links_are_reported_where_they_stand() {
    for link in [
        "[a](two.md)",
        "![a](two.png)",
        "[a][label]",
        "[label here][]",
        "[a]()",
        "[a](../other/one.md)",
        "<a href='two.md'>a</a>",
    ] {
        let text = format!("Words {link} here.\n");
        let found = shown(&*links(), &[("one.md", text)]);
        assert_eq!(found.len(), 1, "{link}: {found:?}");
        assert!(found[0].starts_with("one.md:1:7 LINK001"), "{link}: {found:?}");
    }
}

#[test]
fn the_nearest_file_is_suggested() {
    let near = [("chapter-01.md", "[a](chapter-2.md)\n"), ("chapter-02.md", "")];
    assert_eq!(help(&near), "did you mean `chapter-02.md`?");
    let moved = [("a/one.md", "[a](two.md)\n"), ("b/two.md", "")];
    assert_eq!(help(&moved), "did you mean `../b/two.md`?");
    let extension = [("one.md", "[a](two)\n"), ("two.md", "")];
    assert_eq!(help(&extension), "write `two.md`, with the file's extension");
    let case = [("one.md", "[a](Two.md)\n"), ("two.md", "")];
    assert_eq!(help(&case), "write `two.md`; many systems tell the cases apart");
    let anchor = [("one.md", "[a](#the-strom)\n\n# The Storm\n")];
    assert_eq!(help(&anchor), "did you mean `#the-storm`?");
}

#[test]
fn files_on_disk_count() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("map.png"), b"x").expect("a file");
    let mut story = Story::new(&[("one.md", "![a](map.png) ![b](Map.png) ![c](maps.png)\n")]);
    story.root = folder.path().to_owned();
    let found = story.check(&*links());
    let helps: Vec<&str> = found.iter().filter_map(|f| f.help.as_deref()).collect();
    assert_eq!(
        helps,
        ["write `map.png`; many systems tell the cases apart", "did you mean `map.png`?"]
    );
}

#[test]
fn anchors_are_those_that_github_makes() {
    let text = "# The Café’s Door!\n\n# Twice\n\n# Twice\n\n[a](#the-cafés-door) [b](#twice-1) \
[c](#twice-2) [d](#fn1) [e](#the-caf%C3%A9s-door)\n";
    let found = shown(&*links(), &[("one.md", text)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("LINK003 this file has no heading or anchor `#twice-2`"));
}

#[test]
fn orphans_are_files_that_no_entry_leads_to() {
    let files = [
        ("README.md", "[1](1.md)\n"),
        ("1.md", "[2](2.md)\n"),
        ("2.md", ""),
        ("cut.md", "[also cut](cut-2.md)\n"),
        ("cut-2.md", ""),
        ("LICENSE.md", ""),
        ("notes/README.md", ""),
    ];
    let found = shown(&*links(), &files);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].starts_with("cut.md:1:1 LINK002"), "{found:?}");
    assert!(found[0].starts_with("cut-2.md:1:1 LINK002"), "{found:?}");

    let mut partial = Story::new(&files);
    partial.partial = true;
    assert!(partial.shown(&*links()).is_empty());
    assert_quiet(&*links(), &files[1..]);
    assert_quiet(&*links(), &[("README.md", "A book.\n"), ("1.md", ""), ("2.md", "")]);
    assert_quiet(&*links(), &[("summary.markdown", "[all](part)\n"), ("part/1.md", "")]);
}
