use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use toml::de::{DeTable, DeValue};

use super::exclude::parse_pattern;
use super::fault::Fault;
use super::parse::{parse_fail_on, parse_level, parse_parallel_level, parse_workers, remedy};
use super::selector::{RuleSelector, UnknownRule};
use super::settings::{Level, ParallelLevel, Quotes};
use super::size::{InvalidSize, parse_size};
use super::table::{TableReader, Value, integer_value};
use crate::rule::{Severity, closest};

/// The keys of a configuration file.
pub(super) const KEYS: [&str; 6] =
    ["exclude", "max-file-size", "quotes", "fail-on", "rules", "parallel"];
/// The keys of its `[parallel]` table.
pub(super) const PARALLEL_KEYS: [&str; 2] = ["level", "max_workers"];
/// Keys that will be there one day. Ignoring them would pretend that they do something.
const PLANNED: [&str; 3] = ["chunk_size", "overlap", "balancing"];

/// What one configuration file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileSettings {
    pub(super) rules: BTreeMap<RuleSelector, Level>,
    pub(super) exclude: Vec<String>,
    pub(super) max_file_size: Option<u64>,
    pub(super) quotes: Option<Quotes>,
    pub(super) fail_on: Option<Severity>,
    pub(super) level: Option<ParallelLevel>,
    pub(super) max_workers: Option<NonZeroUsize>,
}

/// Reads the text of a configuration file, shown to people as `path`.
///
/// Gives all that is wrong, not just the first.
pub(super) fn read_settings(path: &str, text: &str) -> Result<FileSettings, Vec<Fault>> {
    TableReader::read(path, text, |reader, table| {
        let mut settings = FileSettings::default();
        Reader { base: reader }.top(table, &mut settings);
        settings
    })
}

struct Reader<'r, 'a> {
    base: &'r mut TableReader<'a>,
}

impl Reader<'_, '_> {
    fn top(&mut self, table: &DeTable<'_>, settings: &mut FileSettings) {
        for (key, value) in table {
            match &**key.get_ref() {
                "exclude" => settings.exclude = self.exclude(value),
                "max-file-size" => settings.max_file_size = self.max_file_size(value),
                "quotes" => {
                    let read = |word: &str| match word {
                        "auto" => Ok(Quotes::Auto),
                        "double" => Ok(Quotes::Double),
                        "single" => Ok(Quotes::Single),
                        _ => {
                            let words = ["auto", "double", "single"];
                            let remedy = remedy(closest(word, words), &words);
                            Err(format!("`{word}` is no kind of quotation marks; {remedy}"))
                        }
                    };
                    settings.quotes = self.word("quotes", value, read);
                }
                "fail-on" => settings.fail_on = self.word("fail-on", value, parse_fail_on),
                "rules" => self.rules(value, settings),
                "parallel" => self.parallel(value, settings),
                other => self.base.unknown_key(key.span(), other, &KEYS, ""),
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>, settings: &mut FileSettings) {
        let Some(table) = value.get_ref().as_table() else {
            self.base.mismatch("rules", value, "a table such as `[rules]`");
            return;
        };
        for (key, value) in table {
            let word = key.get_ref();
            let level = self.word(word, value, parse_level);
            match word.parse::<RuleSelector>() {
                Ok(rule) => {
                    settings.rules.extend(level.map(|level| (rule, level)));
                }
                Err(unknown @ UnknownRule { .. }) => {
                    self.base.fault(key.span(), unknown.to_string(), Some(unknown.help()));
                }
            }
        }
    }

    fn parallel(&mut self, value: &Value<'_>, settings: &mut FileSettings) {
        let Some(table) = value.get_ref().as_table() else {
            self.base.mismatch("parallel", value, "a table such as `[parallel]`");
            return;
        };
        for (key, value) in table {
            match &**key.get_ref() {
                "level" => settings.level = self.word("level", value, parse_parallel_level),
                "max_workers" => settings.max_workers = self.max_workers(value),
                planned if PLANNED.contains(&planned) => self.base.fault(
                    key.span(),
                    format!("`{planned}` is not available yet"),
                    Some("leave it out".to_owned()),
                ),
                other => self.base.unknown_key(key.span(), other, &PARALLEL_KEYS, " of [parallel]"),
            }
        }
    }

    fn exclude(&mut self, value: &Value<'_>) -> Vec<String> {
        let Some(array) = value.get_ref().as_array() else {
            self.base.mismatch("exclude", value, "a list of patterns such as `[\"drafts/\"]`");
            return Vec::new();
        };
        let mut patterns = Vec::new();
        for item in array {
            match item.get_ref().as_str() {
                Some(pattern) => match parse_pattern(pattern) {
                    Ok(pattern) => patterns.push(pattern),
                    Err(message) => {
                        let help = "patterns are written as in a .gitignore".to_owned();
                        self.base.fault(item.span(), message, Some(help));
                    }
                },
                None => {
                    self.base.mismatch(
                        "exclude",
                        item,
                        "a pattern in quotes such as `\"drafts/\"`",
                    );
                }
            }
        }
        patterns
    }

    fn max_file_size(&mut self, value: &Value<'_>) -> Option<u64> {
        let size = match value.get_ref() {
            DeValue::Integer(integer) => match integer_value(integer) {
                Some(bytes) => parse_size(&bytes.to_string()),
                None => Err(InvalidSize::TooLarge(integer.as_str().to_owned())),
            },
            DeValue::String(text) => parse_size(text),
            _ => {
                self.base.mismatch("max-file-size", value, "bytes, or a text such as `\"64 MiB\"`");
                return None;
            }
        };
        size.map_err(|error| self.base.fault(value.span(), error.to_string(), None)).ok()
    }

    fn max_workers(&mut self, value: &Value<'_>) -> Option<NonZeroUsize> {
        let Some(integer) = value.get_ref().as_integer() else {
            self.base.mismatch("max_workers", value, "a number of threads");
            return None;
        };
        let number = integer_value(integer).map_or(integer.as_str().to_owned(), |n| n.to_string());
        parse_workers(&number).map_err(|error| self.base.fault(value.span(), error, None)).ok()
    }

    /// Reads a word; the reader's error is the whole message, the remedy behind a semicolon.
    fn word<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(word) = value.get_ref().as_str() else {
            self.base.mismatch(key, value, "a word in quotes");
            return None;
        };
        let error = match read(word) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let (message, help) = match error.split_once("; ") {
            Some((message, help)) => (message, Some(help.to_owned())),
            None => (error.as_str(), None),
        };
        self.base.fault(value.span(), format!("`{key}`: {message}"), help);
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_may_say_everything() {
        let text = "\u{feff}\
exclude = ['drafts/']
max-file-size = 1_000
quotes = 'single'
fail-on = 'info'
rules = { ALL = 'off', REP001 = 'error' }
parallel.level = 'file'
parallel.max_workers = 2
";
        let settings = read_settings("x.toml", text).expect("no fault");
        assert_eq!(settings.exclude, ["drafts/"]);
        assert_eq!(settings.max_file_size, Some(1000));
        assert_eq!(settings.quotes, Some(Quotes::Single));
        assert_eq!(settings.fail_on, Some(Severity::Info));
        assert_eq!(settings.rules[&RuleSelector::All], Level::Off);
        assert_eq!(settings.rules[&RuleSelector::One("REP001")], Level::On(Severity::Error));
        assert_eq!(settings.level, Some(ParallelLevel::File));
        assert_eq!(settings.max_workers, NonZeroUsize::new(2));
        assert_eq!(read_settings("x.toml", ""), Ok(FileSettings::default()));
    }

    #[test]
    fn a_key_that_stands_twice_is_told_once() {
        let faults = read_settings("x.toml", "quotes = 'auto'\nquotes = 'odd'\n").unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].position.map(|at| at.line), Some(2));
        assert_eq!(faults[0].message, "the key `quotes` stands twice");
    }

    fn a_line() -> impl Strategy<Value = String> {
        let key = prop::sample::select(
            [&KEYS[..], &PARALLEL_KEYS, &PLANNED, &["REP001", "ALL", "nonsense", ""]].concat(),
        );
        let value = prop_oneof![
            Just("'auto'".to_owned()),
            Just("[1, 'x', {}]".to_owned()),
            Just("{ level = 'file', REP001 = 'off', a = { b = 1 } }".to_owned()),
            Just("1979-05-27".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            ".{0,8}",
        ];
        let table = prop::sample::select(vec!["[rules]", "[parallel]", "[[rules]]", "[", "é"]);
        prop_oneof![
            4 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
            1 => table.prop_map(ToOwned::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn whatever_a_file_holds_its_faults_have_places(
            lines in prop::collection::vec(a_line(), 0..8),
        ) {
            let text = lines.join("\n");
            if let Err(faults) = read_settings("x.toml", &text) {
                prop_assert!(!faults.is_empty());
                let lines = u32::try_from(lines.len()).expect("few").max(1);
                for fault in faults {
                    let line = fault.position.map(|at| at.line);
                    // Odd values may hold line ends of their own.
                    prop_assert!(line.is_some_and(|line| line <= lines * 10), "{fault:?}");
                    prop_assert!(!fault.message.is_empty());
                }
            }
        }
    }
}
