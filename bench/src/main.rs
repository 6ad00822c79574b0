//! gonex and its rivals on the same work, in the same run, in turn.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml -- NAME` runs a bench and prints a table:
//! for each case and subject the median over the rounds with its spread, CPU time beside wall
//! time, and for ours the ratio to the best rival, paired round by round. Machines are noisy, so
//! only ratios count.

mod benches;
mod machine;
mod plot;
mod rounds;
mod stats;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Runs gonex and its rivals on the same work, in turn, and prints ratios.
#[derive(Debug, Parser)]
#[command(name = "gonex-bench", version)]
struct Arguments {
    /// Which bench
    #[arg(value_parser = benches::NAMES.map(|(name, _)| name))]
    name: String,
    /// End within about 40 seconds, with fewer rounds where need be
    #[arg(long)]
    quick: bool,
    /// Print one JSON object a line instead of the table
    #[arg(long)]
    json: bool,
    /// Also draw the medians, with their spread, into this SVG file
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gonex-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut cases = benches::cases(&arguments.name)?;
    let budget = arguments.quick.then(|| Duration::from_secs(30) / cases.len().max(1) as u32);
    let mut results = Vec::new();
    for case in &mut cases {
        eprint!("{} …", case.name);
        let result = rounds::run(case, budget)?;
        eprintln!(" {} rounds", result.rounds());
        results.push(result);
    }
    if arguments.json {
        for result in &results {
            table::print_json(&arguments.name, result)?;
        }
    } else {
        machine::print();
        for result in &results {
            table::print(result);
        }
    }
    if let Some(file) = &arguments.plot {
        plot::draw(file, &arguments.name, &results)?;
        eprintln!("drew {}", file.display());
    }
    Ok(())
}
