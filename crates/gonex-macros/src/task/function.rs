//! The function under `#[task]`, and what keeps others from being one.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericParam, ItemFn, Pat, PatType, Result, ReturnType, Signature,
    Type, TypeReference,
};

/// As many as serde writes and reads in one tuple.
const MAX_ARGUMENTS: usize = 16;

/// A function that can be a task.
pub(super) struct Function {
    pub(super) item: ItemFn,
    /// Whether it wants its context first.
    pub(super) wants_context: bool,
    pub(super) arguments: Vec<Argument>,
    /// What it returns.
    pub(super) output: TokenStream,
}

/// What travels.
pub(super) struct Argument {
    pub(super) name: Ident,
    /// The type that travels: that of the argument, owned.
    pub(super) owned: TokenStream,
    /// Whether the function wants it lent.
    pub(super) is_lent: bool,
}

impl Function {
    pub(super) fn parse(item: TokenStream) -> Result<Self> {
        let item: ItemFn = syn::parse2(item).map_err(|error| {
            let message = "`#[task]` stands on a function that has a body, and on nothing else";
            Error::new(error.span(), message)
        })?;
        check_kind(&item.sig)?;
        let mut inputs = item.sig.inputs.iter().peekable();
        let wants_context = inputs.next_if(|input| is_context(input)).is_some();
        let arguments = inputs.map(argument).collect::<Result<Vec<_>>>()?;
        if arguments.len() > MAX_ARGUMENTS {
            let message = "a task has at most 16 arguments; put some into a struct";
            return Err(Error::new(item.sig.inputs.span(), message));
        }
        let output = output(&item.sig.output)?;
        Ok(Self { item, wants_context, arguments, output })
    }

    /// The conditions under which it is compiled, for what stands beside it.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Its types as one text without spaces, so that it does not depend on how they are set.
    pub(super) fn signature(&self) -> String {
        let arguments: Vec<_> = self.arguments.iter().map(|a| without_spaces(&a.owned)).collect();
        format!("({})->{}", arguments.join(","), without_spaces(&self.output))
    }
}

/// A type as it is written. That of a borrowed argument is written as its owner would be, so that to lend
/// instead of to own changes nothing.
fn without_spaces(tokens: &TokenStream) -> String {
    let written = tokens.to_string().replace(char::is_whitespace, "");
    written.replace("::std::string::String", "String").replace("::std::vec::Vec<", "Vec<")
}

/// What the function may not be.
fn check_kind(signature: &Signature) -> Result<()> {
    let Signature { unsafety, abi, generics, variadic, inputs, .. } = signature;
    if let Some(FnArg::Receiver(receiver)) = inputs.first() {
        let message = "a task is a function of its own and no method: hand over what is needed of `self` \
            as arguments";
        return Err(Error::new(receiver.span(), message));
    }
    if let Some(this) = find(signature.to_token_stream(), &|token| is_word(token, "Self")) {
        let message = "a task is a function of its own, outside of any `impl`: write the type instead of \
            `Self`";
        return Err(Error::new(this, message));
    }
    if let Some(unsafety) = unsafety {
        let message = "a task is called by others than its caller, who cannot promise what an unsafe \
            function needs: check that in a safe one";
        return Err(Error::new(unsafety.span(), message));
    }
    if let Some(abi) = abi {
        return Err(Error::new(abi.span(), "a task is a Rust function, without `extern`"));
    }
    if let Some(variadic) = variadic {
        return Err(Error::new(variadic.span(), "the number of a task's arguments is fixed"));
    }
    match generics.params.first() {
        None => {}
        Some(GenericParam::Lifetime(lifetime)) => {
            let message = "nothing outlives a call of a task: leave out the lifetime";
            return Err(Error::new(lifetime.span(), message));
        }
        Some(generic) => {
            let message = "a task has no generics, since its name stands for one function wherever it \
                runs: write one task for each type, which may call a generic function";
            return Err(Error::new(generic.span(), message));
        }
    }
    match &generics.where_clause {
        None => Ok(()),
        Some(clause) => Err(Error::new(clause.span(), "a task has no generics to say this of")),
    }
}

/// Whether an argument is `&Context`.
fn is_context(input: &FnArg) -> bool {
    let FnArg::Typed(PatType { ty, .. }) = input else { return false };
    matches!(&**ty, Type::Reference(reference) if names_context(reference))
}

fn names_context(TypeReference { mutability, elem, .. }: &TypeReference) -> bool {
    let Type::Path(path) = &**elem else { return false };
    let last = path.path.segments.last();
    mutability.is_none() && last.is_some_and(|s| s.ident == "Context" && s.arguments.is_none())
}

fn argument(input: &FnArg) -> Result<Argument> {
    let FnArg::Typed(PatType { attrs, pat, ty, .. }) = input else {
        return Err(Error::new(input.span(), "a task is a function of its own and no method"));
    };
    if let Some(condition) = attrs.iter().find(|a| a.path().is_ident("cfg")) {
        let message = "a task has the same arguments wherever it is compiled: leave out the `cfg`";
        return Err(Error::new(condition.span(), message));
    }
    let name = match &**pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => name.ident.clone(),
        Pat::Wild(wild) => {
            let message =
                "an argument of a task has a name: write `_unused` for one that is not used";
            return Err(Error::new(wild.span(), message));
        }
        pattern => {
            let message = "an argument of a task has a plain name: take it apart in the body";
            return Err(Error::new(pattern.span(), message));
        }
    };
    if let Type::Reference(reference) = &**ty {
        let owned = owned(reference)?;
        return Ok(Argument { name, owned, is_lent: true });
    }
    check_type(ty, "an argument of a task travels, so it is owned")?;
    Ok(Argument { name, owned: quote!(#ty), is_lent: false })
}

/// The owned type of `&str` and `&[T]`.
fn owned(reference: &TypeReference) -> Result<TokenStream> {
    let error = |message: &str| Err(Error::new(reference.span(), message));
    if names_context(reference) {
        return error("the context comes first: move `&Context` before the other arguments");
    }
    if reference.mutability.is_some() {
        return error(
            "what a task changes stays where the task runs: take the value, and return the changed one",
        );
    }
    if reference.lifetime.is_some() {
        return error("nothing outlives a call of a task: leave out the lifetime");
    }
    let elem = &*reference.elem;
    match elem {
        Type::Path(path) if path.path.is_ident("str") => {
            Ok(quote_spanned!(reference.span()=> ::std::string::String))
        }
        Type::Slice(slice) => {
            let element = &slice.elem;
            check_type(element, "the elements of a slice travel, so they are owned")?;
            Ok(quote_spanned!(reference.span()=> ::std::vec::Vec<#element>))
        }
        _ => error(&format!(
            "an argument of a task travels, so it is owned: write `{}`, without the `&`. Only `&str`, \
             `&[T]` and, as the first argument, `&Context` may be borrowed",
            without_spaces(&elem.to_token_stream())
        )),
    }
}

fn output(output: &ReturnType) -> Result<TokenStream> {
    match output {
        ReturnType::Default => Ok(quote!(())),
        ReturnType::Type(_, ty) => {
            check_type(ty, "the result of a task travels, so it is owned")?;
            Ok(quote!(#ty))
        }
    }
}

/// No borrows, and no types that are not said.
fn check_type(ty: &Type, owned: &str) -> Result<()> {
    let tokens = ty.to_token_stream();
    if let Some(span) = find(tokens.clone(), &|token| is_word(token, "impl")) {
        let message = "`impl Trait` does not say what travels: write the type";
        return Err(Error::new(span, message));
    }
    let borrows = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '&');
    match find(tokens, &borrows) {
        None => Ok(()),
        Some(span) => Err(Error::new(span, format!("{owned}: write a type without `&`"))),
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// The place of the first token of this kind, however deep inside.
fn find(tokens: TokenStream, is: &dyn Fn(&TokenTree) -> bool) -> Option<Span> {
    tokens.into_iter().find_map(|token| match &token {
        token if is(token) => Some(token.span()),
        TokenTree::Group(group) => find(group.stream(), is),
        _ => None,
    })
}
