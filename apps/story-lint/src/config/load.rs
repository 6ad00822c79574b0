use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exclude::Exclude;
use super::fault::{ConfigError, Fault};
use super::file::{FileSettings, read_settings};
use super::selector::RuleSelector;
use super::settings::{Level, ParallelLevel, Quotes, Settings};
use crate::bible::{self, Bible};
use crate::story::STORY_FILE;

/// The names of a configuration file.
pub(crate) const FILE_NAMES: [&str; 2] = ["story-lint.toml", ".story-lint.toml"];

/// The largest configuration file that is read, in bytes: far more than anyone writes by hand.
const LARGEST: u64 = 1 << 20;

/// Where configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ConfigSource {
    /// From the nearest configuration file at or above a story's folder.
    #[default]
    Search,
    /// From this file, for every story.
    File(PathBuf),
    /// From the command line alone.
    Isolated,
}

/// What the command line says over any configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Levels of rules. Narrower selectors win over wider ones, later over earlier.
    pub rules: Vec<(RuleSelector, Level)>,
    /// Further patterns of files to leave out, from the current folder.
    pub exclude: Vec<String>,
    /// The largest file that is read, in bytes.
    pub max_file_size: Option<u64>,
    /// Which quotation marks open speech.
    pub quotes: Option<Quotes>,
    /// What is one task.
    pub level: Option<ParallelLevel>,
    /// Threads.
    pub max_workers: Option<NonZeroUsize>,
}

/// The configuration of a story.
#[derive(Clone, Debug, Default)]
pub struct StoryConfig {
    /// What the story is checked with.
    pub settings: Arc<Settings>,
    /// Which files are left out.
    pub exclude: Arc<Exclude>,
}

/// Finds and reads configuration, each file once.
///
/// Faults are gathered, so that all are told at once: ask [`ConfigLoader::finish`] at the end.
#[derive(Debug)]
pub struct ConfigLoader {
    source: ConfigSource,
    overrides: Overrides,
    current: PathBuf,
    /// The configuration that holds in a folder, for the folders asked about and those above.
    folders: HashMap<PathBuf, StoryConfig>,
    /// What holds where no file is found, made when first needed.
    plain: Option<StoryConfig>,
    given: Option<StoryConfig>,
    bibles: HashMap<PathBuf, Option<Arc<Bible>>>,
    faults: Vec<Fault>,
}

impl ConfigLoader {
    /// Makes a loader; nothing is read yet.
    #[must_use]
    pub fn new(source: ConfigSource, overrides: Overrides) -> Self {
        let current = std::env::current_dir().and_then(|dir| dir.canonicalize());
        Self {
            source,
            overrides,
            current: current.unwrap_or_default(),
            folders: HashMap::new(),
            plain: None,
            given: None,
            bibles: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// The configuration of a story whose folder is `folder`, a real path, with what its
    /// `story.toml` declares. Without any files, with [`ConfigSource::Isolated`], neither is read.
    ///
    /// Where it is faulty, the defaults stand in until [`ConfigLoader::finish`] tells of it.
    pub fn load(&mut self, folder: &Path) -> StoryConfig {
        let mut config = self.settings(folder);
        if self.source != ConfigSource::Isolated
            && let Some(bible) = self.bible(folder)
        {
            Arc::make_mut(&mut config.settings).bible = Some(bible);
        }
        config
    }

    /// What the `story.toml` of a folder declares, read once.
    fn bible(&mut self, folder: &Path) -> Option<Arc<Bible>> {
        if let Some(known) = self.bibles.get(folder) {
            return known.clone();
        }
        let file = folder.join(STORY_FILE);
        let bible = file.is_file().then(|| self.text(&file)).flatten().and_then(|text| {
            bible::read(&self.shown(&file), &text, &|path| folder.join(path).is_file())
                .map_err(|faults| self.faults.extend(faults))
                .ok()
                .map(Arc::new)
        });
        self.bibles.insert(folder.to_owned(), bible.clone());
        bible
    }

    fn settings(&mut self, folder: &Path) -> StoryConfig {
        match self.source.clone() {
            ConfigSource::Search => self.search(folder),
            ConfigSource::Isolated => self.plain(),
            ConfigSource::File(file) => match &self.given {
                Some(config) => config.clone(),
                None => {
                    let base = self.current.clone();
                    let config = self.read(&file, &base);
                    self.given.insert(config).clone()
                }
            },
        }
    }

    /// Ends loading.
    ///
    /// # Errors
    /// Everything that was wrong in any of the files read.
    pub fn finish(mut self) -> Result<(), ConfigError> {
        if matches!(self.source, ConfigSource::File(_)) {
            // A file that was asked for is looked at, even where no story needs it.
            let current = self.current.clone();
            self.settings(&current);
        }
        ConfigError::of(self.faults).map_or(Ok(()), Err)
    }

    fn search(&mut self, folder: &Path) -> StoryConfig {
        let mut passed = Vec::new();
        let mut config = None;
        for ancestor in folder.ancestors() {
            if let Some(known) = self.folders.get(ancestor) {
                config = Some(known.clone());
                break;
            }
            passed.push(ancestor);
            config = self.read_folder(ancestor);
            if config.is_some() {
                break;
            }
        }
        let config = config.unwrap_or_else(|| self.plain());
        for ancestor in passed {
            self.folders.insert(ancestor.to_owned(), config.clone());
        }
        config
    }

    fn read_folder(&mut self, folder: &Path) -> Option<StoryConfig> {
        let files: Vec<PathBuf> =
            FILE_NAMES.iter().map(|name| folder.join(name)).filter(|file| file.is_file()).collect();
        if let [_, hidden, ..] = &files[..] {
            self.fault(
                hidden,
                "`story-lint.toml` and `.story-lint.toml` stand in one folder",
                Some("join them in one file and delete the other"),
            );
        }
        let file = files.first()?;
        Some(self.read(file, folder))
    }

    /// Reads a file whose patterns count from `base`.
    fn read(&mut self, file: &Path, base: &Path) -> StoryConfig {
        let Some(text) = self.text(file) else { return self.plain() };
        let shown = self.shown(file);
        match read_settings(&shown, &text) {
            Ok(settings) => self.merge(file, &settings, base),
            Err(faults) => {
                self.faults.extend(faults);
                self.plain()
            }
        }
    }

    /// The text of a file, if it can be read.
    fn text(&mut self, file: &Path) -> Option<String> {
        if let Ok(metadata) = std::fs::metadata(file) {
            if metadata.is_dir() {
                let remedy = "give the file itself, such as `story-lint.toml` in it";
                self.fault(file, "this is a folder, not a configuration file", Some(remedy));
                return None;
            }
            if metadata.len() > LARGEST {
                let message =
                    format!("the file holds {} bytes, more than {LARGEST}", metadata.len());
                self.fault(file, &message, Some("name folders in `exclude` rather than files"));
                return None;
            }
        }
        match std::fs::read(file).map(String::from_utf8) {
            Ok(Ok(text)) => Some(text),
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("the file is not UTF-8, from byte {at} on");
                self.fault(file, &message, Some("save it as UTF-8"));
                None
            }
            Err(error) => {
                let message = format!("cannot read the configuration: {error}");
                self.fault(file, &message, Some("`story-lint init` writes one to start from"));
                None
            }
        }
    }

    fn plain(&mut self) -> StoryConfig {
        if let Some(config) = &self.plain {
            return config.clone();
        }
        let base = self.current.clone();
        let config = self.merge(Path::new(""), &FileSettings::default(), &base);
        self.plain.insert(config).clone()
    }

    /// Lays the command line over what the file `path` says.
    fn merge(&mut self, path: &Path, file: &FileSettings, base: &Path) -> StoryConfig {
        let over = &self.overrides;
        let mut settings = Settings {
            exclude: [&file.exclude[..], &over.exclude[..]].concat(),
            fail_on: file.fail_on,
            ..Settings::default()
        };
        let from_file = file.rules.iter().map(|(rule, level)| (rule, *level));
        set_levels(&mut settings, from_file.collect());
        set_levels(&mut settings, over.rules.iter().map(|(rule, level)| (rule, *level)).collect());
        if let Some(size) = over.max_file_size.or(file.max_file_size) {
            settings.max_file_size = size;
        }
        if let Some(quotes) = over.quotes.or(file.quotes) {
            settings.quotes = quotes;
        }
        if let Some(level) = over.level.or(file.level) {
            settings.parallel.level = level;
        }
        settings.parallel.max_workers = over.max_workers.or(file.max_workers);
        // Each pattern was checked where it stands; here all of one place are too much together.
        let exclude = Exclude::default()
            .with(base, &file.exclude)
            .map_err(|(_, message)| (self.shown(path), message))
            .and_then(|exclude| {
                let all = exclude.with(&self.current, &over.exclude);
                all.map_err(|(_, message)| ("--exclude".to_owned(), message))
            })
            .unwrap_or_else(|(path, message)| {
                self.faults.push(Fault {
                    path,
                    position: None,
                    message: format!("the patterns cannot be used together: {message}"),
                    help: Some("leave out whole folders rather than many files".to_owned()),
                });
                Exclude::default()
            });
        StoryConfig { settings: Arc::new(settings), exclude: Arc::new(exclude) }
    }

    fn fault(&mut self, file: &Path, message: &str, help: Option<&str>) {
        self.faults.push(Fault {
            path: self.shown(file),
            position: None,
            message: message.to_owned(),
            help: help.map(ToOwned::to_owned),
        });
    }

    /// The path of a file as short as it can be said from here.
    fn shown(&self, file: &Path) -> String {
        let path = file.strip_prefix(&self.current).unwrap_or(file);
        path.to_string_lossy().replace('\\', "/")
    }
}

/// Sets the levels of rules, the widest selector first, so that the narrowest decides.
fn set_levels(settings: &mut Settings, mut levels: Vec<(&RuleSelector, Level)>) {
    let width = |selector: &RuleSelector| match selector {
        RuleSelector::All => 0,
        RuleSelector::Family(_) => 1,
        RuleSelector::One(_) => 2,
    };
    levels.sort_by_key(|(selector, _)| width(selector));
    for (selector, level) in levels {
        for rule in selector.rules() {
            if level == Level::default_of(rule) {
                settings.rules.remove(rule.id);
            } else {
                settings.rules.insert(rule.id, level);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_of_one_file_share_its_settings() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = folder.path().canonicalize().expect("a real path");
        for novel in ["a", "b/part"] {
            std::fs::create_dir_all(shelf.join(novel)).expect("made");
        }
        let file = shelf.join(FILE_NAMES[0]);
        std::fs::write(&file, "quotes = \"single\"\nmax-file-size = 0x10\n").expect("written");
        let mut loader = ConfigLoader::new(ConfigSource::Search, Overrides::default());
        let first = loader.load(&shelf.join("a"));
        assert_eq!(first.settings.quotes, Quotes::Single);
        assert_eq!(first.settings.max_file_size, 16);
        // What is read once is not looked at again.
        std::fs::remove_file(&file).expect("removed");
        let second = loader.load(&shelf.join("b/part"));
        assert!(Arc::ptr_eq(&first.settings, &second.settings));
        assert_eq!(loader.finish(), Ok(()));
    }

    #[test]
    fn the_command_line_overrules_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("own.toml");
        let text = "quotes = \"single\"\nmax-file-size = \"1 MiB\"\n[parallel]\nmax_workers = 3\n";
        std::fs::write(&file, text).expect("written");
        let overrides = Overrides {
            quotes: Some(Quotes::Double),
            max_file_size: Some(7),
            max_workers: NonZeroUsize::new(5),
            ..Overrides::default()
        };
        let mut loader = ConfigLoader::new(ConfigSource::File(file), overrides);
        let settings = loader.load(Path::new("/")).settings;
        assert_eq!((settings.quotes, settings.max_file_size), (Quotes::Double, 7));
        assert_eq!(settings.parallel.max_workers, NonZeroUsize::new(5));
    }
}
