use super::head::{FORMAT, MAGIC, MessageKind};

/// A message that is being written.
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins a message, with room for so many bytes beside the usual fields.
    pub(super) fn new(kind: MessageKind, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(room.saturating_add(128));
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[FORMAT, kind.number()]);
        Self { bytes }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn u8(&mut self, number: u8) {
        self.bytes.push(number);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Bytes with a length of two bytes before them; what is more than `limit` is left out.
    pub(super) fn short(&mut self, bytes: &[u8], limit: usize) {
        let length = bytes.len().min(limit).min(usize::from(u16::MAX));
        self.bytes(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
        self.bytes(&bytes[..length]);
    }

    /// Text with a length of two bytes before it; what is more than `limit` is left out, by whole
    /// characters.
    pub(super) fn text(&mut self, text: &str, limit: usize) {
        let end = text.floor_char_boundary(limit.min(usize::from(u16::MAX)));
        self.short(&text.as_bytes()[..end], limit);
    }

    /// Bytes with a length of four bytes before them. Who writes a message has seen to it that it is not
    /// larger than one may be.
    pub(super) fn long(&mut self, bytes: &[u8]) {
        debug_assert!(u32::try_from(bytes.len()).is_ok(), "larger than any limit");
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.bytes(bytes);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
