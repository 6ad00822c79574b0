//! `docs/seeds.md` says of every field of the options where it comes from and whether it works.
//!
//! `GONEX_UPDATE=1 cargo test -p gonex-runtime --test seeds` writes that part anew.
#![cfg(not(gonex_loom))]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gonex_runtime::ParallelismConfig;
use gonex_runtime::config::ConfigField;

const BEGIN: &str = "<!-- the fields: written by crates/gonex-runtime/tests/seeds.rs -->\n";
const END: &str = "<!-- the end of the fields -->\n";

/// What `ParallelismConfig` of S0 and S1, and the options of their calls of `goParallel`, hold.
const NAMED: &[&str] = &[
    "autoRestart",
    "autoScaling",
    "circuitBreaker",
    "cpuAffinity",
    "fallbackStrategy",
    "faultTolerance",
    "gracefulDegradation",
    "healthMonitoring",
    "loadBalancing",
    "loadBalancingStrategy",
    "memoryPool",
    "memoryPoolSize",
    "numaAware",
    "parallelism",
    "retryAttempts",
    "sharedMemory",
    "sharedMemorySize",
    "threadCount",
    "threadTimeout",
    "useWorkerThreads",
    "workStealing",
    "workerProcesses",
    "workerThreads",
    "workerTimeout",
    "zeroCopy",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Why the field is refused when it is asked for all alone, if it is.
fn refused(field: &ConfigField) -> Option<String> {
    let everything: toml::Table = toml::from_str(include_str!("everything.toml")).unwrap();
    let asked = |name: &str, value: &toml::Value| {
        let mut alone = toml::Table::new();
        alone.insert(name.to_owned(), value.clone());
        alone.try_into::<ParallelismConfig>()
    };
    let (name, value) = everything
        .iter()
        .find(|(name, _)| ConfigField::named(name).is_some_and(|named| named.name == field.name))
        .unwrap_or_else(|| panic!("`{}` is not in everything.toml", field.name));
    let error = asked(name, value).err()?.to_string();
    let reason = error.split_once(": ")?.1.split_once(": ")?.1.split_once("; what would do")?.0;
    Some(format!("`{value}` is refused: {reason}"))
}

fn render() -> String {
    let mut table = String::from("| field | in the seeds | today |\n| --- | --- | --- |\n");
    for field in ParallelismConfig::fields() {
        let seeds: Vec<_> = field
            .seeds
            .iter()
            .map(|seed| {
                let (place, name) = seed.split_once(' ').expect("a place and a name");
                format!("`{name}` ({place})")
            })
            .collect();
        let seeds = if seeds.is_empty() { "ours".to_owned() } else { seeds.join(", ") };
        let today = refused(field).unwrap_or_else(|| "works".to_owned());
        writeln!(table, "| `{}` | {seeds} | {today} |", field.name).unwrap();
    }
    table
}

#[test]
fn the_page_has_every_field() {
    let path = root().join("docs/seeds.md");
    let stored = std::fs::read_to_string(&path).expect("docs/seeds.md is there");
    let (before, rest) = stored.split_once(BEGIN).expect("the page marks where the fields begin");
    let (_, after) = rest.split_once(END).expect("the page marks where the fields end");
    let page = [before, BEGIN, "\n", &render(), "\n", END, after].concat();
    if std::env::var_os("GONEX_UPDATE").is_some() {
        std::fs::write(&path, page).expect("docs/ can be written");
    } else {
        assert!(
            stored == page,
            "docs/seeds.md is not what the options are; run\n  \
             GONEX_UPDATE=1 cargo test -p gonex-runtime --test seeds"
        );
    }
}

#[test]
fn every_name_of_the_seeds_is_a_field_of_the_options() {
    for name in NAMED {
        let field =
            ConfigField::named(name).unwrap_or_else(|| panic!("no field is called `{name}`"));
        let said =
            field.seeds.iter().any(|seed| seed.split_once(' ').is_some_and(|(_, n)| n == *name));
        assert!(said, "`{}` does not say that `{name}` of the seeds is it", field.name);
    }
}

/// The seeds are not part of the repository; where they are beside it, the list above is held
/// against them.
#[test]
fn the_list_of_names_is_that_of_the_seeds() {
    let seeds = root().join("../shared/seeds");
    let mut found = BTreeSet::new();
    let mut lines = Vec::new();
    for (number, start) in ["000", "001"].into_iter().enumerate() {
        let Ok(files) = std::fs::read_dir(&seeds) else {
            eprintln!("skipped: there are no seeds at {}", seeds.display());
            return;
        };
        let file = files
            .filter_map(Result::ok)
            .find(|file| file.file_name().to_string_lossy().starts_with(start))
            .expect("both seeds are there");
        let text = std::fs::read_to_string(file.path()).expect("a seed can be read");
        lines.extend(
            text.lines().map(str::to_owned).enumerate().map(|(at, line)| (number, at + 1, line)),
        );
        found.extend(options_of(&text));
    }
    assert_eq!(found, NAMED.iter().map(|name| (*name).to_owned()).collect());
    for field in ParallelismConfig::fields() {
        for seed in field.seeds {
            let (place, name) = seed.split_once(' ').expect("a place and a name");
            let (number, at) = place[1..].split_once(':').expect("a seed and a line");
            let (number, at): (usize, usize) = (number.parse().unwrap(), at.parse().unwrap());
            let line = lines.iter().find(|(n, l, _)| (*n, *l) == (number, at));
            let holds = number > 1 || line.is_some_and(|(_, _, line)| line.contains(name));
            assert!(holds, "{seed} is not what that line says: {line:?}");
        }
    }
}

/// The names in `interface ParallelismConfig` and in the options of calls.
fn options_of(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut in_interface, mut in_call, mut in_options) = (false, false, false);
    for line in text.lines() {
        in_interface |= line.starts_with("interface ParallelismConfig");
        in_call |= line.contains("goParallel(") && !line.contains("import");
        in_options |=
            in_call && line.trim_end().ends_with('{') && !line.trim_end().ends_with("=> {");
        let key = line.trim().split_once(':').map(|(key, _)| key.trim());
        let is_name = |key: &&str| !key.is_empty() && key.chars().all(char::is_alphanumeric);
        if let Some(key) = key.filter(is_name).filter(|_| in_interface || in_options) {
            names.insert(key.to_owned());
        }
        let closes = line.trim_start().starts_with('}');
        in_interface &= !line.starts_with('}');
        in_options &= !closes;
        in_call &= !line.trim_start().trim_start_matches('}').starts_with(");");
    }
    names
}
