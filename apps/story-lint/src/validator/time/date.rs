use std::ops::Range;

use crate::calendar::{Calendar, Date};
use crate::prose::{Gap, Sentence, Word, ordinal_at};

/// A date in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its words, the weekday included.
    pub(crate) words: Range<usize>,
    pub(crate) day: u32,
    pub(crate) month: u32,
    pub(crate) year: Option<u32>,
    pub(crate) weekday: Option<usize>,
}

impl Found {
    /// The date, if it is a full one.
    pub(crate) fn full(&self) -> Option<Date> {
        self.year.map(|year| Date { year, month: self.month, day: self.day })
    }
}

/// Whether one of the words may be a month; few paragraphs have one.
pub(super) fn names_month(prose: &str, words: &[Word], calendar: &Calendar) -> bool {
    let bit = |byte: u8| 1u32 << (byte & 0x1f);
    let firsts = calendar.months.iter().filter_map(|month| month.name.as_bytes().first());
    let initials = firsts.fold(0, |initials, &byte| initials | bit(byte));
    words.iter().any(|word| {
        let text = || &prose[word.range()];
        word.capital
            && initials & bit(text().as_bytes()[0]) != 0
            && calendar.month(text()).is_some()
    })
}

/// Finds the dates in a sentence: `14 March 1812`, `the 14th of March`, `Friday, March 14, 1812`.
pub(crate) fn find(sentence: Sentence<'_>, calendar: &Calendar) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, word) in sentence.words.iter().enumerate() {
        if !word.capital {
            continue;
        }
        let Some(month) = sentence.get(at).and_then(|name| calendar.month(name)) else { continue };
        found.extend(around(sentence, calendar, at, month));
    }
    found
}

fn around(sentence: Sentence<'_>, calendar: &Calendar, at: usize, month: u32) -> Option<Found> {
    let (day, mut start, mut end) =
        before(sentence, at)
            .map(|(day, start)| (day, start, at + 1))
            .or_else(|| behind(sentence, at).map(|(day, end)| (day, at, end)))?;
    let year = year_at(sentence, calendar, end);
    if year.is_some() {
        end += 1;
    } else if end == at + 2 && !sentence.get(at + 1)?.ends_with(char::is_alphabetic) {
        // `in June 31 men came`: a bare number behind the month may count what follows.
        if sentence.gap(end) == Some(Gap::Space) {
            return None;
        }
    }
    let mut weekday = None;
    let named = |index: usize| sentence.get(index).and_then(|name| calendar.weekday_named(name));
    let close = |index: usize| matches!(sentence.gap(index), Some(Gap::Space | Gap::Comma));
    if let Some(back) = start.checked_sub(1).filter(|_| close(start)) {
        let the = usize::from(sentence.is(back, "the"));
        if let Some(day_at) = back.checked_sub(the).filter(|_| the == 0 || close(back))
            && let Some(index) = named(day_at)
        {
            weekday = Some(index);
            start = day_at;
        }
    }
    if weekday.is_none() && sentence.gap(end) == Some(Gap::Comma) {
        let a = usize::from(sentence.is(end, "a"));
        if let Some(index) = named(end + a).filter(|_| a == 1) {
            weekday = Some(index);
            end += a + 1;
        }
    }
    Some(Found { words: start..end, day, month, year, weekday })
}

/// `14`, `14th of`, `fourteenth of` before the month; gives the day and where it starts.
fn before(sentence: Sentence<'_>, at: usize) -> Option<(u32, usize)> {
    if sentence.gap(at) != Some(Gap::Space) {
        return None;
    }
    let of = usize::from(at > 0 && sentence.is(at - 1, "of"));
    let end = at.checked_sub(of)?;
    (1..=2).rev().filter_map(|length| end.checked_sub(length)).find_map(|start| {
        let (day, words, is_ordinal) = ordinal_at(&sentence, start)?;
        // `two of May’s letters`; a number before `of` must say that it is a day.
        let is_day = start + words == end && (of == 0 || is_ordinal) && (1..=99).contains(&day);
        let is_written_out = !sentence.get(start)?.as_bytes()[0].is_ascii_digit();
        (is_day && (of == 1 || !is_written_out)).then_some((day, start))
    })
}

/// `14`, `14th`, `the 14th` behind the month; gives the day and where it ends.
fn behind(sentence: Sentence<'_>, at: usize) -> Option<(u32, usize)> {
    let the = usize::from(sentence.is(at + 1, "the"));
    let start = at + 1 + the;
    let (day, words, is_ordinal) = ordinal_at(&sentence, start)?;
    let is_near =
        sentence.gap(at + 1) == Some(Gap::Space) && sentence.gap(start) == Some(Gap::Space);
    // `in March 40 men`, `March 1812`: only what can be a day of some month is one.
    let is_day = (1..=31).contains(&day) || is_ordinal && day < 100;
    (is_near && is_day && (the == 0 || is_ordinal)).then_some((day, start + words))
}

fn year_at(sentence: Sentence<'_>, calendar: &Calendar, at: usize) -> Option<u32> {
    let word = sentence.get(at)?;
    let is_near = matches!(sentence.gap(at), Some(Gap::Space | Gap::Comma));
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 5;
    let year: u32 = word.parse().ok().filter(|_| is_near && is_number)?;
    let is_own = *calendar != Calendar::gregorian();
    (is_own || (1000..2200).contains(&year)).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;
    use crate::prose::sentences;

    fn of(text: &str) -> Vec<String> {
        let document = parse(text);
        let calendar = Calendar::gregorian();
        sentences(&document.prose, document.reading().block(0))
            .flat_map(|sentence| find(sentence, &calendar))
            .map(|date| {
                let weekday = date.weekday.map(|index| &*calendar.weekdays[index]);
                format!("{} {} {:?} {:?}", date.day, date.month, date.year, weekday)
            })
            .collect()
    }

    #[test]
    fn dates_have_many_forms() {
        for (text, expected) in [
            ("On 14 March 1812 they left.", "14 3 Some(1812) None"),
            ("On the 14th of March, 1812, they left.", "14 3 Some(1812) None"),
            ("It was Friday, November 26, 1811.", "26 11 Some(1811) Some(\"Friday\")"),
            ("Tuesday, the 3rd of May 1893.", "3 5 Some(1893) Some(\"Tuesday\")"),
            ("To leave on June 31st for home.", "31 6 None None"),
            ("On the thirty-first of June it rained.", "31 6 None None"),
            ("On March the 2nd he came.", "2 3 None None"),
            ("On 7 February 1893, a Tuesday, it broke.", "7 2 Some(1893) Some(\"Tuesday\")"),
        ] {
            assert_eq!(of(text), [expected], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for text in [
            "In March 1812 they left.",
            "In March 40 men died.",
            "May I have 3?",
            "One of May’s letters came.",
            "He may 5 times say so.",
            "Chapter 14. March came.",
        ] {
            assert_eq!(of(text), Vec::<String>::new(), "{text}");
        }
    }
}
