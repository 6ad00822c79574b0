//! How arguments and results are written as bytes, and how hostile bytes are kept from doing harm.

mod bounded;
#[expect(clippy::module_inception, reason = "the type has the folder's name")]
mod codec;
mod error;

pub use codec::Codec;
pub use error::CodecError;
