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
    match made.and_then(|mut made| made.write_all(template().as_bytes())) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(kept(&file)),
        Err(error) => {
            return Err(CliError::new(format!("cannot write `{}`: {error}", file.display())));
        }
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

fn kept(file: &Path) -> CliError {
    CliError::new(format!(
        "`{}` is there already and stays as it is; edit it, or move it away first",
        file.display()
    ))
}
