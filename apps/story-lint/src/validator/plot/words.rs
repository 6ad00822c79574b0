use aho_corasick::{AhoCorasick, MatchKind};

use crate::bible::Bible;
use crate::validator::ValidatorError;

/// What a phrase is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The entry of banned words, by its index.
    Banned(usize),
    /// The first half of a plant.
    Planted(usize),
    /// The second half.
    Paid(usize),
}

/// The phrases that are looked for, all in one pass.
#[derive(Debug)]
pub struct Phrases {
    matcher: AhoCorasick,
    roles: Vec<Role>,
}

impl Phrases {
    /// Those of a bible; `None` if it has none.
    pub(super) fn of(bible: &Bible) -> Result<Option<Self>, ValidatorError> {
        let (mut words, mut roles) = (Vec::new(), Vec::new());
        for (index, banned) in bible.banned.iter().enumerate() {
            for word in &banned.words {
                words.push(normal(word));
                roles.push(Role::Banned(index));
            }
        }
        for (index, plant) in bible.plants.iter().enumerate() {
            words.extend([normal(&plant.planted), normal(&plant.paid)]);
            roles.extend([Role::Planted(index), Role::Paid(index)]);
        }
        if words.is_empty() {
            return Ok(None);
        }
        let matcher = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&words)
            .map_err(|error| ValidatorError(format!("too many words in story.toml: {error}")))?;
        Ok(Some(Self { matcher, roles }))
    }

    /// Calls `found` with each phrase that stands in a text as whole words.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(std::ops::Range<usize>, Role)) {
        // A phrase may stand on two lines; the bytes stay where they are.
        let text = text.replace('\n', " ");
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        for hit in self.matcher.find_overlapping_iter(&text) {
            let before = text[..hit.start()].chars().next_back();
            let behind = text[hit.end()..].chars().next();
            if !is_letter(before) && !is_letter(behind) {
                found(hit.start()..hit.end(), self.roles[hit.pattern().as_usize()]);
            }
        }
    }
}

/// One space between words, as the text has it.
fn normal(phrase: &str) -> String {
    phrase.split_whitespace().collect::<Vec<_>>().join(" ")
}
