use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anstream::{AutoStream, ColorChoice};

/// Where a result goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    #[default]
    Stdout,
    /// A file, which is replaced as a whole or not at all.
    File(PathBuf),
}

/// Why a result could not be put where it was to go.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file's folder is not there.
    #[error("cannot write `{}`: there is no folder `{}`; create it first", file.display(), folder.display())]
    NoFolder {
        /// The file.
        file: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The name is a folder's.
    #[error("cannot write `{}`: it is a folder; give the name of a file in it", file.display())]
    IsFolder {
        /// The folder.
        file: PathBuf,
    },
    /// The system refused to write the file.
    #[error("cannot write `{}`: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused to write to standard output.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
}

impl Target {
    /// Lets `write` write to the target, styled as `color` says.
    ///
    /// A reader of standard output that stops reading, such as `head`, is no error.
    ///
    /// # Errors
    /// Says why the result is not there; see [`OutputError`].
    pub fn write(
        &self,
        color: ColorChoice,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        match self {
            Self::Stdout => print(color, write),
            Self::File(file) => {
                // A file is no terminal, whatever the environment says of colours.
                let color = if color == ColorChoice::Auto { ColorChoice::Never } else { color };
                write_file(file, color, write).map_err(|source| explain(file, source))
            }
        }
    }
}

/// Lets `write` write to standard output, styled as `color` says.
///
/// A reader that stops reading is no error.
///
/// # Errors
/// [`OutputError::Stdout`].
pub fn print(
    color: ColorChoice,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), OutputError> {
    let mut out = BufWriter::new(AutoStream::new(io::stdout().lock(), color));
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(OutputError::Stdout),
    }
}

fn explain(file: &Path, source: io::Error) -> OutputError {
    if source.kind() == io::ErrorKind::IsADirectory {
        return OutputError::IsFolder { file: file.to_owned() };
    }
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if source.kind() == io::ErrorKind::NotFound && !folder.is_dir() => {
            OutputError::NoFolder { file: file.to_owned(), folder: folder.to_owned() }
        }
        _ => OutputError::File { file: file.to_owned(), source },
    }
}

fn write_file(
    file: &Path,
    color: ColorChoice,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // Behind a link, the file it leads to is replaced and not the link.
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let known = file.metadata().ok();
    if known.as_ref().is_some_and(std::fs::Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        // A device or a pipe cannot be replaced.
        return fill(OpenOptions::new().write(true).open(&file)?, color, write);
    }
    let beside = temporary(&file)?;
    let made = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = match known {
        Some(known) => made.set_permissions(known.permissions()),
        None => Ok(()),
    };
    let written = written
        .and_then(|()| fill(made, color, write))
        .and_then(|()| std::fs::rename(&beside, &file));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn fill(
    file: File,
    color: ColorChoice,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(AutoStream::new(file, color));
    write(&mut out)?;
    out.flush()
}

/// A hidden name in the file's folder, which nobody else uses.
fn temporary(file: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // The file's own name is no part of it: it may be as long as names can be.
    file.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Ok(file.with_file_name(format!(".story-lint-{process}-{number}.tmp")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = folder
            .read_dir()
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("out.json");
        std::fs::write(&file, "old").expect("written");
        let result = Target::File(file.clone()).write(ColorChoice::Auto, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        assert!(result.unwrap_err().to_string().contains("no more"));
        assert_eq!(std::fs::read_to_string(&file).expect("read"), "old");
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn a_file_is_replaced_without_colours() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::File(folder.path().join("out.txt"));
        for text in ["first", "\u{1b}[31msecond\u{1b}[0m"] {
            target.write(ColorChoice::Auto, |out| write!(out, "{text}")).expect("written");
        }
        let text = std::fs::read_to_string(folder.path().join("out.txt")).expect("read");
        assert_eq!(text, "second");
        assert_eq!(names(folder.path()), ["out.txt"]);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("none/out.txt");
        let error = Target::File(file).write(ColorChoice::Auto, |_| Ok(())).unwrap_err();
        assert!(matches!(error, OutputError::NoFolder { .. }), "{error}");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::File(folder.path().to_owned());
        let error = target.write(ColorChoice::Auto, |_| Ok(())).unwrap_err();
        assert!(matches!(error, OutputError::IsFolder { .. }), "{error}");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_longest_name_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x".repeat(255));
        let target = Target::File(file.clone());
        target.write(ColorChoice::Auto, |out| write!(out, "x")).expect("written");
        assert_eq!(std::fs::read_to_string(file).expect("read"), "x");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").expect("written");
        std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).expect("set");
        symlink(&real, &link).expect("linked");
        Target::File(link.clone()).write(ColorChoice::Auto, |out| write!(out, "new")).expect("ok");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).expect("read"), "new");
        let mode = real.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
