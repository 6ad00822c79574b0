use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;

use anstream::ColorChoice;

use super::args::{CheckArgs, InputArgs};
use super::baseline::Baseline;
use super::exit::Exit;
use super::run::{CliError, tell};
use crate::config::{ConfigLoader, ConfigSource, Overrides};
use crate::engine::{self, EngineOptions, Progress, RunReport};
use crate::output::{Bar, Target, View, stats_table};
use crate::rule::Severity;
use crate::story::{DiscoverError, Discovery, Inputs, discover};
use crate::validator;

/// Checks stories.
pub(super) fn run(args: &CheckArgs, color: ColorChoice) -> Result<Exit, CliError> {
    // A baseline that cannot be read is told before the work, not after it.
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let mut report = report(&args.input, args.stats)?;
    if let Some(baseline) = baseline {
        let stale = baseline.apply(&mut report);
        if stale > 0 {
            tell(Severity::Info, stale_text(stale));
        }
    }

    let exit = exit(args, &report);
    let view = View { width: width(args), ..View::new(&report, exit.code()) };
    let target = args.output.clone().map_or(Target::Stdout, Target::File);
    let is_for_people = args.format.is_for_people();
    // Styles are stripped where they are not wanted; other formats have none to look for.
    let color = if is_for_people { color } else { ColorChoice::AlwaysAnsi };
    target.write(color, |out| args.format.write(&view, out))?;
    if !is_for_people || args.output.is_some() {
        tell_problems(&view);
    }
    if args.stats {
        let _ = write!(anstream::stderr(), "{}", stats_table(&report.stats));
    }
    Ok(exit)
}

fn stale_text(stale: usize) -> String {
    let entries = if stale == 1 { "1 entry".to_owned() } else { format!("{stale} entries") };
    format!("{entries} of the baseline found nothing; write it anew with `story-lint baseline`")
}

/// Finds the stories and checks them.
pub(super) fn report(input: &InputArgs, sample: bool) -> Result<RunReport, CliError> {
    if input.stdin_filename.is_some() && !input.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(CliError::new(
            "`--stdin-filename` names standard input, which is not checked; give `-` as a path too",
        ));
    }
    let inputs =
        Inputs { paths: input.paths.clone(), stdin_filename: input.stdin_filename.clone() };
    let found = discover(&inputs, &mut std::io::stdin().lock(), loader(input)).map_err(
        |error| match error {
            DiscoverError::Config(error) => CliError::all(error.faults()),
        },
    )?;
    let options = EngineOptions { threads: threads(input, &found), sample };
    let bar: Arc<dyn Progress> = Arc::new(Bar::new().quiet(input.quiet));
    engine::run(found, validator::builtin(), &options, &bar).map_err(CliError::new)
}

fn loader(args: &InputArgs) -> ConfigLoader {
    let source = match &args.config {
        Some(file) => ConfigSource::File(file.clone()),
        None if args.isolated => ConfigSource::Isolated,
        None => ConfigSource::Search,
    };
    let overrides = Overrides {
        rules: args.rule.clone(),
        exclude: args.exclude.clone(),
        max_file_size: args.max_file_size,
        quotes: args.quotes,
        level: args.level,
        max_workers: args.threads,
    };
    ConfigLoader::new(source, overrides)
}

/// The number of threads: as asked for, else the least that any story's configuration allows.
fn threads(args: &InputArgs, found: &Discovery) -> Option<NonZeroUsize> {
    let allowed = found.stories.iter().filter_map(|story| story.settings.parallel.max_workers);
    args.threads.or(allowed.min())
}

fn exit(args: &CheckArgs, report: &RunReport) -> Exit {
    if report.is_incomplete() {
        return Exit::Trouble;
    }
    let counts = report.stories.iter().any(|story| {
        let fail_on = args.fail_on.or(story.settings.fail_on).unwrap_or(Severity::Error);
        story.findings.iter().any(|finding| story.severity(finding) >= fail_on)
    });
    if counts && !args.exit_zero { Exit::Findings } else { Exit::Clean }
}

/// The width of excerpts: the terminal's, within reason.
fn width(args: &CheckArgs) -> usize {
    /// What stands left of an excerpt: a line number and a frame.
    const FRAME: usize = 8;
    if args.output.is_some() {
        return View::WIDTH;
    }
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((terminal_size::Width(width), _)) => {
            usize::from(width).saturating_sub(FRAME).clamp(40, 160)
        }
        None => View::WIDTH,
    }
}

/// Tells what went wrong to whoever does not read the result itself.
pub(super) fn tell_problems(view: &View<'_>) {
    for (severity, text) in view.problems() {
        tell(severity, text);
    }
}
