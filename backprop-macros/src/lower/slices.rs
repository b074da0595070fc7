//! What methods hand out of a slice that is no copy: halves, the first element and the rest, arrays at its ends, arrays one behind the other.
//!
//! ```text
//! let (first, rest) = x.split_first().unwrap();     assert x.len() > 0; first is x[0]; rest is x[1..n]
//! if let Some(y) = x.get_mut(i) { *y = 1.0; }        if i < x.len() { x[i] = 1.0; }
//! let (rows, rest) = x.as_chunks::<3>();             rows[k] is x[3 * k..3 * k + 3], an array
//! ```
//!
//! Where there may be nothing to hand out, the places are known all the same; what is missing is a condition. An array that lies in a slice is a
//! place like any other part of it, as long as its elements are asked for; as a whole it is a copy.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall, ExprRange, GenericArgument, RangeLimits};

use super::flow::Flow;
use super::item::Item;
use super::place::{Place, strip};
use super::{Lower, key};
use crate::chain::{self, Parts};
use crate::ir::{Bin, Op, Proj, Runs, Shape, Stmt, Un, V};

/// The arrays of `as_chunks`.
#[derive(Clone)]
pub(crate) struct Arrays {
    pub(super) place: Place,
    /// The number of elements of the slice that they lie in.
    pub(super) len: V,
    pub(super) size: V,
    /// The size, as it was written.
    pub(super) text: String,
    pub(super) mutable: bool,
}

impl Lower<'_> {
    /// What a method makes of a slice, of an `Option` of parts of one, or of arrays in one.
    pub(super) fn parted(&mut self, m: &ExprMethodCall) -> Option<Item> {
        if self.is_optional(&m.receiver) {
            return Some(self.taken(m));
        }
        if m.args.is_empty() && (m.method == "len" || m.method == "is_empty") {
            return self.number_of_arrays(m);
        }
        let parts = self.parts_of(m)?;
        let span = m.method.span();
        let place = match self.known_item(&m.receiver) {
            Some(item) => self.place_of(item, span),
            None => self.place(&m.receiver),
        };
        if !self.is_slice(&place, &m.method.to_string(), span) {
            return Some(Item::Value(self.poison(span)));
        }
        let mutable = m.method.to_string().contains("mut");
        if mutable {
            self.check_target(&m.receiver);
        }
        Some(match parts {
            Parts::Pair => self.halves(m, place, mutable),
            Parts::Found => {
                let (some, item) = self.found_part(m, place, mutable);
                Item::Optional(some, item.into())
            }
            Parts::Chunks => self.arrays(m, place, mutable),
            Parts::Whole => {
                let (zero, n) = (self.literal_index(0), self.extent(&place, span));
                Item::Place(self.cut(place, zero, n, span).2, mutable)
            }
        })
    }

    /// What a method hands out, where it is one of slices.
    fn parts_of(&self, m: &ExprMethodCall) -> Option<Parts> {
        let parts = chain::parts(m).filter(|_| chain::consumer(m).is_none())?;
        let seen = || matches!(self.seen(&m.receiver), Shape::Seq(..));
        (chain::is_of_slices(m) || seen()).then_some(parts)
    }

    /// Whether an expression stands for parts that may be missing.
    fn is_optional(&self, e: &Expr) -> bool {
        match strip(e) {
            Expr::Path(p) => p
                .path
                .get_ident()
                .and_then(|i| self.find(&key(i)))
                .is_some_and(|l| matches!(self.locals[l.0].item, Some(Item::Optional(..)))),
            Expr::MethodCall(m) => self.parts_of(m) == Some(Parts::Found),
            _ => false,
        }
    }

    /// What is known of the type of a place, without lowering it.
    fn seen(&self, e: &Expr) -> Shape {
        match strip(e) {
            Expr::Path(p) => {
                let Some(local) = p.path.get_ident().and_then(|i| self.find(&key(i))) else {
                    return Shape::Unknown;
                };
                match &self.locals[local.0].item {
                    Some(Item::Place(place, _)) => place.shape.clone(),
                    Some(Item::Value(v)) => self.b.func.shape(*v).clone(),
                    Some(_) => Shape::Unknown,
                    None => self.local_place(local).shape,
                }
            }
            Expr::Reference(r) => self.seen(&r.expr),
            Expr::Unary(u)
                if matches!(u.op, syn::UnOp::Deref(_))
                    && matches!(strip(&u.expr), Expr::Path(_)) =>
            {
                self.seen(&u.expr)
            }
            Expr::Index(x) => match (self.seen(&x.expr), strip(&x.index)) {
                (Shape::Seq(e, _), Expr::Range(_)) => Shape::Seq(e, None),
                (Shape::Seq(e, _), _) => *e,
                _ => Shape::Unknown,
            },
            _ => Shape::Unknown,
        }
    }

    /// `y.split_at(n)`: two places.
    fn halves(&mut self, m: &ExprMethodCall, place: Place, mutable: bool) -> Item {
        let span = m.method.span();
        let at = self.expr(&m.args[0]);
        self.usizes.insert(at);
        let end = self.extent(&place, span);
        let (left, right) = (hidden("n", span), hidden("k", span));
        self.b.push(Stmt::Effect(
            Runs::Again,
            quote!(::core::assert!(#left <= #right, "a slice is split beyond its end")),
            vec![(left, at), (right, end)],
        ));
        self.two(place, at, end, mutable, span)
    }

    fn two(&mut self, place: Place, at: V, end: V, mutable: bool, span: Span) -> Item {
        let start = self
            .b
            .op(Op::Const(quote!(0usize).into()), Shape::Int, span);
        let (_, _, low) = self.cut(place.clone(), start, at, span);
        let (_, _, high) = self.cut(place, at, end, span);
        Item::Tuple(vec![Item::Place(low, mutable), Item::Place(high, mutable)])
    }

    /// Whether there is something, and what it is.
    fn found_part(&mut self, m: &ExprMethodCall, place: Place, mutable: bool) -> (V, Item) {
        let span = m.method.span();
        let n = self.extent(&place, span);
        let zero = self.literal_index(0);
        let name = m.method.to_string();
        let name = name.trim_end_matches("_mut");
        if let Some(e) = m.args.first() {
            if let Expr::Range(r) = strip(e) {
                let (lo, hi) = self.ends(r, n);
                let (ordered, inside) = (
                    self.bin(Bin::Le, lo, hi, span),
                    self.bin(Bin::Le, hi, n, span),
                );
                let some = self.bin(Bin::And, ordered, inside, span);
                return (some, Item::Place(self.cut(place, lo, hi, span).2, mutable));
            }
            let at = self.expr(e);
            self.usizes.insert(at);
            if name.starts_with("split_at") {
                let some = self.bin(Bin::Le, at, n, span);
                return (some, self.two(place, at, n, mutable, span));
            }
            let some = self.bin(Bin::Lt, at, n, span);
            return (some, Item::Place(self.element(place, at, span), mutable));
        }
        if name.ends_with("chunk") {
            return self.found_array(m, place, n, mutable);
        }
        let some = self.bin(Bin::Gt, n, zero, span);
        let one = self.literal_index(1);
        let last = self.count_method("saturating_sub", n, one, span);
        let at = if name.ends_with("first") { zero } else { last };
        let element = Item::Place(self.element(place.clone(), at, span), mutable);
        let item = match name {
            "split_first" => {
                let rest = self.cut(place, one, n, span);
                self.extents.insert((rest.0, rest.1), last);
                Item::Tuple(vec![element, Item::Place(rest.2, mutable)])
            }
            "split_last" => {
                let rest = self.cut(place, zero, last, span);
                Item::Tuple(vec![element, Item::Place(rest.2, mutable)])
            }
            _ => element,
        };
        (some, item)
    }

    /// `first_chunk::<N>` and kin.
    fn found_array(&mut self, m: &ExprMethodCall, place: Place, n: V, mutable: bool) -> (V, Item) {
        let span = m.method.span();
        let Some((size, text)) = self.array_length(m) else {
            return (self.poison(span), Item::Value(self.poison(span)));
        };
        let some = self.bin(Bin::Ge, n, size, span);
        let name = m.method.to_string();
        let rest = self.count_method("saturating_sub", n, size, span);
        let zero = self.literal_index(0);
        let of_first = name.contains("first");
        let (lo, hi) = if of_first { (zero, size) } else { (rest, n) };
        let array = Item::Place(
            self.array_in(place.clone(), (lo, hi), size, &text, span),
            mutable,
        );
        if !name.starts_with("split") {
            return (some, array);
        }
        let (lo, hi) = if of_first { (size, n) } else { (zero, rest) };
        let (lo, hi, part) = self.cut(place, lo, hi, span);
        self.extents.insert((lo, hi), rest);
        let part = Item::Place(part, mutable);
        let both = if of_first {
            vec![array, part]
        } else {
            vec![part, array]
        };
        (some, Item::Tuple(both))
    }

    /// `as_chunks::<N>()`.
    fn arrays(&mut self, m: &ExprMethodCall, place: Place, mutable: bool) -> Item {
        let span = m.method.span();
        let Some((size, text)) = self.array_length(m) else {
            return Item::Value(self.poison(span));
        };
        let len = self.extent(&place, span);
        let count = self.bin(Bin::Div, len, size, span);
        let end = self.bin(Bin::Mul, count, size, span);
        let rest = self.cut(place.clone(), end, len, span).2;
        let arrays = Arrays {
            place,
            len,
            size,
            text,
            mutable,
        };
        Item::Tuple(vec![
            Item::Arrays(arrays.into()),
            Item::Place(rest, mutable),
        ])
    }

    /// How long the arrays are that a method hands out, as its turbofish says.
    fn array_length(&mut self, m: &ExprMethodCall) -> Option<(V, String)> {
        let argument = m.turbofish.as_ref().and_then(|t| t.args.first());
        let tokens = match argument {
            Some(GenericArgument::Const(e)) => Some(e.to_token_stream()),
            Some(GenericArgument::Type(t @ syn::Type::Path(_))) => Some(t.to_token_stream()),
            _ => None,
        };
        let Some(tokens) = tokens else {
            let name = &m.method;
            self.errors.at(
                name,
                format!("how long the arrays are that `{name}` hands out is not written here"),
                format!("write their length: `x.{name}::<4>()`"),
            );
            return None;
        };
        let text = tokens.to_string();
        let size = self.constant(tokens, Shape::Int);
        self.usizes.insert(size);
        Some((size, text))
    }

    /// The part of a slice that an array is.
    pub(super) fn array_in(
        &mut self,
        place: Place,
        (lo, hi): (V, V),
        size: V,
        text: &str,
        span: Span,
    ) -> Place {
        let (lo, hi, mut part) = self.cut(place, lo, hi, span);
        self.extents.insert((lo, hi), size);
        if let Ok(n) = text.parse() {
            self.literals.insert((lo, hi), n);
        }
        if let Shape::Seq(_, len) = &mut part.shape {
            *len = Some(text.to_owned());
        }
        part
    }

    /// One of the arrays of `as_chunks`.
    pub(super) fn array_at(&mut self, arrays: &Arrays, k: V, span: Span) -> Place {
        let lo = self.bin(Bin::Mul, k, arrays.size, span);
        let hi = self.bin(Bin::Add, lo, arrays.size, span);
        self.array_in(
            arrays.place.clone(),
            (lo, hi),
            arrays.size,
            &arrays.text,
            span,
        )
    }

    /// The arrays that an expression names.
    pub(super) fn arrays_of(&mut self, e: &Expr) -> Option<std::rc::Rc<Arrays>> {
        let item = match strip(e) {
            Expr::Reference(r) => return self.arrays_of(&r.expr),
            Expr::Field(f) if matches!(strip(&f.base), Expr::MethodCall(_)) => self.made(e),
            e => self.known_item(e),
        };
        match item {
            Some(Item::Arrays(arrays)) => Some(arrays),
            _ => None,
        }
    }

    fn number_of_arrays(&mut self, m: &ExprMethodCall) -> Option<Item> {
        let arrays = self.arrays_of(&m.receiver)?;
        let span = m.method.span();
        let n = self.bin(Bin::Div, arrays.len, arrays.size, span);
        if m.method == "len" {
            return Some(Item::Value(n));
        }
        let zero = self.literal_index(0);
        Some(Item::Value(self.bin(Bin::Eq, n, zero, span)))
    }

    /// The two ends of a range in a slice of so many elements.
    pub(super) fn ends(&mut self, r: &ExprRange, n: V) -> (V, V) {
        let lo = match &r.start {
            Some(e) => self.expr(e),
            None => self.literal_index(0),
        };
        let hi = match &r.end {
            Some(e) => {
                let hi = self.expr(e);
                match r.limits {
                    RangeLimits::HalfOpen(_) => hi,
                    RangeLimits::Closed(_) => {
                        let one = self.literal_index(1);
                        self.bin(Bin::Add, hi, one, Span::call_site())
                    }
                }
            }
            None => n,
        };
        self.usizes.extend([lo, hi]);
        (lo, hi)
    }

    /// A method of an `Option` of parts.
    fn taken(&mut self, m: &ExprMethodCall) -> Item {
        let span = m.method.span();
        let (some, item) = match self.item(&m.receiver) {
            Item::Optional(some, item) => (some, *item),
            other => return other,
        };
        match (m.method.to_string().as_str(), m.args.len()) {
            ("is_some", 0) => Item::Value(some),
            ("is_none", 0) => Item::Value(self.b.op(Op::Un(Un::Not, some), Shape::Int, span)),
            ("unwrap" | "expect", _) => {
                self.assert_present(some, m.args.first(), span);
                item
            }
            ("as_ref" | "as_deref" | "as_mut" | "as_deref_mut", 0) => {
                Item::Optional(some, item.into())
            }
            ("map" | "map_or" | "map_or_else" | "and_then" | "is_some_and", _) => {
                self.applied_to_part(m, some, item)
            }
            _ => {
                let v = self.value(&Item::Optional(some, item.into()), span);
                let place = self.at_value(v);
                match self.option_method(m, &place) {
                    Some(v) => Item::Value(v),
                    None => Item::Value(self.poison(span)),
                }
            }
        }
    }
}

impl Lower<'_> {
    /// `o.map_or(other, f)` and kin: the closure gets the parts themselves.
    fn applied_to_part(&mut self, m: &ExprMethodCall, some: V, item: Item) -> Item {
        let span = m.method.span();
        let name = m.method.to_string();
        let mut args = m.args.iter();
        let value = match name.as_str() {
            "map_or" => args.next().map(|e| self.expr(e)),
            _ => None,
        };
        let other = match name.as_str() {
            "map_or_else" => args.next().and_then(|f| self.callable(f)),
            _ => None,
        };
        let Some(f) = args.next().and_then(|f| self.callable(f)) else {
            return Item::Value(self.poison(span));
        };
        let there = |l: &mut Self| {
            let result = l.apply(&f, vec![item], span);
            let v = l.value(&result, span);
            let v = if name == "map" { l.present(v, span) } else { v };
            (Some(v), Flow::on())
        };
        let missing = |l: &mut Self| {
            let v = match (name.as_str(), value, &other) {
                (_, Some(v), _) => v,
                (_, _, Some(f)) => {
                    let result = l.apply(f, Vec::new(), span);
                    l.value(&result, span)
                }
                ("is_some_and", ..) => l.constant(quote!(false), Shape::Int),
                _ => l.missing(span),
            };
            (Some(v), Flow::on())
        };
        let (v, _) = self.either(some, there, missing, span);
        Item::Value(v.unwrap_or_else(|| self.poison(span)))
    }
}

impl Shape {
    /// Whether a place of this shape is an array that lies in a slice: a part of it that has a size.
    pub(super) fn is_array_in_slice(&self, path: &[Proj]) -> bool {
        matches!(self, Shape::Seq(_, Some(_))) && matches!(path.last(), Some(Proj::Range { .. }))
    }
}

/// A name of ours, which no name of the user's is.
fn hidden(name: &str, span: Span) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site().located_at(span))
}
