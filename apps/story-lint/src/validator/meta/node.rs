use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// What front matter is, with the value of `chapter`.
pub(super) enum Top {
    Empty,
    Keys(Option<Spanned<String>>),
    Other,
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`key: value` pairs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut chapter = None;
        while let Some(Node(key)) = map.next_key()? {
            let value: Spanned<Node> = map.next_value()?;
            if key.is_some_and(|key| key.eq_ignore_ascii_case("chapter")) {
                let Spanned { value: Node(text), referenced, defined } = value;
                chapter = text.map(|value| Spanned { value, referenced, defined });
            }
        }
        Ok(Top::Keys(chapter))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Top, A::Error> {
        while seq.next_element::<Node>()?.is_some() {}
        Ok(Top::Other)
    }

    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::Empty)
    }

    fn visit_none<E>(self) -> Result<Top, E> {
        Ok(Top::Empty)
    }

    fn visit_str<E>(self, text: &str) -> Result<Top, E> {
        Ok(if text.trim().is_empty() { Top::Empty } else { Top::Other })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Top, E> {
        Ok(Top::Other)
    }
}

/// Any YAML value, of which only the text of a scalar is kept.
struct Node(Option<String>);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        while map.next_entry::<Node, Node>()?.is_some() {}
        Ok(Node(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        while seq.next_element::<Node>()?.is_some() {}
        Ok(Node(None))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node(Some(text.to_owned())))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node(Some(value.to_string())))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node(None))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        use serde::de::VariantAccess;
        let (_, variant) = data.variant::<IgnoredAny>()?;
        variant.unit_variant()?;
        Ok(Node(None))
    }
}
