/// Whether a line starts at `at` that is broken on purpose, and not where the text was wrapped.
///
/// In a list or at the end of a letter each line may open anew, as each paragraph of a speech does:
///
/// ```text
/// "All are well, and send their love.
/// "Ever yours,
/// "Matthew."
/// ```
///
/// A line was broken on purpose if the next word would have had room on it, and more: a quarter of
/// the longest line, `width`, since some texts are wrapped loosely.
pub(super) fn starts(text: &str, at: usize, width: usize) -> bool {
    let Some(above) = text[..at].strip_suffix('\n') else { return false };
    let is_short = |line: &str, below: &str| {
        let word = below.split_whitespace().next().unwrap_or_default();
        line.len() + word.len() + width / 4 < width
    };
    let before = above.rsplit('\n').next().unwrap_or_default();
    let own = &text[at..];
    is_short(before, own) || own.split_once('\n').is_some_and(|(line, below)| is_short(line, below))
}

/// The length of the longest line.
pub(super) fn width(text: &str) -> usize {
    text.split('\n').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_broken_on_purpose_are_told_from_wrapped_ones() {
        let at_quote = |text: &str| starts(text, text.find('"').unwrap(), width(text));
        assert!(at_quote("A line of the usual length here.\nShort.\n\"Ever yours."));
        assert!(at_quote("A line of the usual length here.\n\"Ever yours,\n\"Matthew."));
        assert!(!at_quote(
            "A line of the usual length here,\n\"and one that goes on as long,\nshe."
        ));
        assert!(!at_quote("A line of the usual length here,\n\"and the end."));
        assert!(!at_quote("In a line \"here."));
    }
}
