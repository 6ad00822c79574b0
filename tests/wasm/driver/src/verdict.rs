use std::fmt;

use crate::Event;

/// What the page has reported of its cases, put together.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The names of all cases, from the page's first report.
    expected: Vec<String>,
    /// The cases that ended: name, and the reason if it failed.
    ended: Vec<(String, Result<String, String>)>,
    /// Why nothing more comes, if that is not the regular end.
    broken: Option<String>,
    complete: bool,
}

impl Verdict {
    /// Takes in what the page said.
    pub(crate) fn note(&mut self, event: Event) {
        let words: Vec<&str> = event.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["cases"] => self.expected = event.body.lines().map(str::to_owned).collect(),
            ["passed", name] => self.end(name, Ok(event.body)),
            ["failed", name] => self.end(name, Err(event.body)),
            ["broken"] => self.give_up(event.body),
            ["end"] => self.complete = true,
            other => self.give_up(format!("the page reported something unknown: {other:?}")),
        }
    }

    /// Ends it here.
    pub(crate) fn give_up(&mut self, reason: String) {
        self.broken.get_or_insert(reason);
        self.complete = true;
    }

    /// Whether nothing more is to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether there were cases, and all ran and passed.
    pub(crate) fn passed(&self) -> bool {
        self.broken.is_none()
            && !self.expected.is_empty()
            && self.missing().next().is_none()
            && self.ended.iter().all(|(_, result)| result.is_ok())
    }

    fn end(&mut self, name: &str, result: Result<String, String>) {
        self.ended.push((name.to_owned(), result));
    }

    fn missing(&self) -> impl Iterator<Item = &String> {
        self.expected.iter().filter(|name| !self.ended.iter().any(|(ended, _)| ended == *name))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, result) in &self.ended {
            match result {
                Ok(time) => writeln!(f, "wasm {name} ... ok ({time} ms)")?,
                Err(reason) => writeln!(f, "wasm {name} ... FAILED\n{reason}\n")?,
            }
        }
        for name in self.missing() {
            writeln!(f, "wasm {name} ... did not run")?;
        }
        if let Some(reason) = &self.broken {
            writeln!(f, "the page broke: {reason}")?;
        }
        if self.expected.is_empty() {
            writeln!(f, "the page never said which cases it has")?;
        }
        let passed = self.ended.iter().filter(|(_, result)| result.is_ok()).count();
        write!(f, "wasm: {passed} of {} cases passed in the browser", self.expected.len())
    }
}
