//! What a select becomes.
//!
//! ```text
//! {
//!     operands, each evaluated once, in the order of writing
//!     let choice = {
//!         let mut arms = (RecvArm, (SendArm, (OpArm, ())));
//!         match Op::new(Choose::new(&mut arms, order)).await { 0 => Choice::A0(what was received), … }
//!     };
//!     match choice { Choice::A0(pattern) => body, … }
//! }
//! ```
//!
//! The arms are gone before a body runs, so a body may use all that they borrowed.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident};

use super::parse::{Arm, Does, Select};

/// Writes the expression.
pub(crate) fn expand(select: &Select) -> TokenStream {
    let Select { path, arms, default, .. } = select;
    let private = quote!(#path::__private);
    let operands = arms.iter().enumerate().map(|(index, arm)| operand(&private, index, arm));
    let nested = arms.iter().enumerate().rev().fold(quote!(()), |rest, (index, arm)| {
        let arm = arm_value(&private, index, arm);
        quote!((#arm, #rest))
    });
    let order = order(select, &private);
    let names: Vec<Ident> = (0..arms.len()).map(|index| format_ident!("A{index}")).collect();
    let outcomes = names.iter().enumerate().map(|(index, name)| {
        let arm = std::iter::repeat_n(quote!(.1), index).collect::<TokenStream>();
        quote!(#index => __GonexChoice::#name(#private::happened(__gonex_arms #arm .0.take())))
    });
    let bodies = arms.iter().zip(&names).map(|(Arm { pattern, body, .. }, name)| {
        let pattern = pattern.as_ref().map_or_else(|| quote!(_), |pattern| quote!(#pattern));
        quote!(__GonexChoice::#name(#pattern) => #body,)
    });
    let chosen = quote!(#private::Choose::new(&mut __gonex_arms, #order));
    let choose = match (default, select.awaits) {
        (Some(_), _) => quote!(#chosen.try_now()),
        (None, true) => quote!(::core::option::Option::Some(#private::Op::new(#chosen).await)),
        (None, false) => quote!(::core::option::Option::Some(#private::Op::new(#chosen).block())),
    };
    let choose = quote! {
        match #choose {
            ::core::option::Option::Some(__gonex_arm) => match __gonex_arm {
                #(#outcomes,)*
                _ => ::core::unreachable!("a select yields the index of one of its arms"),
            },
            ::core::option::Option::None => __GonexChoice::Default,
        }
    };
    let default = default.as_ref().map_or_else(
        || quote!(::core::unreachable!("without a default a select waits")),
        |body| quote!(#body),
    );
    quote! {{
        #[allow(clippy::large_enum_variant)]
        enum __GonexChoice<#(#names),*> {
            #(#names(#names),)*
            Default,
        }
        #(#operands)*
        let __gonex_choice = {
            let mut __gonex_arms = #nested;
            #choose
        };
        match __gonex_choice {
            #(#bodies)*
            __GonexChoice::Default => #default,
        }
    }}
}

/// A name of the macro's own for something of an arm.
fn own(what: &str, index: usize) -> Ident {
    Ident::new(&format!("__gonex_{what}_{index}"), Span::mixed_site())
}

/// The same name, for errors to point at what the user wrote.
fn at(mut name: Ident, written: &Expr) -> Ident {
    name.set_span(name.span().located_at(written.span()));
    name
}

/// Evaluates what an arm works on.
fn operand(private: &TokenStream, index: usize, arm: &Arm) -> TokenStream {
    let (first, second) = (own("operand", index), own("slot", index));
    let operand = match &arm.does {
        Does::Receive(receiver) => quote_spanned!(receiver.span()=> let #first = &(#receiver);),
        Does::Send(operands) => {
            let (sender, slot) = &**operands;
            let slot = quote_spanned! {slot.span()=>
                let #second: &mut ::core::option::Option<_> = #slot;
            };
            quote_spanned!(sender.span()=> let #first = &(#sender); #slot)
        }
        Does::Op(operation) => future(
            &first,
            &quote_spanned! {operation.span()=>
                ::core::future::IntoFuture::into_future(#operation)
            },
        ),
        Does::After(duration) => {
            let limit = typed(&quote!(#private::Duration), duration);
            future(&first, &quote_spanned!(duration.span()=> #private::sleep(#limit)))
        }
        Does::At(instant) => {
            let at = typed(&quote!(#private::Instant), instant);
            future(&first, &quote_spanned!(instant.span()=> #private::sleep_until(#at)))
        }
    };
    let condition = arm.condition.as_ref().map(|condition| {
        let name = own("condition", index);
        quote_spanned!(condition.span()=> let #name: bool = #condition;)
    });
    quote!(#operand #condition)
}

/// An expression that must have a type, so that an error speaks of what was written and not of what
/// it is handed to.
fn typed(expected: &TokenStream, written: &Expr) -> TokenStream {
    let name = at(Ident::new("__gonex_typed", Span::mixed_site()), written);
    quote_spanned!(written.span()=> { let #name: #expected = #written; #name })
}

fn future(name: &Ident, future: &TokenStream) -> TokenStream {
    quote!(let mut #name = ::core::pin::pin!(#future);)
}

/// The arm itself, from its operand.
fn arm_value(private: &TokenStream, index: usize, arm: &Arm) -> TokenStream {
    let (first, second) = (own("operand", index), own("slot", index));
    let only_if = |value: TokenStream| match &arm.condition {
        None => value,
        Some(_) => {
            let condition = own("condition", index);
            quote!(if #condition { #value } else { ::core::option::Option::None })
        }
    };
    match &arm.does {
        Does::Receive(receiver) => {
            let first = at(first, receiver);
            let receiver = only_if(quote!(#private::AsReceiver::as_receiver(#first)));
            quote!(#private::RecvArm::new(#receiver))
        }
        Does::Send(operands) => {
            let (first, second) = (at(first, &operands.0), at(second, &operands.1));
            let sender = only_if(quote!(#private::AsSender::as_sender(#first)));
            quote!(#private::SendArm::new(#sender, #second))
        }
        does => {
            debug_assert!(does.is_future(), "the others have been seen to");
            let future = only_if(quote!(::core::option::Option::Some(#first.as_mut())));
            quote!(#private::OpArm::new(#future))
        }
    }
}

fn order(select: &Select, private: &TokenStream) -> TokenStream {
    if select.biased {
        return quote!(#private::Order::Biased);
    }
    if select.arms.iter().all(|arm| arm.weight.is_none()) {
        return quote!(#private::Order::Fair);
    }
    let one: Expr = syn::parse_quote!(1);
    let weights = select.arms.iter().map(|arm| arm.weight.as_ref().unwrap_or(&one));
    quote!(#private::Order::weighted([#(#weights),*]))
}
