//! The grammar of a select. Mistakes are explained in words, at the place where they are.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Pat, Result, Token, parenthesized};

/// A select, with what the wrapping macro adds in front.
pub(crate) struct Select {
    /// Where the crate with the machinery is.
    pub(crate) path: TokenStream,
    /// Whether it waits by `.await`.
    pub(crate) awaits: bool,
    pub(crate) biased: bool,
    pub(crate) arms: Vec<Arm>,
    pub(crate) default: Option<Expr>,
}

/// One arm that waits.
pub(crate) struct Arm {
    pub(crate) does: Does,
    pub(crate) pattern: Option<Pat>,
    pub(crate) condition: Option<Expr>,
    pub(crate) weight: Option<Expr>,
    pub(crate) body: Expr,
}

/// What an arm does.
pub(crate) enum Does {
    Receive(Expr),
    Send(Box<(Expr, Expr)>),
    Op(Expr),
    After(Expr),
    At(Expr),
}

const ARMS: &str = "`recv(receiver) -> message => …`, `send(sender, &mut slot) => …`, \
    `op(operation) -> output => …`, `after(duration) => …`, `at(instant) => …` or `default => …`";

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        // From the wrapping macro, so always right.
        let path = path(input)?;
        input.parse::<Token![,]>()?;
        let awaits = input.call(Ident::parse_any)? == "await";
        input.parse::<Token![,]>()?;

        let mut select = Self { path, awaits, biased: false, arms: Vec::new(), default: None };
        if input.peek(Ident) && input.peek2(Token![;]) {
            let word: Ident = input.parse()?;
            if word != "biased" {
                let message =
                    format!("`{word};` means nothing here; only `biased;` may stand first");
                return Err(Error::new(word.span(), message));
            }
            select.biased = true;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            select.parse_arm(input)?;
        }
        Ok(select)
    }
}

/// The tokens before the first comma: `$crate` and what follows it is no path that could be parsed.
fn path(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut path = TokenStream::new();
    while !input.peek(Token![,]) {
        path.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    Ok(path)
}

impl Select {
    fn parse_arm(&mut self, input: ParseStream<'_>) -> Result<()> {
        let start = input.span();
        let Ok(name) = input.call(Ident::parse_any) else {
            return Err(Error::new(start, format!("an arm of a select begins with {ARMS}")));
        };
        if name == "default" {
            return self.parse_default(&name, input);
        }
        if name == "biased" {
            return Err(Error::new(name.span(), "`biased;` stands before the first arm, once"));
        }
        let does = Does::parse(&name, input)?;
        let mut arm = Arm {
            does,
            pattern: None,
            condition: None,
            weight: None,
            body: Expr::Verbatim(TokenStream::new()),
        };
        if input.peek(Token![->]) {
            let arrow: Token![->] = input.parse()?;
            if let Does::After(_) | Does::At(_) = arm.does {
                let message = format!("`{name}` yields nothing to name: write `{name}(…) => …`");
                return Err(Error::new(arrow.span(), message));
            }
            arm.pattern = Some(Pat::parse_single(input)?);
        }
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            self.parse_modifier(&mut arm, input)?;
        }
        arm.body = body(&name, input)?;
        self.arms.push(arm);
        Ok(())
    }

    /// `if condition` or `weight number`.
    fn parse_modifier(&self, arm: &mut Arm, input: ParseStream<'_>) -> Result<()> {
        let start = input.span();
        if input.peek(Token![if]) {
            let keyword: Token![if] = input.parse()?;
            let condition = Expr::parse_without_eager_brace(input)?;
            let message = "an arm has at most one `if`: join the conditions with `&&`";
            return once(&mut arm.condition, condition, keyword.span(), message);
        }
        let word = input.call(Ident::parse_any).ok().filter(|word| word == "weight");
        let Some(word) = word else {
            let message = "behind a comma an arm may say `if condition` or `weight number`; \
                its body follows `=>`";
            return Err(Error::new(start, message));
        };
        if self.biased {
            let message = "a biased select tries its arms as written, so weights mean nothing in it: \
                leave out `biased;` or the weight";
            return Err(Error::new(word.span(), message));
        }
        let weight = Expr::parse_without_eager_brace(input)?;
        once(&mut arm.weight, weight, word.span(), "an arm has at most one weight")
    }

    fn parse_default(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        if !input.peek(Token![=>]) {
            let message = "`default` happens when nothing else can at once; it takes nothing and \
                yields nothing: write `default => …`";
            return Err(Error::new(input.span(), message));
        }
        let body = body(name, input)?;
        if self.default.is_some() {
            return Err(Error::new(name.span(), "a select has at most one `default`"));
        }
        self.default = Some(body);
        Ok(())
    }
}

impl Does {
    fn parse(name: &Ident, input: ParseStream<'_>) -> Result<Self> {
        let known = ["recv", "send", "op", "after", "at"].iter().any(|known| name == known);
        if !known {
            let message = format!("`{name}` is no arm of a select: write {ARMS}");
            return Err(Error::new(name.span(), message));
        }
        if !input.peek(syn::token::Paren) {
            let what = operand(name);
            let message =
                format!("`{name}` is followed by {what} in parentheses: write `{name}(…) => …`");
            return Err(Error::new(input.span(), message));
        }
        let content;
        let parentheses = parenthesized!(content in input);
        let operands = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
        let span = parentheses.span.join();
        let count = operands.len();
        let mut operands = operands.into_iter();
        match (name.to_string().as_str(), operands.next(), operands.next(), operands.next()) {
            ("send", Some(sender), Some(slot), None) => Ok(Self::Send(Box::new((sender, slot)))),
            ("send", ..) => Err(Error::new(
                span,
                "a send arm takes a sender and a slot, `send(sender, &mut slot)`: the slot is an \
                 `Option` with the value, which is taken when the arm happens and stays otherwise",
            )),
            ("recv", Some(receiver), None, None) => Ok(Self::Receive(receiver)),
            ("op", Some(operation), None, None) => Ok(Self::Op(operation)),
            ("after", Some(duration), None, None) => Ok(Self::After(duration)),
            ("at", Some(instant), None, None) => Ok(Self::At(instant)),
            _ => {
                let message = format!("`{name}` takes one thing, {}, not {count}", operand(name));
                Err(Error::new(span, message))
            }
        }
    }

    /// Whether it is a future for the select, and not a channel.
    pub(crate) fn is_future(&self) -> bool {
        matches!(self, Self::Op(_) | Self::After(_) | Self::At(_))
    }
}

/// What an arm works on, in words.
fn operand(arm: &Ident) -> &'static str {
    match arm.to_string().as_str() {
        "recv" => "a receiver",
        "send" => "a sender and a slot",
        "op" => "an operation or any other future",
        "after" => "a duration",
        _ => "an instant",
    }
}

fn once(place: &mut Option<Expr>, value: Expr, span: Span, message: &str) -> Result<()> {
    if place.is_some() {
        return Err(Error::new(span, message));
    }
    *place = Some(value);
    Ok(())
}

/// `=> body`, with a comma where the body is no block and another arm follows.
fn body(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    if !input.peek(Token![=>]) {
        let message = format!("the arm `{name}` has no body: `=>` and an expression follow here");
        // At the end there is nothing to point at.
        let span = if input.is_empty() { name.span() } else { input.span() };
        return Err(Error::new(span, message));
    }
    input.parse::<Token![=>]>()?;
    if input.is_empty() {
        return Err(Error::new(name.span(), format!("the arm `{name}` has no body behind `=>`")));
    }
    let body = Expr::parse_with_earlier_boundary_rule(input)?;
    let ended = input.peek(Token![,]) || input.is_empty() || matches!(body, Expr::Block(_));
    if !ended {
        return Err(Error::new(
            body.span(),
            "a comma is missing between this body and the next arm",
        ));
    }
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(body)
}
