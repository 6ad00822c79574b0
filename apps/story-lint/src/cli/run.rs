use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory, Parser};

use super::args::{Cli, Command};
use super::exit::Exit;
use super::{baseline, bible, check, explain, init, rules};
use crate::output::{OutputError, print, printable};
use crate::rule::Severity;

/// Runs the command that the process was started with.
///
/// Results go to standard output, all else to standard error.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as errors too; if they cannot be shown, nothing can.
            let _ = error.print();
            return if error.use_stderr() { Exit::Trouble.into() } else { Exit::Clean.into() };
        }
    };
    let color = match cli.color {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    };
    // So that messages on standard error follow it too.
    color.write_global();
    run(&cli.command, color).unwrap_or_else(|error| error.tell()).into()
}

fn run(command: &Command, color: ColorChoice) -> Result<Exit, CliError> {
    match command {
        Command::Check(args) => check::run(args, color),
        Command::Rules(args) => rules::run(args, color),
        Command::Explain(args) => explain::run(args, color),
        Command::Baseline(args) => baseline::run(args, color),
        Command::Bible(args) => bible::run(args, color),
        Command::Init(args) => init::run(args, color),
        Command::Completions(args) => {
            let mut script = Vec::new();
            let mut command = Cli::command();
            clap_complete::generate(args.shell, &mut command, "story-lint", &mut script);
            print(ColorChoice::Never, |out| out.write_all(&script))?;
            Ok(Exit::Clean)
        }
    }
}

/// Why a command gave up: one or more messages, each whole.
#[derive(Debug)]
pub(super) struct CliError {
    messages: Vec<String>,
}

impl CliError {
    pub(super) fn new(message: impl Display) -> Self {
        Self { messages: vec![message.to_string()] }
    }

    pub(super) fn all(messages: impl IntoIterator<Item: Display>) -> Self {
        Self { messages: messages.into_iter().map(|message| message.to_string()).collect() }
    }

    fn tell(&self) -> Exit {
        for message in &self.messages {
            // Names and values from files are in it, which are not trusted with the terminal.
            let lines: Vec<_> = message.lines().map(printable).collect();
            tell(Severity::Error, lines.join("\n"));
        }
        Exit::Trouble
    }
}

impl From<OutputError> for CliError {
    fn from(error: OutputError) -> Self {
        Self::new(error)
    }
}

/// Writes a message to standard error. If that is closed, nobody wants to know.
pub(super) fn tell(severity: Severity, message: impl Display) {
    let style = crate::output::style(severity);
    let _ = writeln!(anstream::stderr(), "{style}{severity}{style:#}: {message}");
}
