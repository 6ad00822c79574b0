use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::failed;

/// What a headless Chromium needs in order to open one page of ours and nothing else.
const FLAGS: &[&str] = &[
    "--headless",
    // CI runs as root in a container, where Chromium's own sandbox cannot start.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
];

/// A browser with a fresh profile. Dropping it ends it.
pub(crate) struct Browser {
    child: Child,
    profile: TempDir,
}

impl Browser {
    /// Opens the page in the browser that `CHROMIUM` names, or the one found in `PATH`.
    pub(crate) fn open(url: &str) -> Result<Self, String> {
        let profile = tempfile::tempdir().map_err(failed("a folder for the browser's profile"))?;
        let program = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
        let said = File::create(Self::said(&profile)).map_err(failed("the browser's log"))?;
        let mut user = std::ffi::OsString::from("--user-data-dir=");
        user.push(profile.path());
        let child = Command::new(&program)
            .args(FLAGS)
            .arg(user)
            .arg(url)
            // What it leaves in the folder for temporary files goes with the profile.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .map_err(|error| {
                let program = program.display();
                format!(
                    "cannot start `{program}`: {error}; ci/setup installs chromium, or set \
                     CHROMIUM to another one"
                )
            })?;
        Ok(Self { child, profile })
    }

    /// Why it has ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Option<String> {
        let status = match self.child.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let mut said = String::new();
        if let Ok(file) = File::open(Self::said(&self.profile)) {
            file.take(16 * 1024).read_to_string(&mut said).ok();
        }
        Some(format!("the browser ended by itself ({status}) and said:\n{said}"))
    }

    fn said(profile: &TempDir) -> PathBuf {
        profile.path().join("said.log")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
        // Its helper processes end with it, but a moment later, and may write until then.
        for _ in 0..50 {
            if fs::remove_dir_all(self.profile.path()).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
