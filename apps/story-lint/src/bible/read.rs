use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::bible::{Banned, Bible, Character, Place, Plant};
use crate::calendar::{Calendar, Date, Month};
use crate::config::{Fault, TableReader, Value, integer_value};

const KEYS: [&str; 6] = ["story", "character", "place", "banned", "plant", "calendar"];
const CHARACTER_KEYS: [&str; 7] = ["name", "aliases", "born", "died", "died-in", "eyes", "hair"];
const PLACE_KEYS: [&str; 2] = ["name", "aliases"];
const BANNED_KEYS: [&str; 2] = ["words", "because"];
const PLANT_KEYS: [&str; 3] = ["name", "planted", "paid"];
const CALENDAR_KEYS: [&str; 3] = ["months", "weekdays", "first-weekday"];

/// Reads the text of a `story.toml`, shown to people as `path`.
///
/// `exists` says whether the story has a file of that path.
///
/// # Errors
/// All entries that are wrong, each with its line.
pub(crate) fn read(
    path: &str,
    text: &str,
    exists: &dyn Fn(&str) -> bool,
) -> Result<Bible, Vec<Fault>> {
    let bible = TableReader::read(path, text, |reader, table| {
        Some(Reader { base: reader, calendar: Calendar::gregorian(), exists }.top(path, table))
    })?;
    Ok(bible.unwrap_or_else(|| empty(path)))
}

fn empty(path: &str) -> Bible {
    Bible {
        path: path.to_owned(),
        characters: Vec::new(),
        places: Vec::new(),
        banned: Vec::new(),
        plants: Vec::new(),
        calendar: Calendar::gregorian(),
    }
}

struct Reader<'r, 'a> {
    base: &'r mut TableReader<'a>,
    calendar: Calendar,
    exists: &'r dyn Fn(&str) -> bool,
}

impl Reader<'_, '_> {
    fn top(&mut self, path: &str, table: &DeTable<'_>) -> Bible {
        let mut bible = empty(path);
        // Dates are read by the story's calendar, wherever that stands in the file.
        if let Some((_, value)) = table.iter().find(|(key, _)| &**key.get_ref() == "calendar")
            && let Some(calendar) = self.calendar(value)
        {
            self.calendar = calendar;
        }
        for (key, value) in table {
            match &**key.get_ref() {
                "calendar" => {}
                "story" => {
                    if value.get_ref().as_table().is_none() {
                        self.base.mismatch("story", value, "a table such as `[story]`");
                    }
                }
                "character" => {
                    bible.characters = self.entries("character", value, Self::character);
                }
                "place" => bible.places = self.entries("place", value, Self::place),
                "banned" => bible.banned = self.entries("banned", value, Self::banned),
                "plant" => bible.plants = self.entries("plant", value, Self::plant),
                other => self.base.unknown_key(key.span(), other, &KEYS, ""),
            }
        }
        self.names_stand_once(table);
        bible.calendar = self.calendar.clone();
        bible
    }

    /// Reads a list of tables, `[[character]]` and the like.
    fn entries<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        read: fn(&mut Self, u32, Range<usize>, &DeTable<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(array) = value.get_ref().as_array() else {
            self.base.mismatch(key, value, &format!("entries that start with `[[{key}]]`"));
            return Vec::new();
        };
        let mut entries = Vec::new();
        for item in array {
            let Some(table) = item.get_ref().as_table() else {
                self.base.mismatch(key, item, &format!("entries that start with `[[{key}]]`"));
                continue;
            };
            let line = self.base.line(&item.span());
            entries.extend(read(self, line, item.span(), table));
        }
        entries
    }

    fn character(
        &mut self,
        line: u32,
        span: Range<usize>,
        table: &DeTable<'_>,
    ) -> Option<Character> {
        let mut character = Character { line, ..Character::default() };
        for (key, value) in table {
            match &**key.get_ref() {
                "name" => character.name = self.text("name", value)?,
                "aliases" => character.aliases = self.texts("aliases", value),
                "born" => character.born = self.date("born", value),
                "died" => character.died = self.date("died", value),
                "died-in" => {
                    character.died_in = self.text("died-in", value);
                    if let Some(path) = character.died_in.as_deref().filter(|p| !(self.exists)(p)) {
                        let message = format!("`died-in`: there is no file `{path}`");
                        let help = "give its path below the story's folder".to_owned();
                        self.base.fault(value.span(), message, Some(help));
                    }
                }
                "eyes" => character.eyes = self.text("eyes", value),
                "hair" => character.hair = self.text("hair", value),
                other => {
                    self.base.unknown_key(key.span(), other, &CHARACTER_KEYS, " of [[character]]");
                }
            }
        }
        if let (Some(born), Some(died)) = (character.born, character.died)
            && born.years_until(died).1 < 0
        {
            let message = format!(
                "`{}` dies in {}, before the birth in {}",
                character.name,
                self.calendar.show(died),
                self.calendar.show(born)
            );
            self.base.fault(span.clone(), message, Some("correct one of the two".to_owned()));
        }
        self.named("character", span, &character.name).then_some(character)
    }

    fn place(&mut self, line: u32, span: Range<usize>, table: &DeTable<'_>) -> Option<Place> {
        let mut place = Place { line, ..Place::default() };
        for (key, value) in table {
            match &**key.get_ref() {
                "name" => place.name = self.text("name", value)?,
                "aliases" => place.aliases = self.texts("aliases", value),
                other => self.base.unknown_key(key.span(), other, &PLACE_KEYS, " of [[place]]"),
            }
        }
        self.named("place", span, &place.name).then_some(place)
    }

    fn banned(&mut self, line: u32, span: Range<usize>, table: &DeTable<'_>) -> Option<Banned> {
        let mut banned = Banned { line, ..Banned::default() };
        for (key, value) in table {
            match &**key.get_ref() {
                "words" => banned.words = self.texts("words", value),
                "because" => banned.because = self.text("because", value),
                other => self.base.unknown_key(key.span(), other, &BANNED_KEYS, " of [[banned]]"),
            }
        }
        if banned.words.is_empty() {
            let help = "add `words = [\"telephone\"]`".to_owned();
            self.base.fault(span, "the entry bans no words", Some(help));
            return None;
        }
        Some(banned)
    }

    fn plant(&mut self, line: u32, span: Range<usize>, table: &DeTable<'_>) -> Option<Plant> {
        let mut plant = Plant { line, ..Plant::default() };
        for (key, value) in table {
            match &**key.get_ref() {
                "name" => plant.name = self.text("name", value)?,
                "planted" => plant.planted = self.text("planted", value)?,
                "paid" => plant.paid = self.text("paid", value)?,
                other => self.base.unknown_key(key.span(), other, &PLANT_KEYS, " of [[plant]]"),
            }
        }
        let missing = [("planted", &plant.planted), ("paid", &plant.paid)];
        for (key, _) in missing.iter().filter(|(_, text)| text.is_empty()) {
            let help = format!("add `{key} = \"words that stand in the text\"`");
            self.base.fault(span.clone(), format!("the plant has no `{key}`"), Some(help));
        }
        let is_whole = missing.iter().all(|(_, text)| !text.is_empty());
        (self.named("plant", span, &plant.name) && is_whole).then_some(plant)
    }

    fn calendar(&mut self, value: &Value<'_>) -> Option<Calendar> {
        let Some(table) = value.get_ref().as_table() else {
            self.base.mismatch("calendar", value, "a table such as `[calendar]`");
            return None;
        };
        let (mut months, mut weekdays, mut first) = (Vec::new(), Vec::new(), None);
        for (key, value) in table {
            match &**key.get_ref() {
                "months" => months = self.months(value),
                "weekdays" => weekdays = self.texts("weekdays", value),
                "first-weekday" => {
                    first = self.text("first-weekday", value).map(|name| (name, value.span()));
                }
                other => {
                    self.base.unknown_key(key.span(), other, &CALENDAR_KEYS, " of [calendar]");
                }
            }
        }
        if months.is_empty() {
            let help = "add `months = [{ name = \"Thaw\", days = 30 }]`".to_owned();
            self.base.fault(value.span(), "the calendar has no months", Some(help));
            return None;
        }
        let first = first.and_then(|(name, span)| {
            let index = weekdays.iter().position(|day: &String| day.eq_ignore_ascii_case(&name));
            if index.is_none() {
                let help = "give one of `weekdays`".to_owned();
                self.base.fault(span, format!("`{name}` is no weekday"), Some(help));
            }
            index
        });
        Some(Calendar::of_story(months, weekdays, first))
    }

    fn months(&mut self, value: &Value<'_>) -> Vec<Month> {
        const WANTED: &str = "months such as `[{ name = \"Thaw\", days = 30 }]`";
        let Some(array) = value.get_ref().as_array() else {
            self.base.mismatch("months", value, WANTED);
            return Vec::new();
        };
        let mut months = Vec::new();
        for item in array {
            let table = item.get_ref().as_table();
            let name = table.and_then(|table| table.get("name")).and_then(|v| v.get_ref().as_str());
            let days = table
                .and_then(|table| table.get("days"))
                .and_then(|days| days.get_ref().as_integer())
                .and_then(integer_value)
                .and_then(|days| u32::try_from(days).ok())
                .filter(|days| (1..=1000).contains(days));
            match (name, days) {
                (Some(name), Some(days)) => months.push(Month { name: name.to_owned(), days }),
                _ => {
                    let message = "a month needs a name, and 1 to 1000 days";
                    self.base.fault(item.span(), message, Some(format!("give {WANTED}")));
                }
            }
        }
        months
    }

    fn named(&mut self, key: &str, span: Range<usize>, name: &str) -> bool {
        if name.trim().is_empty() {
            let help = "add `name = \"…\"`".to_owned();
            self.base.fault(span, format!("the {key} has no name"), Some(help));
            return false;
        }
        true
    }

    /// Two people of one name could not be told apart.
    fn names_stand_once(&mut self, table: &DeTable<'_>) {
        let mut seen: Vec<(String, u32)> = Vec::new();
        for key in ["character", "place"] {
            let entries = table.get(key).and_then(|value| value.get_ref().as_array());
            for entry in entries.into_iter().flat_map(|array| array.iter()) {
                let Some(table) = entry.get_ref().as_table() else { continue };
                let own = table.get("name").into_iter();
                let aliases = table.get("aliases").and_then(|value| value.get_ref().as_array());
                for value in own.chain(aliases.into_iter().flat_map(|array| array.iter())) {
                    let Some(name) = value.get_ref().as_str() else { continue };
                    let line = self.base.line(&value.span());
                    if let Some((_, first)) = seen.iter().find(|(known, _)| known == name) {
                        let message = format!("the name `{name}` is declared in line {first}, too");
                        let help = "leave it to one of the two; text that could mean either is \
                                    not checked"
                            .to_owned();
                        self.base.fault(value.span(), message, Some(help));
                    } else {
                        seen.push((name.to_owned(), line));
                    }
                }
            }
        }
    }

    fn text(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            Some(_) => {
                let help = "fill it in, or leave it out".to_owned();
                self.base.fault(value.span(), format!("`{key}` is empty"), Some(help));
                None
            }
            None => {
                self.base.mismatch(key, value, "a text in quotes");
                None
            }
        }
    }

    fn texts(&mut self, key: &str, value: &Value<'_>) -> Vec<String> {
        let Some(array) = value.get_ref().as_array() else {
            self.base.mismatch(key, value, "a list of texts such as `[\"one\", \"two\"]`");
            return Vec::new();
        };
        array.iter().filter_map(|item| self.text(key, item)).collect()
    }

    fn date(&mut self, key: &str, value: &Value<'_>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(integer) => {
                integer_value(integer).map_or_else(String::new, |year| year.to_string())
            }
            DeValue::Datetime(date) => date.date.map_or_else(String::new, |date| date.to_string()),
            _ => {
                self.base.mismatch(key, value, "a date such as `1893-02-07`, or a year");
                return None;
            }
        };
        let date = self.calendar.read(&text);
        if date.is_none() {
            let message = format!("`{key}`: `{text}` is no date");
            let help = "write 1893-02-07, \"7 February 1893\" or 1893".to_owned();
            self.base.fault(value.span(), message, Some(help));
        }
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_may_declare_everything() {
        let text = "\
[story]
title = 'The Salt'
[[character]]
name = 'Ann Gray'
aliases = ['Ann', 'Miss Gray']
born = 1866-02-02
died = '17 March 1893'
died-in = 'chapter-05.md'
eyes = 'green'
hair = 'red'
[[place]]
name = 'Averly'
[[banned]]
words = ['telephone']
because = 'there is none yet'
[[plant]]
name = 'the key'
planted = 'steel key'
paid = 'turned the key'
";
        let bible = read("story.toml", text, &|path| path == "chapter-05.md").expect("no fault");
        assert_eq!(bible.characters[0].line, 3);
        assert_eq!(bible.character("Miss Gray"), Some(0));
        assert_eq!(bible.characters[0].born, Some(Date { year: 1866, month: 2, day: 2 }));
        assert!(bible.knows("Averly") && !bible.knows("Averley"));
        assert_eq!(bible.plants.len() + bible.banned.len(), 2);
        assert!(
            read("story.toml", "", &|_| true).expect("an empty file is fine").characters.is_empty()
        );
    }

    #[test]
    fn wrong_entries_are_named_with_their_line() {
        for (text, line, part) in [
            ("[[character]]\nname = ''\n", 2, "`name` is empty"),
            ("[[character]]\naliases = ['A']\n", 1, "no name"),
            ("[[charakter]]\nname = 'A'\n", 1, "no key `charakter`"),
            ("[[character]]\nname = 'A'\neye = 'blue'\n", 3, "no key `eye` of [[character]]"),
            ("[[character]]\nname = 'A'\nborn = '31 June 1890'\n", 3, "`31 June 1890` is no date"),
            ("[[character]]\nname = 'A'\nborn = 1890\ndied = 1870\n", 1, "before the birth"),
            ("[[character]]\nname = 'A'\n[[place]]\nname = 'A'\n", 4, "line 2, too"),
            ("[[banned]]\nbecause = 'x'\n", 1, "bans no words"),
            ("[[plant]]\nname = 'key'\nplanted = 'a'\n", 1, "no `paid`"),
            ("[[character]]\nname = 'A'\ndied-in = 'no.md'\n", 3, "no file `no.md`"),
            ("character = 'Ann'\n", 1, "which it cannot be"),
            ("[calendar]\nweekdays = ['One']\n", 1, "no months"),
            ("[calendar]\nmonths = [{ name = 'Thaw' }]\n", 2, "1 to 1000 days"),
        ] {
            let faults = read("story.toml", text, &|path| path == "chapter-05.md").expect_err(text);
            let shown = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            assert!(shown.contains(part), "{text}: {shown}");
            assert!(shown.contains(&format!("story.toml:{line}:")), "{text}: {shown}");
        }
    }

    #[test]
    fn a_story_may_count_its_days_in_its_own_way() {
        let text = "\
calendar.months = [{ name = 'Thaw', days = 20 }, { name = 'Frost', days = 40 }]
calendar.weekdays = ['One', 'Two', 'Three']
calendar.first-weekday = 'Two'
[[character]]
name = 'Ann'
born = '33 Frost 12'
";
        let bible = read("story.toml", text, &|path| path == "chapter-05.md").expect("no fault");
        let born = bible.characters[0].born.expect("a date");
        assert_eq!(born, Date { year: 12, month: 2, day: 33 });
        // 11 years of 60 days, a month of 20 and 32 days more, from a second day on.
        assert_eq!(bible.calendar.weekday(born), Some((11 * 60 + 20 + 32 + 1) % 3));
    }
}
