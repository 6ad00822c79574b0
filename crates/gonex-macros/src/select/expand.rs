//! What a select becomes.
//!
//! ```text
//! {
//!     operands, each evaluated once, in the order of writing
//!     the ends of channels that they are, and the order
//!     let glanced = glance::in_task(|| order.find_ready(
//!         3,
//!         |arm| match arm { 0 => glance::looks_ready(end_0), … },
//!         |arm| match arm { 0 => glance::receive(end_0).map(Choice::A0), … },
//!     ));
//!     let choice = match glanced {
//!         Ok(choice) => choice,
//!         Err(glanced) => {
//!             let mut arms = (RecvArm, (SendArm, (OpArm, ())));
//!             match Op::new(Choose::after_glance(&mut arms, order, glanced)).await {
//!                 0 => Choice::A0(what was received),
//!                 …
//!             }
//!         }
//!     };
//!     match choice { Choice::A0(pattern) => body, … }
//! }
//! ```
//!
//! With a future among the arms there is no glance: the order counts among all arms, and a future can
//! only be polled by what waits.
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
    let ends = arms.iter().enumerate().map(|(index, arm)| end(&private, index, arm));
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
    let glances = !arms.is_empty() && arms.iter().all(|arm| !arm.does.is_future());
    let chosen = if glances {
        quote! {
            #private::Choose::after_glance(&mut __gonex_arms, __gonex_order, __gonex_glanced)
        }
    } else {
        quote!(#private::Choose::new(&mut __gonex_arms, __gonex_order))
    };
    let choose = match (default, select.awaits) {
        (Some(_), _) => quote!(#chosen.try_now()),
        (None, true) => quote!(::core::option::Option::Some(#private::Op::new(#chosen).await)),
        (None, false) => quote!(::core::option::Option::Some(#private::Op::new(#chosen).block())),
    };
    let choose = quote! {{
        let mut __gonex_arms = #nested;
        match #choose {
            ::core::option::Option::Some(__gonex_arm) => match __gonex_arm {
                #(#outcomes,)*
                _ => ::core::unreachable!("a select yields the index of one of its arms"),
            },
            ::core::option::Option::None => __GonexChoice::Default,
        }
    }};
    let choose = if glances {
        let glance = glance(select, &private, &names);
        quote! {
            match #glance {
                ::core::result::Result::Ok(__gonex_choice) => __gonex_choice,
                ::core::result::Result::Err(__gonex_glanced) => #choose,
            }
        }
    } else {
        choose
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
        #(#ends)*
        let __gonex_order = #order;
        let __gonex_choice = #choose;
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

/// Binds the end of the channel that an arm works on, which is `None` if the arm takes no part.
fn end(private: &TokenStream, index: usize, arm: &Arm) -> TokenStream {
    let (first, second, end) = (own("operand", index), own("slot", index), own("end", index));
    match &arm.does {
        Does::Receive(receiver) => {
            let first = at(first, receiver);
            let receiver = only_if(index, arm, quote!(#private::AsReceiver::as_receiver(#first)));
            quote!(let #end = #receiver;)
        }
        Does::Send(operands) => {
            let (first, slot) = (at(first, &operands.0), at(second.clone(), &operands.1));
            let sender = only_if(index, arm, quote!(#private::AsSender::as_sender(#first)));
            quote!(let #end = #sender; let #second = #private::glance::slot_for(#end, #slot);)
        }
        Does::Op(_) | Does::After(_) | Does::At(_) => TokenStream::new(),
    }
}

/// `None` where the condition of the arm is false.
fn only_if(index: usize, arm: &Arm, value: TokenStream) -> TokenStream {
    match &arm.condition {
        None => value,
        Some(_) => {
            let condition = own("condition", index);
            quote!(if #condition { #value } else { ::core::option::Option::None })
        }
    }
}

/// The first look, which yields the choice if there is one.
fn glance(select: &Select, private: &TokenStream, names: &[Ident]) -> TokenStream {
    let count = select.arms.len();
    let looks = select.arms.iter().zip(names).enumerate().map(|(index, (arm, name))| {
        let (end, slot) = (own("end", index), own("slot", index));
        let look = match &arm.does {
            Does::Send(_) => quote!(send(#end, #slot)),
            _ => quote!(receive(#end)),
        };
        quote!(#index => #private::glance::#look.map(__GonexChoice::#name))
    });
    let peeks = select.arms.iter().enumerate().map(|(index, arm)| {
        let end = own("end", index);
        let peek = match &arm.does {
            Does::Send(_) => quote!(looks_roomy(#end)),
            _ => quote!(looks_ready(#end)),
        };
        quote!(#index => #private::glance::#peek)
    });
    let find = quote! {
        __gonex_order.find_ready(
            #count,
            |__gonex_arm| match __gonex_arm {
                #(#peeks,)*
                _ => false,
            },
            |__gonex_arm| match __gonex_arm {
                #(#looks,)*
                _ => ::core::option::Option::None,
            },
        )
    };
    let how = match (&select.default, select.awaits) {
        (Some(_), _) => quote!(without_waiting),
        (None, true) => quote!(in_task),
        (None, false) => quote!(on_thread),
    };
    quote!(#private::glance::#how(|| #find))
}

/// The arm itself.
fn arm_value(private: &TokenStream, index: usize, arm: &Arm) -> TokenStream {
    let (end, slot) = (own("end", index), own("slot", index));
    match &arm.does {
        Does::Receive(_) => quote!(#private::RecvArm::new(#end)),
        Does::Send(_) => quote!(#private::SendArm::new(#end, #slot)),
        Does::Op(_) | Does::After(_) | Does::At(_) => {
            let future = own("operand", index);
            let future = quote!(::core::option::Option::Some(#future.as_mut()));
            let future = only_if(index, arm, future);
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
