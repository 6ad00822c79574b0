/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Colours(u16);

/// The colours that are told apart, each with the words for it and the bit it has.
const EYES: [(&[&str], u16); 8] = [
    (&["blue"], 1),
    (&["brown", "chestnut", "chocolate"], 1 << 1),
    (&["green", "emerald"], 1 << 2),
    (&["grey", "gray"], 1 << 3),
    (&["hazel"], 1 << 4),
    (&["black"], 1 << 5),
    (&["violet", "purple"], 1 << 6),
    (&["amber"], 1 << 7),
];

const HAIR: [(&[&str], u16); 7] = [
    (&["fair", "blond", "blonde", "golden", "yellow", "flaxen"], 1),
    (&["red", "ginger", "auburn", "copper", "coppery"], 1 << 1),
    (&["black", "raven"], 1 << 2),
    (&["brown", "chestnut"], 1 << 3),
    (&["dark"], 1 << 4),
    (&["sandy"], 1 << 5),
    (&["grey", "gray", "white", "silver"], 1 << 6),
];

/// Colours that people give to the same eyes.
const NEAR_EYES: [(u16, u16); 6] = [
    (1 << 1, 1 << 4),
    (1 << 2, 1 << 4),
    (1 << 1, 1 << 5),
    (1 << 1, 1 << 7),
    (1 << 4, 1 << 7),
    (1, 1 << 6),
];

/// Colours that people give to the same hair.
const NEAR_HAIR: [(u16, u16); 6] = [
    (1 << 2, 1 << 4),
    (1 << 3, 1 << 4),
    (1 << 5, 1),
    (1 << 5, 1 << 1),
    (1 << 5, 1 << 3),
    (1 << 1, 1 << 3),
];

/// Hair turns grey and white; nothing is concluded from that.
const AGED: u16 = 1 << 6;

/// What a colour is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Eyes,
    Hair,
}

impl Part {
    fn words(self) -> &'static [(&'static [&'static str], u16)] {
        match self {
            Self::Eyes => &EYES,
            Self::Hair => &HAIR,
        }
    }
}

impl Colours {
    /// The colour that a word names; none for other words.
    pub(crate) fn of(word: &str, part: Part) -> Self {
        let known = part
            .words()
            .iter()
            .find(|(words, _)| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
        Self(known.map_or(0, |(_, bit)| *bit))
    }

    /// The colours that a text names, such as `blue-grey`.
    pub(crate) fn in_text(text: &str, part: Part) -> Self {
        let words = text.split(|c: char| !c.is_alphabetic());
        words.fold(Self::default(), |all, word| all.and(Self::of(word, part)))
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no eye or hair can be called both.
    pub(crate) fn contradicts(self, other: Self, part: Part) -> bool {
        if self.is_empty() || other.is_empty() || self.0 & other.0 != 0 {
            return false;
        }
        let near: &[(u16, u16)] = match part {
            Part::Eyes => &NEAR_EYES,
            Part::Hair => &NEAR_HAIR,
        };
        if part == Part::Hair && (self.0 | other.0) & AGED != 0 {
            return false;
        }
        let touches = |a: u16, b: u16| self.0 & a != 0 && other.0 & b != 0;
        !near.iter().any(|&(a, b)| touches(a, b) || touches(b, a))
    }

    /// The colours in words.
    pub(crate) fn name(self, part: Part) -> String {
        let words = part.words().iter().filter(|(_, bit)| self.0 & bit != 0);
        words.map(|(words, _)| words[0]).collect::<Vec<_>>().join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_that_exclude_each_other_contradict() {
        for (part, a, b, expected) in [
            (Part::Eyes, "blue", "brown", true),
            (Part::Eyes, "grey", "gray", false),
            (Part::Eyes, "blue-grey", "grey", false),
            (Part::Eyes, "hazel", "brown", false),
            (Part::Eyes, "tired", "brown", false),
            (Part::Hair, "fair", "black", true),
            (Part::Hair, "golden", "blonde", false),
            (Part::Hair, "dark", "black", false),
            (Part::Hair, "black", "white", false),
        ] {
            let (one, other) = (Colours::in_text(a, part), Colours::in_text(b, part));
            assert_eq!(one.contradicts(other, part), expected, "{a} and {b}");
            assert_eq!(other.contradicts(one, part), expected, "{b} and {a}");
        }
    }
}
