//! Plants faults into finished stories, one at a time, and counts how many are found.
//!
//! Seeded, so every run plants the same. `cargo test -p story-lint --release --test planting --
//! --nocapture` prints the table that docs/story-lint-accuracy.md shows. The stories are the novels
//! beside the checkout, or where they are missing the project's own sample.

mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use memory::{check, in_memory};
use story_lint::document::{Block, BlockKind, Document, parse};
use story_lint::finding::Finding;
use story_lint::story::natural_cmp;

/// Faults of each kind that are planted in each book.
const PER_BOOK: u64 = 10;

/// The kinds, the rules that find them, and the least share that must be found.
const KINDS: [(&str, &[&str], f64, Plant); 7] = [
    (
        "a name misspelled by one letter or two swapped ones",
        &["CHAR001", "WORLD001"],
        0.6,
        wrong_name,
    ),
    ("a short word doubled", &["REP001"], 1.0, doubled_word),
    ("a paragraph pasted elsewhere", &["REP002"], 1.0, pasted_paragraph),
    ("a link to a missing file", &["LINK001"], 1.0, broken_link),
    ("a chapter number raised by one", &["META001", "META004"], 0.95, wrong_number),
    ("a closing mark gone, the next paragraph does not open", &["DIAL001"], 0.85, closing_mark),
    ("an opening mark gone", &["DIAL002", "DIAL001"], 0.8, opening_mark),
];

type Plant = fn(&mut Book, &mut Chance) -> Option<Planted>;

/// Where a fault was planted: a file, and the bytes of its paragraph afterwards.
struct Planted {
    file: usize,
    paragraph: std::ops::Range<usize>,
}

#[derive(Clone)]
struct Book {
    files: Vec<(String, String)>,
}

/// Numbers that repeat with their seed (an xorshift generator, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap()
    }
}

fn books() -> Vec<(String, Book)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let novels = root.join("../shared/manuscripts");
    let mut folders: Vec<PathBuf> = match fs::read_dir(&novels) {
        Ok(entries) => entries.map(|e| e.unwrap().path()).filter(|path| path.is_dir()).collect(),
        Err(_) => vec![root.join("samples/the-salt-ledger")],
    };
    folders.sort();
    let name = |folder: &PathBuf| folder.file_name().unwrap().to_string_lossy().into_owned();
    folders.iter().map(|folder| (name(folder), Book::read(folder))).collect()
}

impl Book {
    fn read(folder: &Path) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let markdown = files.filter(|path| path.extension().is_some_and(|e| e == "md"));
        let mut files: Vec<(String, String)> = markdown
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read_to_string(&path).unwrap())
            })
            .collect();
        files.sort_by(|a, b| natural_cmp(&a.0, &b.0));
        Self { files }
    }

    /// A chapter by chance, parsed.
    fn chapter(&self, chance: &mut Chance) -> (usize, Document) {
        let chapters: Vec<usize> =
            (0..self.files.len()).filter(|&f| self.files[f].0.starts_with("chapter")).collect();
        let file = chapters[chance.below(chapters.len())];
        (file, parse(&self.files[file].1))
    }

    /// The findings, each with its file and its place.
    fn findings(&self) -> Vec<Finding> {
        check(in_memory(&self.files), 2).stories.remove(0).findings
    }

    /// Replaces bytes, and returns the paragraph around them as it is then.
    fn replace(
        &mut self,
        file: usize,
        at: std::ops::Range<usize>,
        with: &str,
        paragraph: std::ops::Range<usize>,
    ) -> Planted {
        let end = paragraph.end + with.len() - at.len();
        self.files[file].1.replace_range(at, with);
        Planted { file, paragraph: paragraph.start..end }
    }
}

fn is_narration(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph && !block.quoted && !block.listed && !block.hard_breaks
}

/// The names of a book: words of six letters or more that stand twenty times inside sentences, and
/// never in lower case.
fn names(book: &Book) -> Vec<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lower: BTreeSet<String> = BTreeSet::new();
    for (_, text) in &book.files {
        let mut before = "";
        for word in text.split([' ', '\n', '\r']) {
            let bare = word.trim_end_matches([',', ';', '.', '!', '?']);
            let is_name = bare.starts_with(|c: char| c.is_ascii_uppercase())
                && bare[1..].bytes().all(|b| b.is_ascii_lowercase());
            if is_name && before.ends_with(|c: char| c.is_ascii_lowercase()) && bare.len() >= 6 {
                *counts.entry(bare).or_default() += 1;
            } else if bare.starts_with(|c: char| c.is_ascii_lowercase()) {
                lower.insert(bare.to_owned());
            }
            before = word;
        }
    }
    let often = counts.into_iter().filter(|(_, count)| *count >= 20).map(|(word, _)| word);
    often.filter(|word| !lower.contains(&word.to_lowercase())).map(str::to_owned).collect()
}

/// Swaps two letters inside a name, or drops, doubles or changes one.
fn misspell(name: &str, chance: &mut Chance) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let at = 1 + chance.below(letters.len() - 3);
    match chance.below(4) {
        0 if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        3 => letters[at] = if letters[at] == 'e' { 'a' } else { 'e' },
        _ => return None,
    }
    Some(letters.into_iter().collect())
}

fn wrong_name(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let names = names(book);
    let name = names.get(chance.below(names.len()))?.clone();
    let wrong = misspell(&name, chance)?;
    let (file, document) = book.chapter(chance);
    let text = &book.files[file].1;
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut places = Vec::new();
    for block in document.blocks.iter().filter(|block| is_narration(block)) {
        let start = block.span.start as usize;
        for (at, _) in text[block.span.range()].match_indices(&name) {
            let (before, behind) = (&text[..start + at], &text[start + at + name.len()..]);
            let is_whole =
                !is_letter(before.chars().next_back()) && !is_letter(behind.chars().next());
            // Emphasised names are let be.
            if is_whole && !before.ends_with(['*', '_']) {
                places.push((start + at, block.span.range()));
            }
        }
    }
    let (at, paragraph) = places.get(chance.below(places.len()))?.clone();
    Some(book.replace(file, at..at + name.len(), &wrong, paragraph))
}

fn doubled_word(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (file, document) = book.chapter(chance);
    let blocks: Vec<&Block> = document.blocks.iter().filter(|b| is_narration(b)).collect();
    let block = blocks.get(chance.below(blocks.len()))?;
    let text = &book.files[file].1[block.span.range()];
    let words = [" the ", " of ", " and ", " to "];
    let word = words[chance.below(words.len())];
    let at = block.span.start as usize + text.find(word)?;
    Some(book.replace(file, at..at, word.trim_end(), block.span.range()))
}

fn pasted_paragraph(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (from, document) = book.chapter(chance);
    let long = |b: &&Block| is_narration(b) && document.text(b).split_whitespace().count() >= 30;
    let blocks: Vec<&Block> = document.blocks.iter().filter(long).collect();
    let block = blocks.get(chance.below(blocks.len()))?;
    let copy = book.files[from].1[block.span.range()].to_owned();
    let (file, document) = book.chapter(chance);
    let places: Vec<&Block> = document.blocks.iter().filter(|b| is_narration(b)).collect();
    let at = places.get(chance.below(places.len()))?.span.start as usize;
    Some(book.replace(file, at..at, &format!("{copy}\n\n"), at..at))
}

fn broken_link(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (file, document) = book.chapter(chance);
    let blocks: Vec<&Block> = document.blocks.iter().filter(|b| is_narration(b)).collect();
    let block = blocks.get(chance.below(blocks.len()))?;
    let at = block.span.end as usize;
    Some(book.replace(file, at..at, " See [the map](maps/no-such-map.md).", block.span.range()))
}

fn wrong_number(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (file, document) = book.chapter(chance);
    let heading = document.blocks.iter().find(|b| matches!(b.kind, BlockKind::Heading(1)))?;
    let text = &book.files[file].1[heading.span.range()];
    let start = text.rfind("Chapter ")? + "Chapter ".len();
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = text[start..start + digits].parse().ok()?;
    let at = heading.span.start as usize + start;
    Some(book.replace(file, at..at + digits, &(number + 1).to_string(), heading.span.range()))
}

/// The mark that this text closes speech with, if it is one that cannot be an apostrophe.
fn closing_of(text: &str) -> Option<char> {
    ['”', '"'].into_iter().find(|&mark| text.contains(mark))
}

fn closing_mark(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (file, document) = book.chapter(chance);
    let text = &book.files[file].1;
    let mark = closing_of(text)?;
    // Speech that ends its paragraph, and a paragraph after it that does not open with a mark.
    let pairs: Vec<&Block> = document
        .blocks
        .windows(2)
        .filter(|pair| pair.iter().all(is_narration))
        .filter(|pair| text[pair[0].span.range()].ends_with(mark))
        .filter(|pair| !text[pair[1].span.range()].starts_with(['“', '‘', '"', '\'', '*', '_']))
        .map(|pair| &pair[0])
        .collect();
    let block = pairs.get(chance.below(pairs.len()))?;
    let end = block.span.end as usize;
    Some(book.replace(file, end - mark.len_utf8()..end, "", block.span.range()))
}

fn opening_mark(book: &mut Book, chance: &mut Chance) -> Option<Planted> {
    let (file, document) = book.chapter(chance);
    let text = &book.files[file].1;
    let blocks: Vec<&Block> = document
        .blocks
        .iter()
        .filter(|block| is_narration(block))
        .filter(|block| text[block.span.range()].starts_with(['“', '"']))
        .collect();
    let block = blocks.get(chance.below(blocks.len()))?;
    let start = block.span.start as usize;
    let mark = text[start..].chars().next()?.len_utf8();
    Some(book.replace(file, start..start + mark, "", block.span.range()))
}

/// Whether a finding of these rules lies in the planted paragraph, or names it as the other place.
fn is_found(findings: &[Finding], rules: &[&str], planted: &Planted) -> bool {
    let is_there = |at: story_lint::finding::Location| {
        at.file.index() == planted.file && planted.paragraph.contains(&(at.span.start as usize))
    };
    findings.iter().filter(|f| rules.contains(&f.rule.id)).any(|finding| {
        is_there(finding.at) || finding.related.iter().any(|related| is_there(related.at))
    })
}

#[test]
fn planted_faults_are_found() {
    let books = books();
    let mut failures = Vec::new();
    let mut strays = 0;
    println!("| planted | found |\n| --- | --- |");
    for (kind, rules, least, plant) in KINDS {
        let (mut planted_count, mut found_count) = (0, 0);
        for (name, book) in &books {
            let clean = book.findings().len();
            let seed = name
                .bytes()
                .fold(0x9e37_79b9_7f4a_7c15, |seed: u64, b| seed.rotate_left(5) ^ u64::from(b));
            let mut chance = Chance(seed);
            let mut left = PER_BOOK;
            // Not every chapter has a place for every fault.
            for _ in 0..PER_BOOK * 20 {
                if left == 0 {
                    break;
                }
                let mut faulty = book.clone();
                let Some(planted) = plant(&mut faulty, &mut chance) else { continue };
                left -= 1;
                let findings = faulty.findings();
                let found = is_found(&findings, rules, &planted);
                planted_count += 1;
                found_count += u64::from(found);
                strays += findings.len().saturating_sub(clean + usize::from(found));
            }
        }
        println!("| {kind} | {found_count} of {planted_count} |");
        if (found_count as f64) < least * planted_count as f64 {
            failures.push(kind);
        }
    }
    println!("\n{strays} further findings in all of these copies");
    assert!(failures.is_empty(), "too few found of: {failures:?}");
}
