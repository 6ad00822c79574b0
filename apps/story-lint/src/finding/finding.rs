use crate::rule::Rule;
use crate::source::Span;
use crate::story::FileId;

/// A place in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A second place that a finding speaks of, such as the paragraph that was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub at: Location,
    /// What is there, such as `first stands here`.
    pub note: String,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// Where.
    pub at: Location,
    /// What is wrong, as a lowercase sentence without a full stop, naming what it speaks of.
    pub message: String,
    /// Why it is believed, in the same form, where the text does not speak for itself.
    pub reason: Option<String>,
    /// What would settle it, in the same form.
    pub help: Option<String>,
    /// The other places.
    pub related: Vec<Related>,
    /// What it is known by after edits elsewhere, in hexadecimal; empty until the engine sets it.
    pub fingerprint: String,
}

impl Finding {
    /// Makes a finding without reason, help or related places.
    #[must_use]
    pub fn new(rule: &'static Rule, at: Location, message: impl Into<String>) -> Self {
        Self {
            rule,
            at,
            message: message.into(),
            reason: None,
            help: None,
            related: Vec::new(),
            fingerprint: String::new(),
        }
    }

    /// Adds why it is believed.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Adds what would settle it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, at: Location, note: impl Into<String>) -> Self {
        self.related.push(Related { at, note: note.into() });
        self
    }

    /// The comment that lets it stand, to be put before its paragraph.
    #[must_use]
    pub fn silencer(&self) -> String {
        format!("<!-- story-lint: allow {} because … -->", self.rule.id)
    }

    /// The order in which findings are shown: file, place, rule, then text.
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |f: &Self| (f.at.file, f.at.span, f.rule.id);
        key(self).cmp(&key(other)).then_with(|| self.message.cmp(&other.message))
    }
}

/// Where a validator puts what it finds. What is in it stays, whatever happens to the validator.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The findings in the order they were added.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
