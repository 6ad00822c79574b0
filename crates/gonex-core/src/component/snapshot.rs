use std::borrow::Cow;

use super::Metrics;

/// What can be seen of a component's state: a tree of plain values.
///
/// With the feature `serde` it can be serialised, as the value it stands for: a map as a map, and
/// nothing as a unit (in JSON, `null`).
///
/// ```
/// use gonex_core::component::Snapshot;
///
/// let pool = Snapshot::map().with("workers", 4_u64).with("mode", "fixed").with("idle", vec![1_u64, 3]);
/// assert_eq!(pool.get("mode"), Some(&Snapshot::Text("fixed".into())));
/// assert_eq!(pool.get("color"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Snapshot {
    /// Nothing, or not known.
    #[default]
    None,
    /// Yes or no.
    Bool(bool),
    /// A number that may be below zero.
    Int(i64),
    /// A number from zero on.
    UInt(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(Cow<'static, str>),
    /// Values in their order.
    List(Vec<Self>),
    /// Values by name, in the order in which they were put in.
    Map(Vec<(Cow<'static, str>, Self)>),
}

impl Snapshot {
    /// An empty map, to be filled by [`with`](Self::with).
    ///
    /// ```
    /// use gonex_core::component::Snapshot;
    ///
    /// assert_eq!(Snapshot::map(), Snapshot::Map(vec![]));
    /// ```
    #[must_use]
    pub fn map() -> Self {
        Self::Map(Vec::new())
    }

    /// The same map with a value put in under a name, in the place of one that had it.
    ///
    /// What is no map becomes one, and is lost.
    ///
    /// ```
    /// use gonex_core::component::Snapshot;
    ///
    /// let map = Snapshot::map().with("queued", 3_u64).with("queued", 4_u64);
    /// assert_eq!(map, Snapshot::Map(vec![("queued".into(), Snapshot::UInt(4))]));
    /// ```
    #[must_use]
    pub fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) -> Self {
        let (name, value) = (name.into(), value.into());
        let mut entries = match self {
            Self::Map(entries) => entries,
            _ => Vec::new(),
        };
        match entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, place)) => *place = value,
            None => entries.push((name, value)),
        }
        Self::Map(entries)
    }

    /// The value of a map that has this name; `None` also if this is no map.
    ///
    /// ```
    /// use gonex_core::component::Snapshot;
    ///
    /// assert_eq!(Snapshot::map().with("on", true).get("on"), Some(&Snapshot::Bool(true)));
    /// assert_eq!(Snapshot::Bool(true).get("on"), None);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

/// Turns plain values into snapshots.
macro_rules! from {
    ($($type:ty => $value:ident -> $made:expr;)+) => { $(
        impl From<$type> for Snapshot {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )+ };
}

from! {
    bool => value -> Self::Bool(value);
    i32 => value -> Self::Int(value.into());
    i64 => value -> Self::Int(value);
    u16 => value -> Self::UInt(value.into());
    u32 => value -> Self::UInt(value.into());
    u64 => value -> Self::UInt(value);
    // No machine has more than 64 bits.
    usize => value -> Self::UInt(value as u64);
    f64 => value -> Self::Float(value);
    &'static str => value -> Self::Text(value.into());
    String => value -> Self::Text(value.into());
    std::time::Duration => value -> Self::Float(value.as_secs_f64());
    Metrics => value -> value.into_snapshot();
}

impl<T: Into<Self>> From<Vec<T>> for Snapshot {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>> From<Option<T>> for Snapshot {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Snapshot {
    fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => to.serialize_unit(),
            Self::Bool(value) => to.serialize_bool(*value),
            Self::Int(value) => to.serialize_i64(*value),
            Self::UInt(value) => to.serialize_u64(*value),
            Self::Float(value) => to.serialize_f64(*value),
            Self::Text(value) => to.serialize_str(value),
            Self::List(values) => to.collect_seq(values),
            Self::Map(entries) => to.collect_map(entries.iter().map(|(name, value)| (name, value))),
        }
    }
}
