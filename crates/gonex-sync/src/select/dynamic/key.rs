use std::fmt;
use std::marker::PhantomData;

/// Names an arm of a [`Select`](super::Select).
///
/// Keys are never given twice by one select, so that of an arm that is gone names nothing. With the
/// key of another select nothing bad happens, but which arm it names there is chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ArmKey(pub(super) u64);

/// Names an arm that sends, and knows what it sends: see [`Select::slot`](super::Select::slot).
pub struct SendKey<T> {
    pub(super) arm: ArmKey,
    value: PhantomData<fn() -> T>,
}

impl<T> SendKey<T> {
    pub(super) fn new(arm: ArmKey) -> Self {
        Self { arm, value: PhantomData }
    }
}

impl<T> From<SendKey<T>> for ArmKey {
    fn from(key: SendKey<T>) -> Self {
        key.arm
    }
}

// What is sent need be neither.
impl<T> Clone for SendKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SendKey<T> {}

impl<T> fmt::Debug for SendKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendKey").field(&self.arm.0).finish()
    }
}
