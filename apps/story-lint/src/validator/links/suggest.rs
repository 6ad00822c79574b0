/// Looks for the names that were meant, as long as it is worth the time.
///
/// A folder of generated pages may hold bad links without number, of which nobody reads more than
/// the first: comparing each with every name would take hours. What is compared is counted, letter
/// by letter, and when [`WORK`](Self::WORK) is done no more is suggested.
#[derive(Debug)]
pub(super) struct Suggester {
    left: usize,
}

impl Default for Suggester {
    fn default() -> Self {
        Self { left: Self::WORK }
    }
}

impl Suggester {
    /// Pairs of letters compared in one story: enough for some hundred bad anchors in a file of
    /// some hundred headings.
    const WORK: usize = 20_000_000;

    /// Nobody mistypes a name longer than this, in bytes.
    const LONGEST: usize = 400;

    /// The candidate nearest to a word, if it is near enough to be meant; ties go to the first in
    /// order of bytes.
    pub(super) fn nearest<'a>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if word.len() > Self::LONGEST {
            return None;
        }
        let lower = word.to_lowercase();
        let length = lower.chars().count();
        // A third of the letters wrong is the most that still looks like a slip.
        let most = (length / 3).clamp(1, 6);
        let mut best = None;
        for candidate in candidates {
            // A letter is four bytes at most: what differs by more need not be counted.
            let cost = candidate.len().min(Self::LONGEST);
            self.left = self.left.checked_sub(cost).or_else(|| self.stop())?;
            if candidate.len() > 4 * (length + most)
                || candidate.chars().count().abs_diff(length) > most
            {
                continue;
            }
            self.left = self.left.checked_sub(lower.len() * cost).or_else(|| self.stop())?;
            let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
            let found = (distance, candidate);
            if distance <= most && best.is_none_or(|best| found < best) {
                best = Some(found);
            }
        }
        best.map(|(_, candidate)| candidate)
    }

    /// Suggests no more: half of the candidates could only give a wrong answer.
    fn stop(&mut self) -> Option<usize> {
        self.left = 0;
        None
    }
}

/// The path that leads from a folder to a file, both below the story's folder.
pub(super) fn relative_path(folder: &str, file: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = file.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_as_near_the_first_by_bytes_is_meant() {
        let mut suggester = Suggester::default();
        for names in [["storm-a", "storm-b"], ["storm-b", "storm-a"]] {
            assert_eq!(suggester.nearest("storm-x", names), Some("storm-a"));
        }
        assert_eq!(suggester.nearest("storm-x", ["harbour"]), None);
        assert_eq!(suggester.nearest("Café", ["cafe"]), Some("cafe"));
    }

    #[test]
    fn suggestions_end_when_they_take_too_long() {
        let names: Vec<String> = (0..2_000).map(|n| format!("heading-number-{n}")).collect();
        let names = || names.iter().map(String::as_str);
        let mut suggester = Suggester::default();
        // All of them would take minutes.
        let meant = (0..50_000).map(|n| suggester.nearest(&format!("haeding-number-{n}"), names()));
        let meant: Vec<bool> = meant.map(|meant| meant.is_some()).collect();
        assert!(meant[0] && !meant[49_999]);
        assert!(meant.is_sorted_by(|a, b| a >= b), "none once it has stopped");
    }

    #[test]
    fn a_name_of_a_book_s_length_is_no_slip() {
        let long = "x".repeat(1 << 20);
        let other = "y".repeat(1 << 20);
        assert_eq!(Suggester::default().nearest(&long, [other.as_str()]), None);
        assert_eq!(Suggester::default().nearest("storm", [other.as_str(), "strom"]), Some("strom"));
    }
}
