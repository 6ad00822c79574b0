use std::any::{Any, TypeId};
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// Values of a context and of those above it, the nearest first; shared by all contexts that add
/// none of their own.
#[derive(Clone, Default)]
pub(super) struct Values(Option<Arc<Value>>);

struct Value {
    kind: TypeId,
    value: Box<dyn Any + Send + Sync>,
    rest: Values,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "some" })
    }
}

impl Values {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn with<T: Any + Send + Sync>(&self, value: T) -> Self {
        let (kind, value) = (TypeId::of::<T>(), Box::new(value));
        Self(Some(Arc::new(Value { kind, value, rest: self.clone() })))
    }

    pub(super) fn get<T: Any>(&self) -> Option<&T> {
        let mut values = self;
        loop {
            let value = values.0.as_deref()?;
            if value.kind == TypeId::of::<T>() {
                return value.value.downcast_ref();
            }
            values = &value.rest;
        }
    }
}

// A value is only ever lent, to whoever asks; nothing of ours is half-done while it is.
impl UnwindSafe for Value {}
impl RefUnwindSafe for Value {}

impl Drop for Value {
    fn drop(&mut self) {
        // One by one: by recursion a long list would overflow the stack.
        let mut rest = self.rest.0.take();
        while let Some(mut last) = rest.and_then(Arc::into_inner) {
            rest = last.rest.0.take();
        }
    }
}
