use super::Severity;

/// A kind of finding, with the texts that `rules` and `explain` print.
///
/// A rule is a `static` beside the validator that reports it.
#[derive(Debug)]
pub struct Rule {
    /// The stable name, such as `LINK001`.
    pub id: &'static str,
    /// A few words that say what is wrong, such as `broken link`.
    pub name: &'static str,
    /// One sentence: when the rule reports.
    pub summary: &'static str,
    /// What `explain` prints behind the summary, as Markdown: why it matters, what it takes for
    /// a fault and what it leaves alone, and how to settle a finding.
    pub explanation: &'static str,
    /// A small text that the rule reports.
    pub bad: &'static str,
    /// The same text as it should be.
    pub good: &'static str,
    /// The severity where the configuration says nothing.
    pub severity: Severity,
    /// Whether it reports only where the configuration asks for it.
    pub off: bool,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
