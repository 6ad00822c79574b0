use super::classes::NONE;

/// A buffer and what it is of. It goes from hand to hand as one word: to move a vector takes three, read as
/// one right after its length was written, which processors wait for.
#[derive(Debug)]
pub(super) struct Held(Box<Bytes>);

/// Two of them on one cache line would be written by two threads.
#[derive(Debug)]
#[repr(align(64))]
struct Bytes {
    bytes: Vec<u8>,
    class: usize,
    /// The capacity of its class; 0 if it is of none.
    size: usize,
}

impl Held {
    /// Makes one of a class, with the size of that.
    pub(super) fn of(class: usize, size: usize) -> Self {
        Self(Box::new(Bytes { bytes: Vec::with_capacity(size), class, size }))
    }

    /// Makes one that is larger than all classes.
    pub(super) fn oversized(size: usize) -> Self {
        Self(Box::new(Bytes { bytes: Vec::with_capacity(size), class: NONE, size: 0 }))
    }

    #[inline]
    pub(super) fn bytes(&self) -> &Vec<u8> {
        &self.0.bytes
    }

    #[inline]
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0.bytes
    }

    /// Its class, and the size of that, where it is still of this class: not if it has grown, or was
    /// exchanged for another.
    #[inline]
    pub(super) fn class(&self) -> Option<(usize, usize)> {
        let Bytes { bytes, class, size } = &*self.0;
        (bytes.capacity() == *size && *size > 0).then_some((*class, *size))
    }

    /// Says of which class it is now.
    pub(super) fn set_class(&mut self, class: usize) {
        let size = self.0.bytes.capacity();
        (self.0.class, self.0.size) = (class, size);
    }
}
