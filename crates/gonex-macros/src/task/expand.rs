//! What a function under `#[task]` becomes.
//!
//! ```text
//! fn name(text: &str, n: u8) -> usize { … }       // as it was
//!
//! enum name {}                                    // a type may have the name of a function
//! impl name {
//!     fn call(text: String, n: u8) -> Call<usize> { … }
//!     fn __gonex_definition() -> &'static Definition { … }
//!     fn __gonex_run(arguments: (String, u8)) -> usize { … }
//! }
//! submit! { Registered(name::__gonex_definition) }
//! ```
//!
//! A type and no module, since a module inside a function sees nothing of what stands around it. And no trait
//! with the types in it: a public function may have private ones.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::function::{Argument, Function};
use super::options::Options;

/// Writes the function, and what makes it portable.
pub(super) fn expand(options: &Options, function: &Function) -> TokenStream {
    let private = match &options.path {
        Some(path) => quote!(#path::__private),
        None => quote!(::gonex::__private),
    };
    let item = &function.item;
    let (vis, name) = (&item.vis, &item.sig.ident);
    let conditions: Vec<_> = function.conditions().collect();
    let Function { arguments, output, .. } = function;
    let names: Vec<_> = arguments.iter().map(|argument| &argument.name).collect();
    let types: Vec<_> = arguments.iter().map(|argument| &argument.owned).collect();
    let travel = types
        .iter()
        .chain([&output])
        .map(|ty| quote_spanned!(ty.span()=> #private::travels::<#ty>();));
    let of = if item.sig.asyncness.is_some() { "of_async_function" } else { "of_function" };
    let of = format_ident!("{of}");
    let definition = definition(options, function, &private);
    let run = run(function, &private);
    let doc = format!("The task [`{name}`]({name}()), to be called at any place.");
    let call_doc =
        format!("Makes a call of [`{name}`]({name}()), to be handed in by `go` or at a place.");
    quote! {
        // Arguments that travel are owned.
        #[allow(clippy::needless_pass_by_value)]
        #item

        #(#conditions)*
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code)]
        #vis enum #name {}

        #(#conditions)*
        #[allow(dead_code, deprecated, clippy::all, clippy::pedantic)]
        impl #name {
            #[doc = #call_doc]
            #vis fn call(#(#names: #types),*) -> #private::Call<#output> {
                #(#travel)*
                #private::Call::#of(Self::__gonex_definition(), (#(#names,)*), Self::__gonex_run)
            }

            #[doc(hidden)]
            #vis fn __gonex_definition() -> &'static #private::Definition {
                #definition
            }

            #run
        }

        #(#conditions)*
        #private::submit! { #private::Registered(#name::__gonex_definition) }
    }
}

/// The body of the function that yields the definition.
fn definition(options: &Options, function: &Function, private: &TokenStream) -> TokenStream {
    let ident = &function.item.sig.ident;
    let name = match &options.name {
        Some(name) => quote!(#name),
        None => {
            let plain = ident.unraw().to_string();
            quote!(::core::concat!(::core::module_path!(), "::", #plain))
        }
    };
    let signature = function.signature();
    let is_async = function.item.sig.asyncness.is_some();
    let prepare = if is_async { "prepare_future" } else { "prepare_closure" };
    let prepare = format_ident!("{prepare}");
    let idempotent = options.idempotent.map(|_| quote!(.idempotent()));
    let retry = options.retry.as_ref().map(|retry| quote!(.with_retries(#retry)));
    let version = options.version.as_ref().map(|version| quote!(.with_version(#version)));
    let timeout = options.timeout.as_ref().map(|timeout| quote!(.with_timeout(#timeout)));
    let weight = options.weight.as_ref().map(|weight| quote!(.with_weight(#weight)));
    let self_describing = options.self_describing.map(|_| quote!(.self_describing()));
    quote! {
        static DEFINITION: #private::Definition = #private::Definition::new(
            #name,
            #signature,
            (::core::file!(), ::core::line!(), ::core::column!()),
            #is_async,
            |carried| #private::#prepare(carried, #ident::__gonex_run),
        )
        #idempotent #retry #version #timeout #weight #self_describing;
        &DEFINITION
    }
}

/// The function as one of a tuple.
fn run(function: &Function, private: &TokenStream) -> TokenStream {
    let Function { item, arguments, output, wants_context, .. } = function;
    let name = &item.sig.ident;
    let types = arguments.iter().map(|argument| &argument.owned);
    // Not their own names: one of them may be that of the function.
    let held: Vec<_> =
        (0..arguments.len()).map(|index| format_ident!("__gonex_argument_{index}")).collect();
    let handed =
        arguments.iter().zip(&held).map(
            |(Argument { is_lent, .. }, held)| {
                if *is_lent { quote!(&#held) } else { quote!(#held) }
            },
        );
    let context = wants_context.then(|| quote!(&#private::Context::current(),));
    let (taken, call) =
        (quote!(let (#(#held,)*) = arguments;), quote!(#name(#context #(#handed),*)));
    let arguments = quote!(arguments: (#(#types,)*));
    if item.sig.asyncness.is_none() {
        return quote! {
            fn __gonex_run(#arguments) -> #output {
                #taken
                #call
            }
        };
    }
    quote! {
        fn __gonex_run(#arguments) -> ::core::pin::Pin<
            ::std::boxed::Box<dyn ::core::future::Future<Output = #output> + ::core::marker::Send>,
        > {
            ::std::boxed::Box::pin(async move {
                #taken
                #call.await
            })
        }
    }
}
