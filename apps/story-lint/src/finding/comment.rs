//! The grammar of a suppression comment.

use std::ops::Range;

use crate::rule::closest;

const TOOL: &str = "story-lint";
const VERBS: [&str; 2] = ["allow", "allow-file"];

/// What a comment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Whether it speaks of the whole file.
    pub(super) whole_file: bool,
    /// The words that should name rules, as ranges of the comment's text.
    pub(super) rules: Vec<Range<usize>>,
}

/// What is wrong with a comment as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) help: String,
}

/// Reads the text of a comment; `None` if it is not meant for story-lint.
pub(super) fn read(text: &str) -> Option<Result<Request, Mistake>> {
    let after = strip_word(text, TOOL)?.trim_start();
    let (after, has_colon) = match after.strip_prefix(':') {
        Some(after) => (after, true),
        None => (after, false),
    };
    let after = after.trim_start();
    let verb = after.split_whitespace().next().unwrap_or_default();
    if !has_colon && !VERBS.contains(&verb) {
        // Someone writes about the tool.
        return None;
    }
    if !has_colon {
        return Some(Err(Mistake {
            message: format!("no colon behind `{TOOL}`"),
            help: format!("write `{TOOL}: {verb} RULE because REASON`"),
        }));
    }
    if !VERBS.contains(&verb) {
        return Some(Err(unknown_verb(verb)));
    }
    let rest = &after[verb.len()..];
    let offset = text.len() - rest.len();
    Some(request(verb, rest, offset))
}

fn request(verb: &str, rest: &str, offset: usize) -> Result<Request, Mistake> {
    let words = words(rest);
    let because = words.iter().position(|word| &rest[word.clone()] == "because");
    let rules = &words[..because.unwrap_or(words.len())];
    let shift = |word: &Range<usize>| word.start + offset..word.end + offset;
    let Some(first) = rules.first() else {
        return Err(Mistake {
            message: format!("`{verb}` names no rule"),
            help: format!("write `{TOOL}: {verb} RULE because REASON`"),
        });
    };
    let has_reason = because
        .is_some_and(|because| rest[words[because].end..].contains(|c: char| c.is_alphanumeric()));
    if !has_reason {
        return Err(Mistake {
            message: "the suppression gives no reason".to_owned(),
            help: format!("write `{TOOL}: {verb} {} because …`", &rest[first.clone()]),
        });
    }
    Ok(Request { whole_file: verb == "allow-file", rules: rules.iter().map(shift).collect() })
}

fn unknown_verb(verb: &str) -> Mistake {
    let meant = match verb {
        // What other linters call it.
        "disable" | "ignore" | "off" | "disable-next-line" | "disable-line" | "ignore-next" => {
            Some("allow")
        }
        "disable-file" | "ignore-file" => Some("allow-file"),
        _ => closest(verb, VERBS),
    };
    let message = match verb {
        "" => "the comment asks for nothing".to_owned(),
        verb => format!("`{verb}` is nothing that can be asked for"),
    };
    let help = match meant {
        Some(meant) => {
            format!("did you mean `{meant}`? Write `{TOOL}: {meant} RULE because REASON`")
        }
        None => format!("write `{TOOL}: allow RULE because REASON`, or `allow-file`"),
    };
    Mistake { message, help }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let after = &text[word.len()..];
    let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
    (head.eq_ignore_ascii_case(word) && is_whole).then_some(after)
}

/// The words of a text, which spaces and commas part.
fn words(text: &str) -> Vec<Range<usize>> {
    let is_gap = |c: char| c.is_whitespace() || c == ',';
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split(is_gap) {
        if !word.is_empty() {
            words.push(at..at + word.len());
        }
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<&str> {
        let request = read(text).expect("for story-lint").expect("well-formed");
        request.rules.into_iter().map(|range| &text[range]).collect()
    }

    fn mistake(text: &str) -> String {
        read(text).expect("for story-lint").expect_err("malformed").message
    }

    #[test]
    fn rules_are_parted_by_commas_or_spaces() {
        assert_eq!(rules("story-lint: allow REP001 because it echoes"), ["REP001"]);
        assert_eq!(rules("Story-Lint : allow A1,B2 , C3 D4\nbecause so"), ["A1", "B2", "C3", "D4"]);
        assert!(read("story-lint: allow-file A1 because é").unwrap().unwrap().whole_file);
        assert!(!read("story-lint: allow A1 because é").unwrap().unwrap().whole_file);
    }

    #[test]
    fn other_comments_are_let_be() {
        for text in ["", "TODO", "story-linter: allow X", "story-lint is a tool", "story"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(mistake("story-lint: allow REP001").contains("no reason"));
        assert!(mistake("story-lint: allow REP001 because").contains("no reason"));
        assert!(mistake("story-lint: allow REP001 because …").contains("no reason"));
        assert!(mistake("story-lint: allow because it echoes").contains("no rule"));
        assert!(mistake("story-lint: disable REP001 because x").contains("`disable`"));
        assert!(mistake("story-lint:").contains("nothing"));
        assert!(mistake("story-lint allow REP001 because x").contains("no colon"));
    }
}
