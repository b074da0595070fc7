//! `Vec`s that grow: `Vec::new()`, `with_capacity`, `push`, `extend`, and what `collect` makes.
//!
//! ```text
//! let mut v = Vec::new();        v = a Vec, n = 0
//! v.push(x);                     v = set v[n] = x, n = n + 1
//! v.iter(), v[1..], v.len()      v[..n].iter(), v[1..n], n
//! ```
//!
//! The length is a variable of ours, which the reverse sweep counts down as it would any counter; an element that is pushed is one that is assigned, and the
//! emitted code makes room for it. So the adjoint is a `Vec` of the last length, made once, and no pass knows that anything grew. A `Vec` grows by these
//! methods only: what shortens it is refused.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, Type};

use super::place::{Base, Place, strip};
use super::{Local, Lower, key};
use crate::ir::{Bin, Op, Proj, Shape, V};

/// Methods that add elements.
const ADDING: [&str; 3] = ["push", "extend", "extend_from_slice"];

/// The names of the variables that something is added to, anywhere in a body.
pub(super) fn names(block: &syn::Block) -> HashSet<String> {
    struct Find(HashSet<String>);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_method_call(&mut self, m: &'ast ExprMethodCall) {
            if ADDING.iter().any(|a| m.method == a)
                && let Expr::Path(p) = strip(&m.receiver)
                && let Some(name) = p.path.get_ident()
            {
                self.0.insert(name.to_string());
            }
            visit::visit_expr_method_call(self, m);
        }
    }
    let mut find = Find(HashSet::new());
    find.visit_block(block);
    find.0
}

impl Lower<'_> {
    /// `Vec::new()`, `Vec::with_capacity(n)`: of no elements.
    pub(super) fn empty_vector(&mut self, c: &ExprCall, span: Span) -> Option<V> {
        let Expr::Path(p) = strip(&c.func) else {
            return None;
        };
        let mut names = p.path.segments.iter().rev();
        let (last, owner) = (names.next()?, names.next()?);
        let room = match (last.ident.to_string().as_str(), c.args.len()) {
            ("new", 0) => None,
            ("with_capacity", 1) => c.args.first(),
            _ => return None,
        };
        if owner.ident != "Vec" {
            return None;
        }
        let element = match &owner.arguments {
            syn::PathArguments::AngleBracketed(a) => match a.args.first() {
                Some(syn::GenericArgument::Type(t)) => {
                    crate::sig::shape_of(t, &self.sig.reals, self.errors)
                }
                _ => Shape::Unknown,
            },
            _ => Shape::Unknown,
        };
        let shape = Shape::Seq(Box::new(element), None);
        let path = p.to_token_stream();
        let v = match room {
            None => self.b.op(Op::Const(quote!(#path()).into()), shape, span),
            Some(n) => {
                let n = self.expr(n);
                self.usizes.insert(n);
                let hole = Ident::new("room", Span::call_site());
                let tokens = quote!(#path(#hole));
                self.b.op(Op::Opaque(tokens, vec![(hole, n)]), shape, span)
            }
        };
        // Nothing else may say of which type it is.
        let zero = self.constant(quote!(0usize), Shape::Int);
        self.usizes.insert(zero);
        self.vectors.insert(v, zero);
        Some(v)
    }

    /// A variable has been declared: where something is added to one of its name, its length is counted from now on.
    pub(super) fn may_grow(&mut self, local: Local, v: V) {
        let info = &self.locals[local.0];
        let Some(n) = self.vectors.get(&v).copied() else {
            return;
        };
        if !info.mutable || !self.grown_names.contains(&info.name) {
            return;
        }
        self.usizes.insert(n);
        let counter = self.hidden("len", Some(n));
        self.outputs.remove(&local);
        self.growing.insert(local, counter);
    }

    /// The counter of a `Vec` that grows, where an expression names one.
    fn growing_local(&self, e: &Expr) -> Option<(Local, Local)> {
        let Expr::Path(p) = strip(e) else {
            return None;
        };
        let local = self.find(&key(p.path.get_ident()?))?;
        Some((local, *self.growing.get(&local)?))
    }

    /// What a variable that grows holds now: its elements so far.
    pub(super) fn grown_place(&self, local: Local, shape: Shape) -> Option<Place> {
        let counter = self.growing.get(&local)?;
        let hi = self.env[counter.0];
        Some(Place {
            base: Base::Local(local),
            path: vec![Proj::Range {
                lo: None,
                hi,
                inclusive: false,
            }],
            shape,
        })
    }

    /// Whether a place is all of a `Vec` that grows.
    pub(super) fn is_grown(&self, place: &Place) -> bool {
        self.grown_length(place).is_some()
    }

    /// The length of all of a `Vec` that grows.
    pub(super) fn grown_length(&self, place: &Place) -> Option<V> {
        let Base::Local(local) = place.base else {
            return None;
        };
        let counter = self.growing.get(&local)?;
        match &place.path[..] {
            [
                Proj::Range {
                    lo: None,
                    hi: Some(hi),
                    inclusive: false,
                },
            ] if self.env[counter.0] == Some(*hi) => Some(*hi),
            _ => None,
        }
    }

    /// All of it, as a value: it is moved.
    pub(super) fn grown_value(&mut self, e: &Expr) -> Option<V> {
        let (local, counter) = self.growing_local(e)?;
        let (v, n) = (self.env[local.0]?, self.env[counter.0]?);
        self.vectors.insert(v, n);
        Some(v)
    }

    /// A variable that grows gets another `Vec`.
    pub(super) fn grows_anew(&mut self, left: &Expr, v: V) -> bool {
        let Some((local, counter)) = self.growing_local(left) else {
            return false;
        };
        let Some(n) = self.vectors.get(&v).copied() else {
            self.errors.at(
                left,
                "how long the `Vec` is that this gets is not seen here",
                "assign one that is made here, `Vec::new()` or `vec![..]`, or give it a name of its own",
            );
            return true;
        };
        self.set(local, v);
        self.set(counter, n);
        true
    }

    /// Two variables that grow exchange what they hold.
    pub(super) fn grown_exchanged(&mut self, a: &Place, b: &Place) -> bool {
        let (Base::Local(a_local), Base::Local(b_local)) = (&a.base, &b.base) else {
            return false;
        };
        if !self.is_grown(a) || !self.is_grown(b) {
            return false;
        }
        let counters = (self.growing.get(a_local), self.growing.get(b_local));
        let (Some(m), Some(n)) = (counters.0.copied(), counters.1.copied()) else {
            return false;
        };
        self.env.swap(a_local.0, b_local.0);
        self.env.swap(m.0, n.0);
        true
    }

    /// `v.push(x)`, `v.extend(it)`, `v.extend_from_slice(&x)`.
    pub(super) fn added(&mut self, m: &ExprMethodCall) -> Option<V> {
        if !ADDING.iter().any(|a| m.method == a) || m.args.len() != 1 {
            return None;
        }
        let span = m.method.span();
        let Some((local, counter)) = self.growing_local(&m.receiver) else {
            let name = &m.method;
            self.errors.at(
                name,
                format!("`{name}` adds to something that is not seen to be a `Vec` of this function's own"),
                "start with `let mut v = Vec::new();` here; a `Vec` of the caller's is handed over as a `&mut` slice of the final length",
            );
            return Some(self.poison(span));
        };
        if m.method == "push" {
            let x = self.held_value(&m.args[0]);
            self.add_element(local, counter, x, span);
        } else {
            self.add_items(&m.args[0], local, counter, span);
        }
        Some(self.unit(span))
    }

    /// `v[n] = x; n += 1`.
    pub(super) fn add_element(&mut self, local: Local, counter: Local, x: V, span: Span) {
        let root = self.env[local.0].unwrap_or(V(0));
        let n = self.env[counter.0].unwrap_or(V(0));
        let element = self.b.func.shape(x).clone();
        let shape = match self.b.func.shape(root) {
            Shape::Seq(e, None) if **e != Shape::Unknown => Shape::Seq(e.clone(), None),
            _ => Shape::Seq(Box::new(element), None),
        };
        let new = self
            .b
            .op(Op::Set(root, vec![Proj::Index(n)], x), shape, span);
        let name = self.locals[local.0].name.clone();
        let info = self.b.func.info_mut(new);
        info.name = Some(name);
        info.grows = true;
        self.set(local, new);
        let one = self.literal_index(1);
        let more = self.bin(Bin::Add, n, one, span);
        self.set(counter, more);
    }

    /// What `collect` makes: a `Vec`.
    pub(super) fn is_vec_type(ty: Option<&Type>) -> bool {
        matches!(ty, Some(Type::Path(p)) if p.path.segments.last().is_some_and(|s| s.ident == "Vec"))
    }

    /// An empty `Vec` of a type, and its length.
    pub(super) fn collection(&mut self, ty: &Type, span: Span) -> (Local, Local) {
        let shape = match crate::sig::shape_of(ty, &self.sig.reals, self.errors) {
            shape @ Shape::Seq(..) => shape,
            _ => Shape::Seq(Box::new(Shape::Unknown), None),
        };
        let v = self
            .b
            .op(Op::Const(quote!(<#ty>::new()).into()), shape, span);
        // Nothing else may say of which type it is.
        let zero = self.constant(quote!(0usize), Shape::Int);
        self.usizes.insert(zero);
        (
            self.hidden("items", Some(v)),
            self.hidden("len", Some(zero)),
        )
    }
}
