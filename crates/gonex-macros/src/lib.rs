//! The procedural macros of [gonex](https://docs.rs/gonex). Use them through it, or through
//! `gonex-sync` and `gonex-task`, which also document them.

#![forbid(unsafe_code)]

mod select;
mod task;

use proc_macro::TokenStream;

/// Writes a select: `path, await|block, arms…`. The path leads to `gonex-sync`.
///
/// ```ignore
/// // What `gonex_sync::select!` expands to; only the two crates meet here.
/// gonex_macros::select_impl! { $crate, await, recv(rx) -> message => handle(message) }
/// ```
#[doc(hidden)]
#[proc_macro]
pub fn select_impl(input: TokenStream) -> TokenStream {
    let select = syn::parse_macro_input!(input as select::Select);
    select::expand(&select).into()
}

/// Makes a function a portable one.
#[proc_macro_attribute]
pub fn task(options: TokenStream, item: TokenStream) -> TokenStream {
    task::task(options.into(), &item.into()).into()
}
