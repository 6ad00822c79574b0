use std::borrow::Cow;

use memchr::memchr3_iter;

use super::lines;
use super::place::{
    Place, curly_close, curly_close_single, curly_open, curly_open_single, straight_double,
    straight_single,
};

/// The two kinds of quotation mark; a story opens speech with one and nests the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// “…”, "…" and „…“.
    Double,
    /// ‘…’ and '…'.
    Single,
}

impl Family {
    pub(super) const ALL: [Self; 2] = [Self::Double, Self::Single];
}

/// What a mark can be, judged by its form and its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It opens.
    Open,
    /// It closes.
    Close,
    /// It closes what is open, and else opens: a straight mark between two signs.
    Either,
    /// It opens, or goes on with what is open: at the start of a line of a letter or a list.
    Again,
    /// It opens, or is an apostrophe: `’tis` with its mark turned wrong.
    MaybeOpen,
    /// It closes, or is an apostrophe: `the dogs’`.
    MaybeClose,
    /// It opens, closes or is no quotation mark at all: `6"`.
    Maybe,
}

/// A quotation mark in a paragraph's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) len: usize,
    pub(super) class: Class,
}

/// The marks of a paragraph, by family.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) double: Vec<Mark>,
    pub(super) single: Vec<Mark>,
}

impl Marks {
    pub(super) fn of(&self, family: Family) -> &[Mark] {
        match family {
            Family::Double => &self.double,
            Family::Single => &self.single,
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.double.is_empty() && self.single.is_empty()
    }

    /// The marks of a family without the pairs that stand inside a quotation of the other family.
    ///
    /// In `“He said: ‘I heard “Go!” then.’` the inner pair says nothing about the outer mark.
    pub(super) fn unnested(&self, family: Family) -> Cow<'_, [Mark]> {
        let (own, other) = match family {
            Family::Double => (&self.double, &self.single),
            Family::Single => (&self.single, &self.double),
        };
        let sure = |mark: &&Mark| matches!(mark.class, Class::Open | Class::Close);
        if other.is_empty() || own.len() < 3 {
            return Cow::Borrowed(own);
        }
        let mut kept = Vec::with_capacity(own.len());
        let mut other = other.iter().filter(sure).peekable();
        let mut inside = false;
        let mut own = own.iter().peekable();
        while let Some(mark) = own.next() {
            while let Some(before) = other.next_if(|before| before.at < mark.at) {
                inside = before.class == Class::Open;
            }
            let opens = matches!(mark.class, Class::Open | Class::Either);
            if inside && opens && !kept.is_empty() {
                let closes = |next: &&Mark| matches!(next.class, Class::Close | Class::Either);
                if own.next_if(closes).is_some() {
                    continue;
                }
            }
            kept.push(*mark);
        }
        Cow::Owned(kept)
    }

    /// Finds and judges the marks of a text.
    pub(super) fn read(&mut self, text: &str) {
        self.double.clear();
        self.single.clear();
        let bytes = text.as_bytes();
        // Measured once and only where a line asks for it: each line of a list may open.
        let mut width = None;
        for at in memchr3_iter(b'"', b'\'', 0xe2, bytes) {
            let (family, class, len) = match bytes[at] {
                b'"' => (Family::Double, straight_double(Place::new(text, at, 1)), 1),
                b'\'' => (Family::Single, straight_single(Place::new(text, at, 1)), 1),
                _ if bytes.get(at + 1) != Some(&0x80) => continue,
                _ => match bytes.get(at + 2) {
                    Some(0x98) => (Family::Single, curly_open_single(Place::new(text, at, 3)), 3),
                    Some(0x99) => (Family::Single, curly_close_single(Place::new(text, at, 3)), 3),
                    Some(0x9c) => (Family::Double, curly_open(Place::new(text, at, 3)), 3),
                    Some(0x9d) => (Family::Double, curly_close(Place::new(text, at, 3)), 3),
                    Some(0x9e) => (Family::Double, Some(Class::Open), 3),
                    Some(0x9a) => (Family::Single, Some(Class::MaybeOpen), 3),
                    _ => continue,
                },
            };
            let Some(class) = class else { continue };
            let again = class == Class::Open && text[..at].ends_with('\n') && {
                let width = *width.get_or_insert_with(|| lines::width(text));
                lines::starts(text, at, width)
            };
            let mark = Mark { at, len, class: if again { Class::Again } else { class } };
            match family {
                Family::Double => self.double.push(mark),
                Family::Single => self.single.push(mark),
            }
        }
    }
}
