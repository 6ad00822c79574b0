use std::borrow::Cow;

use memchr::memchr3_iter;

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
            let mark = Mark { at, len, class };
            match family {
                Family::Double => self.double.push(mark),
                Family::Single => self.single.push(mark),
            }
        }
    }
}

/// A mark's neighbours.
#[derive(Clone, Copy)]
struct Place<'a> {
    before: Option<char>,
    after: Option<char>,
    rest: &'a str,
    /// Whether a word and a space stand before it, without a sign between.
    behind_a_word: bool,
}

impl<'a> Place<'a> {
    fn new(text: &'a str, at: usize, len: usize) -> Self {
        let rest = &text[at + len..];
        let mut back = text[..at].chars().rev();
        let before = back.next();
        let behind_a_word = before == Some(' ') && back.next().is_some_and(char::is_alphanumeric);
        Self { before, after: rest.chars().next(), rest, behind_a_word }
    }

    fn space_before(self) -> bool {
        self.before.is_none_or(char::is_whitespace)
    }

    fn space_after(self) -> bool {
        self.after.is_none_or(char::is_whitespace)
    }

    fn word_before(self) -> bool {
        self.before.is_some_and(char::is_alphanumeric)
    }

    fn word_after(self) -> bool {
        self.after.is_some_and(char::is_alphanumeric)
    }

    /// Whether an opening mark is at home behind what stands before.
    fn may_open(self) -> bool {
        self.space_before()
            || self
                .before
                .is_some_and(|c| matches!(c, '(' | '[' | '{' | '“' | '‘' | '„' | '«' | '/'))
    }

    fn dash_before(self) -> bool {
        self.before.is_some_and(|c| matches!(c, '—' | '–' | '-' | '―'))
    }

    /// Whether a closing mark is at home before what stands behind.
    fn may_close(self) -> bool {
        self.space_after()
            || self.after.is_some_and(|c| {
                matches!(
                    c,
                    ',' | '.'
                        | ';'
                        | ':'
                        | '!'
                        | '?'
                        | ')'
                        | ']'
                        | '}'
                        | '—'
                        | '–'
                        | '-'
                        | '…'
                        | '’'
                        | '”'
                        | '»'
                        | '"'
                        | '\''
                        | '“'
                        | '/'
                        | '―'
                )
            })
    }

    /// The letters behind the mark, at most twelve.
    fn word(self) -> &'a str {
        let end = self.rest.bytes().take(12).take_while(u8::is_ascii_alphabetic).count();
        &self.rest[..end]
    }

    /// Whether what follows is a word that often has lost its first letters: `’em`, `’tis`, `’80s`.
    fn elision_after(self) -> bool {
        const ELISIONS: [&str; 45] = [
            "tis", "twas", "twere", "twill", "twould", "twixt", "tain", "twasn", "em", "til",
            "till", "cause", "cos", "coz", "bout", "round", "neath", "gainst", "tween", "mongst",
            "mid", "pon", "un", "nuff", "cept", "fraid", "spose", "n", "m", "e", "im", "er", "is",
            "ere", "ave", "as", "ad", "ow", "ouse", "ome", "ead", "ard", "sblood", "arry", "enry",
        ];
        let word = self.word();
        self.after.is_some_and(|c| c.is_ascii_digit())
            || ELISIONS.iter().any(|elision| elision.eq_ignore_ascii_case(word))
    }
}

fn curly_open(place: Place<'_>) -> Option<Class> {
    let behind_word = !place.may_open() && !place.dash_before() && place.may_close();
    // The mark that closes in German; or one that a word processor turned the wrong way.
    let turned = place.dash_before() && place.space_after();
    Some(if behind_word || turned { Class::Close } else { Class::Open })
}

fn curly_close(place: Place<'_>) -> Option<Class> {
    // The mark that also opens in Swedish; or one that was turned the wrong way.
    let opens = place.may_open() && place.word_after();
    Some(if opens { Class::Open } else { Class::Close })
}

fn straight_double(place: Place<'_>) -> Option<Class> {
    let digit_before = place.before.is_some_and(|c| c.is_ascii_digit());
    let quote_before = place.before.is_some_and(|c| matches!(c, '\'' | '’' | '"'));
    Some(match place {
        _ if place.space_before() && place.space_after() => Class::Maybe,
        _ if place.may_open() => Class::Open,
        _ if place.word_before() && place.word_after() => Class::Maybe,
        _ if digit_before => Class::Maybe,
        _ if place.space_after() => Class::Close,
        _ if place.dash_before() || quote_before => Class::Either,
        _ if place.may_close() => Class::Close,
        _ => Class::Either,
    })
}

fn curly_open_single(place: Place<'_>) -> Option<Class> {
    if place.word_before() && place.word_after() {
        return None;
    }
    Some(match place {
        _ if place.elision_after() => Class::MaybeOpen,
        _ if !place.space_before() && !place.may_open() && place.space_after() => Class::MaybeClose,
        _ => Class::Open,
    })
}

fn curly_close_single(place: Place<'_>) -> Option<Class> {
    if place.word_after() && (place.word_before() || place.may_open() || place.dash_before()) {
        return None;
    }
    Some(match place {
        _ if place.word_before() || place.word_after() || place.space_before() => Class::MaybeClose,
        _ => Class::Close,
    })
}

fn straight_single(place: Place<'_>) -> Option<Class> {
    if place.word_before() && place.word_after() {
        return None;
    }
    let opening = place.may_open()
        || (place.dash_before() || place.before == Some('"')) && place.word_after();
    let lower_after = place.after.is_some_and(char::is_lowercase);
    let vowel_after = place.after.is_some_and(|c| "aeiou".contains(c));
    Some(match place {
        // Of two in a row, `''tis` and `'…goin''`, one may be an apostrophe.
        _ if place.before == Some('\'') && place.word_after() => Class::MaybeOpen,
        _ if place.before == Some('\'') => Class::MaybeClose,
        _ if place.space_before() && place.space_after() => Class::Maybe,
        // Dialect drops its h: `'ouse`. Only what is no such word surely opens.
        _ if opening && (place.elision_after() || vowel_after) => Class::MaybeOpen,
        // In the middle of a sentence it may be another clipped word: `his 'bacca`.
        _ if opening && lower_after && place.behind_a_word => Class::MaybeOpen,
        _ if opening => Class::Open,
        _ if place.word_before() || place.word_after() => Class::MaybeClose,
        _ => Class::Close,
    })
}
