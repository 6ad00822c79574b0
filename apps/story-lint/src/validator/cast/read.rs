use std::borrow::Cow;
use std::ops::Range;

use super::facts::{CastFacts, Event, MOST_SPOTS, Observed, Spot, Trait, hash};
use super::{age, fate, limb, looks};
use crate::calendar::Calendar;
use crate::document::{Block, BlockKind, Document};
use crate::prose::{Gap, Sentence, is_function_word, is_title, sentences};
use crate::validator::Piece;
use crate::validator::section::{Kind, Section, narrow, of_heading};
use crate::validator::time::find;

/// A sentence with the names in it.
pub(super) struct Named<'a> {
    pub(super) words: Sentence<'a>,
    /// The words of each run of capitals, in order.
    pub(super) names: &'a [Range<usize>],
}

impl Named<'_> {
    /// The name that ends before a word.
    pub(super) fn ends_at(&self, end: usize) -> Option<Range<usize>> {
        self.names.iter().find(|name| name.end == end).cloned()
    }

    /// The name that starts at a word.
    pub(super) fn starts_at(&self, start: usize) -> Option<Range<usize>> {
        self.names.iter().find(|name| name.start == start).cloned()
    }

    /// The name that the sentence starts with, short words such as `and` or `poor` let be.
    pub(super) fn subject(&self) -> Option<Range<usize>> {
        let first = self.names.first()?;
        let is_first = first.start <= 2
            && (0..first.start).all(|at| {
                let word = self.words.get(at).unwrap_or_default();
                let mut letters = word.chars();
                let head = letters.next().map(|c| c.to_ascii_uppercase());
                let word: String = head.into_iter().chain(letters).collect();
                is_function_word(&word)
                    && !matches!(&*word, "To" | "For" | "With" | "Of" | "At" | "By" | "From")
            });
        (is_first && !self.words.words[first.end - 1].owner).then(|| first.clone())
    }

    pub(super) fn is_spoken(&self, at: usize) -> bool {
        self.words.words.get(at).is_some_and(|word| word.spoken)
    }
}

/// Reads a piece.
pub(super) fn read(piece: &Piece<'_>) -> CastFacts {
    let mut facts = CastFacts::default();
    // About as many as a chapter of this length has.
    facts.lower.reserve(piece.document.prose.len() / 24);
    let mut names = Vec::new();
    let reading = piece.document.reading();
    for (index, block) in piece.blocks() {
        match block.kind {
            BlockKind::Heading(_) => {
                facts.sections.push(of_heading(index, piece.document.text(block)));
            }
            BlockKind::Break => {
                let block = narrow(index);
                facts.sections.push(Section { block, kind: Kind::Break, year: None });
            }
            BlockKind::Paragraph => {
                facts.paragraphs += 1;
                facts.quoted += u32::from(block.quoted);
                let mut reader =
                    Reader { document: piece.document, block, index, facts: &mut facts };
                let bible = piece.settings.bible.as_deref();
                for sentence in sentences(&piece.document.prose, reading.block(index)) {
                    reader.sentence(sentence, &mut names);
                    if let Some(bible) = bible {
                        reader.dates(sentence, &bible.calendar);
                    }
                }
            }
            _ => {}
        }
    }
    facts
}

struct Reader<'a> {
    document: &'a Document,
    block: &'a Block,
    index: usize,
    facts: &'a mut CastFacts,
}

impl Reader<'_> {
    fn sentence(&mut self, sentence: Sentence<'_>, names: &mut Vec<Range<usize>>) {
        names.clear();
        let words = sentence.words;
        // Where something is said of a person's looks, age or end.
        let mut triggers = [0usize; 8];
        let mut pulled = 0;
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            let text = sentence.get(at).unwrap_or_default();
            if word.capital {
                if let Some(end) = phrase_end(sentence, at) {
                    names.push(at..end);
                    at = end;
                    continue;
                }
            } else {
                if text.len() >= 4 {
                    self.facts.lower.insert(hash(text));
                }
                if pulled < triggers.len() && is_trigger(text) {
                    triggers[pulled] = at;
                    pulled += 1;
                }
            }
            at += 1;
        }
        if names.is_empty() && pulled == 0 {
            return;
        }
        let named = Named { words: sentence, names };
        for name in named.names {
            self.name(&named, name.clone());
        }
        if self.block.listed || self.block.hard_breaks {
            return;
        }
        for &at in &triggers[..pulled] {
            self.trigger(&named, at);
        }
    }

    fn trigger(&mut self, named: &Named<'_>, at: usize) {
        let sentence = named.words;
        let found = match sentence.get(at).unwrap_or_default() {
            "eyes" | "eyed" | "hair" | "haired" => looks::at(named, at),
            "years" | "year" | "aged" | "age" | "of" | "was" | "is" => age::at(named, at),
            "left" | "right" => limb::at(named, at),
            "remembered" | "recalled" | "dreamed" | "dreamt" | "ago" | "earlier" | "ghost" => {
                if !named.is_spoken(at) {
                    self.goes_back();
                }
                None
            }
            _ => {
                if let Some((who, end)) = fate::death(named, at) {
                    self.event(named, who, end, true);
                }
                None
            }
        };
        if let Some((who, what, range)) = found {
            self.observed(named, who, what, range);
        }
    }

    fn dates(&mut self, sentence: Sentence<'_>, calendar: &Calendar) {
        if self.block.quoted || self.block.listed || self.block.hard_breaks {
            return;
        }
        for found in find(sentence, calendar) {
            let word = &sentence.words[found.words.start];
            if let Some(date) = found.full().filter(|_| !word.spoken && !word.styled) {
                self.facts.dates.push((narrow(self.index), date));
            }
        }
    }

    fn goes_back(&mut self) {
        let block = narrow(self.index);
        if self.facts.sections.last().is_none_or(|last| last.block != block) {
            self.facts.sections.push(Section { block, kind: Kind::Back, year: None });
        }
    }

    fn observed(&mut self, named: &Named<'_>, who: Range<usize>, what: Trait, words: Range<usize>) {
        let spoken = named.is_spoken(words.start);
        let who = self.text(named, who).into();
        let span = self.document.source_span(named.words.range(words));
        let (block, quoted) = (narrow(self.index), self.block.quoted);
        self.facts.traits.push(Observed { who, what, span, block, quoted, spoken });
    }

    fn event(&mut self, named: &Named<'_>, who: Range<usize>, end: usize, is_death: bool) {
        let words = who.start.min(end - 1)..end.max(who.end);
        let span = self.document.source_span(named.words.range(words));
        let who = self.text(named, who).into();
        let event = Event { who, span, block: narrow(self.index), quoted: self.block.quoted };
        let list = if is_death { &mut self.facts.deaths } else { &mut self.facts.speeches };
        list.push(event);
    }

    /// Counts a name, and sees whether it speaks.
    fn name(&mut self, named: &Named<'_>, name: Range<usize>) {
        let sentence = named.words;
        let first = &sentence.words[name.start];
        let speaks = !self.block.hard_breaks && fate::speaks(named, &name);
        if speaks {
            self.event(named, name.clone(), name.end, false);
        }
        let is_inside = matches!(first.gap, Gap::Space | Gap::Comma | Gap::Hyphen);
        let is_placed = first.gap == Gap::Space
            && name.start > 0
            && sentence.is_any(name.start - 1, &["at", "in", "near", "into", "from", "through"]);
        let key = self.text(named, name.clone());
        let of = match self.facts.phrases.get_mut(&*key) {
            Some(of) => of,
            None => self.facts.phrases.entry(key.into()).or_default(),
        };
        of.count += 1;
        of.inside += u32::from(is_inside);
        of.placed += u32::from(is_placed);
        of.speaks += u32::from(speaks);
        if of.spots.len() < MOST_SPOTS {
            of.spots.push(Spot {
                span: self.document.source_span(sentence.range(name)),
                quoted: self.block.quoted,
                apart: first.styled || self.block.hard_breaks || self.block.listed,
            });
        }
    }

    /// The words of a name as one line.
    fn text<'d>(&self, named: &Named<'d>, name: Range<usize>) -> Cow<'d, str>
    where
        Self: 'd,
    {
        let text = named.words.slice(name);
        if text.contains('\n') { Cow::Owned(text.replace('\n', " ")) } else { Cow::Borrowed(text) }
    }
}

/// Where the run of capitals ends that starts at a word; `None` if it is no name.
fn phrase_end(sentence: Sentence<'_>, start: usize) -> Option<usize> {
    let words = sentence.words;
    let text = sentence.get(start)?;
    if words[start].shouted || is_function_word(text) {
        return None;
    }
    let mut end = start + 1;
    while !words[end - 1].owner
        && words.get(end).is_some_and(|word| {
            word.capital
                && !word.shouted
                && word.gap == Gap::Space
                && word.spoken == words[start].spoken
        })
        && !sentence.get(end).is_some_and(is_function_word)
    {
        end += 1;
    }
    // A title alone names nobody.
    (end > start + 1 || is_title(text).is_none()).then_some(end)
}

/// Words that something may be said with.
const TRIGGERS: [&str; 28] = [
    "eyes",
    "eyed",
    "hair",
    "haired",
    "years",
    "year",
    "aged",
    "age",
    "of",
    "was",
    "is",
    "left",
    "right",
    "died",
    "dead",
    "killed",
    "murdered",
    "drowned",
    "hanged",
    "buried",
    "slain",
    "remembered",
    "recalled",
    "dreamed",
    "dreamt",
    "ago",
    "earlier",
    "ghost",
];

/// Of each length, the first letters of such words, a bit each.
const INITIALS: [u32; 16] = {
    let mut initials = [0; 16];
    let mut index = 0;
    while index < TRIGGERS.len() {
        let word = TRIGGERS[index].as_bytes();
        initials[word.len()] |= 1 << (word[0] - b'a');
        index += 1;
    }
    initials
};

fn is_trigger(word: &str) -> bool {
    let Some(initials) = INITIALS.get(word.len()) else { return false };
    let letter = word.as_bytes()[0].wrapping_sub(b'a');
    letter < 26 && initials >> letter & 1 == 1 && TRIGGERS.contains(&word)
}
