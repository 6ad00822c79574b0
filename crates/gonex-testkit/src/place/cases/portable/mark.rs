use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// A file in which a task leaves a mark, since it may be in another process; gone with this.
pub(super) struct Mark {
    path: PathBuf,
}

impl Mark {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("gonex-conformance-{process}-{number}");
        Self::at(std::env::temp_dir().join(name))
    }

    /// Begins without a mark: a process of the same number may have been killed and left its own.
    fn at(path: PathBuf) -> Self {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let path = path.display();
                panic!("{path} is left of another run and cannot be removed: {error}; remove it")
            }
            _ => Self { path },
        }
    }

    /// What a task is given to leave its mark.
    pub(super) fn path(&self) -> String {
        self.path.to_str().expect("the folder for temporary files has a plain name").to_owned()
    }

    /// How many marks there are.
    pub(super) fn count(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Waits for a mark; the watchdog sees to it that it comes.
    pub(super) fn wait(&self) {
        while self.count() == 0 {
            thread::yield_now();
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // It is not there if no task has begun.
        fs::remove_file(&self.path).ok();
    }
}

/// Leaves one more mark.
pub(super) fn leave(path: &str) {
    let path = Path::new(path);
    let file = OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(b"x"));
    written.expect("a file can be written where temporary files are");
}

#[cfg(test)]
mod tests {
    use super::{Mark, leave};

    #[test]
    fn a_mark_that_another_run_has_left_does_not_count() {
        let name = format!("gonex-conformance-left-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        leave(path.to_str().unwrap());
        let mark = Mark::at(path);
        assert_eq!(mark.count(), 0);
        leave(&mark.path());
        assert_eq!(mark.count(), 1);
    }
}
