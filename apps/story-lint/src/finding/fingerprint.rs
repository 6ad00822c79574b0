use std::collections::HashMap;

use super::Finding;
use crate::source::SourceFile;

/// Gives each finding of a story its fingerprint, by which it is known again after edits
/// elsewhere.
///
/// It is made of the rule, the file within the story and the marked text, never of a line; equal
/// ones are counted in the order of the text.
pub(crate) fn stamp<'a>(
    findings: &mut [Finding],
    file: impl Fn(&Finding) -> Option<&'a SourceFile>,
) {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for finding in findings {
        let Some(source) = file(finding) else { continue };
        let mut hash = Fnv::new();
        hash.add(finding.rule.id.as_bytes());
        hash.add(source.relative.as_bytes());
        for word in source.slice(finding.at.span).split_whitespace() {
            hash.add(word.as_bytes());
        }
        let count = seen.entry(hash.0).or_default();
        hash.add(&count.to_le_bytes());
        *count += 1;
        finding.fingerprint = format!("{:016x}", hash.0);
    }
}

/// The hash FNV-1a, by Fowler, Noll and Vo: the same on every machine and in every version.
pub(crate) struct Fnv(pub(crate) u64);

impl Fnv {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes and a border behind them.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&[0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
