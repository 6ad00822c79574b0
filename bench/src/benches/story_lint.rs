//! story-lint against the linters that writers use, as whole processes on the same files.
//!
//! The corpus is the folder in `GONEX_BENCH_CORPUS`, or `../shared/manuscripts` beside the
//! checkout, or else copies of the project's own sample.

use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use story_lint::config::{ConfigLoader, ConfigSource, Overrides};
use story_lint::engine::{EngineOptions, Phase, Progress, run};
use story_lint::story::{Inputs, discover};
use story_lint::validator::builtin;

use crate::benches::{Made, Options};
use crate::machine::first_line;
use crate::rounds::{Case, Subject, Told};
use crate::standing::Standing;

pub fn cases(_: &Options) -> Result<Made, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let corpus = Arc::new(Corpus::find(&root)?);
    eprintln!("corpus: {}", corpus.path.display());
    let own = build(&root)?;
    let own = own.as_path();

    let mut whole = vec![
        process("story-lint, 2 threads", true, own, &["check", "--threads", "2"], &corpus),
        process("story-lint, 1 thread", true, own, &["check", "--threads", "1"], &corpus),
    ];
    // Both as their documentation starts them, without the cache that a first run fills.
    for (name, arguments) in [("rumdl", &["check", "--no-cache"][..]), ("typos", &[][..])] {
        match installed(name) {
            Some(program) => {
                let version = first_line(&program.to_string_lossy(), &["--version"]);
                let title = version.unwrap_or_else(|| name.to_owned());
                whole.push(process(&title, false, &program, arguments, &corpus));
            }
            None => eprintln!("{name} is not installed; `pip install {name}` adds it"),
        }
    }
    let phases = [2, 1].map(|threads| {
        parallel_phases(NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN), &corpus)
    });
    let cases = vec![
        in_milliseconds("whole process", whole),
        in_milliseconds(
            "the parallel phases, in this process (the rival is one thread)",
            phases.into(),
        ),
    ];
    Ok(cases.into())
}

fn in_milliseconds(name: &str, subjects: Vec<Subject>) -> Case {
    Case { per_second: 1e3, ..Case::new(name, "ms", 1, subjects) }
}

/// Some Markdown to read.
struct Corpus {
    path: PathBuf,
    /// Keeps a made one until the end.
    _made: Option<tempfile::TempDir>,
}

impl Corpus {
    fn find(root: &Path) -> Result<Self, Box<dyn Error>> {
        if let Some(path) = std::env::var_os("GONEX_BENCH_CORPUS") {
            return Ok(Self { path: path.into(), _made: None });
        }
        let beside = root.join("../shared/manuscripts");
        if beside.is_dir() {
            return Ok(Self { path: beside.canonicalize()?, _made: None });
        }
        let made = tempfile::tempdir()?;
        for copy in 0..60 {
            copy_folder(
                &root.join("samples/the-salt-ledger"),
                &made.path().join(copy.to_string()),
            )?;
        }
        Ok(Self { path: made.path().to_owned(), _made: Some(made) })
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Builds story-lint as users do.
fn build(root: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--release", "--package", "story-lint"]);
    let status = cargo.args(["--message-format", "short"]).status()?;
    if !status.success() {
        return Err("story-lint does not build".into());
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/story-lint"))
}

/// A program by its name; not the slow script that stands for it in some set-ups.
fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| !folder.ends_with("shims"));
    let direct = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    direct.or_else(|| first_line("pyenv", &["which", name]).map(PathBuf::from))
}

fn process(
    title: &str,
    ours: bool,
    program: &Path,
    arguments: &[&str],
    corpus: &Arc<Corpus>,
) -> Subject {
    let program = program.to_owned();
    let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
    let corpus = corpus.clone();
    Subject::timed(title, ours, move || {
        let mut command = Command::new(&program);
        command.args(&arguments).arg(&corpus.path);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        // 0, 1 and 2 are what these programs say of findings; a signal is none of them.
        status.code().map(|_| ()).ok_or_else(|| format!("{} was killed", program.display()).into())
    })
}

struct Silent;

impl Progress for Silent {
    fn start(&self, _: u64) {}
    fn file_done(&self) {}
    fn finish(&self) {}
}

/// Reading and checking alone, as the engine times them.
fn parallel_phases(threads: NonZeroUsize, corpus: &Arc<Corpus>) -> Subject {
    let corpus = corpus.clone();
    let work = move || {
        let inputs = Inputs { paths: vec![corpus.path.clone()], stdin_filename: None };
        let loader = ConfigLoader::new(ConfigSource::Isolated, Overrides::default());
        let found = discover(&inputs, &mut std::io::empty(), loader)?;
        let options = EngineOptions { threads: Some(threads), sample: false };
        let silent: Arc<dyn Progress> = Arc::new(Silent);
        let report = run(found, builtin(), &options, &silent)?;
        let parallel = report
            .stats
            .phases
            .iter()
            .filter(|(phase, _)| matches!(phase, Phase::Read | Phase::Check));
        Ok(Told::Wall(parallel.map(|&(_, time)| time).sum::<Duration>()))
    };
    let plural = if threads.get() == 1 { "thread" } else { "threads" };
    let standing = if threads.get() > 1 { Standing::Ours } else { Standing::Rival };
    Subject::new(format!("engine, {threads} {plural}"), standing, work)
}
