use std::fmt;
use std::str::FromStr;

use crate::rule::{Rule, closest};

/// Which rules a setting speaks of: one, a family such as `DIAL`, or `ALL`.
///
/// Where several speak of the same rule, the narrowest decides, whatever their order.
///
/// ```
/// use story_lint::config::RuleSelector;
/// let family: RuleSelector = "REP".parse().unwrap();
/// assert!(family.rules().iter().all(|rule| rule.id.starts_with("REP")));
/// assert!("REP999".parse::<RuleSelector>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleSelector {
    /// Every rule.
    All,
    /// The rules whose id starts with these letters.
    Family(String),
    /// One rule, by its id.
    One(&'static str),
}

impl RuleSelector {
    /// The rules that are meant.
    #[must_use]
    pub fn rules(&self) -> Vec<&'static Rule> {
        let mut rules = crate::validator::rules();
        rules.retain(|rule| match self {
            Self::All => true,
            Self::Family(family) => family_of(rule.id) == family,
            Self::One(id) => rule.id == *id,
        });
        rules
    }
}

impl fmt::Display for RuleSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "ALL",
            Self::Family(family) => family,
            Self::One(id) => id,
        })
    }
}

/// The letters that an id starts with.
fn family_of(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// A word that names no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    /// The word.
    pub word: String,
    /// A rule or family that may be meant.
    pub meant: Option<String>,
}

impl UnknownRule {
    /// What would settle it, as a sentence without a full stop.
    #[must_use]
    pub fn help(&self) -> String {
        match &self.meant {
            Some(meant) => format!("did you mean `{meant}`? `story-lint rules` lists them all"),
            None => "`story-lint rules` lists them all".to_owned(),
        }
    }
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule `{}`", self.word)
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for RuleSelector {
    type Err = UnknownRule;

    /// Reads `ALL`, a family or an id, in upper case.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "ALL" {
            return Ok(Self::All);
        }
        let rules = crate::validator::rules();
        if let Some(rule) = rules.iter().find(|rule| rule.id == word) {
            return Ok(Self::One(rule.id));
        }
        if rules.iter().any(|rule| family_of(rule.id) == word) {
            return Ok(Self::Family(word.to_owned()));
        }
        let families = rules.iter().map(|rule| family_of(rule.id));
        let known = rules.iter().map(|rule| rule.id).chain(families).chain(["ALL"]);
        let meant = closest(word, known).map(ToOwned::to_owned);
        Err(UnknownRule { word: word.to_owned(), meant })
    }
}
