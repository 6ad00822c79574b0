//! What tests of programs on gonex need, and what those who write a part of gonex themselves need to
//! show that it is one.
//!
//! A dependency for tests (`cargo add --dev gonex-testkit`).

#![forbid(unsafe_code)]

pub mod place;
