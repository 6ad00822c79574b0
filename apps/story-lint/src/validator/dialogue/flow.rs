use super::balance::Fault;
use super::marks::Family;
use super::paragraph::{LoneMark, Paragraph};
use crate::source::Span;
use crate::story::FileId;

/// A lone mark that no other paragraph explains.
pub(super) struct Verdict {
    pub(super) file: FileId,
    pub(super) span: Span,
    pub(super) fault: Fault,
}

/// Follows speech from paragraph to paragraph through a story.
///
/// Block quotations are a stream of their own: a letter may stand in the middle of a speech, and
/// a story may be told in block quotations altogether.
pub(super) struct Flow<'a> {
    family: Family,
    /// Whether files may be missing between two files.
    partial: bool,
    report: Box<dyn FnMut(Verdict) + 'a>,
    plain: Option<Pending>,
    quoted: Option<Pending>,
    last_quoted: bool,
}

/// Speech that was open at the end of a paragraph.
struct Pending {
    file: FileId,
    span: Span,
    silent: bool,
    /// Paragraphs without marks that came since.
    unmarked: u32,
    /// Whether one of them may be narration.
    narrated: bool,
}

/// How many paragraphs without marks may stand in the middle of speech: a poem that is recited, a
/// riddle of which each line is explained.
const LONGEST_INSET: u32 = 6;

/// How many faults of a paragraph are taken for slips.
pub(super) const MOST_FAULTS: usize = 3;

impl Pending {
    /// Takes a paragraph without marks; says whether what closes the speech may still come.
    fn waits(&mut self, inset: bool) -> bool {
        self.unmarked += 1;
        self.narrated |= !inset;
        self.unmarked <= LONGEST_INSET
    }
}

impl<'a> Flow<'a> {
    pub(super) fn new(family: Family, partial: bool, report: impl FnMut(Verdict) + 'a) -> Self {
        let report = Box::new(report);
        Self { family, partial, report, plain: None, quoted: None, last_quoted: false }
    }

    /// Takes the next file. Speech may run on from one chapter to the next.
    pub(super) fn file(&mut self, file: FileId, paragraphs: &[Paragraph], lone: &[LoneMark]) {
        let family = self.family;
        let mut lone = lone.iter().filter(|lone| lone.family == family).peekable();
        for (index, paragraph) in (0u32..).zip(paragraphs) {
            let mut own = Vec::new();
            while let Some(mark) = lone.next_if(|mark| mark.paragraph == index) {
                own.push(*mark);
            }
            self.paragraph(file, *paragraph, &own);
        }
        if self.partial {
            // The next file may be another chapter.
            let plain = self.plain.take();
            self.leave(plain);
        }
        let quoted = self.quoted.take();
        self.leave(quoted);
        self.last_quoted = false;
    }

    /// Ends the story.
    pub(super) fn end(mut self) {
        let plain = self.plain.take();
        self.unclosed(plain.as_ref());
    }

    fn paragraph(&mut self, file: FileId, paragraph: Paragraph, mut lone: &[LoneMark]) {
        // What a block quotation leaves open is explained by what follows right behind it.
        if !self.last_quoted {
            let quoted = self.quoted.take();
            self.leave(quoted);
        }
        self.last_quoted = paragraph.quoted;
        // Verse and what the other marks quote interrupt speech, where narration ends it.
        let inset = paragraph.verse || paragraph.starts.contains(&true);
        let stream = if paragraph.quoted { &mut self.quoted } else { &mut self.plain };
        if paragraph.bare[self.family as usize]
            && stream.as_mut().is_some_and(|pending| pending.waits(inset))
        {
            return;
        }
        let own = stream.take();
        let closes = lone.first().is_some_and(|mark| mark.fault == Fault::Unopened);
        if let Some(pending) = own {
            let goes_on = paragraph.starts.contains(&true) && !pending.narrated;
            if closes && !paragraph.starts[self.family as usize] {
                lone = &lone[1..];
            } else if !goes_on {
                self.unclosed(Some(&pending));
            }
        } else if closes {
            let other = if paragraph.quoted { &mut self.plain } else { &mut self.quoted };
            if other.take().is_some() {
                lone = &lone[1..];
            }
        }
        if paragraph.quoted && paragraph.starts[self.family as usize] {
            // The speech goes on in the quotation: a song that is sung, a letter that is read.
            self.plain = None;
        }
        let inside = |mark: &&LoneMark| mark.fault.is_inside();
        let mut left = match lone.iter().filter(inside).count() {
            // A paragraph of faults is a list or a play; one finding says so.
            count if count > MOST_FAULTS => 1,
            count => count,
        };
        for mark in lone {
            let LoneMark { span, fault, .. } = *mark;
            if matches!(fault, Fault::OpenAtEnd | Fault::MaybeOpenAtEnd) {
                let silent = paragraph.verse || fault == Fault::MaybeOpenAtEnd;
                let pending = Some(Pending { file, span, silent, unmarked: 0, narrated: false });
                *(if paragraph.quoted { &mut self.quoted } else { &mut self.plain }) = pending;
            } else if !paragraph.verse && left > 0 {
                left -= 1;
                (self.report)(Verdict { file, span, fault });
            }
        }
    }

    /// Speech that is not followed further: only narration behind it shows that it is at fault.
    fn leave(&mut self, pending: Option<Pending>) {
        self.unclosed(pending.filter(|pending| pending.narrated).as_ref());
    }

    fn unclosed(&mut self, pending: Option<&Pending>) {
        if let Some(&Pending { file, span, silent: false, .. }) = pending {
            (self.report)(Verdict { file, span, fault: Fault::Unclosed });
        }
    }
}
