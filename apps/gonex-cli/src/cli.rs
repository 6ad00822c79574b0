use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::doctor;

/// Says what gonex programs can do, and do, on this machine.
#[derive(Debug, Parser)]
#[command(name = "gonex", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what this machine consists of, which limits hold, and what works here and what does not
    Doctor(Doctor),
}

#[derive(Debug, Args)]
struct Doctor {
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Describe the machine whose `sys` and `proc` are in this folder; what works is not tried then
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

/// Does what the arguments of the process say.
///
/// The exit code is 0, also where much does not work here: that is no failure of the command. It is 2 for
/// arguments that make no sense, and 1 where the output cannot be written.
#[must_use]
pub fn main() -> ExitCode {
    let Command::Doctor(arguments) = Arguments::parse().command;
    match run(&arguments) {
        Ok(code) => code,
        // Whoever reads may have seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gonex: the output cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Doctor) -> io::Result<ExitCode> {
    if let Some(root) = arguments.root.as_ref().filter(|root| !root.is_dir()) {
        eprintln!(
            "gonex: {} is no folder; name one that holds `sys` and `proc`, or leave --root out",
            root.display()
        );
        return Ok(ExitCode::from(2));
    }
    let report = match &arguments.root {
        Some(root) => doctor::Report::below(root),
        None => doctor::Report::here(),
    };
    let mut out = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
