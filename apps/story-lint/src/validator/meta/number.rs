/// Reads the number that starts a list of words, and tells how many words it takes.
///
/// Knows digits, ordinals, Roman numerals and English number words up to 999; `the` and `no.` may
/// stand before it.
pub(super) fn number(words: &[&str]) -> Option<(u32, usize)> {
    let skipped = words
        .iter()
        .take_while(|word| {
            matches!(word.to_ascii_lowercase().as_str(), "the" | "no" | "number" | "nr")
        })
        .count();
    let rest = &words[skipped..];
    let first = rest.first()?;
    digits(first)
        .or_else(|| roman(first))
        .map(|number| (number, 1))
        .or_else(|| spelled(rest))
        .map(|(number, used)| (number, used + skipped))
}

/// `12`, `12th`.
pub(super) fn digits(word: &str) -> Option<u32> {
    let end = word.bytes().take_while(u8::is_ascii_digit).count();
    let suffix = word[end..].to_ascii_lowercase();
    let ordinal = matches!(suffix.as_str(), "" | "st" | "nd" | "rd" | "th" | "º" | "ª");
    if end == 0 || end > 4 || !ordinal { None } else { word[..end].parse().ok() }
}

/// `XII` or `xii`, written as the rules have it, below 400.
pub(super) fn roman(word: &str) -> Option<u32> {
    let upper = word.bytes().all(|b| b.is_ascii_uppercase());
    if word.is_empty() || word.len() > 15 || !upper && !word.bytes().all(|b| b.is_ascii_lowercase())
    {
        return None;
    }
    const SIGNS: [(&str, u32); 9] = [
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    let word = word.to_ascii_uppercase();
    let mut rest = word.as_str();
    let mut value = 0;
    for (sign, worth) in SIGNS {
        let most = if sign.len() == 2 || matches!(sign, "L" | "V") { 1 } else { 3 };
        for _ in 0..most {
            let Some(behind) = rest.strip_prefix(sign) else { break };
            rest = behind;
            value += worth;
        }
    }
    rest.is_empty().then_some(value)
}

/// `Twenty-One`, `one hundred and fifth`, over as many words as belong to it.
fn spelled(words: &[&str]) -> Option<(u32, usize)> {
    let mut total = 0;
    let mut used = 0;
    let mut last = 1000;
    for (index, word) in words.iter().enumerate().take(6) {
        let lower = word.to_lowercase();
        if used > 0 && lower == "and" {
            continue;
        }
        let mut parts = lower.split('-').map(part);
        if !parts.clone().all(|part| part.is_some()) {
            break;
        }
        let mut taken = false;
        for value in parts.by_ref().flatten() {
            // Each word must be smaller than the one before: `one two` are two numbers.
            if value == 100 && (1..10).contains(&total) {
                total *= 100;
                last = 100;
            } else if value < 10 && last >= 20 || value >= 10 && last >= 100 {
                total += value;
                last = value;
            } else {
                return (used > 0).then_some((total, used));
            }
            taken = true;
        }
        if !taken {
            break;
        }
        used = index + 1;
    }
    (used > 0).then_some((total, used))
}

fn part(word: &str) -> Option<u32> {
    const WORDS: [(&str, &str, u32); 29] = [
        ("zero", "zeroth", 0),
        ("one", "first", 1),
        ("two", "second", 2),
        ("three", "third", 3),
        ("four", "fourth", 4),
        ("five", "fifth", 5),
        ("six", "sixth", 6),
        ("seven", "seventh", 7),
        ("eight", "eighth", 8),
        ("nine", "ninth", 9),
        ("ten", "tenth", 10),
        ("eleven", "eleventh", 11),
        ("twelve", "twelfth", 12),
        ("thirteen", "thirteenth", 13),
        ("fourteen", "fourteenth", 14),
        ("fifteen", "fifteenth", 15),
        ("sixteen", "sixteenth", 16),
        ("seventeen", "seventeenth", 17),
        ("eighteen", "eighteenth", 18),
        ("nineteen", "nineteenth", 19),
        ("twenty", "twentieth", 20),
        ("thirty", "thirtieth", 30),
        ("forty", "fortieth", 40),
        ("fifty", "fiftieth", 50),
        ("sixty", "sixtieth", 60),
        ("seventy", "seventieth", 70),
        ("eighty", "eightieth", 80),
        ("ninety", "ninetieth", 90),
        ("hundred", "hundredth", 100),
    ];
    WORDS.iter().find(|(one, first, _)| *one == word || *first == word).map(|word| word.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_all_their_forms() {
        type Row = (&'static [&'static str], Option<(u32, usize)>);
        let table: [Row; 18] = [
            (&["12"], Some((12, 1))),
            (&["12th", "Night"], Some((12, 1))),
            (&["12a"], None),
            (&["XII"], Some((12, 1))),
            (&["xcix"], Some((99, 1))),
            (&["IIII"], None),
            (&["Mix"], None),
            (&["the", "First"], Some((1, 2))),
            (&["Twenty-One"], Some((21, 1))),
            (&["Twenty", "One"], Some((21, 2))),
            (&["Twenty", "Thieves"], Some((20, 1))),
            (&["One", "Hundred", "and", "Five"], Some((105, 4))),
            (&["One", "Hundred", "and", "Gone"], Some((100, 2))),
            (&["One", "Two"], Some((1, 1))),
            (&["Thirty-Nine", "First"], Some((39, 1))),
            (&["Twenty", "|", "First"], Some((20, 1))),
            (&["Hundred"], Some((100, 1))),
            (&[], None),
        ];
        for (words, expected) in table {
            assert_eq!(number(words), expected, "{words:?}");
        }
    }
}
