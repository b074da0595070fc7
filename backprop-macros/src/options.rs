//! What stands in the attribute's parentheses: `#[differentiable(wrt(x), tape)]`.
//!
//! In: the attribute's tokens. Out: [`Options`], whatever the tokens are. Every mistake is reported, and
//! reading goes on behind the next comma, so that one slip does not hide the next.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Path, Token, token};

use crate::diag::Errors;

/// That forward mode is asked for, and by whom it is written.
#[derive(Clone)]
pub(crate) struct Jvp {
    pub(crate) span: Span,
    pub(crate) by_hand: Option<Path>,
}

/// That a test is asked for, and what it takes for parameters.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) span: Span,
    pub(crate) values: Vec<(Ident, Expr)>,
}

/// What the user asked for.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// `wrt(a, b)`: the only active parameters.
    pub(crate) wrt: Option<Vec<Ident>>,
    /// `tape`: the reverse functions take one.
    pub(crate) tape: Option<Span>,
    /// `jvp`: there is a forward function, too; `jvp = path`: written by hand.
    pub(crate) jvp: Option<Jvp>,
    /// `hvp`: there is a function for products with the Hessian; `hessian`: and one for all of it.
    pub(crate) hvp: Option<Span>,
    pub(crate) hessian: Option<Span>,
    /// `jacobian`: there is a function for the whole matrix of derivatives.
    pub(crate) jacobian: Option<Span>,
    /// `check`, `check(x = 0.1..2.0, n = 3)`: a test of the gradient.
    pub(crate) check: Option<Check>,
    /// `vjp = path`: the reverse sweep, written by hand.
    pub(crate) vjp: Option<Path>,
    /// `partials(x = expr)`: the derivative by each parameter, `ret` naming the result.
    pub(crate) partials: Vec<(Ident, Expr)>,
    /// `crate = path`: where `backprop` lives.
    pub(crate) krate: Option<Path>,
    /// Every call of a generated function compares it with the other modes. For our own tests.
    pub(crate) audit: bool,
    /// `without(fold)`: optimisations switched off, so that tests can compare numbers. Hidden.
    pub(crate) without: Vec<String>,
}

impl Options {
    /// Asks for all modes, and for comparisons.
    pub(crate) fn audit(&mut self) {
        self.audit = true;
        if self.vjp.is_none() && self.jvp.is_none() {
            self.jvp = Some(Jvp {
                span: Span::call_site(),
                by_hand: None,
            });
        }
    }

    /// Whether an optimisation is to run.
    pub(crate) fn on(&self, optimisation: &str) -> bool {
        !self.without.iter().any(|w| w == optimisation)
    }
}

const KNOWN: [&str; 10] = [
    "wrt", "tape", "vjp", "partials", "crate", "jvp", "hvp", "jacobian", "hessian", "check",
];

const OPTIMISATIONS: [&str; 8] = [
    "fold", "cse", "dce", "fuse", "lanes", "invert", "keep", "refill",
];

/// Words that belong elsewhere, with the place.
const ELSEWHERE: [(&str, &str); 4] = [
    (
        "nodiff",
        "put `#[nodiff]` in front of the parameter, or name the active ones: `wrt(x, y)`",
    ),
    ("out", "put `#[out]` in front of the `&mut` parameter"),
    (
        "grad",
        "leave it out: `_grad` is always generated where the result is one float",
    ),
    ("no_tape", "leave it out: without `tape` there is none"),
];

/// Reads the attribute's tokens. Mistakes go to `errors`.
pub(crate) fn parse(attr: TokenStream, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    let read = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            if let Err(e) = option(input, &mut seen, &mut options, errors) {
                errors.syn(e);
            }
            if !input.is_empty() && !input.peek(Token![,]) {
                let rest = skip(input)?;
                errors.at(
                    &rest,
                    "this is not part of the option before it",
                    "separate options with commas: `#[differentiable(wrt(x), tape)]`",
                );
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(e) = read.parse2(attr) {
        errors.syn(e);
    }
    contradictions(&options, errors);
    options.hvp = options.hvp.or(options.hessian);
    options
}

/// One option. On an error the tokens up to the next comma are consumed.
fn option(
    input: ParseStream<'_>,
    seen: &mut Vec<String>,
    options: &mut Options,
    errors: &mut Errors,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        let rest = skip(input)?;
        errors.at(
            &rest,
            "an option starts with its name",
            format!("the options are {}", list(&KNOWN)),
        );
        return Ok(());
    }
    let name = input.call(Ident::parse_any)?;
    let word = name.to_string();
    if seen.contains(&word) {
        skip(input)?;
        errors.at(
            &name,
            format!("the option `{word}` stands here twice"),
            "keep one of the two",
        );
        return Ok(());
    }
    seen.push(word.clone());
    let done = match word.as_str() {
        "wrt" => names(input, &name, "wrt(x, y)", errors)
            .map(|list| options.wrt = list.map(|l| wrt(&name, l, errors))),
        "tape" => flag(input, &name, errors).map(|()| options.tape = Some(name.span())),
        "jvp" => jvp(input, &name, errors).map(|jvp| options.jvp = jvp),
        "hvp" => flag(input, &name, errors).map(|()| options.hvp = Some(name.span())),
        "hessian" => flag(input, &name, errors).map(|()| options.hessian = Some(name.span())),
        "jacobian" => flag(input, &name, errors).map(|()| options.jacobian = Some(name.span())),
        "check" => check(input, &name, errors).map(|check| options.check = check),
        "vjp" => path(input, &name, "vjp = my_rule", errors).map(|p| options.vjp = p),
        "crate" => {
            path(input, &name, "crate = my_crate::backprop", errors).map(|p| options.krate = p)
        }
        "partials" => partials(input, &name, errors).map(|list| options.partials = list),
        "without" => names(input, &name, "without(fold)", errors)
            .map(|list| options.without = without(list.unwrap_or_default(), errors)),
        _ => skip(input).map(|_| unknown(&name, &word, errors)),
    };
    if done.is_err() {
        skip(input)?;
    }
    done
}

fn unknown(name: &Ident, word: &str, errors: &mut Errors) {
    if let Some((_, place)) = ELSEWHERE.iter().find(|(w, _)| *w == word) {
        errors.at(
            name,
            format!("`{word}` is not an option of `differentiable`"),
            place,
        );
    } else {
        let instead = match near(word, &KNOWN) {
            Some(k) => format!("did you mean `{k}`?"),
            None => format!("the options are {}", list(&KNOWN)),
        };
        errors.at(
            name,
            format!("`{word}` is not an option of `differentiable`"),
            instead,
        );
    }
}

/// Alone, or with values for parameters in parentheses.
fn check(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> syn::Result<Option<Check>> {
    let span = name.span();
    let mut values = Vec::new();
    if input.peek(token::Paren) {
        let list = in_parens(input, |input| {
            let param = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            Ok((param, input.parse::<Expr>()?))
        });
        match list {
            Ok(list) => values = list,
            Err(e) => {
                skip(input)?;
                errors.at_span(
                    e.span(),
                    "`check` takes a parameter, `=`, and a range or a value",
                    "`check(x = 0.1..2.0, w = [-1.0..1.0; 8], n = 3)`",
                );
                return Ok(None);
            }
        }
        twice(values.iter().map(|(param, _)| param), "check", errors);
    } else if !input.is_empty() && !input.peek(Token![,]) {
        flag(input, name, errors)?;
    }
    Ok(Some(Check { span, values }))
}

/// Alone, or with a path.
fn jvp(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> syn::Result<Option<Jvp>> {
    let span = name.span();
    if input.is_empty() || input.peek(Token![,]) {
        let by_hand = None;
        return Ok(Some(Jvp { span, by_hand }));
    }
    let by_hand = path(input, name, "jvp = my_rule", errors)?;
    Ok(by_hand.map(|rule| Jvp {
        span,
        by_hand: Some(rule),
    }))
}

fn flag(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> syn::Result<()> {
    if !input.is_empty() && !input.peek(Token![,]) {
        let rest = skip(input)?;
        errors.at(
            &rest,
            format!("the option `{name}` takes no value"),
            format!("write `{name}` alone"),
        );
    }
    Ok(())
}

/// `= path`.
fn path(
    input: ParseStream<'_>,
    name: &Ident,
    example: &str,
    errors: &mut Errors,
) -> syn::Result<Option<Path>> {
    if !input.peek(Token![=]) {
        skip(input)?;
        errors.at(
            name,
            format!("the option `{name}` needs a path"),
            format!("write `{example}`"),
        );
        return Ok(None);
    }
    input.parse::<Token![=]>()?;
    // `crate = crate` is a path of keywords, which `Path::parse` takes in this form too.
    match input.parse() {
        Ok(path) => Ok(Some(path)),
        Err(e) => {
            skip(input)?;
            errors.at_span(
                e.span(),
                format!("the option `{name}` takes a path"),
                format!("write `{example}`"),
            );
            Ok(None)
        }
    }
}

/// `(a, b)`; `None` where it is missing.
fn names(
    input: ParseStream<'_>,
    name: &Ident,
    example: &str,
    errors: &mut Errors,
) -> syn::Result<Option<Vec<Ident>>> {
    if !input.peek(token::Paren) {
        skip(input)?;
        errors.at(
            name,
            format!("the option `{name}` needs names in parentheses"),
            format!("write `{example}`"),
        );
        return Ok(None);
    }
    match in_parens(input, Ident::parse_any) {
        Ok(list) => Ok(Some(list)),
        Err(e) => {
            skip(input)?;
            errors.at_span(
                e.span(),
                format!("the option `{name}` takes names, separated by commas"),
                format!("write `{example}`"),
            );
            Ok(None)
        }
    }
}

/// A list in parentheses.
fn in_parens<T>(
    input: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let inner;
    syn::parenthesized!(inner in input);
    let list = inner.parse_terminated(item, Token![,]);
    if list.is_err() {
        // What is left over would count as a second mistake.
        inner.parse::<TokenStream>()?;
    }
    Ok(list?.into_iter().collect())
}

fn wrt(name: &Ident, list: Vec<Ident>, errors: &mut Errors) -> Vec<Ident> {
    if list.is_empty() {
        errors.at(
            name,
            "`wrt()` names no parameter, so there is nothing to differentiate by",
            "name the active parameters: `wrt(x, y)`",
        );
    }
    twice(list.iter(), "wrt", errors);
    list
}

fn without(list: Vec<Ident>, errors: &mut Errors) -> Vec<String> {
    for name in &list {
        let word = name.to_string();
        if !OPTIMISATIONS.contains(&word.as_str()) {
            errors.at(
                name,
                format!("`{word}` is not an optimisation"),
                format!("the optimisations are {}", self::list(&OPTIMISATIONS)),
            );
        }
    }
    twice(list.iter(), "without", errors);
    list.iter().map(ToString::to_string).collect()
}

/// `(x = expr, y = expr)`.
fn partials(
    input: ParseStream<'_>,
    name: &Ident,
    errors: &mut Errors,
) -> syn::Result<Vec<(Ident, Expr)>> {
    const EXAMPLE: &str =
        "write the derivative by each parameter: `partials(x = y / ret, y = x / ret)`";
    if !input.peek(token::Paren) {
        skip(input)?;
        errors.at(
            name,
            "the option `partials` needs its rules in parentheses",
            EXAMPLE,
        );
        return Ok(Vec::new());
    }
    let list = in_parens(input, |input| {
        let param = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(param.span(), ""));
        }
        input.parse::<Token![=]>()?;
        Ok((param, input.parse::<Expr>()?))
    });
    let list = match list {
        Ok(list) => list,
        Err(e) => {
            skip(input)?;
            errors.at_span(
                e.span(),
                "`partials` takes a parameter, `=`, and the derivative by it",
                EXAMPLE,
            );
            return Ok(Vec::new());
        }
    };
    if list.is_empty() {
        errors.at(name, "`partials()` gives no derivative", EXAMPLE);
    }
    twice(list.iter().map(|(param, _)| param), "partials", errors);
    Ok(list)
}

fn twice<'a>(list: impl Iterator<Item = &'a Ident>, option: &str, errors: &mut Errors) {
    let mut seen: Vec<&Ident> = Vec::new();
    for name in list {
        if seen.contains(&name) {
            errors.at(
                name,
                format!("`{option}` names `{name}` twice"),
                "name it once",
            );
        }
        seen.push(name);
    }
}

fn contradictions(options: &Options, errors: &mut Errors) {
    if let (Some(jvp), false) = (&options.jvp, options.partials.is_empty())
        && let Some(rule) = &jvp.by_hand
    {
        errors.at(
            rule,
            "`jvp` and `partials` both say how to differentiate this function",
            "write `jvp` alone: partials serve both modes",
        );
    }
    if let (Some(vjp), false) = (&options.vjp, options.partials.is_empty()) {
        errors.at(
            vjp,
            "`vjp` and `partials` both say how to differentiate this function",
            "keep one: `partials` for a scalar rule, `vjp` for anything else",
        );
    }
}

/// Consumes everything up to the next comma, and gives it back.
fn skip(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut rest = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        rest.extend([input.parse::<TokenTree>()?]);
    }
    Ok(rest)
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    quoted.join(", ")
}

/// The candidate that a misspelt word most likely meant.
pub(crate) fn near<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let best = candidates.iter().map(|c| (distance(word, c), *c)).min()?;
    // A third of the letters may be wrong: more than that is another word.
    (best.0 <= best.1.len().max(word.len()).div_ceil(3)).then_some(best.1)
}

/// The way out for a word that names no parameter: the one meant, or all there are.
pub(crate) fn name_a_parameter(word: &Ident, parameters: &[String]) -> String {
    let names: Vec<&str> = parameters.iter().map(String::as_str).collect();
    match (near(&word.to_string(), &names), &names[..]) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, []) => "the function has no parameters".to_string(),
        (None, [one]) => format!("the only parameter is `{one}`"),
        (None, all) => format!("the parameters are {}", list(all)),
    }
}

/// Edit distance with adjacent swaps (optimal string alignment), by the three-row recurrence.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Options, Vec<String>) {
        let mut errors = Errors::default();
        let options = parse(text.parse().expect("tokens"), &mut errors);
        (options, errors.texts())
    }

    #[test]
    fn every_option_is_read() {
        let (o, errors) = read(
            "wrt(x, self,), tape, vjp = rules::mine::<f64, 3>, crate = crate::reexport, without(fold, cse)",
        );
        assert_eq!(errors, [""; 0]);
        assert_eq!(o.wrt.expect("wrt").len(), 2);
        assert!(o.tape.is_some() && o.vjp.is_some() && o.krate.is_some());
        assert_eq!(o.without, ["fold", "cse"]);
    }

    #[test]
    fn an_optimisation_named_in_without_is_off() {
        let (o, _) = read("without(dce)");
        assert!(!o.on("dce") && o.on("fold"));
    }

    #[test]
    fn partials_are_read_in_order() {
        let (o, errors) = read("partials(x = 2.0 * x, y = if y > 0.0 { ret } else { f(a, b) })");
        assert_eq!(errors, [""; 0]);
        assert_eq!(
            o.partials
                .iter()
                .map(|(p, _)| p.to_string())
                .collect::<Vec<_>>(),
            ["x", "y"]
        );
    }

    #[test]
    fn mistakes_are_all_reported() {
        let cases = [
            ("", 0, ""),
            ("tape,", 0, ""),
            ("taep", 1, "did you mean `tape`"),
            ("partial(x = 1.0)", 1, "did you mean `partials`"),
            ("banana", 1, "the options are `wrt`"),
            ("tape, tape", 1, "stands here twice"),
            ("tape = 3", 1, "takes no value"),
            ("tape(x)", 1, "takes no value"),
            ("jvp", 0, ""),
            ("jvp = rules::mine", 0, ""),
            ("jvp = a, partials(x = 1.0)", 1, "both say how"),
            ("hvp, hessian", 0, ""),
            ("jacobian, check", 0, ""),
            ("check(x = 0.1..2.0, w = [-1.0..1.0; 8])", 0, ""),
            ("check(x)", 1, "a range or a value"),
            ("check(x = 1.0..2.0, x = 1.0)", 1, "names `x` twice"),
            ("nodiff(x)", 1, "`#[nodiff]` in front"),
            ("wrt", 1, "needs names in parentheses"),
            ("wrt()", 1, "names no parameter"),
            ("wrt(x, x)", 1, "names `x` twice"),
            ("wrt(3)", 1, "takes names"),
            ("wrt(x) tape", 1, "separate options with commas"),
            ("vjp", 1, "needs a path"),
            ("vjp = 3", 1, "takes a path"),
            ("vjp = a, partials(x = 1.0)", 1, "both say how"),
            ("wrt(x), partials(y = 1.0)", 0, ""),
            ("partials", 1, "in parentheses"),
            ("partials()", 1, "gives no derivative"),
            ("partials(x = 1.0, x = 2.0)", 1, "names `x` twice"),
            ("partials(x)", 1, "the derivative by it"),
            ("without(speed)", 1, "not an optimisation"),
            ("3, tape = 1, bananas", 3, "starts with its name"),
            ("wrt(3), banana, tape, tape", 3, "takes names"),
            (",", 1, "starts with its name"),
        ];
        for (text, count, part) in cases {
            let (_, errors) = read(text);
            assert_eq!(errors.len(), count, "{text}: {errors:?}");
            assert!(
                count == 0 || errors.iter().any(|e| e.contains(part)),
                "{text}: {errors:?}"
            );
        }
    }

    #[test]
    fn distances() {
        assert_eq!(distance("tape", "taep"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(near("hesian", &KNOWN), Some("hessian"));
        assert_eq!(near("zzzzz", &KNOWN), None);
    }
}
