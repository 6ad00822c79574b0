//! Runs the wasm tests of gonex in a headless Chromium: `gonex-wasm-driver PAGE.wasm [SECONDS]`.
//!
//! It makes the JavaScript around the module, serves both on loopback, opens the page, and reads
//! what the page reports of each case. Time is the browser's real time. It ends with 0 if every
//! case passed, 1 if one failed or never ran, and 2 if it could not try.

#![forbid(unsafe_code)]

mod browser;
mod files;
mod server;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use browser::Browser;
use files::Files;
use server::Event;
use verdict::Verdict;

/// How long all cases together may take if nothing is said: one case takes well under a second.
const PATIENCE: u64 = 90;

/// How often the driver looks whether the browser still runs.
const LOOK: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(module) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: gonex-wasm-driver PAGE.wasm [SECONDS]");
        return ExitCode::from(2);
    };
    let seconds = match arguments.next() {
        None => PATIENCE,
        Some(text) => match text.to_str().and_then(|text| text.parse().ok()) {
            Some(seconds) => seconds,
            None => {
                eprintln!("{text:?} is no number of seconds; give a whole number, such as 90");
                return ExitCode::from(2);
            }
        },
    };
    match run(&module, Duration::from_secs(seconds)) {
        Ok(verdict) => {
            println!("{verdict}");
            if verdict.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(reason) => {
            eprintln!("cannot run the wasm tests: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(module: &std::path::Path, patience: Duration) -> Result<Verdict, String> {
    let files = Files::around(module)?;
    let (events, reports) = mpsc::channel();
    let address = server::start(files, events)?;
    let mut browser = Browser::open(&format!("http://{address}/"))?;
    let end = Instant::now() + patience;
    let mut verdict = Verdict::default();
    while !verdict.is_complete() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            verdict.give_up(format!("no end after {} seconds", patience.as_secs()));
            break;
        }
        match reports.recv_timeout(left.min(LOOK)) {
            Ok(event) => verdict.note(event),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let Some(reason) = browser.has_ended() {
                    verdict.give_up(reason);
                    break;
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err("the server that the page reports to has ended".to_owned());
            }
        }
    }
    Ok(verdict)
}

/// A small helper of the parts: what failed, on what, and why.
fn failed<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> String + '_ {
    move |error| format!("{what}: {error}")
}
