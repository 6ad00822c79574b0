use rustc_hash::FxHashSet;

use super::check::LinkFacts;
use super::suggest::nearest;
use crate::document::Slugger;

/// The places in a file that a link can jump to.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    names: FxHashSet<String>,
}

impl Anchors {
    pub(super) fn new(facts: &LinkFacts) -> Self {
        let mut slugger = Slugger::default();
        let headings = facts.headings.iter().map(|slug| slugger.number(slug));
        Self { names: headings.chain(facts.anchors.iter().cloned()).collect() }
    }

    /// Whether an anchor leads somewhere.
    pub(super) fn has(&self, anchor: &str) -> bool {
        let name = anchor.strip_prefix("user-content-").unwrap_or(anchor);
        let made_by_software = name.is_empty()
            || name.eq_ignore_ascii_case("top")
            || name.starts_with(":~:")
            || name.strip_prefix("fn").is_some_and(|rest| {
                let rest = rest.trim_start_matches("ref");
                rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, ':' | '-'))
            });
        made_by_software || self.names.contains(name)
    }

    /// The anchor that was probably meant.
    pub(super) fn nearest(&self, anchor: &str) -> Option<&str> {
        nearest(anchor, self.names.iter().map(String::as_str))
    }
}
