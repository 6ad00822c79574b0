//! Values as bytes: what comes back, and what hostile bytes cannot do.

use std::collections::{BTreeMap, HashMap};

use gonex_task::portable::Codec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

const CODECS: [Codec; 2] = [Codec::Compact, Codec::Named];

/// A type that holds itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Node(Box<Tree>),
    Both { left: Box<Tree>, right: Option<Box<Tree>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Linked {
    next: Option<Box<Linked>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Old {
    name: String,
    gone: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct New {
    #[serde(default)]
    added: u8,
    name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u32),
    Text(String),
}

#[test]
fn the_named_form_bears_fields_that_come_and_go() {
    let bytes = Codec::Named.write_value(&Old { name: "a".to_owned(), gone: 7 }).unwrap();
    let read = Codec::Named.read_value(&bytes);
    assert_eq!(read, Ok(New { added: 0, name: "a".to_owned() }));
}

#[test]
fn the_named_form_bears_types_that_look_at_what_is_there() {
    let value = vec![Untagged::Text("a".to_owned()), Untagged::Number(7)];
    let bytes = Codec::Named.write_value(&value).unwrap();
    assert_eq!(Codec::Named.read_value(&bytes), Ok(value));
    let bytes = Codec::Compact.write_value(&Untagged::Number(7)).unwrap();
    let error = Codec::Compact.read_value::<Untagged>(&bytes).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn the_forms_are_these() {
    let value = (1_u8, "a".to_owned(), vec![300_u32], Some(-1_i64));
    assert_eq!(Codec::Compact.write_value(&value).unwrap(), [1, 1, b'a', 1, 0xac, 2, 1, 1]);
    let old = Old { name: "a".to_owned(), gone: 7 };
    assert_eq!(Codec::Compact.write_value(&old).unwrap(), [1, b'a', 7]);
    assert_eq!(Codec::Named.write_value(&old).unwrap(), b"\x82\xa4name\xa1a\xa4gone\x07");
}

#[test]
fn what_stands_behind_a_value_is_no_part_of_it() {
    for codec in CODECS {
        let mut bytes = codec.write_value(&7_u8).unwrap();
        assert_eq!(codec.read_value::<u8>(&bytes), Ok(7));
        bytes.push(0);
        let error = codec.read_value::<u8>(&bytes).unwrap_err();
        assert!(error.to_string().contains("1 bytes stand behind its end"), "{error}");
        assert!(codec.read_value::<u8>(&[]).is_err());
    }
}

#[test]
fn a_million_levels_do_not_fill_the_stack() {
    // As bytes that no value of ours would write: each says that one more level follows.
    let error = Codec::Compact.read_value::<Chain>(&vec![1; 1 << 20]).unwrap_err();
    assert!(error.to_string().contains("nested more than 128 steps deep"), "{error}");
    let error = Codec::Compact.read_value::<Tree>(&vec![1; 1 << 20]).unwrap_err();
    assert!(error.to_string().contains("nested more than 128 steps deep"), "{error}");
    let node: Vec<u8> = b"\x81\xa4Node".repeat(1 << 18);
    assert!(Codec::Named.read_value::<Tree>(&node).is_err());

    let shallow = (0..30).fold(Tree::Leaf, |tree, _| Tree::Node(Box::new(tree)));
    for codec in CODECS {
        let bytes = codec.write_value(&shallow).unwrap();
        assert_eq!(codec.read_value::<Tree>(&bytes).as_ref(), Ok(&shallow), "{codec:?}");
    }
}

#[test]
fn a_list_has_as_many_links_as_the_bound_says() {
    let list = |links| {
        let end = Linked { next: None };
        (0..links).fold(end, |list, _| Linked { next: Some(Box::new(list)) })
    };
    for codec in CODECS {
        let bytes = codec.write_value(&list(63)).unwrap();
        assert_eq!(codec.read_value(&bytes), Ok(list(63)), "{codec:?}");
        let bytes = codec.write_value(&list(64)).unwrap();
        let error = codec.read_value::<Linked>(&bytes).unwrap_err();
        assert!(error.to_string().contains("nested more than 128 steps deep"), "{error}");
    }
}

#[test]
fn the_end_of_a_sequence_or_a_map_is_no_element() {
    // More than one for each byte and those that are free, if the end of each were one.
    const COUNT: usize = 1_100_000;
    let (lists, maps) = (vec![Vec::<u8>::new(); COUNT], vec![BTreeMap::<u8, u8>::new(); COUNT]);
    for codec in CODECS {
        // Not by `assert_eq`, which would print them all.
        let bytes = codec.write_value(&lists).unwrap();
        let read = codec.read_value::<Vec<Vec<u8>>>(&bytes).unwrap_or_else(|e| panic!("{e}"));
        assert!(read == lists, "{codec:?}");
        let bytes = codec.write_value(&maps).unwrap();
        let read = codec.read_value::<Vec<BTreeMap<u8, u8>>>(&bytes);
        assert!(read.unwrap_or_else(|e| panic!("{e}")) == maps, "{codec:?}");
    }
}

#[test]
fn elements_that_take_no_bytes_cannot_be_claimed_without_end() {
    let mut bytes = vec![0xff; 9];
    bytes.push(1);
    let error = Codec::Compact.read_value::<Vec<()>>(&bytes).unwrap_err();
    assert!(error.to_string().contains("more elements than its bytes can hold"), "{error}");
    for codec in CODECS {
        let some = vec![(); 100_000];
        let bytes = codec.write_value(&some).unwrap();
        assert_eq!(codec.read_value(&bytes), Ok(some), "{codec:?}");
    }
}

#[test]
fn a_length_that_lies_allocates_nothing_to_speak_of() {
    // 2^62 elements of 8 bytes, of which none is there.
    let mut bytes = vec![0xff; 8];
    bytes.push(0x3f);
    assert!(Codec::Compact.read_value::<Vec<u64>>(&bytes).is_err());
    assert!(Codec::Compact.read_value::<String>(&bytes).is_err());
    assert!(Codec::Compact.read_value::<HashMap<u64, String>>(&bytes).is_err());
    assert!(Codec::Named.read_value::<Vec<u64>>(&[0xdd, 0xff, 0xff, 0xff, 0xff]).is_err());
    assert!(Codec::Named.read_value::<String>(&[0xdb, 0xff, 0xff, 0xff, 0xff]).is_err());
    assert!(Codec::Named.read_value::<HashMap<u64, u8>>(&[0xdf, 0xff, 0xff, 0xff, 0xff]).is_err());
}

/// Much of what serde knows, without what the named form cannot tell apart.
type Mixed = (bool, i64, u128, char, String, Vec<(u8, Option<String>)>, HashMap<String, i16>);

proptest! {
    #[test]
    fn values_come_back(value: Mixed, float: f64) {
        for codec in CODECS {
            let bytes = codec.write_value(&value).unwrap();
            prop_assert_eq!(codec.read_value::<Mixed>(&bytes), Ok(value.clone()));
            let bytes = codec.write_value(&float).unwrap();
            let back = codec.read_value::<f64>(&bytes).map(f64::to_bits);
            prop_assert_eq!(back, Ok(float.to_bits()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        for codec in CODECS {
            codec.read_value::<Mixed>(&bytes).ok();
            codec.read_value::<Tree>(&bytes).ok();
            codec.read_value::<Vec<Chain>>(&bytes).ok();
            codec.read_value::<New>(&bytes).ok();
            codec.read_value::<Untagged>(&bytes).ok();
        }
    }
}
