//! A deserializer around another that counts how deep values are nested, and how many there are.
//!
//! serde's own impls never allocate more than a little beyond what bytes are there for. Two things stay: a
//! type that holds itself can be nested until the stack is full, and elements that take no bytes, such
//! as `()`, can be claimed by the quintillion. Both are stopped here, for every codec alike.

use std::cell::Cell;
use std::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// How many steps deep values may be nested. An element, a field, what is in an option or in a struct or
/// variant of one field: each is a step, so a type that holds itself takes one or two of them.
const MAX_DEPTH: u32 = 128;
/// How many elements there may be beyond one for each byte.
const FREE_ELEMENTS: u64 = 1 << 20;

/// What is left of the bounds.
pub(super) struct Bounds {
    depth: Cell<u32>,
    elements: Cell<u64>,
    exceeded: Cell<Option<&'static str>>,
}

impl Bounds {
    pub(super) fn for_bytes(length: usize) -> Self {
        Self {
            depth: Cell::new(MAX_DEPTH),
            elements: Cell::new((length as u64).saturating_add(FREE_ELEMENTS)),
            exceeded: Cell::new(None),
        }
    }

    /// Which of them was exceeded, if one was.
    pub(super) fn exceeded(&self) -> Option<String> {
        self.exceeded.get().map(str::to_owned)
    }

    fn exceed<E: Error>(&self, what: &'static str) -> E {
        self.exceeded.set(Some(what));
        E::custom(what)
    }

    /// Goes one level down for as long as `body` takes.
    fn inside<T, E: Error>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let depth = self.depth.get();
        let Some(below) = depth.checked_sub(1) else {
            return Err(self.exceed("it is nested more than 128 steps deep"));
        };
        self.depth.set(below);
        let result = body();
        self.depth.set(depth);
        result
    }

    /// One more element of a sequence or a map.
    fn element<E: Error>(&self) -> Result<(), E> {
        let Some(left) = self.elements.get().checked_sub(1) else {
            return Err(self.exceed("it claims more elements than its bytes can hold"));
        };
        self.elements.set(left);
        Ok(())
    }
}

/// Whatever serde hands around, with the bounds.
pub(super) struct Bounded<'b, T> {
    inner: T,
    bounds: &'b Bounds,
    /// Whether elements count: those of sequences and maps do, and the fields of structs, whose number
    /// the type knows, do not.
    counts: bool,
}

/// Puts the bounds around a deserializer.
pub(super) fn bounded<T>(inner: T, bounds: &Bounds) -> Bounded<'_, T> {
    Bounded { inner, bounds, counts: true }
}

impl<'b, T> Bounded<'b, T> {
    fn around<U>(bounds: &'b Bounds, counts: bool, inner: U) -> Bounded<'b, U> {
        Bounded { inner, bounds, counts }
    }

    /// Counts an element if there was one: the end of a sequence is none.
    fn came<V, E: Error>(&self, next: Option<V>) -> Result<Option<V>, E> {
        if self.counts && next.is_some() {
            self.bounds.element()?;
        }
        Ok(next)
    }
}

/// Methods that hand a visitor on.
macro_rules! hand_on {
    ($counts:literal: $($method:ident($($name:ident: $type:ty),*))+) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = Self::around(self.bounds, $counts, visitor);
            self.inner.$method($($name,)* visitor)
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    hand_on! { true:
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_identifier() deserialize_ignored_any()
    }
    hand_on! { false:
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Methods that hand a plain value on.
macro_rules! visit {
    ($($method:ident($type:ty))+) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32)
        visit_f64(f64) visit_char(char) visit_str(&str) visit_borrowed_str(&'de str)
        visit_string(String) visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8])
        visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inside: D) -> Result<V::Value, D::Error> {
        let Self { inner, bounds, .. } = self;
        bounds.inside(|| inner.visit_some(Self::around(bounds, true, inside)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inside: D) -> Result<V::Value, D::Error> {
        let Self { inner, bounds, .. } = self;
        bounds.inside(|| inner.visit_newtype_struct(Self::around(bounds, true, inside)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Self::around(self.bounds, self.counts, elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Self::around(self.bounds, self.counts, entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Self::around(self.bounds, self.counts, variant))
    }
}

/// The one place through which all that is inside of something is read.
impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let Self { inner, bounds, .. } = self;
        bounds.inside(|| inner.deserialize(Self::around(bounds, true, deserializer)))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let next = self.inner.next_element_seed(Self::around(self.bounds, true, seed))?;
        self.came(next)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let next = self.inner.next_key_seed(Self::around(self.bounds, true, seed))?;
        self.came(next)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Self::around(self.bounds, true, seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'b, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'b, A> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let Self { inner, bounds, counts } = self;
        let (value, variant) = inner.variant_seed(Self::around(bounds, counts, seed))?;
        Ok((value, Self::around(bounds, counts, variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Self::around(self.bounds, true, seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Self::around(self.bounds, false, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Self::around(self.bounds, false, visitor))
    }
}
