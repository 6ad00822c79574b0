use std::ops::{Deref, DerefMut};

/// How an operation holds what it waits for: on loan, so that it can be asked again, or as its own.
#[derive(Debug)]
pub(crate) enum Holding<'a, H> {
    Borrowed(&'a mut H),
    Owned(H),
}

impl<H> Deref for Holding<'_, H> {
    type Target = H;

    fn deref(&self) -> &H {
        match self {
            Self::Borrowed(held) => held,
            Self::Owned(held) => held,
        }
    }
}

impl<H> DerefMut for Holding<'_, H> {
    fn deref_mut(&mut self) -> &mut H {
        match self {
            Self::Borrowed(held) => held,
            Self::Owned(held) => held,
        }
    }
}
