//! One command per intent: `cargo xtask` lists them.
//!
//! Each intent is a list of commands that also run by hand, unchanged. `cargo xtask ci` runs the
//! intents of continuous integration and prints how long each took.

#![forbid(unsafe_code)]

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Something a contributor wants, and the commands that do it.
struct Intent {
    name: &'static str,
    about: &'static str,
    /// Whether continuous integration runs it.
    in_ci: bool,
    steps: &'static [Step],
}

/// A command line, with what it sets in the environment.
struct Step {
    set: &'static [(&'static str, &'static str)],
    line: &'static str,
    /// The exit code that means success.
    exit: i32,
}

const fn run(line: &'static str) -> Step {
    Step { set: &[], line, exit: 0 }
}

const INTENTS: &[Intent] = &[
    Intent {
        name: "test",
        about: "all tests, the README's and the documentation's examples included",
        in_ci: true,
        steps: &[run("cargo test --workspace")],
    },
    Intent {
        name: "main-job",
        about: "the README's first command: story-lint on the sample, which has faults",
        in_ci: true,
        steps: &[Step { exit: 1, ..run("cargo run --release -- check samples/the-salt-ledger") }],
    },
    Intent {
        name: "format",
        about: "is every file formatted? (`cargo fmt --all` formats)",
        in_ci: true,
        steps: &[
            run("cargo fmt --all --check"),
            run(
                "cargo fmt --manifest-path bench/Cargo.toml -p gonex-bench -p gonex-telemetry-cost --check",
            ),
            run(
                "cargo fmt --manifest-path tests/wasm/Cargo.toml -p gonex-wasm-driver -p gonex-wasm-page --check",
            ),
        ],
    },
    Intent {
        name: "lint",
        about: "clippy over all targets, warnings are errors",
        in_ci: true,
        steps: &[run("cargo clippy --workspace --all-targets --all-features -- -D warnings")],
    },
    Intent {
        name: "doc",
        about: "the documentation, private items included, warnings are errors",
        in_ci: true,
        steps: &[Step {
            set: &[("RUSTDOCFLAGS", "-D warnings")],
            ..run("cargo doc --workspace --all-features --no-deps --document-private-items")
        }],
    },
    Intent {
        name: "deny",
        about: "licences, sources and bans of all dependencies (needs cargo-deny, see ci/setup)",
        in_ci: true,
        steps: &[run("cargo deny --all-features check bans licenses sources")],
    },
    Intent {
        name: "loom",
        about: "the interleavings of the hand-written synchronisers, with few preemptions",
        in_ci: true,
        steps: &[run("ci/loom short")],
    },
    Intent {
        name: "shuttle",
        about: "random interleavings of models that are too large for loom",
        in_ci: true,
        steps: &[run("ci/shuttle 2000")],
    },
    Intent {
        name: "sim",
        about: "simulated runs: the simulator, and what it finds in its examples",
        in_ci: true,
        steps: &[
            run("ci/sim"),
            run(
                "cargo clippy -p gonex-testkit -p gonex-core -p gonex-sync -p gonex-task -p gonex-runtime --lib --tests --examples -- -D warnings --cfg gonex_sim",
            ),
        ],
    },
    Intent {
        name: "wasm",
        about: "does it compile for wasm32, and do its operations work in a browser?",
        in_ci: true,
        steps: &[
            run("ci/wasm-check"),
            Step {
                set: &[("CARGO_TARGET_DIR", "target/wasm-driver")],
                ..run(
                    "cargo clippy --manifest-path tests/wasm/Cargo.toml --all-targets -- -D warnings",
                )
            },
        ],
    },
    Intent {
        name: "bench-build",
        about: "do the benches compile, and are they lint-free?",
        in_ci: true,
        steps: &[run(
            "cargo clippy --manifest-path bench/Cargo.toml --workspace --all-targets -- -D warnings",
        )],
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), None) = (arguments.next(), arguments.next()) else {
        help();
        return ExitCode::from(2);
    };
    let chosen: Vec<&Intent> =
        INTENTS.iter().filter(|i| i.name == name || (name == "ci" && i.in_ci)).collect();
    if chosen.is_empty() {
        eprintln!("there is no intent `{name}`");
        help();
        return ExitCode::from(2);
    }
    // The commands are written for the root, wherever this is called from.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    if let Err(error) = std::env::set_current_dir(root) {
        eprintln!("cannot enter the checkout `{root}`, where this was built: {error}");
        return ExitCode::from(2);
    }
    let mut times = Vec::new();
    for intent in chosen {
        let start = Instant::now();
        let passed = intent.steps.iter().all(Step::succeeds);
        times.push((intent.name, start.elapsed(), passed));
        if !passed {
            break;
        }
    }
    report(&times);
    if times.iter().all(|&(_, _, passed)| passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Step {
    fn succeeds(&self) -> bool {
        let mut words = self.line.split(' ');
        let program = words.next().unwrap_or_default();
        eprintln!("\n$ {}{}", self.prefix(), self.line);
        let status = Command::new(program).args(words).envs(self.set.iter().copied()).status();
        match status {
            Ok(status) => status.code() == Some(self.exit),
            Err(error) => {
                eprintln!("cannot start `{program}`: {error}; ci/setup installs what is needed");
                false
            }
        }
    }

    fn prefix(&self) -> String {
        self.set.iter().map(|(name, value)| format!("{name}='{value}' ")).collect()
    }
}

fn help() {
    eprintln!("usage: cargo xtask INTENT\n\nintents:");
    for intent in INTENTS {
        eprintln!("  {:<12} {}", intent.name, intent.about);
    }
    eprintln!("  {:<12} all of these that continuous integration runs, timed", "ci");
}

fn report(times: &[(&str, Duration, bool)]) {
    eprintln!("\nstage         minutes");
    for (name, time, passed) in times {
        let verdict = if *passed { "" } else { "  failed" };
        eprintln!("{name:<12} {:>8.1}{verdict}", time.as_secs_f64() / 60.0);
    }
}
