use std::fmt;
use std::str::FromStr;

use super::WireError;
use super::reader::Reader;
use super::writer::Writer;

/// Which trace a call belongs to, as the W3C's recommendation *Trace Context* has it: a value of the
/// [`Context`](gonex_core::Context), which goes with calls wherever they run.
///
/// gonex carries it and makes none of its own. Who bridges to a tracing system sets it where a request
/// comes in.
///
/// ```
/// use gonex_core::Context;
/// use gonex_task::portable::wire::TraceContext;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace: TraceContext = header.parse().unwrap();
/// assert_eq!(trace.span_id, 0x00f0_67aa_0ba9_02b7);
/// assert_eq!(trace.to_string(), header);
///
/// let request = Context::background().with_value(trace);
/// assert_eq!(request.value::<TraceContext>(), Some(&trace));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The number of the trace.
    pub trace_id: u128,
    /// The number of the span that the call is made in.
    pub span_id: u64,
    /// The flags: bit 0 says that the trace is sampled.
    pub flags: u8,
}

impl TraceContext {
    pub(super) fn write(self, writer: &mut Writer) {
        writer.bytes(&self.trace_id.to_be_bytes());
        writer.bytes(&self.span_id.to_be_bytes());
        writer.u8(self.flags);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            trace_id: u128::from_be_bytes(reader.array("trace")?),
            span_id: u64::from_be_bytes(reader.array("trace")?),
            flags: reader.u8("trace")?,
        })
    }
}

/// As the header `traceparent` of version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

/// A text that is no `traceparent` of version 00.
///
/// ```
/// use gonex_task::portable::wire::TraceContext;
///
/// let error = "4bf92f35".parse::<TraceContext>().unwrap_err();
/// assert!(error.to_string().contains("4bf92f35"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no traceparent: write `00-`, 32 hexadecimal digits, `-`, 16 of them, `-`, and two, \
     with lower-case letters; neither number may be zero"
)]
pub struct NoTraceParent {
    text: String,
}

impl FromStr for TraceContext {
    type Err = NoTraceParent;

    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        parse(text).ok_or_else(|| NoTraceParent { text: text.chars().take(80).collect() })
    }
}

fn parse(text: &str) -> Option<TraceContext> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        let is_hex = part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| u128::from_str_radix(part, 16).ok()).flatten()
    };
    let (version, trace_id, span_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let is_whole = parts.next().is_none() && version == 0 && trace_id != 0 && span_id != 0;
    let (span_id, flags) = (u64::try_from(span_id).ok()?, u8::try_from(flags).ok()?);
    is_whole.then_some(TraceContext { trace_id, span_id, flags })
}
