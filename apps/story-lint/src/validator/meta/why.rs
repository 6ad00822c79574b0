use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

const DELETE_ONE: &str = "delete or rename one of the two";
const QUOTE: &str = "quote values that hold a colon, a quotation mark or a bracket";
const SHORTEN: &str = "keep a few short values here, and move the rest to a file of its own";
const UNROLL: &str = "write the value out where it is used";

const NESTED: (&str, &str) = ("its lists stand inside each other too deeply", SHORTEN);
const REPEATED: (&str, &str) = ("it repeats values with `*` too often", UNROLL);

/// Why YAML could not be read, in plain words, and what helps; `stopped` is the text from the place
/// where reading stopped.
pub(super) fn explain(error: &Error, stopped: &str) -> (String, &'static str) {
    if let Some((reason, help)) = excess(error) {
        return (format!("the front matter cannot be read: {reason}"), help);
    }
    let (reason, help) = fault(error, stopped);
    (format!("the front matter is no valid YAML: {reason}"), help)
}

/// What there is too much of, if that is the trouble.
fn excess(error: &Error) -> Option<(&'static str, &'static str)> {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => excess(error),
        Error::Budget { breach, .. } => Some(breached(breach)),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => Some(REPEATED),
        Error::Message { msg, .. } | Error::ExternalMessage { msg, .. } => {
            msg.contains("recursion limit").then_some(NESTED)
        }
        _ => None,
    }
}

/// What is wrong with the text.
fn fault(error: &Error, stopped: &str) -> (String, &'static str) {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => fault(error, stopped),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` stands twice"), DELETE_ONE)
        }
        Error::DuplicateMappingKey { .. } => ("a key stands twice".to_owned(), DELETE_ONE),
        Error::UnknownAnchor { .. } => unknown(stopped),
        Error::RecursiveReferencesRequireWeakTypes { .. } => match alias(stopped) {
            Some(name) => (format!("`*{name}` stands inside the value that it repeats"), UNROLL),
            None => ("a value repeats itself inside itself".to_owned(), UNROLL),
        },
        Error::MergeValueNotMapOrSeqOfMaps { .. } => {
            ("the value of `<<` is no list of `key: value` pairs".to_owned(), UNROLL)
        }
        other => {
            // The place is the finding's own; the reason is its first line without it.
            let text = other.to_string();
            let line = text.lines().next().unwrap_or_default();
            let line = line.split(" at line ").next().unwrap_or(line);
            let line = line.trim_start_matches("error: ").trim_end_matches('.');
            // The parser quotes in the manner of a typewriter.
            (line.replace("`@'", "`@`").replace("``'", "a backtick").replace("`%'", "`%`"), QUOTE)
        }
    }
}

/// An alias whose name nothing has: nearly always emphasis, which YAML does not know.
fn unknown(stopped: &str) -> (String, &'static str) {
    let help = "quote the value if the star belongs to its text";
    match alias(stopped) {
        Some(name) => {
            (format!("`*{name}` repeats a value named `&{name}`, but there is none above"), help)
        }
        None => ("a star repeats a value named above it, but there is none".to_owned(), help),
    }
}

/// The name in `*name`, if the text starts with one.
fn alias(stopped: &str) -> Option<&str> {
    let rest = stopped.strip_prefix('*')?;
    let end = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    let name = rest.split(end).next().unwrap_or_default();
    // A name that goes on and on is no name, and would fill the message.
    (!name.is_empty() && name.len() <= 80).then_some(name)
}

/// What was too much. The numbers are the parser's own and say nothing to a writer.
fn breached(breach: &BudgetBreach) -> (&'static str, &'static str) {
    let too_much = match breach {
        BudgetBreach::Depth { .. } => return NESTED,
        BudgetBreach::Aliases { .. }
        | BudgetBreach::AliasAnchorRatio { .. }
        | BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. }
        | BudgetBreach::MergeKeys { .. } => return REPEATED,
        // What an alias repeats counts each time; 64 KiB of plain values stay below the bound.
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => {
            "it holds too many values, those repeated with `*` counted each time"
        }
        BudgetBreach::ScalarBytes { .. } | BudgetBreach::InputBytes { .. } => {
            "its values are too long, those repeated with `*` counted each time"
        }
        BudgetBreach::Anchors { .. } => "it names too many values with `&`",
        BudgetBreach::Documents { .. } => "it holds too many documents",
        BudgetBreach::SequenceUnbalanced => "a list ends that does not start",
        _ => "it holds more than is read",
    };
    (too_much, SHORTEN)
}
