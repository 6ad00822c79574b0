use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anstream::ColorChoice;

use super::args::InitArgs;
use super::exit::Exit;
use super::run::CliError;
use crate::config::{FILE_NAMES, template};
use crate::output::print;

/// Writes a configuration file to start from.
pub(super) fn run(args: &InitArgs, color: ColorChoice) -> Result<Exit, CliError> {
    let folder = &args.folder;
    if !folder.is_dir() {
        return Err(CliError::new(format!(
            "there is no folder `{}`; create it first, or give another",
            folder.display()
        )));
    }
    let known = FILE_NAMES.iter().map(|name| join(folder, name)).find(|file| file.exists());
    if let Some(known) = known {
        return Err(kept(&known));
    }
    let file = join(folder, FILE_NAMES[0]);
    // Two that run at once: the second must not overwrite what the first wrote either.
    let made = OpenOptions::new().write(true).create_new(true).open(&file);
    let mut made = match made {
        Ok(made) => made,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(kept(&file)),
        Err(error) => return Err(not_written(&file, &error)),
    };
    if let Err(error) = made.write_all(template().as_bytes()) {
        // Half a file would only keep the next try from writing a whole one.
        let _ = std::fs::remove_file(&file);
        return Err(not_written(&file, &error));
    }
    print(color, |out| {
        writeln!(out, "Wrote `{}`: every setting, with its default.", file.display())?;
        writeln!(out)?;
        writeln!(out, "Next:")?;
        writeln!(out, "  story-lint check {}    check the stories there", folder.display())?;
        writeln!(out, "  story-lint rules      list the rules you can set in it")
    })?;
    Ok(Exit::Clean)
}

fn join(folder: &Path, name: &str) -> std::path::PathBuf {
    if folder == Path::new(".") { name.into() } else { folder.join(name) }
}

fn not_written(file: &Path, error: &std::io::Error) -> CliError {
    CliError::new(format!(
        "cannot write `{}`: {error}; give a folder that can be written to",
        file.display()
    ))
}

fn kept(file: &Path) -> CliError {
    CliError::new(format!(
        "`{}` is there already and stays as it is; edit it, or move it away first",
        file.display()
    ))
}
