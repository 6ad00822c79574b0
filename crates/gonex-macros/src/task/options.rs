//! The grammar of `#[task(..)]`. Mistakes are explained in words, at the place where they are.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, Lit, LitInt, LitStr, Path, Result, Token};

/// The longest name of a task, in bytes: what a message has room for.
const MAX_NAME: usize = 255;

const OPTIONS: &str = "`name = \"…\"`, `version = 2`, `idempotent`, `retry = 3`, `timeout = \"30s\"`, \
    `weight = 2`, `self_describing` or `crate = path`";

/// What is said of a task beside its function.
#[derive(Default)]
pub(super) struct Options {
    /// Where gonex is, if not at `::gonex`.
    pub(super) path: Option<Path>,
    pub(super) name: Option<LitStr>,
    pub(super) version: Option<LitInt>,
    pub(super) idempotent: Option<Span>,
    pub(super) retry: Option<LitInt>,
    /// An expression that is a `Duration`.
    pub(super) timeout: Option<TokenStream>,
    pub(super) weight: Option<LitInt>,
    pub(super) self_describing: Option<Span>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            options.parse_option(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>().map_err(|error| {
                    Error::new(error.span(), "a comma belongs between two options of a task")
                })?;
            }
        }
        if let (Some(retry), None) = (&options.retry, options.idempotent) {
            let message = "a task that is started again may run more than once: if that does no harm, \
                say so by `idempotent`, else leave out `retry`";
            return Err(Error::new(retry.span(), message));
        }
        Ok(options)
    }
}

impl Options {
    fn parse_option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let start = input.span();
        let Ok(option) = input.call(Ident::parse_any) else {
            return Err(Error::new(start, format!("an option of a task is {OPTIONS}")));
        };
        let span = option.span();
        match option.to_string().as_str() {
            "name" => once(&mut self.name, name(&option, input)?, &option),
            "version" => once(&mut self.version, number(&option, input)?, &option),
            "retry" => once(&mut self.retry, number(&option, input)?, &option),
            "weight" => once(&mut self.weight, number(&option, input)?, &option),
            "timeout" => once(&mut self.timeout, timeout(&option, input)?, &option),
            "crate" => {
                equals(&option, "a path, as `gonex_task`", input)?;
                once(&mut self.path, input.call(Path::parse_mod_style)?, &option)
            }
            "idempotent" => once(&mut self.idempotent, alone(&option, span, input)?, &option),
            "self_describing" => {
                once(&mut self.self_describing, alone(&option, span, input)?, &option)
            }
            _ => {
                let message = format!("`{option}` is no option of a task: write {OPTIONS}");
                Err(Error::new(span, message))
            }
        }
    }
}

fn once<T>(place: &mut Option<T>, value: T, option: &Ident) -> Result<()> {
    if place.is_some() {
        return Err(Error::new(option.span(), format!("`{option}` is said twice")));
    }
    *place = Some(value);
    Ok(())
}

/// Nothing follows but the next option.
fn alone(option: &Ident, span: Span, input: ParseStream<'_>) -> Result<Span> {
    // Another option there lacks its comma, which is told elsewhere.
    if input.is_empty() || input.peek(Token![,]) || input.peek(Ident) {
        return Ok(span);
    }
    Err(Error::new(input.span(), format!("`{option}` stands alone: leave out what follows it")))
}

fn equals(option: &Ident, what: &str, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    let message = format!("`{option}` is followed by `=` and {what}");
    // At the end there is nothing to point at.
    let span = if input.is_empty() { option.span() } else { input.span() };
    Err(Error::new(span, message))
}

fn name(option: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    equals(option, "a text, as `\"shop::count\"`", input)?;
    let name: LitStr = input
        .parse()
        .map_err(|error| Error::new(error.span(), "the name of a task is a text in quotes"))?;
    let text = name.value();
    let is_plain = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_plain || text.len() > MAX_NAME {
        let message = "the name of a task has 1 to 255 bytes, and no spaces";
        return Err(Error::new(name.span(), message));
    }
    Ok(name)
}

fn number(option: &Ident, input: ParseStream<'_>) -> Result<LitInt> {
    equals(option, "a number", input)?;
    let message = format!("`{option}` is a whole number from 1 to 4294967295");
    let number: LitInt =
        input.parse().map_err(|error| Error::new(error.span(), message.as_str()))?;
    match number.base10_parse::<u32>() {
        Ok(1..) => Ok(LitInt::new(number.base10_digits(), number.span())),
        _ => Err(Error::new(number.span(), message)),
    }
}

/// A text such as `"30s"`, or any expression that is a `Duration`.
fn timeout(option: &Ident, input: ParseStream<'_>) -> Result<TokenStream> {
    equals(option, "a time, as `\"30s\"` or `Duration::from_secs(30)`", input)?;
    let written: Expr = input.parse()?;
    let Expr::Lit(literal) = &written else { return Ok(quote!(#written)) };
    let message = "a time-out is a text of a whole number above 0 and `ms`, `s`, `m` or `h`, as `\"30s\"`, \
        or an expression that is a `Duration`";
    let Lit::Str(text) = &literal.lit else { return Err(Error::new(literal.lit.span(), message)) };
    let millis = millis(&text.value()).ok_or_else(|| Error::new(text.span(), message))?;
    Ok(quote!(::core::time::Duration::from_millis(#millis)))
}

fn millis(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor).filter(|millis| *millis > 0)
}
