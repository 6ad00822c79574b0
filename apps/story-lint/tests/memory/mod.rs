//! Runs the engine over stories that are in memory.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::num::NonZeroUsize;
use std::sync::Arc;

use story_lint::config::Settings;
use story_lint::engine::{EngineOptions, Progress, RunReport, run};
use story_lint::output::{Format, View};
use story_lint::story::{Discovery, FileEntry, StoryPlan, natural_cmp};
use story_lint::validator::{AnyValidator, builtin};

/// A story of these files, as if it had been found.
pub(crate) fn in_memory<P: AsRef<str>, T: AsRef<str>>(files: &[(P, T)]) -> Discovery {
    let mut files: Vec<FileEntry> = files
        .iter()
        .map(|(path, text)| FileEntry {
            disk: path.as_ref().into(),
            path: path.as_ref().to_owned(),
            relative: path.as_ref().to_owned(),
            size: text.as_ref().len() as u64,
            text: Some(text.as_ref().into()),
        })
        .collect();
    files.sort_by(|a, b| natural_cmp(&a.relative, &b.relative));
    let story = StoryPlan {
        root: "/nonexistent/story".into(),
        name: "story".to_owned(),
        files,
        partial: false,
        settings: Arc::new(Settings::default()),
    };
    Discovery { stories: vec![story], ..Discovery::default() }
}

pub(crate) fn check(discovery: Discovery, threads: usize) -> RunReport {
    check_with(discovery, builtin(), threads)
}

pub(crate) fn check_with(
    discovery: Discovery,
    validators: Vec<Box<dyn AnyValidator>>,
    threads: usize,
) -> RunReport {
    struct Silent;
    impl Progress for Silent {
        fn start(&self, _: u64) {}
        fn file_done(&self) {}
        fn finish(&self) {}
    }
    let threads = NonZeroUsize::new(threads);
    let options = EngineOptions { threads, sample: false };
    let silent: Arc<dyn Progress> = Arc::new(Silent);
    run(discovery, validators, &options, &silent).expect("threads start")
}

pub(crate) fn render(report: &RunReport, format: Format) -> String {
    let mut out = Vec::new();
    format.write(&View::new(report, 1), &mut out).expect("memory takes it");
    String::from_utf8(out).expect("UTF-8")
}
