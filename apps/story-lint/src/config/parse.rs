//! The values that the command line and the configuration file share.

use std::num::NonZeroUsize;

use super::selector::RuleSelector;
use super::settings::{Level, ParallelLevel};
use crate::rule::{Severity, closest};

/// More threads than this are a slip of the finger.
const MOST_WORKERS: usize = 1024;

/// Reads a rule's level: `off`, `info`, `warning` or `error`.
///
/// # Errors
/// Names the word, and the level that may be meant.
///
/// ```
/// use story_lint::config::{Level, parse_level};
/// assert_eq!(parse_level("off"), Ok(Level::Off));
/// assert!(parse_level("warn").unwrap_err().contains("`warning`"));
/// ```
pub fn parse_level(word: &str) -> Result<Level, String> {
    if word == "off" {
        return Ok(Level::Off);
    }
    word.parse().map(Level::On).map_err(|_| {
        let words = ["off", "info", "warning", "error"];
        // People know these from other linters.
        let meant = match word {
            "warn" => Some("warning"),
            "none" | "never" | "false" => Some("off"),
            "note" | "hint" => Some("info"),
            _ => closest(word, words),
        };
        format!("`{word}` is no level; {}", remedy(meant, &words))
    })
}

/// Reads a severity for `fail-on`.
///
/// # Errors
/// Names the word, and the severity that may be meant.
pub(crate) fn parse_fail_on(word: &str) -> Result<Severity, String> {
    word.parse().map_err(|_| {
        if word == "never" || word == "off" {
            return format!("`{word}` is no severity; to end with 0 anyway use `--exit-zero`");
        }
        let words = Severity::ALL.map(Severity::as_str);
        format!("`{word}` is no severity; {}", remedy(closest(word, words), &words))
    })
}

/// Reads a rule and its level, such as `REP001=off`, `DIAL=info` or `ALL=warning`.
///
/// # Errors
/// Says which half is wrong.
///
/// ```
/// use story_lint::config::{Level, parse_rule_level};
/// let (rule, level) = parse_rule_level("rep001=off").unwrap();
/// assert_eq!((rule.to_string().as_str(), level), ("REP001", Level::Off));
/// ```
pub fn parse_rule_level(text: &str) -> Result<(RuleSelector, Level), String> {
    let Some((rule, level)) = text.split_once('=') else {
        return Err("write RULE=LEVEL, such as `REP001=off`".to_owned());
    };
    let rule: RuleSelector = rule
        .trim()
        .to_ascii_uppercase()
        .parse()
        .map_err(|error: super::UnknownRule| format!("{error}; {}", error.help()))?;
    Ok((rule, parse_level(level.trim())?))
}

/// Reads what is one task of the pool.
///
/// # Errors
/// Names the word; says which levels are planned and which there are.
pub fn parse_parallel_level(word: &str) -> Result<ParallelLevel, String> {
    match word {
        "file" => Ok(ParallelLevel::File),
        "validator" | "chunk" | "hybrid" | "auto" => {
            Err(format!("the level `{word}` is not available yet; use `file`"))
        }
        _ => Err(format!("`{word}` is no level of parallelism; use `file`")),
    }
}

/// Reads a number of worker threads, 1 to 1024.
///
/// # Errors
/// Says why the number cannot be used.
pub fn parse_workers(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse().map(NonZeroUsize::new) {
        Ok(None) => Err("0 threads cannot do any work; give 1 or more, or leave it out to use \
                         every core"
            .to_owned()),
        Ok(Some(number)) if number.get() <= MOST_WORKERS => Ok(number),
        Ok(Some(_)) => Err(format!("at most {MOST_WORKERS} threads can be asked for")),
        Err(_) => Err(format!("`{text}` is no number of threads; give 1 to {MOST_WORKERS}")),
    }
}

pub(super) fn remedy(meant: Option<&str>, words: &[&str]) -> String {
    let mut list = String::new();
    for (index, word) in words.iter().enumerate() {
        let separator = match words.len() - index {
            _ if index == 0 => "",
            1 => " or ",
            _ => ", ",
        };
        list.push_str(separator);
        list.push_str(&format!("`{word}`"));
    }
    match meant {
        Some(meant) => format!("did you mean `{meant}`? It can be {list}"),
        None => format!("use {list}"),
    }
}
