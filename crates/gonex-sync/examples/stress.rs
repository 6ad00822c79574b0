//! Puts channels under stress until the time is over, or until something is wrong.
//!
//! `cargo run --release -p gonex-sync --example stress -- [--seconds N] [--seed S] [--threads T]`
//!
//! Values are counted when they are sent and when they are received: none may get lost, come twice,
//! or change places. Ends with 1 and an explanation at the first violation, and with 2 when the
//! arguments are wrong.

#[path = "../tests/support/stress/mod.rs"]
mod stress;
#[path = "../tests/support/ways.rs"]
mod ways;

use std::process::ExitCode;
use std::time::Duration;

use stress::{Kind, Settings, run};

fn main() -> ExitCode {
    let settings = match settings(std::env::args().skip(1)) {
        Ok(settings) => settings,
        Err(mistake) => {
            eprintln!("stress: {mistake}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}, {:?}", settings.seed, settings.length);
    let said = |rounds, received| format!("{rounds} rounds, {received} values");
    match run(&settings, |counts| println!("{}", said(counts.rounds, counts.received))) {
        Ok(counts) => {
            println!("nothing wrong in {}", said(counts.rounds, counts.received));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            eprintln!("stress: {violation}");
            ExitCode::FAILURE
        }
    }
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Result<Settings, String> {
    let (mut seconds, mut seed, mut threads) = (10, gonex_core::rt::random(), 4);
    while let Some(name) = arguments.next() {
        let place = match name.as_str() {
            "--seconds" => &mut seconds,
            "--seed" => &mut seed,
            "--threads" => &mut threads,
            _ => return Err(format!("there is no `{name}`; say --seconds, --seed or --threads")),
        };
        let value = arguments.next().ok_or_else(|| format!("{name} needs a number behind it"))?;
        *place = value
            .parse()
            .map_err(|error| format!("{name} is `{value}`: {error}; say a number such as 4"))?;
    }
    if !(1..=32).contains(&threads) {
        return Err(format!("--threads is {threads}; say 1 to 32"));
    }
    let (length, threads) = (Duration::from_secs(seconds), threads as usize);
    Ok(Settings { length, seed, threads, kinds: Kind::ALL.to_vec() })
}
