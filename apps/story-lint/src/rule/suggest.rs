/// The candidate that `word` was most likely meant to be, if one is near enough.
///
/// Case does not count, nor does `_` for `-`. Of two equally near the first wins.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let word = plain(word);
    // One slip in three letters: more would suggest words that share nothing but their length.
    let reach = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|&(distance, _)| distance <= reach)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_slips_and_other_spellings() {
        assert_eq!(closest("LINK01", ["LINK001", "REP001"]), Some("LINK001"));
        assert_eq!(closest("max_file_size", ["max-file-size", "quotes"]), Some("max-file-size"));
        assert_eq!(closest("rep001", ["REP002", "REP001"]), Some("REP001"));
    }

    #[test]
    fn leaves_strangers_alone() {
        assert_eq!(closest("colour", ["quotes", "exclude"]), None);
        assert_eq!(closest("", ["off"]), None);
    }
}
