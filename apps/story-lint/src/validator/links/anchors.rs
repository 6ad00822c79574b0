use rustc_hash::{FxHashMap, FxHashSet};

use super::check::LinkFacts;
use super::suggest::Suggester;
use crate::document::Slugger;

/// The places in a file that a link can jump to.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    names: FxHashSet<String>,
    /// The anchors that were probably meant, by what was written: a link that is wrong once is
    /// often wrong on every page.
    meant: FxHashMap<String, Option<String>>,
}

impl Anchors {
    pub(super) fn new(facts: &LinkFacts) -> Self {
        let mut slugger = Slugger::default();
        let headings = facts.headings.iter().map(|slug| slugger.number(slug));
        let names = headings.chain(facts.anchors.iter().cloned()).collect();
        Self { names, meant: FxHashMap::default() }
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
    pub(super) fn nearest(&mut self, anchor: &str, suggester: &mut Suggester) -> Option<&str> {
        if !self.meant.contains_key(anchor) {
            let meant = suggester.nearest(anchor, self.names.iter().map(String::as_str));
            self.meant.insert(anchor.to_owned(), meant.map(str::to_owned));
        }
        self.meant.get(anchor)?.as_deref()
    }
}
