//! The bytes of messages: pinned, and safe to read whatever they are.

use std::time::Duration;

use gonex_task::Priority;
use gonex_task::place::Why;
use gonex_task::portable::Codec;
use gonex_task::portable::wire::{
    Answer, BuildId, CancelMessage, Envelope, JobId, MessageKind, PanicPlace, Reply, TraceContext,
    WireError,
};
use proptest::prelude::*;

const ID: JobId = JobId { sender: 0x0102_0304_0506_0708, number: 9 };
const ID_BYTES: [u8; 16] = [8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0];

fn call() -> Envelope<'static> {
    Envelope {
        id: ID,
        attempt: 2,
        priority: Priority::HIGH,
        remaining: Some(Duration::from_micros(0x0a0b)),
        build: BuildId::from_bytes(*b"build-of-caller!"),
        codec: Codec::Compact,
        name: "shop::add",
        version: 3,
        signature: 0x1122_3344_5566_7788,
        key: Some(b"k7"),
        trace: Some(TraceContext { trace_id: 0x0f, span_id: 0x0e, flags: 1 }),
        arguments: &[1, 2],
    }
}

/// Bytes that belong together, one after the other.
fn bytes(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn a_call() {
    let expected = bytes(&[
        b"GX\x01\x01",
        &ID_BYTES,
        &[2, 0, 0, 0], // attempt
        &[0xff],       // priority -1
        &[1],          // codec
        &[0b111],      // remaining, key, trace
        b"build-of-caller!",
        &[3, 0, 0, 0], // version
        &[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
        b"\x09\x00shop::add",
        &[0x0b, 0x0a, 0, 0, 0, 0, 0, 0],
        b"\x02\x00k7",
        &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f],
        &[0, 0, 0, 0, 0, 0, 0, 0x0e],
        &[1],
        &[2, 0, 0, 0, 1, 2],
    ]);
    assert_eq!(call().to_bytes(), expected);
    assert_eq!(Envelope::read(&expected), Ok(call()));
}

#[test]
fn a_call_without_what_may_be_missing() {
    let plain = Envelope { remaining: None, key: None, trace: None, arguments: &[], ..call() };
    let expected = bytes(&[
        b"GX\x01\x01",
        &ID_BYTES,
        &[2, 0, 0, 0, 0xff, 1, 0],
        b"build-of-caller!",
        &[3, 0, 0, 0],
        &[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
        b"\x09\x00shop::add",
        &[0, 0, 0, 0],
    ]);
    assert_eq!(plain.to_bytes(), expected);
    assert_eq!(Envelope::read(&expected), Ok(plain));
}

/// Every answer, with its bytes behind the attempt.
fn answers() -> Vec<(Answer<'static>, Vec<u8>)> {
    let place = PanicPlace { file: "a.rs", line: 3, column: 9 };
    vec![
        (Answer::Done { codec: Codec::Named, result: &[7] }, vec![0, 2, 1, 0, 0, 0, 7]),
        (Answer::Panicked { message: "no", place: None }, b"\x01\x02\x00no\x00".to_vec()),
        (
            Answer::Panicked { message: "no", place: Some(place) },
            b"\x01\x02\x00no\x01\x04\x00a.rs\x03\x00\x00\x00\x09\x00\x00\x00".to_vec(),
        ),
        (Answer::Cancelled { cause: "late" }, b"\x02\x04\x00late".to_vec()),
        (Answer::TimedOut, vec![3]),
        (Answer::NotTaken { why: Why::Refused, reason: "a" }, b"\x04\x00\x01\x00a".to_vec()),
        (Answer::NotTaken { why: Why::Unavailable, reason: "a" }, b"\x04\x01\x01\x00a".to_vec()),
        (Answer::NotTaken { why: Why::NotStarted, reason: "a" }, b"\x04\x02\x01\x00a".to_vec()),
        (Answer::Lost { started: true }, vec![5, 1]),
        (
            Answer::Stalled { blocked: 1, max_blocked: 2, queued: 3 },
            bytes(&[&[6], &1_u64.to_le_bytes(), &2_u64.to_le_bytes(), &3_u64.to_le_bytes()]),
        ),
        (Answer::Unwritable { reason: "é" }, b"\x07\x02\x00\xc3\xa9".to_vec()),
    ]
}

#[test]
fn replies() {
    for (answer, expected) in answers() {
        let reply = Reply { id: ID, attempt: 1, answer };
        let expected = bytes(&[b"GX\x01\x02", &ID_BYTES, &[1, 0, 0, 0], &expected]);
        assert_eq!(reply.to_bytes(), expected, "{answer:?}");
        assert_eq!(Reply::read(&expected), Ok(reply));
    }
}

#[test]
fn a_cancellation() {
    let cancel = CancelMessage { id: ID, cause: "late" };
    let expected = bytes(&[b"GX\x01\x03", &ID_BYTES, b"\x04\x00late"]);
    assert_eq!(cancel.to_bytes(), expected);
    assert_eq!(CancelMessage::read(&expected), Ok(cancel));
    assert_eq!(MessageKind::of(&expected), Ok(MessageKind::Cancel));
}

/// One message of each kind, and of each answer.
fn messages() -> Vec<Vec<u8>> {
    let replies = answers().into_iter();
    let replies = replies.map(|(answer, _)| Reply { id: ID, attempt: 1, answer }.to_bytes());
    let cancel = CancelMessage { id: ID, cause: "late" }.to_bytes();
    replies.chain([call().to_bytes(), cancel]).collect()
}

/// Reads it as whatever it is, or is not.
fn reads(message: &[u8]) -> bool {
    let call = Envelope::read(message).is_ok();
    let reply = Reply::read(message).is_ok();
    let cancel = CancelMessage::read(message).is_ok();
    call || reply || cancel
}

#[test]
fn a_message_cut_short_anywhere_or_with_more_behind_it_is_none() {
    for message in messages() {
        assert!(reads(&message));
        for end in 0..message.len() {
            assert!(!reads(&message[..end]), "{end} bytes of {message:?}");
        }
        let longer = bytes(&[&message, &[0]]);
        assert!(!reads(&longer), "{message:?}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let message = call().to_bytes();
    let with = |index: usize, byte: u8| {
        let mut other = message.clone();
        other[index] = byte;
        Envelope::read(&other).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(Envelope::read(b"GET / HTTP").unwrap_err(), WireError::Foreign);
    assert!(with(2, 9).contains("version 9 of the wire format, and this end reads version 1"));
    assert!(with(3, 2).contains("kind 2 stands where one of kind 1 belongs"));
    assert!(with(25, 7).contains("`codec` is 7"));
    assert!(with(26, 0x80).contains("`flags` is 128"));
    assert!(
        with(55, 0xff).contains("the message ends within `name`")
            || with(55, 0xff).contains("allowed")
    );
    assert!(with(58, 0xff).contains("`name` is no UTF-8"), "{}", with(58, 0xff));
    let short = Envelope::read(&message[..message.len() - 1]).unwrap_err();
    assert_eq!(
        short.to_string(),
        "the message ends within `arguments`: 2 more bytes belong there, and 1 are left"
    );
}

#[test]
fn texts_too_long_to_travel_are_cut_at_a_character() {
    let long = "é".repeat(3000);
    let message = CancelMessage { id: ID, cause: &long }.to_bytes();
    let read = CancelMessage::read(&message).unwrap();
    assert_eq!(read.cause, &long[..4096]);
    let longer = "é".repeat(40_000);
    let answer = Answer::Panicked { message: &longer, place: None };
    let message = Reply { id: ID, attempt: 1, answer }.to_bytes();
    let Answer::Panicked { message, .. } = Reply::read(&message).unwrap().answer else { panic!() };
    assert_eq!(message, &longer[..65_534]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(message: Vec<u8>) {
        reads(&message);
        // And with a beginning that gets further.
        for kind in 1..=3 {
            reads(&bytes(&[b"GX\x01", &[kind], &message]));
        }
    }

    #[test]
    fn a_message_with_other_bytes_in_it_is_read_or_refused(
        which in 0_usize..13,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut message = messages().swap_remove(which);
        for (index, byte) in changes {
            let index = index.index(message.len());
            message[index] = byte;
        }
        reads(&message);
    }

    #[test]
    fn a_call_comes_back(
        number: u64, attempt: u32, level: i8, micros: Option<u64>, name in "[a-z:]{1,40}",
        version: u32, signature: u64, key: Option<[u8; 3]>, trace: Option<(u128, u64, u8)>,
        arguments: Vec<u8>,
    ) {
        let envelope = Envelope {
            id: JobId { sender: !number, number },
            attempt,
            priority: Priority::new(level),
            remaining: micros.map(Duration::from_micros),
            name: &name,
            version,
            signature,
            key: key.as_ref().map(<[u8; 3]>::as_slice),
            trace: trace.map(|(trace_id, span_id, flags)| TraceContext { trace_id, span_id, flags }),
            arguments: &arguments,
            ..call()
        };
        let message = envelope.to_bytes();
        prop_assert_eq!(Envelope::read(&message), Ok(envelope));
    }
}
