//! What the figures were taken on.

use std::fs;
use std::process::Command;

/// Machine, compiler, commit, the versions of the rivals, and the command.
pub fn lines(rivals: &[&str]) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = first_line("rustc", &["--version"]).unwrap_or_default();
    let mut lines = vec![
        format!("machine   {}, {cores} cores, {}", cpu(), kernel()),
        format!("compiler  {rustc}"),
        format!("commit    {}", commit()),
        format!("command   {}", command()),
    ];
    if !rivals.is_empty() {
        lines.push(format!("rivals    {}", locked(rivals)));
    }
    lines
}

/// The commit of the checkout that this was built from, and whether files differ from it.
fn commit() -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let commit = first_line("git", &["-C", folder, "rev-parse", "--short=12", "HEAD"]);
    let changed = first_line("git", &["-C", folder, "status", "--porcelain"]).is_some();
    let note = if changed { ", with changes" } else { "" };
    commit.map_or_else(|| "unknown".to_owned(), |commit| commit + note)
}

/// How to run this again.
fn command() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!(
        "cargo run --release --manifest-path bench/Cargo.toml -- {}",
        arguments
            .iter()
            .map(|word| if word.contains(' ') { format!("'{word}'") } else { word.clone() })
            .collect::<Vec<_>>()
            .join(" ")
    )
}

fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} {}", std::env::consts::OS, release.trim())
}

/// The versions of packages in the lock file that this was built with.
pub fn locked(names: &[&str]) -> String {
    let lock = include_str!("../Cargo.lock");
    let version = |name: &&str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split('"').next()?))
    };
    names.iter().filter_map(version).collect::<Vec<_>>().join(", ")
}

/// The first line that a program prints.
pub fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().next()?.trim().to_owned()).filter(|line| !line.is_empty())
}
