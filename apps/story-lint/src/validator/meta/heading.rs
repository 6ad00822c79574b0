use super::number::{digits, number, roman};

/// What a heading says about the numbering of chapters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heading {
    /// The number of a part, a book or a volume.
    pub(super) part: Option<u32>,
    pub(super) chapter: Chapter,
    /// Whether it is a portion of its chapter: `Chapter 3, Part 2`, `Chapter 3 (continued)`.
    pub(super) portion: bool,
}

/// The chapter number of a heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Chapter {
    /// There is none.
    #[default]
    None,
    /// `Chapter 12`; `last` differs for `Chapters 12 and 13`.
    Named { first: u32, last: u32 },
    /// `12`, `XII.`, `12. The Storm`.
    Bare(u32),
    /// A chapter by name whose number is not understood: `Chapter 12½`.
    Unknown,
}

const CHAPTER: [&str; 18] = [
    "chapter",
    "chapters",
    "chap",
    "ch",
    "kapitel",
    "chapitre",
    "capítulo",
    "capitulo",
    "capitolo",
    "hoofdstuk",
    "kapittel",
    "kapitola",
    "rozdział",
    "глава",
    "luku",
    "fejezet",
    "κεφάλαιο",
    "capitol",
];
const PART: [&str; 20] = [
    "part",
    "book",
    "volume",
    "vol",
    "act",
    "teil",
    "buch",
    "band",
    "partie",
    "livre",
    "tome",
    "parte",
    "libro",
    "часть",
    "том",
    "deel",
    "del",
    "część",
    "canto",
    "section",
];

impl Heading {
    /// Reads a heading's visible text.
    pub(super) fn parse(text: &str) -> Self {
        let words = words(text);
        let is = |word: Option<&&str>, list: &[&str]| {
            word.is_some_and(|word| list.contains(&word.to_lowercase().as_str()))
        };
        let mut heading = Self::default();
        let mut rest = words.as_slice();
        if is(rest.first(), &PART) {
            match number(&rest[1..]) {
                Some((part, used)) => {
                    heading.part = Some(part);
                    rest = behind_signs(&rest[1 + used..]);
                }
                None => return heading,
            }
        }
        if is(rest.first(), &CHAPTER) {
            heading.chapter = named(behind_signs(&rest[1..]));
            heading.portion = is_portion(text, &rest[1..]);
        } else if heading.part.is_none() {
            // `Third Chapter`, `3. Kapitel`
            match number(rest) {
                Some((first, used)) if is(behind_signs(&rest[used..]).first(), &CHAPTER) => {
                    heading.chapter = Chapter::Named { first, last: first };
                }
                Some((first, used)) if is_bare(text, rest, used) => {
                    heading.chapter = Chapter::Bare(first);
                }
                _ => {}
            }
        }
        heading
    }
}

/// The words of a heading, with `|` where a sign parts them: `Twenty: First Blood` is not 21.
fn words(text: &str) -> Vec<&str> {
    let is_sign = |c: char| matches!(c, ',' | ':' | ';' | '.' | '—' | '–' | '(' | ')' | '|' | '*');
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        for piece in chunk.split_inclusive(is_sign) {
            let word = piece.trim_end_matches(is_sign);
            let clean = word.trim_matches(['“', '”', '"', '#', '[', ']', '-']);
            if !clean.is_empty() {
                words.push(clean);
            }
            if word.len() < piece.len() || clean.is_empty() {
                words.push("|");
            }
        }
    }
    behind_signs(&words).to_vec()
}

/// Leaves out the signs at the start.
fn behind_signs<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let signs = words.iter().take_while(|word| **word == "|").count();
    &words[signs..]
}

/// Whether a chapter's title says that the chapter is told in several portions.
fn is_portion(text: &str, title: &[&str]) -> bool {
    let lower = |word: &str| word.to_lowercase();
    let continued = title.iter().any(|word| {
        matches!(lower(word).as_str(), "continued" | "cont" | "cont'd" | "cont’d" | "concluded")
    });
    let part = title.windows(2).any(|pair| {
        matches!(lower(pair[0]).as_str(), "part" | "pt" | "teil" | "partie" | "parte" | "часть")
            && number(&pair[1..]).is_some()
    });
    // `Chapter 3: The Storm (2)`, `(2/3)`
    let in_brackets = text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let numbered = in_brackets.is_some_and(|(_, inner)| {
        inner.split(['/', ' ']).next().is_some_and(|word| digits(word).is_some())
    });
    continued || part || numbered
}

fn named(rest: &[&str]) -> Chapter {
    let fraction = |used: usize| {
        rest.get(used) == Some(&"|")
            && rest.get(used + 1).is_some_and(|word| digits(word).is_some())
    };
    let Some((first, used)) = number(rest).filter(|&(_, used)| !fraction(used)) else {
        // `3-4` is a range; `12½` and `12a` are numbered, but not in the common row.
        let word = rest.first().copied().unwrap_or_default();
        if let Some((first, last)) = word.split_once(['-', '–', '/'])
            && let (Some(first), Some(last)) = (digits(first), digits(last))
            && first < last
        {
            return Chapter::Named { first, last };
        }
        return Chapter::Unknown;
    };
    let last = match rest.get(used).copied() {
        Some("&" | "and" | "–" | "-") => number(&rest[used + 1..]).map(|(last, _)| last),
        _ => None,
    };
    Chapter::Named { first, last: last.filter(|&last| last == first + 1).unwrap_or(first) }
}

/// Whether a number without `chapter` is the heading, or stands before a sign and the title.
fn is_bare(text: &str, words: &[&str], used: usize) -> bool {
    if behind_signs(&words[used..]).is_empty() {
        // `1984` is a title, and `I` alone may be anything; the row decides.
        return digits(words[0]).is_none_or(|number| number < 400);
    }
    let first = words[0];
    let short = digits(first).is_some_and(|number| number < 400) || roman(first).is_some();
    let behind = text.trim_start().strip_prefix(first).unwrap_or_default();
    let signs = [".", ":", ")", "—", "–", " —", " –", " - "];
    used == 1 && short && signs.iter().any(|sign| behind.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_in_all_their_forms() {
        let named = |number| Chapter::Named { first: number, last: number };
        let table = [
            ("Chapter 12", None, named(12)),
            ("Chapter Twelve: The Storm", None, named(12)),
            ("CHAPTER XII.", None, named(12)),
            ("CHAPTER THE FIRST", None, named(1)),
            ("Chapter Twenty: First Blood", None, named(20)),
            ("Chapter 12.5", None, Chapter::Unknown),
            ("Chapter 3-4", None, Chapter::Named { first: 3, last: 4 }),
            ("Chapters 3 and 4", None, Chapter::Named { first: 3, last: 4 }),
            ("Chapter 12½", None, Chapter::Unknown),
            ("Kapitel 3", None, named(3)),
            ("3. Kapitel", None, named(3)),
            ("The Third Chapter", None, named(3)),
            ("Part 2, Chapter 1", Some(2), named(1)),
            ("Book I: Chapter III", Some(1), named(3)),
            ("Part Two", Some(2), Chapter::None),
            ("Part of the Crew", None, Chapter::None),
            ("12. The Storm", None, Chapter::Bare(12)),
            ("XII", None, Chapter::Bare(12)),
            ("Twenty-One", None, Chapter::Bare(21)),
            ("12 Angry Men", None, Chapter::None),
            ("One Day in May", None, Chapter::None),
            ("1984", None, Chapter::None),
            ("Epilogue", None, Chapter::None),
            ("", None, Chapter::None),
        ];
        for (text, part, chapter) in table {
            let portion = false;
            assert_eq!(Heading::parse(text), Heading { part, chapter, portion }, "{text}");
        }
        for (text, expected) in [
            ("Chapter 3, Part 2", true),
            ("Chapter 3 (continued)", true),
            ("Chapter Three: The Storm (2/3)", true),
            ("Chapter 3: Part of the Crew", false),
            ("Chapter 3: The Storm (at Last)", false),
        ] {
            assert_eq!(Heading::parse(text).portion, expected, "{text}");
        }
    }
}
