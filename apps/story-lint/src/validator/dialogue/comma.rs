use super::marks::{Class, Mark};

/// Calls `found` for each closing mark of speech that has its comma behind it, before words such
/// as `he said`.
pub(super) fn outside(text: &str, marks: &[Mark], mut found: impl FnMut(Mark)) {
    let mut open: Option<Mark> = None;
    for &mark in marks {
        match mark.class {
            Class::Open | Class::Again => open = Some(mark),
            Class::Close | Class::MaybeClose | Class::Either => {
                let behind = &text[mark.at + mark.len..];
                if let Some(open) = open.take()
                    && let Some(rest) = behind.strip_prefix(',')
                    && is_sentence(&text[open.at + open.len..mark.at])
                    && is_tag(rest)
                {
                    found(mark);
                }
            }
            Class::MaybeOpen | Class::Maybe => {}
        }
    }
}

/// Whether a quotation reads like speech and not like a title or a word: two words or more, the
/// first with a capital and the others mostly without.
fn is_sentence(quotation: &str) -> bool {
    let mut words = quotation.split_whitespace();
    let capital =
        |word: &str| word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    let starts = words.next().is_some_and(capital);
    let rest = words.clone().filter(|word| word.len() > 3).count();
    let lower = words.clone().filter(|word| word.len() > 3 && !capital(word)).count();
    starts && words.next().is_some() && lower * 2 >= rest
}

/// Whether the text behind a comma starts like ` he said`.
fn is_tag(rest: &str) -> bool {
    if !rest.starts_with([' ', '\n']) {
        return false;
    }
    let clean = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_punctuation()).to_owned();
    let words: Vec<String> = rest.split_whitespace().take(4).map(clean).collect();
    let says = |word: Option<&String>| word.is_some_and(|word| SAYS.contains(&word.as_str()));
    match words.first().map(String::as_str) {
        Some("he" | "she" | "they" | "it" | "we" | "I" | "you") => says(words.get(1)),
        Some(name) if name.starts_with(char::is_uppercase) => {
            says(words.get(1)) || says(words.get(2)) && !name.is_empty()
        }
        Some("the" | "his" | "her" | "my") => says(words.get(2)) || says(words.get(3)),
        Some(_) => says(words.first()),
        None => false,
    }
}

/// Words that tell who speaks.
const SAYS: [&str; 44] = [
    "said",
    "says",
    "say",
    "asked",
    "asks",
    "replied",
    "replies",
    "answered",
    "cried",
    "cries",
    "whispered",
    "shouted",
    "called",
    "muttered",
    "murmured",
    "exclaimed",
    "returned",
    "added",
    "continued",
    "observed",
    "remarked",
    "repeated",
    "began",
    "went",
    "told",
    "thought",
    "snapped",
    "growled",
    "sighed",
    "yelled",
    "screamed",
    "agreed",
    "explained",
    "declared",
    "announced",
    "suggested",
    "admitted",
    "insisted",
    "demanded",
    "inquired",
    "enquired",
    "interrupted",
    "responded",
    "mumbled",
];
