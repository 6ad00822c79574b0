//! What the compiler says to mistakes in a task.
//!
//! `TRYBUILD=overwrite cargo test -p gonex-task --test ui` writes the expected texts anew; read them
//! as somebody who sees the macro for the first time.
#![cfg(not(gonex_loom))]

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
