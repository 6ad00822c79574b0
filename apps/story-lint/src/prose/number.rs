use super::{Gap, Sentence};

/// Reads a number below 100 that starts at a word: `14`, `fourteen`, `forty-two`, or
/// `two-and-forty`; gives it with the number of its words.
pub(crate) fn number_at(sentence: &Sentence<'_>, at: usize) -> Option<(u32, usize)> {
    let word = sentence.get(at)?;
    if word.as_bytes()[0].is_ascii_digit() {
        return word.parse().ok().map(|number| (number, 1));
    }
    let joined = |index: usize, word: &str| {
        sentence.gap(index) == Some(Gap::Hyphen) && sentence.is(index, word)
    };
    if let Some(ten) = ten(word) {
        let one = sentence
            .get(at + 1)
            .filter(|_| sentence.gap(at + 1) == Some(Gap::Hyphen))
            .and_then(small)
            .filter(|one| *one < 10);
        return Some(one.map_or((ten, 1), |one| (ten + one, 2)));
    }
    let number = small(word)?;
    if joined(at + 1, "and")
        && let Some(ten) = sentence.get(at + 2).and_then(ten)
    {
        return Some((ten + number, 3));
    }
    Some((number, 1))
}

/// Reads a day of a month: `3`, `3rd`, `third`, `twenty-third`; gives it, the number of its words,
/// and whether it has the form of an ordinal.
pub(crate) fn ordinal_at(sentence: &Sentence<'_>, at: usize) -> Option<(u32, usize, bool)> {
    let word = sentence.get(at)?;
    if word.as_bytes()[0].is_ascii_digit() {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = &word[digits.len()..];
        let is_ordinal = matches!(suffix, "st" | "nd" | "rd" | "th" | "d");
        return (suffix.is_empty() || is_ordinal)
            .then(|| digits.parse().ok())
            .flatten()
            .map(|day| (day, 1, is_ordinal));
    }
    if let Some(ten @ (20 | 30)) = ten(word)
        && sentence.gap(at + 1) == Some(Gap::Hyphen)
        && let Some(one) = sentence.get(at + 1).and_then(ordinal)
        && one < 10
    {
        return Some((ten + one, 2, true));
    }
    ordinal(word).map(|day| (day, 1, true))
}

fn small(word: &str) -> Option<u32> {
    const WORDS: [&str; 19] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    index(&WORDS, word).map(|index| index + 1)
}

fn ten(word: &str) -> Option<u32> {
    const WORDS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    index(&WORDS, word).map(|index| (index + 2) * 10)
}

fn ordinal(word: &str) -> Option<u32> {
    const WORDS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    match word {
        "thirtieth" | "Thirtieth" => Some(30),
        _ => index(&WORDS, word).map(|index| index + 1),
    }
}

/// The place of a word in a list, whatever its capitals.
fn index(words: &[&str], word: &str) -> Option<u32> {
    // Most words are none, and their length says so.
    if !(3..=11).contains(&word.len()) {
        return None;
    }
    let index = words.iter().position(|known| known.eq_ignore_ascii_case(word))?;
    u32::try_from(index).ok()
}

/// The first year in a text: a number of four digits from 1000 to 2199 that stands alone.
pub(crate) fn year_in(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() == 4)
        .find_map(|word| word.parse().ok().filter(|year| (1000..2200).contains(year)))
}
