//! References that a condition chooses: `let w = if flip { &a[..n] } else { &b[..n] };`.
//!
//! ```text
//! w = if flip { &a[..n] } else { &a[n..] }     lo = if flip { 0 } else { n }; w is a[lo..hi]
//! w = if flip { &a[..] } else { &b[..] }       w[i] is if flip { a[i] } else { b[i] }
//! ```
//!
//! Parts of one variable differ in their positions, and these are numbers, which a branch yields like others. Of two variables the name stands for
//! both: whatever is done with it is a branch, so that the reverse sweep does the same with their adjoints. What is lent to a function is lent in
//! either branch.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Stmt};

use super::call::stopped;
use super::flow::{self, Flow};
use super::item::{Item, within};
use super::place::{Base, Place, strip};
use super::{LocalInfo, Lower, key};
use crate::chain;
use crate::ir::build::join;
use crate::ir::{Block, By, Op, Path, Proj, Shape, V, same_path};

/// One of two places.
pub(crate) struct Choice {
    cond: V,
    then_: Place,
    else_: Place,
}

/// How many conditions may be decided before something is written out: each doubles the code.
const SIDES: usize = 4;

impl Lower<'_> {
    /// Whether an expression is a branch whose sides are references.
    pub(super) fn is_chosen_reference(&self, e: &Expr) -> bool {
        chain::chooses_reference(e, &|i| self.names_reference(i))
    }

    fn names_reference(&self, name: &Ident) -> bool {
        self.find(&key(name)).is_some_and(|l| {
            let info = &self.locals[l.0];
            info.by != By::Value || matches!(info.item, Some(Item::Place(..)))
        })
    }

    /// Lowers a branch, or what stands in one, to what it refers to.
    pub(super) fn item_flow(&mut self, e: &Expr) -> (Option<Item>, Flow) {
        match strip(e) {
            Expr::If(i) => {
                let (cond, found) = self.condition(&i.cond);
                let span = i.if_token.span;
                self.either_item(
                    cond,
                    |l| l.with_names(&found, |l| l.block_item(&i.then_branch)),
                    |l| match &i.else_branch {
                        Some((_, e)) => l.item_flow(e),
                        None => (None, Flow::on()),
                    },
                    span,
                )
            }
            Expr::Match(m) => {
                let subject = self.subject(&m.expr);
                let span = m.match_token.span();
                self.arms(&subject, &m.arms, span, &mut |l, e| l.item_flow(e))
            }
            Expr::Block(b) if b.label.is_none() => self.block_item(&b.block),
            e if flow::expr_diverges(e) => (None, self.expr_flow(e).1),
            e => (Some(self.item(e)), Flow::on()),
        }
    }

    fn block_item(&mut self, block: &syn::Block) -> (Option<Item>, Flow) {
        let in_body = core::mem::replace(&mut self.in_body, false);
        let result = self.scoped(|l| match block.stmts.split_last() {
            Some((Stmt::Expr(last, None), before)) => {
                let (_, flow) = l.seq(before);
                if !flow.only_falls() {
                    l.errors.at(
                        last,
                        "a reference is chosen here behind an exit (`return`, `break`, `continue`) that may be taken",
                        "put the exit in a statement of its own, before the `let`",
                    );
                    return (None, flow);
                }
                l.item_flow(last)
            }
            _ => (None, l.seq(&block.stmts).1),
        });
        self.in_body = in_body;
        result
    }

    /// Binds a name to what was chosen, with what its type tells.
    pub(super) fn bind_chosen(&mut self, pat: &Pat, mut item: Item) {
        if let (Pat::Type(t), Item::Place(place, _)) = (pat, &mut item)
            && let (syn::Type::Reference(t), Shape::Unknown) = (&*t.ty, &place.shape)
        {
            place.shape = crate::sig::shape_of(&t.elem, &self.sig.reals, self.errors);
        }
        self.bind_item(pat, item);
    }

    /// What is known of a value holds of the one that a branch hands out for it.
    pub(super) fn handed_out(&mut self, v: V, out: V, sort: Sort) {
        if sort != Sort::Value {
            self.b.func.info_mut(out).shape = Shape::Int;
        }
        if self.usizes.contains(&v) {
            self.usizes.insert(out);
        }
    }

    /// What stands in the place of a value where the other branch is taken.
    pub(super) fn blank_like(&mut self, sort: Sort, block: &mut Block, span: Span) -> V {
        let tokens = match sort {
            Sort::Value => return self.or_undef(None, block, span),
            Sort::Flag => quote!(false),
            Sort::Position => quote!(0usize),
        };
        let blank = self.b.fresh(Shape::Int, span);
        let op = Op::Const(tokens.into());
        block.stmts.push(crate::ir::Stmt::Let(blank, op));
        blank
    }

    /// The one thing or the other.
    pub(super) fn one_of(&mut self, cond: V, a: Item, b: Item, span: Span) -> Option<Item> {
        Some(match (a, b) {
            (Item::Place(a, m), Item::Place(b, n)) => {
                Item::Place(self.one_place_of(cond, a, b, span), m && n)
            }
            (Item::Tuple(a), Item::Tuple(b)) if a.len() == b.len() => {
                let parts = a.into_iter().zip(b);
                let parts: Vec<Item> = parts
                    .map(|(a, b)| self.one_of(cond, a, b, span))
                    .collect::<Option<_>>()?;
                Item::Tuple(parts)
            }
            (Item::Value(a), Item::Value(b)) => {
                let value = self.either(
                    cond,
                    |_| (Some(a), Flow::on()),
                    |_| (Some(b), Flow::on()),
                    span,
                );
                Item::Value(value.0?)
            }
            (a @ (Item::Place(..) | Item::Value(_)), b @ (Item::Place(..) | Item::Value(_))) => {
                let (a, b) = (self.place_of(a, span), self.place_of(b, span));
                Item::Place(self.one_place_of(cond, a, b, span), false)
            }
            (Item::Optional(x, a), Item::Optional(y, b)) => {
                let some = self.one_value_of(cond, x, y, span);
                Item::Optional(some, self.one_of(cond, *a, *b, span)?.into())
            }
            _ => {
                self.errors.at_span(
                    span,
                    "a name cannot stand for what this branch makes: it is neither a value nor a reference to a place",
                    "let each side be a reference, `&x[..]`, or each a value",
                );
                return None;
            }
        })
    }

    fn one_value_of(&mut self, cond: V, a: V, b: V, span: Span) -> V {
        if a == b {
            return a;
        }
        let value = self.either(
            cond,
            |_| (Some(a), Flow::on()),
            |_| (Some(b), Flow::on()),
            span,
        );
        let v = value.0.unwrap_or_else(|| self.poison(span));
        self.b.func.info_mut(v).shape = Shape::Int;
        self.usizes.insert(v);
        v
    }

    /// Parts of one variable become one part at positions that are chosen.
    fn one_place_of(&mut self, cond: V, a: Place, b: Place, span: Span) -> Place {
        let (a, b) = self.cut_alike(a, b, span);
        let same = match (&a.base, &b.base) {
            (Base::Local(x), Base::Local(y)) => x == y,
            (Base::Value(x), Base::Value(y)) => x == y,
            _ => false,
        };
        if same && a.path.len() == b.path.len() && a.path.iter().zip(&b.path).all(alike) {
            let mut path: Path = Vec::new();
            for (p, q) in a.path.iter().zip(&b.path) {
                path.push(self.one_step_of(cond, p, q, span));
            }
            let shape = either(&a.shape, &b.shape);
            return Place {
                path,
                shape,
                base: a.base,
            };
        }
        self.inlining.chooses = true;
        let shape = either(&a.shape, &b.shape);
        let choice = Choice {
            cond,
            then_: a,
            else_: b,
        };
        Place {
            base: Base::Either(Rc::new(choice)),
            path: Vec::new(),
            shape,
        }
    }

    fn one_step_of(&mut self, cond: V, p: &Proj, q: &Proj, span: Span) -> Proj {
        match (p, q) {
            (Proj::Index(a), Proj::Index(b)) => Proj::Index(self.one_value_of(cond, *a, *b, span)),
            (
                Proj::Range {
                    lo: Some(a),
                    hi: Some(b),
                    ..
                },
                Proj::Range {
                    lo: Some(c),
                    hi: Some(d),
                    ..
                },
            ) => {
                let lo = self.one_value_of(cond, *a, *c, span);
                let hi = self.one_value_of(cond, *b, *d, span);
                let (m, n) = (self.extents.get(&(*a, *b)), self.extents.get(&(*c, *d)));
                if let (Some(m), Some(n)) = (m.copied(), n.copied()) {
                    let len = self.one_value_of(cond, m, n, span);
                    self.extents.insert((lo, hi), len);
                }
                Proj::Range {
                    lo: Some(lo),
                    hi: Some(hi),
                    inclusive: false,
                }
            }
            _ => p.clone(),
        }
    }

    /// Both with the two ends of what is cut, where either is cut.
    fn cut_alike(&mut self, a: Place, b: Place, span: Span) -> (Place, Place) {
        let is_cut = |p: &Place| matches!(p.path.last(), Some(Proj::Range { .. }));
        if !is_cut(&a) && !is_cut(&b)
            || a.shape.is_array_in_slice(&a.path)
            || b.shape.is_array_in_slice(&b.path)
        {
            return (a, b);
        }
        (self.with_ends(a, span), self.with_ends(b, span))
    }

    fn with_ends(&mut self, place: Place, span: Span) -> Place {
        if matches!(place.base, Base::Either(_)) {
            return place;
        }
        let (lo, hi) = match place.path.last() {
            Some(Proj::Range {
                lo: Some(_),
                hi: Some(_),
                inclusive: false,
            }) => return place,
            Some(Proj::Range { lo, hi, inclusive }) => (*lo, hi.map(|h| (h, *inclusive))),
            _ => (None, None),
        };
        let mut whole = place.clone();
        if matches!(place.path.last(), Some(Proj::Range { .. })) {
            whole.path.pop();
        }
        let lo = lo.unwrap_or_else(|| self.literal_index(0));
        let hi = match hi {
            Some((hi, false)) => hi,
            Some((hi, true)) => {
                let one = self.literal_index(1);
                self.bin(crate::ir::Bin::Add, hi, one, span)
            }
            None => self.extent(&whole, span),
        };
        let shape = place.shape.clone();
        let mut place = within(
            whole,
            Proj::Range {
                lo: Some(lo),
                hi: Some(hi),
                inclusive: false,
            },
        );
        if let Shape::Seq(e, _) = shape {
            place.shape = Shape::Seq(e, None);
        }
        place
    }

    /// Does something with the place that is chosen, in either branch.
    pub(super) fn chosen(
        &mut self,
        choice: &Choice,
        place: &Place,
        span: Span,
        mut f: impl FnMut(&mut Self, &Place) -> Option<V>,
    ) -> Option<V> {
        let f = core::cell::RefCell::new(&mut f);
        let side = |l: &mut Self, side: &Place| {
            let whole = choice.of(side, place);
            ((*f.borrow_mut())(l, &whole), Flow::on())
        };
        self.either(
            choice.cond,
            |l| side(l, &choice.then_),
            |l| side(l, &choice.else_),
            span,
        )
        .0
    }

    /// Both sides of a choice as they are now.
    pub(super) fn frozen_choice(&mut self, choice: &Choice, place: Place, span: Span) -> Place {
        let then_ = self.frozen(choice.then_.clone(), span);
        let else_ = self.frozen(choice.else_.clone(), span);
        let choice = Choice {
            cond: choice.cond,
            then_,
            else_,
        };
        Place {
            base: Base::Either(Rc::new(choice)),
            ..place
        }
    }

    /// The condition of the first name in tokens that stands for one of two places.
    fn condition_in(&self, names: &[Ident]) -> Option<V> {
        names.iter().find_map(|name| {
            let local = self.find(&key(name))?;
            self.locals[local.0].choice().map(|c| c.cond)
        })
    }

    /// Lowers something in which references are handed on as such: once for each side, where one of them is chosen.
    pub(super) fn for_each_side(
        &mut self,
        lent: &TokenStream,
        span: Span,
        f: &mut dyn FnMut(&mut Self) -> Option<V>,
    ) -> Option<V> {
        if !self.inlining.chooses {
            return f(self);
        }
        let mut f = |l: &mut Self| (f(l), Flow::on());
        self.sides(lent, Some(span), &mut f).0
    }

    /// A loop: once for each side, so that the condition stands outside. Where that would be too much code it stands inside.
    pub(super) fn loop_for_each_side(
        &mut self,
        written: &dyn ToTokens,
        f: &mut dyn FnMut(&mut Self) -> (Option<V>, Flow),
    ) -> (Option<V>, Flow) {
        if !self.inlining.chooses {
            return f(self);
        }
        self.sides(&written.to_token_stream(), None, f)
    }

    fn sides(
        &mut self,
        tokens: &TokenStream,
        refused: Option<Span>,
        f: &mut dyn FnMut(&mut Self) -> (Option<V>, Flow),
    ) -> (Option<V>, Flow) {
        let mut names = Vec::new();
        crate::emit::names::idents(tokens, &mut names);
        let Some(cond) = self.condition_in(&names) else {
            return f(self);
        };
        if self.inlining.sides >= SIDES {
            let Some(span) = refused else {
                return f(self);
            };
            self.errors.at_span(
                span,
                "what is called with references that conditions choose is written out for each of them, and here that becomes too much code",
                "call one function in each branch, or choose between values",
            );
            return (None, Flow::on());
        }
        self.inlining.sides += 1;
        let f = core::cell::RefCell::new(f);
        let side = |l: &mut Self, holds: bool| {
            let before = l.take_side(cond, holds);
            let result = l.sides(tokens, refused, &mut **f.borrow_mut());
            for (local, alias) in before {
                l.locals[local].alias = Some(alias);
            }
            result
        };
        let result = self.either(
            cond,
            |l| side(l, true),
            |l| side(l, false),
            Span::call_site(),
        );
        self.inlining.sides -= 1;
        result
    }

    /// In a branch of a condition it is known which side each name stands for that the condition chose; gives back what they stood for before.
    fn take_side(&mut self, cond: V, holds: bool) -> Vec<(usize, Place)> {
        let mut before = Vec::new();
        for (k, info) in self.locals.iter_mut().enumerate() {
            let Some(choice) = info.choice().filter(|c| c.cond == cond) else {
                continue;
            };
            let side = if holds { &choice.then_ } else { &choice.else_ };
            let known = info.alias.as_ref().map(|place| choice.of(side, place));
            before.extend(core::mem::replace(&mut info.alias, known).map(|place| (k, place)));
        }
        before
    }

    /// The arguments of a call that may be references: what stands in them by value is read as usual.
    pub(super) fn lent_in<'e>(&self, args: impl IntoIterator<Item = &'e Expr>) -> TokenStream {
        let mut names = TokenStream::new();
        for e in args {
            let mut at = strip(e);
            loop {
                at = match at {
                    Expr::Reference(r) => strip(&r.expr),
                    Expr::Field(f) => strip(&f.base),
                    Expr::Index(i) => strip(&i.expr),
                    Expr::Unary(u) => strip(&u.expr),
                    Expr::MethodCall(m) if chain::lends(at) => strip(&m.receiver),
                    Expr::Call(_) if let Some(inner) = stopped(at) => strip(inner),
                    Expr::Path(p) => {
                        names.extend(quote!(#p));
                        break;
                    }
                    _ => break,
                };
            }
        }
        names
    }
}

impl LocalInfo {
    /// The choice between two places that a name stands for.
    fn choice(&self) -> Option<Rc<Choice>> {
        match self.alias.as_ref()?.base {
            Base::Either(ref choice) => Some(choice.clone()),
            Base::Local(_) | Base::Value(_) => None,
        }
    }
}

/// What kind of value a position or a condition is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Flag,
    Position,
    Value,
}

impl Choice {
    /// A part of one side.
    fn of(&self, side: &Place, part: &Place) -> Place {
        let mut whole = side.clone();
        whole.path.extend(part.path.iter().cloned());
        whole.shape = part.shape.clone();
        whole
    }

    /// The values that it is made of.
    fn values(&self, out: &mut Vec<(V, Sort)>) {
        out.push((self.cond, Sort::Flag));
        self.then_.values(out);
        self.else_.values(out);
    }
}

impl Place {
    fn values(&self, out: &mut Vec<(V, Sort)>) {
        match &self.base {
            Base::Local(_) => {}
            Base::Value(v) => out.push((*v, Sort::Value)),
            Base::Either(choice) => choice.values(out),
        }
        for p in &self.path {
            match p {
                Proj::Index(i) => out.push((*i, Sort::Position)),
                Proj::Range { lo, hi, .. } => {
                    out.extend(lo.iter().chain(hi).map(|v| (*v, Sort::Position)));
                }
                Proj::Field(_) | Proj::Deref | Proj::Payload(..) => {}
            }
        }
    }

    fn renamed(mut self, names: &[(V, V)]) -> Place {
        let rename = |v: &mut V| {
            if let Some((_, new)) = names.iter().find(|(old, _)| old == v) {
                *v = *new;
            }
        };
        match &mut self.base {
            Base::Local(_) => {}
            Base::Value(v) => rename(v),
            Base::Either(choice) => {
                let mut cond = choice.cond;
                rename(&mut cond);
                *choice = Rc::new(Choice {
                    cond,
                    then_: choice.then_.clone().renamed(names),
                    else_: choice.else_.clone().renamed(names),
                });
            }
        }
        for p in &mut self.path {
            match p {
                Proj::Index(i) => rename(i),
                Proj::Range { lo, hi, .. } => lo.iter_mut().chain(hi).for_each(rename),
                Proj::Field(_) | Proj::Deref | Proj::Payload(..) => {}
            }
        }
        self
    }
}

impl Item {
    /// The values that it is made of, those of them that are newer than so many; each once.
    pub(super) fn made_since(&self, first: usize) -> Vec<(V, Sort)> {
        let mut all = Vec::new();
        self.values(&mut all);
        all.retain(|(v, _)| v.0 as usize >= first);
        all.sort_unstable();
        all.dedup_by_key(|(v, _)| *v);
        all
    }

    fn values(&self, out: &mut Vec<(V, Sort)>) {
        match self {
            Item::Value(v) => out.push((*v, Sort::Value)),
            Item::Place(place, _) => place.values(out),
            Item::Tuple(items) => items.iter().for_each(|i| i.values(out)),
            Item::Optional(some, item) => {
                out.push((*some, Sort::Flag));
                item.values(out);
            }
            Item::Arrays(a) => {
                out.extend([a.len, a.size].map(|v| (v, Sort::Position)));
                a.place.values(out);
            }
            Item::Closure(_) => {}
        }
    }

    pub(super) fn renamed(self, names: &[(V, V)]) -> Item {
        let rename = |v: V| {
            let new = names.iter().find(|(old, _)| *old == v);
            new.map_or(v, |(_, new)| *new)
        };
        match self {
            Item::Value(v) => Item::Value(rename(v)),
            Item::Place(place, mutable) => Item::Place(place.renamed(names), mutable),
            Item::Tuple(items) => {
                Item::Tuple(items.into_iter().map(|i| i.renamed(names)).collect())
            }
            Item::Optional(some, item) => {
                Item::Optional(rename(some), Box::new(item.renamed(names)))
            }
            Item::Arrays(a) => {
                let mut a = (*a).clone();
                (a.len, a.size) = (rename(a.len), rename(a.size));
                a.place = a.place.renamed(names);
                Item::Arrays(a.into())
            }
            closure @ Item::Closure(_) => closure,
        }
    }
}

/// What is known of a place that is one or the other. References to arrays of two lengths are slices.
fn either(a: &Shape, b: &Shape) -> Shape {
    match (a, b) {
        (Shape::Seq(_, n), Shape::Seq(_, m)) if n != m => match join(a, b) {
            Shape::Seq(e, _) => Shape::Seq(e, None),
            other => other,
        },
        (a, b) => join(a, b),
    }
}

/// Whether two steps differ in positions only.
fn alike((p, q): (&Proj, &Proj)) -> bool {
    match (p, q) {
        (Proj::Index(_), Proj::Index(_)) => true,
        (
            Proj::Range {
                lo: Some(_),
                hi: Some(_),
                inclusive: false,
            },
            Proj::Range {
                lo: Some(_),
                hi: Some(_),
                inclusive: false,
            },
        ) => true,
        (p, q) => same_path(core::slice::from_ref(p), core::slice::from_ref(q)),
    }
}
