//! Calls: elementary functions, conversions, constructors, methods without derivative, users' functions.

use std::collections::HashMap;
use std::rc::Rc;

use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall, Token};

use super::item::Item;
use super::place::{Base, Place, strip};
use super::{Lower, key};
use crate::chain;
use crate::ir::buffers::is_buffer;
use crate::ir::{Arg, Bin, By, Call, Callee, Op, Proj, Shape, Stmt, V, of_option, same_path};
use crate::rules;

/// Methods of floats whose result is no float.
const QUERIES: [&str; 7] = [
    "is_nan",
    "is_finite",
    "is_infinite",
    "is_normal",
    "is_subnormal",
    "is_sign_positive",
    "is_sign_negative",
];

impl Lower<'_> {
    pub(crate) fn call(&mut self, c: &ExprCall) -> V {
        let span = c.span();
        if let Some(item) = self.called(c) {
            return self.value(&item, span);
        }
        let lent = self.lent_in(&c.args);
        let v = self.for_each_side(&lent, span, &mut |l| Some(l.call_path(c)));
        v.unwrap_or_else(|| self.poison(span))
    }

    fn call_path(&mut self, c: &ExprCall) -> V {
        let span = c.span();
        let Expr::Path(p) = strip(&c.func) else {
            self.errors.at(
                &c.func,
                "only functions called by their path can be differentiated",
                "call the function by name",
            );
            return self.poison(span);
        };
        if chain::is_from_fn(c) {
            return self.array_from_fn(c, None);
        }
        let Some(last) = p.path.segments.last() else {
            return self.poison(span);
        };
        let name = last.ident.to_string();
        let owner = p
            .path
            .segments
            .iter()
            .rev()
            .nth(1)
            .map(|s| s.ident.to_string());
        let owner = owner.or_else(|| p.qself.as_ref().map(|q| q.ty.to_token_stream().to_string()));
        let owner = owner.unwrap_or_default();
        let on_float =
            owner == "f64" || owner == "f32" || owner == "Real" || self.sig.reals.contains(&owner);
        if name == "stop_gradient" && c.args.len() == 1 {
            let v = self.expr(&c.args[0]);
            let shape = self.b.func.shape(v).clone();
            let hole = proc_macro2::Ident::new("stopped", span);
            return self
                .b
                .op(Op::Opaque(quote!(#hole), vec![(hole, v)]), shape, span);
        }
        if on_float {
            if let Some(rule) = rules::find(&name, c.args.len()) {
                let args: Vec<V> = c.args.iter().map(|a| self.expr(a)).collect();
                return self.elementary(rule, args, span);
            }
            if (name == "from" || name == "from_f64") && c.args.len() == 1 {
                let v = self.expr(&c.args[0]);
                return self
                    .b
                    .op(Op::Convert(p.to_token_stream(), v), Shape::Float, span);
            }
        }
        if of_option(&p.path, "Some") && c.args.len() == 1 {
            let v = self.held_value(&c.args[0]);
            return self.present(v, span);
        }
        if let Some(v) = self.moved_by_mem(c, &owner, &name) {
            return v;
        }
        if let Some(v) = self.empty_vector(c, span) {
            return v;
        }
        if name.chars().next().is_some_and(char::is_uppercase) && p.qself.is_none() {
            self.b.func.variants |= !owner.is_empty() && self.b.func.is_variant(&p.path);
            let fields = c
                .args
                .iter()
                .enumerate()
                .map(|(k, a)| (syn::Member::Unnamed(k.into()), self.held_value(a)))
                .collect();
            return self.b.op(
                Op::Struct(p.path.clone().into(), fields, true),
                Shape::Named,
                span,
            );
        }
        if p.qself.is_some() {
            self.errors.at(&c.func, "a method of a trait has no derivative yet", "call a differentiable function or a method of the type's own; where no derivative is wanted, wrap the call in `no_grad!(..)`");
        }
        if c.args.is_empty() && owner != "Self" && !name.starts_with("new") && name != "default" {
            self.errors.at(
                c,
                "a function without arguments may return something else each time, and the reverse sweep may have to call it again",
                "call it before, and pass its result in as an argument",
            );
        }
        let typed = owner.chars().next().is_some_and(char::is_uppercase);
        let callee = if typed {
            Callee::Associated(p.path.clone().into())
        } else {
            Callee::Function(p.path.clone().into())
        };
        self.finish_call(callee, None, &c.args, span)
    }

    fn finish_call(
        &mut self,
        callee: Callee,
        receiver: Option<Handed>,
        others: &Punctuated<Expr, Token![,]>,
        span: proc_macro2::Span,
    ) -> V {
        // Whether it is borrowed, or copied before the others are there, the method knows.
        let found = receiver.as_ref().and_then(|r| self.version_of(r));
        let (mut handed, mut stopped) = (Vec::from_iter(receiver), Vec::new());
        for e in others {
            let place = self.lent_as_constant(e);
            stopped.extend(place.map(|_| handed.len()));
            handed.push(self.argument(place.unwrap_or(e)));
        }
        if found.is_some() && handed.first().and_then(|r| self.version_of(r)) != found {
            self.errors.at_span(
                span,
                "an argument of this method may change what the method is called on",
                "compute it before: `let x = ..;`, and hand over `x`",
            );
        }
        // The callee begins when all of them are there: they still find what is lent as it was.
        let mut args = Vec::new();
        for h in handed {
            args.push(match h {
                Handed::Value(v) => Arg::Value(v),
                Handed::Lent(place, mutable, span) => self.borrow(*place, mutable, span),
            });
        }
        self.read_at_the_start(&mut args);
        self.check_lent(&callee, &args, span);
        let ret = self.b.fresh(Shape::Unknown, span);
        let constant = |a: &Arg| self.b.func.shape(a.root()).is_inactive();
        if is_conversion(&callee) || args.iter().all(constant) {
            self.constants.insert(ret);
        }
        let mut entry = |a: &Arg| {
            matches!(a, Arg::Mut(..)).then(|| {
                let v = self.b.fresh(Shape::Unknown, span);
                self.b.func.info_mut(v).name = Some("found".into());
                v
            })
        };
        let entries = args.iter().map(&mut entry).collect();
        self.b.push(Stmt::Call(Call {
            callee,
            args,
            stopped,
            ret: Some(ret),
            entries,
            along: Vec::new(),
            beside: None,
        }));
        ret
    }

    /// What the variable that is lent holds now.
    fn version_of(&self, handed: &Handed) -> Option<V> {
        match handed {
            Handed::Lent(place, ..) => match &place.base {
                Base::Local(l) => self.env[l.0],
                Base::Value(_) | Base::Either(_) => None,
            },
            Handed::Value(_) => None,
        }
    }

    /// What is lent by `&` beside a `&mut` to another part of the same variable is the same before and after: it is read where
    /// the call finds it.
    fn read_at_the_start(&self, args: &mut [Arg]) {
        let mut first: HashMap<V, V> = HashMap::new();
        for a in args {
            match a {
                Arg::Mut(root, _, out) => {
                    let from = *first.get(root).unwrap_or(root);
                    first.insert(*out, from);
                }
                Arg::Ref(root, _) | Arg::Again(root, _) => *root = *first.get(root).unwrap_or(root),
                Arg::Value(_) => {}
            }
        }
    }

    /// Refuses parts of one array that are lent at once: they may be of two variables that hold one value. Of a slice, what is lent by
    /// `&mut` overlaps with nothing; but two parts that are lent by `&` beside it may overlap with each other.
    fn check_lent(&mut self, callee: &Callee, args: &[Arg], span: proc_macro2::Span) {
        let mut roots: HashMap<V, V> = HashMap::new();
        let mut lent: Vec<(V, &crate::ir::Path, bool)> = Vec::new();
        let (mut array, mut shared, mut receiver) = (false, false, false);
        for a in args {
            let (root, path, mutable) = match a {
                Arg::Ref(root, path) | Arg::Again(root, path) => (*root, path, false),
                Arg::Mut(root, path, _) => (*root, path, true),
                Arg::Value(_) => continue,
            };
            let first = *roots.get(&root).unwrap_or(&root);
            if let Arg::Mut(_, _, out) = a {
                roots.insert(*out, first);
            }
            let slice = is_buffer(&self.b.func, first);
            let own = || lent.iter().filter(|(v, ..)| *v == first);
            if own().any(|(_, p, m)| (*m || mutable) && meet(p, path, slice)) {
                array |= !slice;
                let by_ref = own().filter(|(.., m)| !m).count() + usize::from(!mutable);
                shared |= by_ref > 1;
                receiver |= matches!(callee, Callee::Method(..)) && args[0].root() == first;
            }
            lent.push((first, path, mutable));
        }
        if array {
            self.errors.at_span(
                span,
                "parts of one array are lent to this call at once, one of them as `&mut`, which is not accepted yet",
                "let the function take the whole array, or keep the parts in arrays of their own",
            );
        } else if shared {
            self.errors.at_span(
                span,
                "two parts of one slice are lent to this call by `&`, and another one by `&mut`, which is not accepted yet",
                "let the function take what is read as one slice",
            );
        } else if receiver {
            self.errors.at_span(
                span,
                "a method is called on a part of a slice, and lent another one, which is not accepted yet",
                "write it as a function that takes both",
            );
        }
    }

    pub(crate) fn elementary(
        &mut self,
        rule: &'static rules::Rule,
        args: Vec<V>,
        span: proc_macro2::Span,
    ) -> V {
        let shape = match rule.kind {
            rules::Kind::Float => Shape::Float,
            rules::Kind::Number => self.b.func.shape(args[0]).clone(),
            rules::Kind::Pair => Shape::Tuple(vec![Shape::Float, Shape::Float]),
        };
        self.b.op(Op::Fn(rule.name, args), shape, span)
    }

    /// `(lo..hi).contains(&x)`.
    fn contains(&mut self, r: &syn::ExprRange, x: &Expr, span: proc_macro2::Span) -> V {
        let lo = r.start.as_ref().map(|e| self.expr(e));
        let hi = r.end.as_ref().map(|e| self.expr(e));
        let x = self.expr(x);
        let above = lo.map(|lo| self.bin(Bin::Le, lo, x, span));
        let op = match r.limits {
            syn::RangeLimits::HalfOpen(_) => Bin::Lt,
            syn::RangeLimits::Closed(_) => Bin::Le,
        };
        let below = hi.map(|hi| self.bin(op, x, hi, span));
        match (above, below) {
            (Some(a), Some(b)) => self.bin(Bin::And, a, b, span),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.constant(quote!(true), Shape::Int),
        }
    }

    pub(crate) fn method(&mut self, m: &ExprMethodCall) -> V {
        if let (Expr::Range(r), true, Some(x)) =
            (strip(&m.receiver), m.method == "contains", m.args.first())
        {
            return self.contains(r, x, m.method.span());
        }
        if let Some(v) = self.consumed(m) {
            return v;
        }
        let span = m.method.span();
        let name = m.method.to_string();
        if let Some(item) = self.parted(m) {
            return self.value(&item, span);
        }
        if let Some(v) = self.added(m) {
            return v;
        }
        let place = self.place(&m.receiver);
        if let Some(v) = self.option_method(m, &place) {
            return v;
        }
        if let Some(v) = self.element_method(m, &place) {
            return v;
        }
        if let Some(v) = self.array_map(m, &place) {
            return v;
        }
        if let Some(v) = self.moved(m, &place) {
            return v;
        }
        if let Some(v) = self.copied_vector(m, &place) {
            return v;
        }
        match (name.as_str(), m.args.len()) {
            ("len", 0) => {
                return self.extent(&place, span);
            }
            ("is_empty", 0) => {
                let n = self.extent(&place, span);
                let zero = self.constant(quote!(0), Shape::Int);
                return self.bin(Bin::Eq, n, zero, span);
            }
            ("clone" | "to_owned", 0) => return self.read(&place, span),
            ("to_bits", 0) if !place.shape.is_inactive() => {
                self.errors.at(
                    &m.method,
                    "`to_bits` takes the number apart, so no derivative passes through it",
                    "wrap it in `no_grad!(..)` if that is meant",
                );
                return self.poison(span);
            }
            ("total_cmp" | "partial_cmp", 1) => {
                let a = self.read(&place, span);
                let b = self.expr(&m.args[0]);
                let (x, y) = (hole("left"), hole("right"));
                let method = &m.method;
                return self.b.op(
                    Op::Opaque(quote!(#x.#method(&#y)), vec![(x, a), (y, b)]),
                    Shape::Int,
                    span,
                );
            }
            _ => {}
        }
        // A named type may stand for a float; `self` never does.
        let own = matches!(&place.base, Base::Local(l) if self.locals[l.0].name == "self")
            && place.path.is_empty();
        let scalar = !own
            && !matches!(
                place.shape,
                Shape::Seq(..) | Shape::Tuple(_) | Shape::Option(_)
            );
        if scalar {
            if QUERIES.contains(&name.as_str()) {
                let a = self.read(&place, span);
                return self.b.op(
                    Op::Method(m.method.clone(), None, vec![a]),
                    Shape::Int,
                    span,
                );
            }
            if let Some(rule) = rules::find(&name, m.args.len() + 1) {
                let mut args = vec![self.read(&place, span)];
                args.extend(m.args.iter().map(|a| self.expr(a)));
                return self.elementary(rule, args, span);
            }
            if place.shape == Shape::Int {
                let mut receiver = self.read(&place, span);
                if self.untyped.contains(&receiver) {
                    let usize = syn::parse_quote!(usize);
                    receiver = self
                        .b
                        .op(Op::Cast(receiver, Rc::new(usize)), Shape::Int, span);
                }
                let mut args = vec![receiver];
                args.extend(m.args.iter().map(|a| self.expr(a)));
                let turbofish = m.turbofish.as_ref().map(ToTokens::to_token_stream);
                return self.b.op(
                    Op::Method(m.method.clone(), turbofish, args),
                    Shape::Int,
                    span,
                );
            }
        }
        if scalar && place.shape == Shape::Float {
            self.errors.at(
                &m.method,
                format!("the method `{name}` of floats has no derivative"),
                "write it out; where no derivative is wanted, wrap the call in `no_grad!(..)`",
            );
            return self.poison(span);
        }
        let lent = self.lent_in(&m.args);
        let v = self.for_each_side(&lent, span, &mut |l| Some(l.method_call(m, &place)));
        v.unwrap_or_else(|| self.poison(span))
    }

    /// A method of the user's.
    fn method_call(&mut self, m: &ExprMethodCall, place: &Place) -> V {
        let span = m.method.span();
        if let Base::Either(choice) = &place.base {
            let call = |l: &mut Self, side: &Place| Some(l.method_call(m, side));
            let v = self.chosen(&choice.clone(), place, span, call);
            return v.unwrap_or_else(|| self.poison(span));
        }
        let turbofish = m.turbofish.as_ref().map(ToTokens::to_token_stream);
        let receiver = Handed::Lent(Box::new(place.clone()), None, span);
        let callee = Callee::Method(m.method.clone(), turbofish);
        self.finish_call(callee, Some(receiver), &m.args, span)
    }

    /// What is borrowed in `stop_gradient(&x)`, or by the reference in `stop_gradient(a)`.
    fn lent_as_constant<'e>(&self, e: &'e Expr) -> Option<&'e Expr> {
        let inner = stopped(e)?;
        let lent = match strip(inner) {
            Expr::Reference(r) => r.mutability.is_none(),
            Expr::Path(p) => {
                let local = p.path.get_ident().and_then(|i| self.find(&key(i)));
                local.is_some_and(|l| self.locals[l.0].by == By::Ref)
            }
            _ => false,
        };
        lent.then_some(inner)
    }

    /// An argument as the callee gets it: by value, or a borrowed place.
    fn argument(&mut self, e: &Expr) -> Handed {
        let span = e.span();
        let lent = |place: Place, mutable| Handed::Lent(Box::new(place), Some(mutable), span);
        match strip(e) {
            Expr::Reference(r) => {
                if let Expr::Closure(_) = strip(&r.expr) {
                    self.errors.at(
                        &r.expr,
                        "a closure handed to a function is not supported",
                        "pass values instead",
                    );
                }
                let place = self.place(&r.expr);
                lent(place, r.mutability.is_some())
            }
            Expr::Path(p) => {
                let local = p.path.get_ident().and_then(|i| self.find(&key(i)));
                match local {
                    Some(l) if self.locals[l.0].by != By::Value => {
                        let mutable = self.locals[l.0].by == By::Mut;
                        let place = self.local_place(l);
                        // A reference to one number is handed on as such; so is one to an aggregate.
                        lent(place, mutable)
                    }
                    _ => Handed::Value(self.held_value(e)),
                }
            }
            // What a method or a closure hands out may be a reference.
            other => match self.made(other) {
                Some(Item::Place(place, mutable)) => lent(place, mutable),
                Some(item) => Handed::Value(self.value(&item, span)),
                None => Handed::Value(self.held_value(other)),
            },
        }
    }

    /// Borrows a place; a receiver (`None`) of which nothing is known is borrowed as its variable allows.
    fn borrow(&mut self, place: Place, mutable: Option<bool>, span: proc_macro2::Span) -> Arg {
        if place.shape.is_array_in_slice(&place.path) {
            if mutable == Some(true) {
                self.errors.at_span(
                    span,
                    "an array that lies in a slice is lent to a function as `&mut` here, which is not accepted yet",
                    "let the function take a slice, and lend it `&mut x[lo..hi]`",
                );
            }
            let v = self.copied_array(&place, span);
            return Arg::Ref(v, Vec::new());
        }
        let root = self.root(&place, span);
        let mutable = mutable.unwrap_or(match &place.base {
            Base::Local(l) => self.locals[l.0].mutable,
            Base::Value(_) | Base::Either(_) => false,
        });
        match (&place.base, mutable) {
            (Base::Local(local), true) => {
                let info = self.b.func.info(root);
                let (shape, name, deref) = (info.shape.clone(), info.name.clone(), info.deref);
                let out = self.b.fresh(shape, span);
                let info = self.b.func.info_mut(out);
                info.name = name;
                info.deref = deref;
                self.set(*local, out);
                Arg::Mut(root, place.path, out)
            }
            _ => Arg::Ref(root, place.path),
        }
    }
}

/// An argument of a call that has not begun yet.
enum Handed {
    Value(V),
    /// By reference; whether by `&mut`, where that is known.
    Lent(Box<Place>, Option<bool>, proc_macro2::Span),
}

/// Whether a callee is one of std's conversions that may fail: they have to do with integers, and return a `Result`, whose methods are
/// called as they stand.
fn is_conversion(callee: &Callee) -> bool {
    match callee {
        Callee::Function(path) | Callee::Associated(path) => {
            path.segments.last().is_some_and(|s| {
                ["try_from", "from_str", "from_str_radix"]
                    .iter()
                    .any(|n| s.ident == n)
            })
        }
        Callee::Method(name, _) => name == "try_into" || name == "parse",
    }
}

fn hole(name: &str) -> proc_macro2::Ident {
    proc_macro2::Ident::new(name, proc_macro2::Span::call_site())
}

/// Whether parts of one value may overlap as far as this stage sees. Two variables may hold one array: then one of them is not cut.
fn meet(p: &[Proj], q: &[Proj], slice: bool) -> bool {
    let cut = |p: &[Proj]| p.iter().any(|p| matches!(p, Proj::Range { .. }));
    let parts = if slice {
        cut(p) || cut(q)
    } else {
        cut(p) && cut(q)
    };
    if !parts {
        return false;
    }
    let same =
        |(a, b): &(&Proj, &Proj)| same_path(core::slice::from_ref(*a), core::slice::from_ref(*b));
    let differ = p.iter().zip(q).find(|pair| !same(pair));
    !matches!(differ, Some((Proj::Field(_), Proj::Field(_))))
}

/// What `stop_gradient(..)` stands around.
pub(super) fn stopped(e: &Expr) -> Option<&Expr> {
    let Expr::Call(c) = strip(e) else { return None };
    let Expr::Path(callee) = strip(&c.func) else {
        return None;
    };
    let name = &callee.path.segments.last()?.ident;
    (name == "stop_gradient" && c.args.len() == 1).then(|| &c.args[0])
}
