//! Expressions that compute a value where control falls through.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, UnOp};

use super::flow::{self, Flow};
use super::place::{Place, strip};
use super::{Lower, key};
use crate::fence::PRINTING;
use crate::ir::{Bin, Op, Proj, Runs, Shape, Un, V, of_option};
use crate::sig::shape_of;

impl Lower<'_> {
    /// Lowers an expression that control falls through.
    pub(crate) fn expr(&mut self, e: &Expr) -> V {
        match e {
            Expr::If(_)
            | Expr::Match(_)
            | Expr::Block(_)
            | Expr::Loop(_)
            | Expr::While(_)
            | Expr::ForLoop(_) => {
                let (v, flow) = self.expr_flow(e);
                if !flow.falls() && !flow::expr_diverges(e) || !flow.without(&[0]).is_empty() {
                    self.errors.at(
                        e,
                        "an exit (`return`, `break`, `continue`) inside a larger expression is not supported yet",
                        "bind the inner expression with `let` first, so that the exit stands in a statement of its own",
                    );
                }
                match v {
                    Some(v) => v,
                    None => self.unit(e.span()),
                }
            }
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {
                self.errors.at(
                    e,
                    "an exit inside a larger expression is not supported yet",
                    "put the exit in a statement of its own",
                );
                self.poison(e.span())
            }
            Expr::Paren(p) => self.expr(&p.expr),
            Expr::Group(g) => self.expr(&g.expr),
            Expr::Lit(l) => self.literal(&l.lit),
            Expr::Path(p) => match p.path.get_ident().and_then(|i| self.find(&key(i))) {
                Some(_) => {
                    if let Some(v) = self.grown_value(e) {
                        return v;
                    }
                    let place = self.place(e);
                    self.value(&super::item::Item::Place(place, false), e.span())
                }
                None if of_option(&p.path, "None") => self.missing(e.span()),
                None => {
                    self.b.func.variants |= self.b.func.is_bare_variant(&p.path);
                    let constant = Op::Const(e.to_token_stream().into());
                    self.b.op(constant, Shape::Unknown, e.span())
                }
            },
            Expr::Field(_) | Expr::Index(_) => {
                let place = self.place(e);
                self.read(&place, e.span())
            }
            Expr::Unary(u) => match u.op {
                UnOp::Deref(_) => {
                    let place = self.place(e);
                    self.read(&place, e.span())
                }
                UnOp::Neg(_) => {
                    if let Expr::Lit(l) = strip(&u.expr) {
                        let shape = literal_shape(&l.lit);
                        return self.b.op(Op::Const(quote!(#u).into()), shape, e.span());
                    }
                    let a = self.expr(&u.expr);
                    self.unary(Un::Neg, a, e.span())
                }
                _ => {
                    let a = self.expr(&u.expr);
                    self.unary(Un::Not, a, e.span())
                }
            },
            Expr::Binary(b) => self.binary(b, e.span()),
            Expr::Assign(a) => {
                self.assign(&a.left, &a.right);
                self.unit(e.span())
            }
            Expr::Cast(c) => {
                let a = self.expr(&c.expr);
                let shape = shape_of(&c.ty, &self.sig.reals, self.errors);
                // A cast goes between primitive types: an unseen name is one of them.
                let shape = if matches!(shape, Shape::Named) {
                    Shape::Unknown
                } else {
                    shape
                };
                let v = self
                    .b
                    .op(Op::Cast(a, (*c.ty).clone().into()), shape, e.span());
                if matches!(&*c.ty, syn::Type::Path(p) if p.path.is_ident("usize")) {
                    self.usizes.insert(v);
                }
                v
            }
            Expr::Tuple(t) => {
                let vs: Vec<V> = t.elems.iter().map(|e| self.held_value(e)).collect();
                let shape =
                    Shape::Tuple(vs.iter().map(|v| self.b.func.shape(*v).clone()).collect());
                self.b.op(Op::Tuple(vs), shape, e.span())
            }
            Expr::Array(a) => {
                let vs: Vec<V> = a.elems.iter().map(|e| self.held_value(e)).collect();
                let elem = vs.iter().fold(Shape::Unknown, |s, v| {
                    crate::ir::build::join(&s, self.b.func.shape(*v))
                });
                let shape = Shape::Seq(Box::new(elem), Some(vs.len().to_string()));
                self.b.op(Op::Array(vs), shape, e.span())
            }
            Expr::Repeat(r) => {
                let v = self.held_value(&r.expr);
                let len = r.len.to_token_stream();
                let shape = Shape::Seq(
                    Box::new(self.b.func.shape(v).clone()),
                    Some(len.to_string()),
                );
                self.b.op(Op::Repeat(v, len), shape, e.span())
            }
            Expr::Struct(s) => self.structure(s),
            Expr::Call(c) => self.call(c),
            Expr::MethodCall(m) => self.method(m),
            Expr::Macro(m) => self.macro_value(&m.mac),
            Expr::Reference(r) => self.expr(&r.expr),
            other => {
                self.errors.at(other, "this expression is not in the language yet", "compute it outside and pass the result in, or wrap it in `no_grad!(..)` if its derivative is zero");
                self.poison(other.span())
            }
        }
    }

    fn literal(&mut self, lit: &Lit) -> V {
        self.b.op(
            Op::Const(lit.to_token_stream().into()),
            literal_shape(lit),
            lit.span(),
        )
    }

    fn unary(&mut self, op: Un, a: V, span: Span) -> V {
        let shape = self.b.func.shape(a).clone();
        self.b.op(Op::Un(op, a), shape, span)
    }

    fn binary(&mut self, b: &syn::ExprBinary, span: Span) -> V {
        if let BinOp::And(_) | BinOp::Or(_) = b.op {
            return self.lazy(b, span);
        }
        if let Some(op) = assigning(&b.op) {
            self.check_target(&b.left);
            // Numbers: the right side runs first, then what is in the place's brackets.
            let before = self.env.clone();
            let right = self.expr(&b.right);
            let between = self.env.clone();
            let place = self.place(&b.left);
            self.refuse_open_order(b, &before, &between);
            let old = self.read(&place, b.left.span());
            let new = self.bin(op, old, right, span);
            self.write(&place, new, &b.left);
            return self.unit(span);
        }
        let left = self.expr(&b.left);
        let right = self.expr(&b.right);
        match plain(&b.op) {
            Some(op) => self.bin(op, left, right, span),
            None => {
                self.errors
                    .at(b, "this operator is not in the language", "");
                self.poison(span)
            }
        }
    }

    /// Of numbers the right side of a compound assignment runs first, of other types the left one: where both are possible, neither may
    /// see what the other does.
    fn refuse_open_order(
        &mut self,
        b: &syn::ExprBinary,
        before: &[Option<V>],
        between: &[Option<V>],
    ) {
        if self.sig.reals.is_empty() {
            return;
        }
        let mut names = Vec::new();
        crate::emit::names::idents(&b.left.to_token_stream(), &mut names);
        let changed = |old: &[Option<V>], new: &[Option<V>], local: usize| {
            old.get(local).is_some_and(|v| new.get(local) != Some(v))
        };
        let left_acts = (0..before.len()).any(|k| changed(between, &self.env, k));
        let left_sees = names.iter().any(|name| {
            let local = self.find(&key(name));
            local.is_some_and(|l| changed(before, between, l.0))
        });
        if left_acts || left_sees {
            self.errors.at(
                b,
                "which side of this runs first depends on the type: it is not the same for all `T`",
                "take one of the two sides into a variable before",
            );
        }
    }

    pub(crate) fn bin(&mut self, op: Bin, a: V, b: V, span: Span) -> V {
        let shape = if op.is_comparison() {
            Shape::Int
        } else {
            match (self.b.func.shape(a), self.b.func.shape(b)) {
                (Shape::Float, _) | (_, Shape::Float) => Shape::Float,
                (Shape::Int, _) => Shape::Int,
                _ => Shape::Unknown,
            }
        };
        let v = self.b.op(Op::Bin(op, a, b), shape, span);
        // The right side of a shift may be of another type.
        let shifts = matches!(op, Bin::Shl | Bin::Shr);
        let usize = self.usizes.contains(&a) || !shifts && self.usizes.contains(&b);
        if !op.is_comparison() && usize {
            self.usizes.insert(v);
        }
        if !op.is_comparison() && self.is_bare(a) && (shifts || self.is_bare(b)) {
            self.bare.insert(v);
        }
        v
    }

    /// `a && b`, `a || b`: the right side runs only where the left one does not decide.
    fn lazy(&mut self, b: &syn::ExprBinary, span: Span) -> V {
        let left = self.expr(&b.left);
        let and = matches!(b.op, BinOp::And(_));
        // The right side may change variables, so that running it or not is a branch like any other.
        let run = |l: &mut Self| (Some(l.expr(&b.right)), Flow::on());
        let decided = |l: &mut Self| {
            let literal = if and { quote!(false) } else { quote!(true) };
            (Some(l.constant(literal, Shape::Int)), Flow::on())
        };
        let value = if and {
            self.either(left, run, decided, span).0
        } else {
            self.either(left, decided, run, span).0
        };
        match value {
            Some(v) => {
                self.b.func.info_mut(v).shape = Shape::Int;
                v
            }
            None => self.poison(span),
        }
    }

    pub(crate) fn assign(&mut self, left: &Expr, right: &Expr) {
        match strip(left) {
            Expr::Tuple(t) => {
                let v = self.expr(right);
                for (k, target) in t.elems.iter().enumerate() {
                    let part = self.part(
                        v,
                        Proj::Field(syn::Member::Unnamed(k.into())),
                        target.span(),
                    );
                    self.assign_value(target, part);
                }
            }
            Expr::Infer(_) => {
                self.expr(right);
            }
            _ => {
                let v = self.expr(right);
                self.assign_value(left, v);
            }
        }
    }

    pub(super) fn assign_value(&mut self, left: &Expr, v: V) {
        if matches!(strip(left), Expr::Infer(_)) || self.grows_anew(left, v) {
            return;
        }
        self.check_target(left);
        let place = self.place(left);
        self.write(&place, v, left);
    }

    /// One part of an aggregate value.
    pub(crate) fn part(&mut self, v: V, proj: Proj, span: Span) -> V {
        let shape = match (self.b.func.shape(v), &proj) {
            (Shape::Tuple(ts), Proj::Field(syn::Member::Unnamed(i))) => {
                ts.get(i.index as usize).cloned().unwrap_or(Shape::Unknown)
            }
            (Shape::Seq(e, _), Proj::Index(_)) => (**e).clone(),
            _ => Shape::Unknown,
        };
        self.b.op(Op::Get(v, vec![proj]), shape, span)
    }

    fn structure(&mut self, s: &syn::ExprStruct) -> V {
        let fields: Vec<_> = s
            .fields
            .iter()
            .map(|f| (f.member.clone(), self.held_value(&f.expr)))
            .collect();
        let span = s.path.span();
        self.b.func.variants |= s.path.segments.len() > 1 && self.b.func.is_variant(&s.path);
        let Some(base) = &s.rest else {
            return self.b.op(
                Op::Struct(s.path.clone().into(), fields, false),
                Shape::Named,
                span,
            );
        };
        let mut v = self.expr(base);
        for (member, value) in fields {
            v = self.b.op(
                Op::Set(v, vec![Proj::Field(member)], value),
                Shape::Named,
                span,
            );
        }
        v
    }

    fn macro_value(&mut self, mac: &syn::Macro) -> V {
        let name = mac
            .path
            .segments
            .last()
            .map(|s| s.ident.to_string())
            .unwrap_or_default();
        match name.as_str() {
            "no_grad" => self.opaque(mac.tokens.clone(), mac.span()),
            "vec" => self.vector(mac),
            "matches" => match crate::vector::matching(mac) {
                Some(e) => {
                    let v = self.expr(&e);
                    self.b.func.info_mut(v).shape = Shape::Int;
                    v
                }
                None => self.poison(mac.span()),
            },
            _ => {
                self.effect(mac);
                self.unit(mac.span())
            }
        }
    }

    /// Tokens that no derivative passes through.
    fn opaque(&mut self, tokens: proc_macro2::TokenStream, span: Span) -> V {
        let v = self.for_each_side(&tokens, span, &mut |l| {
            Some(l.opaque_as_it_stands(tokens.clone(), span))
        });
        let v = v.unwrap_or_else(|| self.poison(span));
        self.constants.insert(v);
        v
    }

    fn opaque_as_it_stands(&mut self, tokens: proc_macro2::TokenStream, span: Span) -> V {
        let (references, holes) = self.mentions(&tokens, span);
        let tokens = if references.is_empty() {
            tokens
        } else {
            quote!({ #references #tokens })
        };
        // Its type is not seen: a float that does not vary may meet one that does.
        let v = self.b.op(Op::Opaque(tokens, holes), Shape::Unknown, span);
        self.constants.insert(v);
        v
    }

    pub(crate) fn effect(&mut self, mac: &syn::Macro) {
        self.for_each_side(&mac.tokens, mac.span(), &mut |l| {
            l.effect_as_it_stands(mac);
            None
        });
    }

    fn effect_as_it_stands(&mut self, mac: &syn::Macro) {
        let (references, holes) = self.mentions(&mac.tokens, mac.span());
        let tokens = if references.is_empty() {
            mac.to_token_stream()
        } else {
            quote!({ #references #mac; })
        };
        let prints = mac.path.segments.last();
        let prints = prints.is_some_and(|s| PRINTING.iter().any(|p| s.ident == p));
        let runs = if prints { Runs::Once } else { Runs::Again };
        self.b.push(crate::ir::Stmt::Effect(runs, tokens, holes));
    }

    /// The locals that tokens mention, each with the value it holds. Those that are names of places are
    /// references to the user, and are made references again first.
    pub(crate) fn mentions(
        &mut self,
        tokens: &proc_macro2::TokenStream,
        span: Span,
    ) -> (proc_macro2::TokenStream, Vec<(proc_macro2::Ident, V)>) {
        let mut found: Vec<(proc_macro2::Ident, V)> = Vec::new();
        let mut references = proc_macro2::TokenStream::new();
        let mut names = Vec::new();
        crate::emit::names::idents(tokens, &mut names);
        for ident in names {
            let Some(local) = self.find(&key(&ident)) else {
                continue;
            };
            if found.iter().any(|(i, _)| *i == ident) {
                continue;
            }
            let v = match (&self.locals[local.0].item, &self.locals[local.0].alias) {
                (Some(item), _) => {
                    let item = item.clone();
                    self.value(&item, span)
                }
                (None, alias) => {
                    // What has no size is bound as a reference anyway.
                    let sized = |p: &Place| !matches!(p.path.last(), Some(Proj::Range { .. }));
                    if alias.as_ref().is_some_and(sized) {
                        references.extend(quote!(let #ident = &#ident;));
                    }
                    let place = self.local_place(local);
                    self.read(&place, span)
                }
            };
            found.push((ident, v));
        }
        (references, found)
    }
}

fn literal_shape(lit: &Lit) -> Shape {
    match lit {
        Lit::Float(_) => Shape::Float,
        Lit::Int(i) if i.suffix().starts_with('f') => Shape::Float,
        _ => Shape::Int,
    }
}

fn plain(op: &BinOp) -> Option<Bin> {
    Some(match op {
        BinOp::Add(_) => Bin::Add,
        BinOp::Sub(_) => Bin::Sub,
        BinOp::Mul(_) => Bin::Mul,
        BinOp::Div(_) => Bin::Div,
        BinOp::Rem(_) => Bin::Rem,
        BinOp::BitAnd(_) => Bin::And,
        BinOp::BitOr(_) => Bin::Or,
        BinOp::BitXor(_) => Bin::Xor,
        BinOp::Shl(_) => Bin::Shl,
        BinOp::Shr(_) => Bin::Shr,
        BinOp::Eq(_) => Bin::Eq,
        BinOp::Ne(_) => Bin::Ne,
        BinOp::Lt(_) => Bin::Lt,
        BinOp::Le(_) => Bin::Le,
        BinOp::Gt(_) => Bin::Gt,
        BinOp::Ge(_) => Bin::Ge,
        _ => return None,
    })
}

fn assigning(op: &BinOp) -> Option<Bin> {
    Some(match op {
        BinOp::AddAssign(_) => Bin::Add,
        BinOp::SubAssign(_) => Bin::Sub,
        BinOp::MulAssign(_) => Bin::Mul,
        BinOp::DivAssign(_) => Bin::Div,
        BinOp::RemAssign(_) => Bin::Rem,
        BinOp::BitAndAssign(_) => Bin::And,
        BinOp::BitOrAssign(_) => Bin::Or,
        BinOp::BitXorAssign(_) => Bin::Xor,
        BinOp::ShlAssign(_) => Bin::Shl,
        BinOp::ShrAssign(_) => Bin::Shr,
        _ => return None,
    })
}
