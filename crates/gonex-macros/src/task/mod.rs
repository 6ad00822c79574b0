//! `#[task]`.

mod expand;
mod function;
mod options;

use proc_macro2::TokenStream;
use quote::quote;

use function::Function;
use options::Options;

/// Writes the function, and beside it what makes it portable; or what is wrong with it.
pub(crate) fn task(options: TokenStream, item: &TokenStream) -> TokenStream {
    let function = Function::parse(item.clone());
    let options = syn::parse2::<Options>(options);
    match (options, function) {
        (Ok(options), Ok(function)) => expand::expand(&options, &function),
        (options, function) => {
            // Both are told, and the function is there all the same, so that nothing else fails.
            let errors = [options.err(), function.err()].into_iter().flatten();
            let errors = errors.map(syn::Error::into_compile_error);
            quote!(#item #(#errors)*)
        }
    }
}
