use super::WireError;

/// What is left of a message.
pub(super) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn take(
        &mut self,
        field: &'static str,
        count: usize,
    ) -> Result<&'a [u8], WireError> {
        let short = WireError::Short { field, needed: count, left: self.left.len() };
        let (taken, left) = self.left.split_at_checked(count).ok_or(short)?;
        self.left = left;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], WireError> {
        let taken = self.take(field, N)?;
        let mut array = [0; N];
        array.copy_from_slice(taken);
        Ok(array)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, WireError> {
        self.array(field).map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, WireError> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, WireError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, field: &'static str) -> Result<u64, WireError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// Bytes behind a length of two bytes.
    pub(super) fn short(
        &mut self,
        field: &'static str,
        limit: usize,
    ) -> Result<&'a [u8], WireError> {
        let length = usize::from(self.u16(field)?);
        if length > limit {
            return Err(WireError::Long { field, length, limit });
        }
        self.take(field, length)
    }

    /// Bytes behind a length of four bytes. What is there bounds them.
    pub(super) fn long(&mut self, field: &'static str) -> Result<&'a [u8], WireError> {
        let length = self.u32(field)?;
        self.take(field, usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Text behind a length of two bytes.
    pub(super) fn text(&mut self, field: &'static str, limit: usize) -> Result<&'a str, WireError> {
        let bytes = self.short(field, limit)?;
        str::from_utf8(bytes).map_err(|_| WireError::Text { field })
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), WireError> {
        match self.left.len() {
            0 => Ok(()),
            count => Err(WireError::Trailing { count }),
        }
    }
}
