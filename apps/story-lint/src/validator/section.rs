use crate::prose::year_in;

/// How many blocks a paragraph that goes back in time takes along.
const BACK: u32 = 3;

/// A heading, a scene break, or a paragraph that goes back in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) block: u32,
    pub(crate) kind: Kind,
    /// A year it names.
    pub(crate) year: Option<u32>,
}

/// What begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A heading that says nothing of the order.
    Heading,
    /// A heading that names another time, or a text that is no scene.
    Elsewhen,
    /// A heading of a letter or a diary: a text with an order of its own.
    Text,
    /// A scene break.
    Break,
    /// A paragraph that goes back in time.
    Back,
}

/// What a heading says of the order.
pub(crate) fn of_heading(block: usize, text: &str) -> Section {
    const WORDS: [&str; 8] =
        ["flashback", "prologue", "interlude", "earlier", "ago", "memory", "memories", "dream"];
    const LETTERS: [&str; 7] =
        ["letter", "letters", "diary", "journal", "telegram", "memorandum", "log"];
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let has = |known: &[&str]| {
        words().any(|word| known.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    // `The Letter` is the title of a scene; `Letter to Ann` and `Ann’s Diary` are texts.
    let is_text = has(&LETTERS) && has(&["to", "from", "s"]);
    let is_elsewhen =
        has(&WORDS) || is_text || has(&["years", "weeks", "days"]) && has(&["before"]);
    let kind = match (is_elsewhen, is_text) {
        (true, _) => Kind::Elsewhen,
        (_, true) => Kind::Text,
        _ => Kind::Heading,
    };
    Section { block: narrow(block), kind, year: year_in(text) }
}

pub(crate) fn narrow(block: usize) -> u32 {
    u32::try_from(block).unwrap_or(u32::MAX)
}

/// Whether a place in a file stands in the order of the story, by the sections of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    sections: &'a [Section],
    /// The latest year that a heading of an earlier file named.
    year: Option<u32>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(sections: &'a [Section], year: Option<u32>) -> Self {
        Self { sections, year }
    }

    /// The latest year named up to the end of the file.
    pub(crate) fn last_year(&self) -> Option<u32> {
        self.sections.iter().filter_map(|section| section.year).chain(self.year).max()
    }

    /// Whether the block belongs to another time, or to what is no scene.
    pub(crate) fn is_elsewhen(&self, block: u32) -> bool {
        let before = self.sections.partition_point(|section| section.block <= block);
        let mut latest = self.year;
        let (mut elsewhen, mut remembered) = (false, false);
        for section in &self.sections[..before] {
            match section.kind {
                Kind::Heading | Kind::Text => {
                    let is_earlier =
                        section.year.zip(latest).is_some_and(|(year, latest)| year < latest);
                    elsewhen = is_earlier;
                    latest = section.year.max(latest);
                }
                Kind::Elsewhen => elsewhen = true,
                Kind::Break => remembered = false,
                Kind::Back => remembered = block - section.block <= BACK,
            }
        }
        elsewhen || remembered
    }

    /// How many letters and diaries begin up to a block.
    pub(crate) fn texts(&self, block: u32) -> usize {
        let before = self.sections.partition_point(|section| section.block <= block);
        self.sections[..before].iter().filter(|section| section.kind == Kind::Text).count()
    }

    /// The scene of a block, as the number of headings and breaks up to it.
    pub(crate) fn scene(&self, block: u32) -> usize {
        let before = self.sections.partition_point(|section| section.block <= block);
        self.sections[..before].iter().filter(|section| section.kind != Kind::Back).count()
    }
}
