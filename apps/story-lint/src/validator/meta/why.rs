use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

const DELETE_ONE: &str = "delete or rename one of the two";
const QUOTE: &str = "quote values that hold a colon, a quotation mark or a bracket";
const SHORTEN: &str = "keep a few short values here, and move the rest to a file of its own";
const UNROLL: &str = "write the value out where it is used";

/// Why YAML could not be read, in plain words, and what helps; `stopped` is the text from the place
/// where reading stopped.
pub(super) fn explain(error: &Error, stopped: &str) -> (String, &'static str) {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => {
            explain(error, stopped)
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` stands twice"), DELETE_ONE)
        }
        Error::DuplicateMappingKey { .. } => ("a key stands twice".to_owned(), DELETE_ONE),
        Error::UnknownAnchor { .. } => unknown(stopped),
        Error::RecursiveReferencesRequireWeakTypes { .. } => match alias(stopped) {
            Some(name) => (format!("`*{name}` stands inside the value that it repeats"), UNROLL),
            None => ("a value repeats itself inside itself".to_owned(), UNROLL),
        },
        Error::Budget { breach, .. } => breached(breach),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => repeated(),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => {
            ("the value of `<<` is no list of `key: value` pairs".to_owned(), UNROLL)
        }
        other => {
            // The place is the finding's own; the reason is its first line without it.
            let text = other.to_string();
            let line = text.lines().next().unwrap_or_default();
            let line = line.split(" at line ").next().unwrap_or(line);
            let line = line.trim_start_matches("error: ").trim_end_matches('.');
            if line.contains("recursion limit") {
                return nested();
            }
            // The parser quotes in the manner of a typewriter.
            (line.replace("`@'", "`@`").replace("``'", "a backtick").replace("`%'", "`%`"), QUOTE)
        }
    }
}

/// An alias whose name nothing has: nearly always emphasis, which YAML does not know.
fn unknown(stopped: &str) -> (String, &'static str) {
    let help = "quote the value if the star belongs to its text";
    match alias(stopped) {
        Some(name) => (format!("`*{name}` repeats a value named `&{name}`, and none is"), help),
        None => ("a star repeats a value that was named before, and none was".to_owned(), help),
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
fn breached(breach: &BudgetBreach) -> (String, &'static str) {
    let too_much = match breach {
        BudgetBreach::Depth { .. } => return nested(),
        BudgetBreach::Aliases { .. }
        | BudgetBreach::AliasAnchorRatio { .. }
        | BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. }
        | BudgetBreach::MergeKeys { .. } => return repeated(),
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
    (too_much.to_owned(), SHORTEN)
}

fn nested() -> (String, &'static str) {
    ("its lists stand inside each other too deeply".to_owned(), SHORTEN)
}

fn repeated() -> (String, &'static str) {
    ("it repeats values with `*` too often".to_owned(), UNROLL)
}
