use anstream::ColorChoice;

use super::args::{RulesArgs, RulesFormat};
use super::exit::Exit;
use super::run::CliError;
use crate::output::{print, style};
use crate::rule::Rule;
use crate::validator;

/// Lists all rules.
pub(super) fn run(args: &RulesArgs, color: ColorChoice) -> Result<Exit, CliError> {
    let rules = validator::rules();
    match args.format {
        RulesFormat::Table => print(color, |out| {
            let width =
                |of: fn(&Rule) -> usize| rules.iter().map(|rule| of(rule)).max().unwrap_or(0);
            let (ids, names) = (width(|rule| rule.id.len()), width(|rule| rule.name.len()));
            for rule in &rules {
                let Rule { id, name, summary, severity, off, .. } = *rule;
                let loud = style(*severity);
                let level = if *off { "off" } else { severity.as_str() };
                writeln!(out, "{id:ids$}  {loud}{level:7}{loud:#}  {name:names$}  {summary}")?;
            }
            Ok(())
        })?,
        RulesFormat::Json => {
            let list: Vec<Entry<'_>> = rules.iter().map(|rule| Entry::of(rule)).collect();
            print(ColorChoice::AlwaysAnsi, |out| {
                serde_json::to_writer_pretty(&mut *out, &list)?;
                writeln!(out)
            })?;
        }
    }
    Ok(Exit::Clean)
}

#[derive(serde::Serialize)]
struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    severity: crate::rule::Severity,
    /// Whether it reports only where the configuration asks for it.
    off: bool,
    summary: &'a str,
    explanation: &'a str,
    bad: &'a str,
    good: &'a str,
}

impl<'a> Entry<'a> {
    fn of(rule: &'a Rule) -> Self {
        let Rule { id, name, severity, off, summary, explanation, bad, good } = *rule;
        Self { id, name, severity, off, summary, explanation, bad, good }
    }
}
