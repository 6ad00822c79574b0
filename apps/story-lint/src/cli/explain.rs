use anstream::ColorChoice;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::args::ExplainArgs;
use super::exit::Exit;
use super::run::CliError;
use crate::output::{print, style};
use crate::rule::closest;
use crate::validator;

const WIDTH: usize = 90;
const BOLD: Style = Style::new().bold();

/// Says what a rule is about.
pub(super) fn run(args: &ExplainArgs, color: ColorChoice) -> Result<Exit, CliError> {
    let rules = validator::rules();
    let Some(rule) = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(&args.rule)) else {
        let help = match closest(&args.rule, rules.iter().map(|rule| rule.id)) {
            Some(meant) => format!("did you mean `{meant}`? "),
            None => String::new(),
        };
        let message = format!("there is no rule `{}`", args.rule);
        return Err(CliError::new(format!(
            "{message}\n  help: {help}`story-lint rules` lists them all"
        )));
    };
    print(color, |out| {
        let loud = style(rule.severity);
        let off = if rule.off { ", off by default" } else { "" };
        let (id, name, severity) = (rule.id, rule.name, rule.severity);
        writeln!(out, "{BOLD}{id}{BOLD:#} {name} ({loud}{severity}{loud:#}{off})")?;
        writeln!(out, "\n{}", wrap(rule.summary, WIDTH))?;
        writeln!(out, "\n{}", wrap(rule.explanation, WIDTH))?;
        for (title, example) in [("Reported", rule.bad), ("As it should be", rule.good)] {
            writeln!(out, "\n{BOLD}{title}:{BOLD:#}\n")?;
            for line in example.lines() {
                writeln!(out, "{}", format!("    {line}").trim_end())?;
            }
        }
        let id = rule.id;
        writeln!(out, "\n{BOLD}To let one stand:{BOLD:#}\n")?;
        writeln!(out, "    <!-- story-lint: allow {id} because … -->")?;
        let (turn, level) = if rule.off { ("on", rule.severity.as_str()) } else { ("off", "off") };
        writeln!(out, "\n{BOLD}To turn it {turn}{BOLD:#}, in story-lint.toml:\n")?;
        writeln!(out, "    [rules]\n    {id} = \"{level}\"")
    })?;
    Ok(Exit::Clean)
}

/// Wraps paragraphs; lists and code keep their lines.
fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    for (index, paragraph) in text.trim().split("\n\n").enumerate() {
        if index > 0 {
            wrapped.push_str("\n\n");
        }
        if paragraph.starts_with([' ', '-', '*', '|', '>']) || paragraph.starts_with("```") {
            wrapped.push_str(paragraph);
            continue;
        }
        let mut column = 0;
        for word in paragraph.split_whitespace() {
            if column > 0 && column + 1 + word.width() > width {
                wrapped.push('\n');
                column = 0;
            } else if column > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += word.width();
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn paragraphs_are_wrapped_and_code_is_not() {
        let text = "one two three four\n\n    code that is long and stays\n\nfive";
        let wrapped = wrap(text, 9);
        assert_eq!(wrapped, "one two\nthree\nfour\n\n    code that is long and stays\n\nfive");
        assert_eq!(wrap("", 9), "");
    }
}
