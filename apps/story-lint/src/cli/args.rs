use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::config::{
    Level, ParallelLevel, Quotes, RuleSelector, parse_fail_on, parse_parallel_level, parse_pattern,
    parse_rule_level, parse_size, parse_workers,
};
use crate::output::Format;
use crate::rule::Severity;

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing found at or above --fail-on
  1  something found at or above --fail-on
  2  wrong use or configuration, or something went unchecked: an unreadable file, a failed check";

const EXAMPLES: &str = "\
Examples:
  story-lint check                        check the stories below the current folder
  story-lint check novel                  check one of them
  story-lint explain REP001               say what a rule is about
  story-lint bible novel                  draft a story.toml: people, places, looks
  story-lint baseline novel               write down what is found today, to see only what is new
  story-lint init                         write a story-lint.toml to start from
  story-lint completions bash             print a completion script
";

const CHECK_EXAMPLES: &str = "\
Examples:
  story-lint check novel --fail-on warning        warnings count too
  story-lint check novel --rule REP=off           without the rules about repetition
  story-lint check . --format sarif -o lint.sarif write a file for a code host
  story-lint check . --format html -o lint.html   write a page to read in a browser
  story-lint check - --stdin-filename ch1.md      check text from an editor
  story-lint check novel --threads 2 --stats      say where the time went

A story is a folder with a README, index or SUMMARY, a story.toml or a story-lint.toml, or else the
topmost folder with Markdown in it (.md, .markdown, .mdown). Files listed in .gitignore or
.story-lint-ignore and hidden files are left out, unless they are given by name. Of a story that is
given file by file, only what shows in single files is checked.

To let a finding stand, say why in the text:
  <!-- story-lint: allow REP001 because the echo is meant -->
";

/// Checks long fiction in Markdown: names, looks, ages and dates across chapters, links, chapter
/// numbers, dialogue and repetition.
#[derive(Debug, Parser)]
#[command(name = "story-lint", version, arg_required_else_help = true)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Cli {
    /// When to use colours; by default `NO_COLOR` and `CLICOLOR_FORCE` are heeded
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check stories and report what is wrong
    #[command(after_help = format!("{CHECK_EXAMPLES}\n{EXIT_CODES}"))]
    Check(CheckArgs),
    /// List all rules
    Rules(RulesArgs),
    /// Say what a rule is about, with an example
    Explain(ExplainArgs),
    /// Write down all findings of today, so that `check --baseline` shows only new ones
    Baseline(BaselineArgs),
    /// Draft a story.toml from the text: who and what is in the story, for you to edit
    Bible(BibleArgs),
    /// Write a story-lint.toml that shows every setting
    Init(InitArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// What is checked, and by which settings.
#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Folders and files to check; `-` for standard input [default: the current folder]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,

    /// Read the settings from this file, and from no other
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Settings")]
    #[arg(conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Read no configuration file, and no story.toml
    #[arg(long, help_heading = "Settings")]
    pub(super) isolated: bool,
    /// Set a rule, a family such as DIAL, or ALL to off, info, warning or error
    #[arg(long, value_name = "RULE=LEVEL", value_parser = parse_rule_level, help_heading = "Settings")]
    pub(super) rule: Vec<(RuleSelector, Level)>,
    /// Which quotation marks open speech
    #[arg(long, value_name = "MARKS", help_heading = "Settings")]
    pub(super) quotes: Option<Quotes>,
    /// Leave files out, as in a .gitignore
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern, help_heading = "Settings")]
    pub(super) exclude: Vec<String>,
    /// Read no file larger than this: bytes, or with a unit as in `64 MiB`
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Settings")]
    pub(super) max_file_size: Option<u64>,
    /// The path that standard input stands for
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Settings")]
    pub(super) stdin_filename: Option<PathBuf>,

    /// Show no progress
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,

    /// How many threads to use, at most [default: one for each core]
    #[arg(long, value_name = "N", value_parser = parse_workers, help_heading = "Parallel")]
    pub(super) threads: Option<NonZeroUsize>,
    /// What is one task: file
    #[arg(long, value_name = "LEVEL", value_parser = parse_parallel_level, help_heading = "Parallel")]
    pub(super) level: Option<ParallelLevel>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,

    /// How to write the findings down
    #[arg(long, value_name = "FORMAT", default_value = "full", help_heading = "Output")]
    pub(super) format: Format,
    /// Write the findings to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Leave out the findings that this file knows; `story-lint baseline` writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(super) baseline: Option<PathBuf>,
    /// Say on standard error what the run cost
    #[arg(long, help_heading = "Output")]
    pub(super) stats: bool,
    /// From which severity on a finding makes the exit code 1: info, warning or error [default:
    /// error]
    #[arg(long, value_name = "SEVERITY", value_parser = parse_fail_on, help_heading = "Output")]
    pub(super) fail_on: Option<Severity>,
    /// End with 0 whatever is found; what went unchecked still makes it 2
    #[arg(long, help_heading = "Output")]
    pub(super) exit_zero: bool,
}

#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// The file to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(default_value = "story-lint-baseline.json", help_heading = "Output")]
    pub(super) output: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct BibleArgs {
    /// The story's folder
    #[arg(value_hint = ValueHint::DirPath, default_value = ".")]
    pub(super) folder: PathBuf,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub(super) print: bool,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// How to write the list down
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: RulesFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RulesFormat {
    /// A table, for reading
    Table,
    /// A JSON list, with all texts
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule, such as REP001
    pub(super) rule: String,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write it in
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}
