use super::marks::Class;

/// A mark's neighbours.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    before: Option<char>,
    after: Option<char>,
    rest: &'a str,
    /// Whether a word and a space stand before it, without a sign between.
    behind_a_word: bool,
}

impl<'a> Place<'a> {
    pub(super) fn new(text: &'a str, at: usize, len: usize) -> Self {
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

    /// Whether it may be an apostrophe in the middle of a sentence: `his 'bacca`.
    fn clipped_word_after(self) -> bool {
        self.behind_a_word && self.after.is_some_and(char::is_lowercase)
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

pub(super) fn curly_open(place: Place<'_>) -> Option<Class> {
    let behind_word = !place.may_open() && !place.dash_before() && place.may_close();
    // The mark that closes in German; or one that a word processor turned the wrong way.
    let turned = place.dash_before() && place.space_after();
    Some(match place {
        _ if behind_word || turned => Class::Close,
        // `Go! “` was typed with a space too many.
        _ if place.space_before() && place.space_after() => Class::Maybe,
        _ => Class::Open,
    })
}

pub(super) fn curly_close(place: Place<'_>) -> Option<Class> {
    // The mark that also opens in Swedish; or one that was turned the wrong way.
    let opens = place.may_open() && place.word_after();
    Some(if opens { Class::Open } else { Class::Close })
}

pub(super) fn straight_double(place: Place<'_>) -> Option<Class> {
    let digit_before = place.before.is_some_and(|c| c.is_ascii_digit());
    let quote_before = place.before.is_some_and(|c| matches!(c, '\'' | '’' | '"'));
    Some(match place {
        _ if place.space_before() && place.space_after() => Class::Maybe,
        _ if place.may_open() => Class::Open,
        _ if place.word_before() && place.word_after() => Class::Maybe,
        _ if digit_before => Class::Maybe,
        _ if place.space_after() => Class::Close,
        // Before a word none closes: `he said--"Yes`, `'"Yes`.
        _ if (place.dash_before() || quote_before) && place.word_after() => Class::Open,
        _ if place.dash_before() || quote_before => Class::Either,
        _ if place.may_close() => Class::Close,
        _ => Class::Either,
    })
}

pub(super) fn curly_open_single(place: Place<'_>) -> Option<Class> {
    if place.word_before() && place.word_after() {
        return None;
    }
    Some(match place {
        _ if place.space_before() && place.space_after() => Class::Maybe,
        _ if place.elision_after() || place.clipped_word_after() => Class::MaybeOpen,
        _ if !place.space_before() && !place.may_open() && place.space_after() => Class::MaybeClose,
        _ => Class::Open,
    })
}

pub(super) fn curly_close_single(place: Place<'_>) -> Option<Class> {
    if place.word_after() && (place.word_before() || place.may_open() || place.dash_before()) {
        return None;
    }
    Some(match place {
        _ if place.word_before() || place.word_after() || place.space_before() => Class::MaybeClose,
        _ => Class::Close,
    })
}

pub(super) fn straight_single(place: Place<'_>) -> Option<Class> {
    if place.word_before() && place.word_after() {
        return None;
    }
    let opening = place.may_open()
        || (place.dash_before() || place.before == Some('"')) && place.word_after();
    let vowel_after = place.after.is_some_and(|c| "aeiou".contains(c));
    Some(match place {
        // Of two in a row, `''tis` and `'…goin''`, one may be an apostrophe.
        _ if place.before == Some('\'') && place.word_after() => Class::MaybeOpen,
        _ if place.before == Some('\'') => Class::MaybeClose,
        _ if place.space_before() && place.space_after() => Class::Maybe,
        // Dialect drops its h: `'ouse`. Only what is no such word surely opens.
        _ if opening && (place.elision_after() || vowel_after) => Class::MaybeOpen,
        _ if opening && place.clipped_word_after() => Class::MaybeOpen,
        _ if opening => Class::Open,
        _ if place.word_before() || place.word_after() => Class::MaybeClose,
        _ => Class::Close,
    })
}
