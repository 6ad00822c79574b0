use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anstream::ColorChoice;

use super::args::BibleArgs;
use super::exit::Exit;
use super::run::{CliError, tell};
use crate::bible::Bible;
use crate::config::{ConfigLoader, ConfigSource, Overrides};
use crate::output::{Target, print};
use crate::rule::Severity;
use crate::source::SourceFile;
use crate::story::{DiscoverError, Inputs, STORY_FILE, StoryPlan, discover};
use crate::validator::cast::{Entry, census};

/// Drafts a `story.toml`, or adds to the one that is there.
pub(super) fn run(args: &BibleArgs, color: ColorChoice) -> Result<Exit, CliError> {
    let story = story(&args.folder)?;
    let (files, unread) = read(&story);
    let census = census(&files, &story.settings);
    let file = story.root.join(STORY_FILE);
    let known = match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(CliError::new(format!("cannot read `{}`: {error}", file.display())));
        }
    };
    let bible = story.settings.bible.as_deref();
    let (people, places) = (fresh(&census.people, bible), fresh(&census.places, bible));
    let added = people.len() + places.len();
    let text = draft(known.as_deref(), &people, &places, &files);
    if args.print {
        print(ColorChoice::AlwaysAnsi, |out| out.write_all(text.as_bytes()))?;
    } else {
        if added > 0 || known.is_none() {
            Target::File(file.clone())
                .write(ColorChoice::AlwaysAnsi, |out| out.write_all(text.as_bytes()))?;
        }
        print(color, |out| tell_result(out, &file, known.is_some(), &people, &places))?;
    }
    Ok(if unread { Exit::Trouble } else { Exit::Clean })
}

/// The one story of a folder.
fn story(folder: &Path) -> Result<StoryPlan, CliError> {
    let inputs = Inputs { paths: vec![folder.to_owned()], stdin_filename: None };
    let loader = ConfigLoader::new(ConfigSource::Search, Overrides::default());
    let found = discover(&inputs, &mut std::io::empty(), loader).map_err(|error| match error {
        DiscoverError::Config(error) => CliError::all(error.faults()),
    })?;
    for problem in &found.problems {
        tell(problem.severity, format!("{}: {}", problem.path, problem.message));
    }
    let mut stories = found.stories;
    match stories.len() {
        1 => Ok(stories.remove(0)),
        0 => Err(CliError::new(format!("there is no story in `{}`", folder.display()))),
        _ => {
            let names: Vec<&str> = stories.iter().map(|story| &*story.name).collect();
            Err(CliError::new(format!(
                "`{}` holds {} stories; give one of them: {}",
                folder.display(),
                names.len(),
                names.join(", ")
            )))
        }
    }
}

/// The files of a story, and whether some could not be read.
fn read(story: &StoryPlan) -> (Vec<Option<Arc<SourceFile>>>, bool) {
    let mut unread = false;
    let files = story.files.iter().map(|entry| {
        let (path, relative) = (entry.path.clone(), entry.relative.clone());
        SourceFile::read(&entry.disk, path, relative, story.settings.max_file_size)
            .map_err(|error| {
                unread = true;
                tell(Severity::Error, format!("{}: {error}", entry.path));
            })
            .ok()
            .map(Arc::new)
    });
    (files.collect(), unread)
}

/// The entries of which the bible knows no name yet.
fn fresh<'a>(entries: &'a [Entry], bible: Option<&Bible>) -> Vec<&'a Entry> {
    let is_known = |name: &str| {
        bible.is_some_and(|bible| {
            bible.character(name).is_some()
                || bible.places.iter().any(|p| p.names().any(|n| n == name))
        })
    };
    entries
        .iter()
        .filter(|entry| !is_known(&entry.name) && !entry.aliases.iter().any(|name| is_known(name)))
        .collect()
}

const HEAD: &str = "\
# What this story declares, for story-lint. Drafted from the text by `story-lint bible`: correct it,
# take away what is no person or place, and fill in what you know. Running the command again adds
# who is new and changes nothing else. Lines that start with # are notes.
#
# A character may have: aliases, born and died (1893, 1893-02-07 or \"7 February 1893\"), died-in (a
# file), eyes, hair. There may also be:
#
#   [[banned]]                      words that the story must not use
#   words = [\"telephone\"]
#   because = \"it is not invented yet\"
#
#   [[plant]]                       what is shown early and matters later, by words of the text
#   name = \"the key\"
#   planted = \"a long steel key\"
#   paid = \"turned the key\"
";

/// The text of the file: what is there, untouched, and the new entries behind it.
fn draft(
    known: Option<&str>,
    people: &[&Entry],
    places: &[&Entry],
    files: &[Option<Arc<SourceFile>>],
) -> String {
    let mut text = known.map_or_else(|| HEAD.to_owned(), str::to_owned);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for (kind, entries) in [("character", people), ("place", places)] {
        for entry in entries {
            add(&mut text, kind, entry, files);
        }
    }
    text
}

fn add(text: &mut String, kind: &str, entry: &Entry, files: &[Option<Arc<SourceFile>>]) {
    let first = files.get(entry.first.file.index()).and_then(Option::as_ref).map(|file| {
        let line = file.position(entry.first.span.start).line;
        format!(", first in {}, line {line}", file.relative)
    });
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "\n[[{kind}]] # named {} times{}", entry.count, first.unwrap_or_default());
    let _ = writeln!(text, "name = {}", quoted(&entry.name));
    if !entry.aliases.is_empty() {
        let names: Vec<String> = entry.aliases.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(text, "aliases = [{}]", names.join(", "));
    }
    for (key, value) in [("eyes", &entry.eyes), ("hair", &entry.hair)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
    }
    if let Some(age) = entry.age {
        let _ = writeln!(text, "# said to be {age} years old; `born` would let ages be checked");
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn tell_result(
    out: &mut dyn Write,
    file: &Path,
    was_there: bool,
    people: &[&Entry],
    places: &[&Entry],
) -> std::io::Result<()> {
    let file = file.file_name().map_or(file, Path::new);
    let file = file.display();
    let found = people.len() + places.len();
    let people = match people.len() {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    };
    let places = match places.len() {
        1 => "1 place".to_owned(),
        count => format!("{count} places"),
    };
    match (was_there, found) {
        (true, 0) => writeln!(out, "Nobody new: `{file}` stays as it is."),
        (true, _) => writeln!(out, "Added {people} and {places} to `{file}`."),
        (false, _) => writeln!(
            out,
            "Wrote `{file}` with {people} and {places}. Edit it: what it declares \
             counts before what the text says."
        ),
    }
}
