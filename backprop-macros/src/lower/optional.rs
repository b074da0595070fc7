//! The methods of `Option`, as the branches that they stand for; elements that may be missing; what a search has found, as an `Option`.
//!
//! `o.unwrap_or(x)` is `if let Some(v) = o { v } else { x }`. Types are not seen: where nothing says what the receiver is, a method is taken for
//! that of `Option` if its name says so, and rustc refuses the `match` that is written for it if it is of another type.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

use super::closure::Callable;
use super::flow::Flow;
use super::item::{Item, within};
use super::place::{Base, Place, strip};
use super::{Lower, key};
use crate::ir::{Bin, Op, Proj, Runs, Shape, Stmt, Un, V};

/// Methods that are taken for those of `Option` on whatever they are called.
const TELLING: [&str; 7] = [
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_else",
    "map_or",
    "is_some",
    "is_none",
];

/// `Some`, where it is asked for: if the value is of another type, rustc says so there.
fn some(span: Span) -> syn::Path {
    syn::parse_quote_spanned!(span=> ::core::option::Option::Some)
}

impl Lower<'_> {
    /// `Some(v)`.
    pub(crate) fn present(&mut self, v: V, span: Span) -> V {
        let shape = Shape::Option(Box::new(self.b.func.shape(v).clone()));
        let fields = vec![(syn::Member::Unnamed(0.into()), v)];
        self.b
            .op(Op::Struct(some(span).into(), fields, true), shape, span)
    }

    /// `None`.
    pub(crate) fn missing(&mut self, span: Span) -> V {
        let none = quote!(::core::option::Option::None);
        let shape = Shape::Option(Box::new(Shape::Unknown));
        self.b.op(Op::Const(none.into()), shape, span)
    }

    /// Whether an `Option` holds something.
    fn is_present(&mut self, place: &Place, span: Span) -> V {
        let some = some(span);
        self.is(place, syn::parse_quote_spanned!(span=> #some { .. }), span)
    }

    /// What it holds.
    fn held_by(&mut self, place: &Place, span: Span) -> V {
        let payload = Proj::Payload(some(span).into(), syn::Member::Unnamed(0.into()));
        self.read(&within(place.clone(), payload), span)
    }

    /// A method of `Option`, if it is one.
    pub(crate) fn option_method(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        let name = m.method.to_string();
        // A constant may be of any type, a `Result` say: its methods are called as they stand, where nothing that varies goes in.
        let root = match &place.base {
            Base::Value(v) => Some(*v),
            Base::Local(l) => self.env[l.0],
            Base::Either(_) => None,
        };
        let constant = place.path.is_empty()
            && root.is_some_and(|v| self.constants.contains(&v))
            && m.args.iter().all(|a| self.is_plain(a));
        let open = matches!(place.shape, Shape::Unknown | Shape::Named) && !constant;
        let telling = TELLING.contains(&name.as_str());
        let closure = |k: usize| matches!(m.args.get(k).map(strip), Some(Expr::Closure(_)));
        let applied = matches!(
            name.as_str(),
            "and_then" | "or_else" | "is_some_and" | "is_none_or" | "map_or_else"
        ) && closure(0);
        if !(matches!(place.shape, Shape::Option(_)) || open && (telling || applied)) {
            return None;
        }
        let span = m.method.span();
        let place = self.frozen(place.clone(), span);
        Some(match (name.as_str(), m.args.len()) {
            ("is_some", 0) => self.is_present(&place, span),
            ("is_none", 0) => {
                let some = self.is_present(&place, span);
                self.b.op(Op::Un(Un::Not, some), Shape::Int, span)
            }
            ("copied" | "cloned" | "clone", 0) => self.read(&place, span),
            ("unwrap" | "expect", _) => {
                let some = self.is_present(&place, span);
                self.assert_present(some, m.args.first(), span);
                self.held_by(&place, span)
            }
            ("unwrap_or" | "or", 1) => {
                // Evaluated whether it is needed or not.
                let other = self.expr(&m.args[0]);
                let keeps = name == "or";
                self.choose(
                    &place,
                    span,
                    |l, v| if keeps { l.present(v, span) } else { v },
                    |_| other,
                )
            }
            ("unwrap_or_default", 0) => {
                let default = quote!(::core::default::Default::default());
                let shape = match &place.shape {
                    Shape::Option(e) => (**e).clone(),
                    _ => Shape::Unknown,
                };
                let other = |l: &mut Self| l.b.op(Op::Const(default.into()), shape, span);
                self.choose(&place, span, |_, v| v, other)
            }
            ("unwrap_or_else" | "or_else", 1) => {
                let f = self.callable(&m.args[0])?;
                let keeps = name == "or_else";
                self.choose(
                    &place,
                    span,
                    |l, v| if keeps { l.present(v, span) } else { v },
                    |l| l.result_of(&f, None, span),
                )
            }
            ("map", 1) => {
                let f = self.callable(&m.args[0])?;
                let mapped = |l: &mut Self, v| {
                    let v = l.result_of(&f, Some(v), span);
                    l.present(v, span)
                };
                self.choose(&place, span, mapped, |l| l.missing(span))
            }
            ("and_then", 1) => {
                let f = self.callable(&m.args[0])?;
                let then = |l: &mut Self, v| l.result_of(&f, Some(v), span);
                self.choose(&place, span, then, |l| l.missing(span))
            }
            ("filter", 1) => {
                let f = self.callable(&m.args[0])?;
                let filtered = |l: &mut Self, v| {
                    let keep = l.result_of(&f, Some(v), span);
                    let yes = |l: &mut Self| (Some(l.present(v, span)), Flow::on());
                    let no = |l: &mut Self| (Some(l.missing(span)), Flow::on());
                    let value = l.either(keep, yes, no, span).0;
                    value.unwrap_or_else(|| l.poison(span))
                };
                self.choose(&place, span, filtered, |l| l.missing(span))
            }
            ("is_some_and" | "is_none_or", 1) => {
                let f = self.callable(&m.args[0])?;
                let otherwise = name == "is_none_or";
                let v = self.choose(
                    &place,
                    span,
                    |l, v| l.result_of(&f, Some(v), span),
                    |l| l.constant(quote!(#otherwise), Shape::Int),
                );
                self.b.func.info_mut(v).shape = Shape::Int;
                v
            }
            ("map_or", 2) => {
                let other = self.expr(&m.args[0]);
                let f = self.callable(&m.args[1])?;
                let then = |l: &mut Self, v| l.result_of(&f, Some(v), span);
                self.choose(&place, span, then, |_| other)
            }
            ("map_or_else", 2) => {
                let (other, f) = (self.callable(&m.args[0])?, self.callable(&m.args[1])?);
                let then = |l: &mut Self, v| l.result_of(&f, Some(v), span);
                self.choose(&place, span, then, |l| l.result_of(&other, None, span))
            }
            _ => {
                self.errors.at(
                    &m.method,
                    format!("the method `{name}` of `Option` is not accepted yet"),
                    "take the value apart with `match` or `if let`",
                );
                self.poison(span)
            }
        })
    }

    /// `unwrap`, and `expect` with its message.
    pub(super) fn assert_present(&mut self, some: V, message: Option<&Expr>, span: Span) {
        let hole = Ident::new("present", Span::call_site());
        let tokens = match message {
            Some(message) => quote!(::core::assert!(#hole, "{}", #message)),
            None => quote!(::core::assert!(#hole, "called `Option::unwrap()` on a `None` value")),
        };
        let (references, mut holes) = self.mentions(&tokens, span);
        let tokens = if references.is_empty() {
            tokens
        } else {
            quote!({ #references #tokens; })
        };
        holes.push((hole, some));
        self.b.push(Stmt::Effect(Runs::Again, tokens, holes));
    }

    /// A literal, or a constant by its name.
    fn is_plain(&self, e: &Expr) -> bool {
        match strip(e) {
            Expr::Lit(_) => true,
            Expr::Unary(u) => self.is_plain(&u.expr),
            Expr::Path(p) => p
                .path
                .get_ident()
                .is_none_or(|i| self.find(&key(i)).is_none()),
            _ => false,
        }
    }

    fn result_of(&mut self, f: &Callable, arg: Option<V>, span: Span) -> V {
        let args = arg.into_iter().map(Item::Value).collect();
        let item = self.apply(f, args, span);
        self.value(&item, span)
    }

    /// One value where there is something, another one where there is not.
    fn choose(
        &mut self,
        place: &Place,
        span: Span,
        then: impl FnOnce(&mut Self, V) -> V,
        otherwise: impl FnOnce(&mut Self) -> V,
    ) -> V {
        let some = self.is_present(place, span);
        let value = self
            .either(
                some,
                |l| {
                    let v = l.held_by(place, span);
                    (Some(then(l, v)), Flow::on())
                },
                |l| (Some(otherwise(l)), Flow::on()),
                span,
            )
            .0;
        value.unwrap_or_else(|| self.poison(span))
    }

    /// `x.get(i)`, `x.first()`, `x.last()` of a slice: a copy of the element, where there is one.
    pub(crate) fn element_method(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        if !matches!(place.shape, Shape::Seq(..)) {
            return None;
        }
        let span = m.method.span();
        let n = match (m.method.to_string().as_str(), m.args.len()) {
            ("first" | "last", 0) => self.extent(place, span),
            ("get", 1) if !matches!(strip(&m.args[0]), Expr::Range(_)) => self.extent(place, span),
            _ => return None,
        };
        let place = self.frozen(place.clone(), span);
        let (at, there) = match m.args.first() {
            Some(e) => {
                let at = self.expr(e);
                (Some(at), self.bin(Bin::Lt, at, n, e.span()))
            }
            None => {
                let zero = self.literal_index(0);
                let last = m.method == "last";
                ((!last).then_some(zero), self.bin(Bin::Gt, n, zero, span))
            }
        };
        let found = |l: &mut Self| {
            let at = at.unwrap_or_else(|| {
                let one = l.literal_index(1);
                l.bin(Bin::Sub, n, one, span)
            });
            let part = l.element(place, at, span);
            let v = l.read(&part, span);
            (Some(l.present(v, span)), Flow::on())
        };
        let none = |l: &mut Self| (Some(l.missing(span)), Flow::on());
        self.either(there, found, none, span).0
    }
}
