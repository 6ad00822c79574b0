//! gonex and its rivals on the same work, in the same run, in turn.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml -- NAME` runs a bench and prints a table:
//! for each case and subject the median over the rounds with its spread, CPU time beside wall
//! time, and for ours the ratio to the best sound rival, paired round by round. Machines are
//! noisy, so only ratios count.

mod bar;
mod benches;
mod go;
mod machine;
mod markdown;
mod matrix;
mod plot;
mod ratios;
mod rounds;
#[path = "../soundness/mod.rs"]
mod soundness;
mod standing;
mod stats;
mod summary;
mod table;
mod verdict;
mod watchdog;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use benches::{BENCHES, Layout, Options};
use rounds::Plan;
use summary::Summary;
use watchdog::Watchdog;

/// Runs gonex and its rivals on the same work, in turn, and prints ratios.
#[derive(Debug, Parser)]
#[command(name = "gonex-bench", version)]
struct Arguments {
    /// Which bench; `soundness` shows the rivals' defects instead
    #[arg(value_parser = names())]
    name: String,
    /// End within about a minute, with fewer rounds and operations where need be
    #[arg(long)]
    quick: bool,
    /// Run only cases whose name contains this
    #[arg(long, value_name = "SUBSTRING")]
    only: Option<String>,
    /// Run so many rounds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: Option<u16>,
    /// Print one JSON object a line instead of the table
    #[arg(long)]
    json: bool,
    /// Also draw the medians into this SVG file
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Also write the results as a document into this file
    #[arg(long, value_name = "FILE.md")]
    markdown: Option<PathBuf>,
    /// Be the process that `parked` measures
    #[arg(long, hide = true, num_args = 3)]
    child: Vec<String>,
}

fn names() -> Vec<&'static str> {
    BENCHES.iter().map(|bench| bench.name).chain(["soundness"]).collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.name.as_str() {
        "soundness" => soundness::report(),
        "parked" if !arguments.child.is_empty() => benches::parked::run_child(&arguments.child),
        _ => run(&arguments),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gonex-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let bench = benches::find(&arguments.name)?;
    let benches::Made { mut cases, notes } = (bench.make)(&Options { quick: arguments.quick })?;
    if let Some(part) = &arguments.only {
        cases.retain(|case| case.name.contains(part.as_str()));
        if cases.is_empty() {
            return Err(format!("no case has `{part}` in its name; run without --only").into());
        }
    }
    let plan = Plan {
        rounds: arguments.rounds.map_or(bench.rounds, usize::from),
        budget: arguments.quick.then(|| Duration::from_secs(30) / cases.len().max(1) as u32),
    };
    let facts = [machine::lines(bench.rivals), notes].concat();
    if !arguments.json {
        facts.iter().for_each(|line| println!("{line}"));
    }
    let watchdog = Watchdog::start();
    let mut results = Vec::new();
    for case in &mut cases {
        eprint!("{} …", case.name);
        let result = rounds::run(case, plan, &watchdog)?;
        eprintln!(" {} rounds", result.rounds());
        // At once, so that what was measured is not lost to what comes after it.
        if arguments.json {
            table::print_json(&arguments.name, &result)?;
        } else {
            table::print(&result);
        }
        results.push(result);
    }
    if !arguments.json {
        println!("\n{}", Summary::of(&results).with_bar(bench.has_bar));
        print!("{}", bar::Results::of(&results));
    }
    if let Some(file) = &arguments.plot {
        match bench.layout {
            Layout::Matrix => matrix::draw(file, &results)?,
            Layout::List => plot::draw(file, bench.name, &results)?,
            Layout::Ratios { to } => ratios::draw(file, bench.name, &results, to)?,
        }
        eprintln!("drew {}", file.display());
    }
    if let Some(file) = &arguments.markdown {
        let plot = arguments.plot.as_deref();
        markdown::write(file, bench, &facts, &results, plot)?;
        eprintln!("wrote {}", file.display());
    }
    Ok(())
}
